"""Every statement of the house compiles, though none is compiled before it is needed."""

import importlib
import pkgutil
from collections.abc import Iterator

import maillage
from maillage.core.db import Statement


def statements() -> Iterator[Statement]:
    """Those that stand at the top of a module, alone or in a table."""
    for module in pkgutil.walk_packages(maillage.__path__, "maillage."):
        if "__main__" in module.name or ".migrations" in module.name:
            continue
        for thing in vars(importlib.import_module(module.name)).values():
            for one in thing.values() if isinstance(thing, dict) else (thing,):
                if isinstance(one, Statement):
                    yield one


def test_every_statement_compiles() -> None:
    found = set(statements())
    assert len(found) > 80
    for statement in found:
        assert statement.sql
