"""Every statement of the house compiles, though none is compiled before it is needed."""

import gc
import importlib
import pkgutil

import maillage
from maillage.core.db import Statement


def test_every_statement_compiles() -> None:
    for module in pkgutil.walk_packages(maillage.__path__, "maillage."):
        if "__main__" not in module.name and ".migrations" not in module.name:
            importlib.import_module(module.name)
    statements = [thing for thing in gc.get_objects() if isinstance(thing, Statement)]
    assert len(statements) > 80
    for statement in statements:
        assert statement.sql
