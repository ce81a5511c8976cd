"""Memberships begin and end on the day that it is where the platform's people are, not in Greenwich."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from maillage.auth import commands
from maillage.core import clock
from maillage.core.db import Db
from maillage.web.app import create_app
from tests.auth.members import MRC, letters, link_in, membership, run, to
from tests.conftest import Site, settings_for

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
# In Montréal it is still the evening before; in Auckland the morning after has come.
ZONES = {"America/Toronto": (time(3, 30), -1), "Pacific/Auckland": (time(13, 30), 1)}


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(world_dsn: str, tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    at = datetime.combine(TOMORROW, ZONES[zone][0], UTC)
    monkeypatch.setattr(clock, "now", lambda: at)
    settings = settings_for(world_dsn, tmp_path, time_zone=zone)
    site = Site(create_app(settings), settings)
    with ExitStack() as stack:
        stack.enter_context(site.stranger)
        yield site


@pytest.fixture
def today(zone: str) -> date:
    return TOMORROW + timedelta(days=ZONES[zone][1])


def since(site: Site, handle: str, slug: str = MRC) -> date:
    day: date = site.ask("SELECT started_on FROM membership WHERE id = $1", membership(site, handle, slug))
    return day


def test_an_organization_brought_here(site: Site, today: date) -> None:
    form = {"name": "Les Riverains", "about": "", "region": "", "relation": ""}
    assert site.as_("maryse").post("/organisations/nouvelle", data=form).status_code == 303
    assert since(site, "maryse", "les-riverains") == today


def test_a_request_and_its_answer(site: Site, today: date) -> None:
    assert site.as_("maryse").post(f"/organisations/{MRC}/demande", data={"note": ""}).status_code == 303
    number = membership(site, "maryse")
    assert since(site, "maryse") == today
    run(site, "UPDATE membership SET started_on = '2020-01-01' WHERE id = $1", number)
    assert site.as_("karine").post(f"/organisations/{MRC}/membres/{number}/accepter").status_code == 303
    assert since(site, "maryse") == today


@pytest.mark.parametrize("act", ["fin", "depart"])
def test_a_departure(site: Site, today: date, act: str) -> None:
    number = membership(site, "felix")
    run(site, "UPDATE membership SET started_on = '2020-01-01' WHERE id = $1", number)
    if act == "fin":
        site.as_("karine").post(f"/organisations/{MRC}/membres/{number}/fin")
    else:
        site.as_("felix").post(f"/organisations/{MRC}/depart")
    assert site.ask("SELECT ended_on FROM membership WHERE id = $1", number) == today


@pytest.mark.parametrize("act", ["refuser", "retrait"])
def test_a_request_that_comes_to_nothing(site: Site, today: date, act: str) -> None:
    number = membership(site, "samuel")
    run(site, "UPDATE membership SET started_on = '2020-01-01' WHERE id = $1", number)
    if act == "refuser":
        site.as_("karine").post(f"/organisations/{MRC}/membres/{number}/refuser")
    else:
        site.as_("samuel").post(f"/organisations/{MRC}/demande/retrait")
    assert site.ask("SELECT ended_on FROM membership WHERE id = $1", number) == today


def test_an_invitation_that_is_accepted(site: Site, today: date) -> None:
    address = site.ask("SELECT email FROM person WHERE handle = 'maryse'")
    form = {"emails": address, "role": "member", "note": ""}
    assert site.as_("karine").post(f"/organisations/{MRC}/membres/inviter", data=form).status_code == 303
    [letter] = [one for one in letters(site) if to(one) == address]
    assert site.as_("maryse").post(link_in(letter)).status_code == 303
    assert since(site, "maryse") == today


def test_somebody_whom_the_platform_appoints(site: Site, today: date) -> None:
    path = f"/admin/organisations/{MRC}/nomination"
    assert site.as_("sofia").post(path, data={"handle": "maryse"}).status_code == 303
    assert since(site, "maryse") == today


def test_somebody_who_arrives(site: Site, today: date) -> None:
    async def at_the_door(db: Db) -> str:
        provider = await db.connection.fetchrow(
            "SELECT provider.id, issuer FROM provider JOIN organization AS o ON o.id = organization_id WHERE slug = $1",
            MRC,
        )
        assert provider is not None
        return await commands.begin_arrival(
            db,
            provider_id=provider["id"],
            issuer=provider["issuer"],
            subject="nouvelle",
            name="Nouvelle Venue",
            email=None,
            email_proved=False,
            next_path="/",
            now=clock.now(),
        )

    site.stranger.cookies.set("arrivee", site.write(at_the_door))
    form = {"name": "Nouvelle Venue", "region": "", "relation": "", "of_age": "y", "terms": "y"}
    assert site.stranger.post("/bienvenue", data=form).status_code == 303
    handle = site.ask("SELECT handle FROM person WHERE name = 'Nouvelle Venue'")
    assert since(site, handle) == today
