"""Which addresses about gatherings each reader may open: a row for each of them, and no other answer.

A route that is added has no row yet, and fails here until somebody has said who opens it.
"""

from starlette.testclient import TestClient

from tests.conftest import Site
from tests.events.readers import (
    EVERYBODY,
    HANDS,
    NOBODY,
    ORGANIZER,
    READERS,
    SIGNED_IN,
    STRANGERS,
    World,
    a_world,
    opened,
    reader,
    shown_by_routes,
)

# Of each route: who is answered with a page, what others get who are signed in, and what strangers get: 403 says why
# not, 404 says nothing, 303 leads to where one signs in.
_ROOM = (ORGANIZER, 403, 303)
_DOOR = (HANDS, 403, 303)
_OPEN = (EVERYBODY, 200, 200)
_OWN = (SIGNED_IN, 403, 303)
_SECRET = (NOBODY, 404, 404)
ROWS: dict[str, tuple[frozenset[str], int, int]] = {
    "gatherings": _OPEN,
    "gathering": _OPEN,
    "gathering_by_number": (NOBODY, 301, 301),
    "modules": _OPEN,
    "module": _OPEN,
    "module_stop_page": _SECRET,
    "sign_up_page": _OPEN,
    "my_gatherings": _OWN,
    "move_page": (frozenset({"participant"}), 404, 303),
    "own_move_page": _SECRET,
    "answers_page": (frozenset({"participant"}), 404, 303),
    "own_answers_page": _SECRET,
    "and_then": _OPEN,
    "gathering_stories": _OWN,
    "gathering_agenda": _OPEN,
    "arrange_agenda": _ROOM,
    "pick_agenda_question": _ROOM,
    "own_registration_page": _SECRET,
    "group_seats": _OWN,
    "group_seat": (frozenset({"group"}), 404, 303),
    "gathering_report": (ORGANIZER, 404, 404),
    "write_gathering_report": _ROOM,
    "evaluate_gathering": _SECRET,
    "gatherings_calendar": _OPEN,
    "gatherings_feed": _OPEN,
    "gathering_calendar": _OPEN,
    "own_calendar_page": _OWN,
    "own_calendar": _SECRET,
    "new_gathering": _OWN,
    "new_date": _ROOM,
    "cancel_gathering": _ROOM,
    "edit_gathering": _ROOM,
    "gathering_dates": _ROOM,
    "edit_date": _ROOM,
    "repeat_date": _ROOM,
    "postpone_date": _ROOM,
    "cancel_date": _ROOM,
    "duplicate_gathering": _ROOM,
    "gathering_team": _ROOM,
    "gathering_desk": _ROOM,
    "gathering_registrations": _ROOM,
    "gathering_registrations_csv": _ROOM,
    "gathering_registrations_xlsx": _ROOM,
    "gathering_letter": _ROOM,
    "door": _DOOR,
    "door_worker": _OPEN,
    "sign_in_sheet": _DOOR,
    "badges": _DOOR,
    "certificate": _SECRET,
    "programme": _ROOM,
    "new_programme_item": _ROOM,
    "programme_item": _ROOM,
    "gathering_invitation": _SECRET,
    "gathering_invitations": _ROOM,
    "gathering_material": _ROOM,
    "gathering_questions": _ROOM,
    "new_gathering_question": _ROOM,
    "gathering_question": _ROOM,
}
# What is asked of a gathering that took place.
OVER = ("gathering_report", "write_gathering_report", "evaluate_gathering")


def expected(name: str, who: str) -> int:
    opens, others, strangers = ROWS[name]
    if who in opens:
        return 200
    return strangers if who in STRANGERS else others


def test_every_route_has_a_row() -> None:
    assert {route.name for route in shown_by_routes()} == ROWS.keys()


def test_each_reader_opens_what_is_hers_to_open(site: Site) -> None:
    world = a_world(site)
    wrong: list[str] = []
    for who in READERS:
        browser = reader(site, who)
        for route in shown_by_routes():
            path = opened(world, route, world.past if route.name in OVER else world.main)
            token, whose = world.secrets.get(route.name, ("", ""))
            if token:
                # Her secret opens it; changed at any place, nothing does.
                if who == whose:
                    assert browser.get(path).status_code == 200, path
                path = path.replace(token, token[:-9] + "AAAAAAAAA")
            if route.name in ("move_page", "answers_page"):
                path += f"?registration={world.things['registration']}"
            answer = browser.get(path).status_code
            if answer != expected(route.name, who):
                wrong.append(f"{who} gets {answer} at {path}")
    assert wrong == []


def test_what_is_hidden_answers_as_what_is_not_there(site: Site) -> None:
    world = a_world(site)
    wrong: list[str] = []
    for who in ("stranger", "link", "participant", "organizer"):
        hidden = (world.draft,) if who in SIGNED_IN else (world.draft, world.members)
        for gathering in hidden:
            wrong += [f"{who}: {path}" for path in _unlike(site, world, reader(site, who), gathering)]
    assert wrong == []


def _unlike(site: Site, world: World, browser: TestClient, gathering: int) -> list[str]:
    """Where this gathering does not answer as one that is not there."""
    found = []
    for route in shown_by_routes():
        if "{id:int}" in route.path and "{slug}" not in route.path:
            here, absent = (browser.get(opened(world, route, number)) for number in (gathering, 999_999))
            if here.status_code != absent.status_code:
                found.append(route.path)
    return found
