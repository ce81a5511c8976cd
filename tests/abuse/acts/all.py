"""The tables of all floors: every route that changes something is in `ACTS`, every route in `HIDDEN`."""

from collections.abc import Callable
from typing import Any

from tests.abuse.acts import auth, cases, events, forum, notices, taxonomies, web
from tests.abuse.acts.asking import Act, Ask, Open
from tests.abuse.conftest import UNSAFE, methods_of, named
from tests.conftest import Site

_FLOORS = (forum, auth, taxonomies, notices, cases, events, web)
HIDDEN: dict[str, Ask | Open] = {name: ask for floor in _FLOORS for name, ask in floor.HIDDEN.items()}
# Each with what knows the places that it names; few acts need any of those that another floor would make.
_ACTS: dict[str, tuple[Act, Callable[[Site], dict[str, Any]]]] = {
    name: (act, getattr(floor, "places", lambda _site: {})) for floor in _FLOORS for name, act in floor.ACTS.items()
}


def posting_routes() -> list[str]:
    """Every route that may change something."""
    return [name for name, route in named().items() if methods_of(route) & UNSAFE]


def act_of(site: Site, name: str) -> Act:
    """How to do what this route does, on this site."""
    assert name in _ACTS, f"say in ACTS of tests/abuse/acts how to do what {name} does"
    act, places = _ACTS[name]
    at = places(site)
    form = None if act.form is None else {field: value.format(**at) for field, value in act.form.items()}
    return Act(act.who, act.path.format(**at), form)
