"""What belongs to one gathering is not there under the address of another one, whoever asks, and is left as it is."""

import re

import pytest
from sqlalchemy import select
from starlette.routing import Route

from maillage.core import clock
from maillage.core.db import Db, Statement
from maillage.events.commands import groups, inviting, participants, registering
from maillage.events.models import (
    Attendance,
    EventSession,
    Invitation,
    Occurrence,
    ProgrammeItem,
    Question,
    Registration,
)
from maillage.events.routes import routes
from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.events.test_editing import SAME

# Forms that change something where they are sent to the right address.
FORMS = {
    "edit_date": SAME,
    "repeat_date": {"rule": "1", "times": "2"},
    "postpone_date": {"reason": "La tempête."},
    "cancel_date": {"reason": "La tempête."},
    "gathering_question": {"kind": "text", "label": "Autre chose?"},
    "place_gathering_question": {"step": "haut"},
    "programme_item": {"begins": "10:00", "ends": "11:00", "title": "Autre chose"},
    "name_seat": {"person": "karine"},
    "decide_gathering_story": {"act": "choose"},
}


@pytest.fixture
def things(site: Site) -> dict[str, int]:
    """A gathering, another one of the same organizer, and what the first one has."""
    number, other = gathering(site), gathering(site, title="Une autre")

    async def write(db: Db) -> dict[str, int]:
        ask, now = db.connection.fetchval, clock.now()
        date = await ask("SELECT id FROM occurrence WHERE gathering_id = $1", number)
        karine, maryse = [
            await ask("SELECT id FROM person WHERE handle = $1", handle) for handle in ("karine", "maryse")
        ]
        organization = await ask("SELECT organization_id FROM membership WHERE person_id = $1", karine)
        held = {"occurrence_id": date, "way": "in-person", "request_key": None, "now": now}
        await groups.hold(db, **held, many=1, organization_id=organization, by=karine)
        invited = await inviting.invite_account(
            db, gathering_id=number, person_id=maryse, note="", locale="fr-CA", by=karine, now=now
        )
        assert invited
        whose = await participants.of_account(db, person_id=maryse, locale="fr-CA")
        made = await registering.register(
            db, occurrence_id=date, way="in-person", participant_id=whose, now=now, by=maryse
        )
        made_too = {
            "question": "INSERT INTO event_question (gathering_id, position, kind, label)"
            " VALUES ($1, 1, 'text', 'D’où venez-vous?') RETURNING id",
            "item": "INSERT INTO programme_item (gathering_id, begins, minutes, title)"
            " VALUES ($1, 60, 90, 'Accueil') RETURNING id",
            "case": "INSERT INTO gathering_case (gathering_id, case_id, state, proposed_by_id)"
            " SELECT $1, min(id), 'proposed', (SELECT created_by_id FROM gathering WHERE id = $1)"
            " FROM practice_case WHERE state = 'published' RETURNING case_id",
            "invitation": "SELECT id FROM event_invitation WHERE gathering_id = $1",
            "seance": "SELECT id FROM event_session WHERE occurrence_id IN"
            " (SELECT id FROM occurrence WHERE gathering_id = $1)",
            "seat": "SELECT r.id FROM registration r JOIN occurrence o ON o.id = occurrence_id"
            " WHERE gathering_id = $1 AND party_id IS NOT NULL",
        }
        found = {name: await ask(sql, number) for name, sql in made_too.items()}
        return found | {"date": date, "registration": made.id, "number": number, "other": other}

    return site.write(write)


def state_of(site: Site) -> str:
    """All that such a form could have changed."""
    tables = (Occurrence, EventSession, Question, ProgrammeItem, Invitation, Registration, Attendance)
    every = [Statement(select(table).order_by(*table.__table__.primary_key)) for table in tables]

    async def read(db: Db) -> str:
        return str([await db.rows(statement) for statement in every])

    return site.write(read)


def of_two() -> list[Route]:
    """Those whose address has a gathering and something of it."""
    return [route for route in routes if isinstance(route, Route) and route.path.count(":int}") > 1]


def test_nothing_is_reached_under_the_address_of_another(site: Site, things: dict[str, int]) -> None:
    before = state_of(site)
    for route in of_two():
        assert isinstance(route.methods, set)
        browser = site.as_("karine" if "/groupe/" in route.path else "thuy-linh")

        def address(gathering_id: int, number: int | None = None, path: str = route.path) -> str:
            path = path.replace("{id:int}", str(gathering_id))
            return re.sub(r"\{(\w+):int\}", lambda one: str(number or things[one[1]]), path)

        for method in route.methods - {"HEAD"}:
            for wrong in (address(things["other"]), address(things["number"], 10**30), address(10**30)):
                answer = browser.request(method, wrong, data=FORMS.get(route.name))
                assert answer.status_code == 404, (method, wrong)
        if "GET" in route.methods:
            assert browser.get(address(things["number"])).status_code == 200, route.path
    assert state_of(site) == before


def test_no_form_names_what_belongs_to_another(site: Site, things: dict[str, int]) -> None:
    registration = {"registration": str(things["registration"])}
    date = f"{things['date']}:in-person"
    seance = {"seance": str(things["seance"])}
    before = state_of(site)
    for who, room, form, status in (
        ("maryse", "desistement", registration, 404),
        ("maryse", "offre", registration, 404),
        ("maryse", "confirmation", registration, 404),
        ("maryse", "nom", registration | {"listed": "everyone"}, 404),
        ("maryse", "changer", registration | {"date": date}, 404),
        ("maryse", "reponses", registration, 404),
        ("maryse", "absence", {"occurrence": str(things["date"])}, 404),
        ("josee", "inscription", {"date": date, "listed": "nobody"}, 422),
        ("karine", "groupe", {"date": date, "seats": "2"}, 422),
        ("thuy-linh", "inscriptions", registration | {"act": "remove"}, 404),
        ("thuy-linh", "lettre", registration | {"subject": "x", "body": "x", "request_key": "k"}, 422),
        ("thuy-linh", "accueil", seance | registration, 404),
        ("thuy-linh", "accueil", seance | {"act": "add", "name": "Odile"}, 404),
        ("thuy-linh", "feuille", seance | {"came": registration["registration"], "were": ""}, 404),
    ):
        answer = site.as_(who).post(f"/rencontres/{things['other']}/{room}", data=form)
        assert answer.status_code == status, room
    assert state_of(site) == before
