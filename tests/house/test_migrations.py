"""Migrations are one line: each numbered after the one before it, none twice."""

from pathlib import Path
from runpy import run_path

import maillage.migrations

VERSIONS = Path(maillage.migrations.__path__[0]) / "versions"


def test_each_migration_comes_after_the_one_before() -> None:
    found = [run_path(str(path)) for path in sorted(VERSIONS.glob("[0-9]*.py"))]
    numbers = [f"{n:04}" for n in range(1, len(found) + 1)]
    assert [one["revision"] for one in found] == numbers
    assert [one["down_revision"] for one in found] == [None, *numbers[:-1]]
    assert [path.name[:4] for path in sorted(VERSIONS.glob("[0-9]*.py"))] == numbers
