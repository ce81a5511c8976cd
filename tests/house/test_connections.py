"""No request keeps a connection to the database while it waits for its reader, or for a connection more."""

import ast
from collections.abc import Iterator
from pathlib import Path

import maillage

# What the browser still sends, however slowly; and what asks the database on a connection of its own.
_WAITING = {"form_data", "check", "check_mailbox", "mailbox_has_room", "to_thread"}
_HELD = {"reading", "writing"}


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def held(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Where a connection is held: where one was given, and where one was taken."""
    if "db" in {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}:
        yield function
    for node in ast.walk(function):
        if isinstance(node, ast.AsyncWith) and {called(item.context_expr) for item in node.items} & _HELD:
            yield node


def waits(source: str) -> set[int]:
    """The lines that wait while a connection is held."""
    return {
        node.lineno
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.AsyncFunctionDef)
        for place in held(function)
        for node in ast.walk(place)
        if isinstance(node, ast.Await) and called(node.value) in _WAITING
    }


def test_no_route_waits_while_it_holds_a_connection() -> None:
    root = Path(next(iter(maillage.__path__)))
    routes = [path for path in root.rglob("*.py") if "routes" in path.parts]
    assert len(routes) > 60
    assert [f"{path.relative_to(root)}:{line}" for path in routes for line in waits(path.read_text())] == []


def test_one_that_waited_would_be_seen() -> None:
    taken = "async def send(request):\n    async with reading(request) as db:\n        await form_data(request)\n"
    given = "async def send(request, db):\n    await limits.check(request, 'edit')\n"
    before = (
        "async def send(request):\n    await form_data(request)\n    async with reading(request) as db:\n        db\n"
    )
    assert [waits(source) for source in (taken, given, before)] == [{3}, {2}, set()]
