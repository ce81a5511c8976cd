"""At the door: codes and names, one arrival each; the sheet, badges, certificates; and who may stand there."""

import re
from datetime import timedelta
from typing import Any

import pytest

from maillage.core import clock
from maillage.core.db import Db
from maillage.core.sealing import seal
from maillage.events.commands import participants, registering
from maillage.events.routes import door as door_routes
from maillage.events.routes.certificates import ATTESTED
from tests.conftest import Site
from tests.events.gatherings import in_days, make_date, make_gathering, make_guest
from tests.events.post import letters, post_office

JSON = {"Accept": "application/json"}


class Door:
    """A gathering with two sessions, whose organizer is thuy-linh; felix stands at its door. Odile has no account."""

    def __init__(self, site: Site, *, starts: int = 0, sessions: int = 2, language: str = "fr-CA") -> None:
        async def write(db: Db) -> int:
            gathering_id = await make_gathering(db, language=language)
            self.date = await make_date(db, gathering_id, seats=3, sessions=sessions)
            self.other_date = await make_date(db, gathering_id, starts=in_days(60), seats=3)
            for handle in ("maryse", "josee"):
                person = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", handle)
                whose = await participants.of_account(db, person_id=person, locale="fr-CA")
                await self._register(db, self.date, whose)
            await self._register(db, self.date, await make_guest(db, "Odile Roy"))
            # Nobody left the room: she waits.
            await self._register(db, self.date, await make_guest(db, "Zoé Lavoie"))
            await self._register(db, self.other_date, await make_guest(db, "Aline Côté"))
            await db.connection.execute(
                "INSERT INTO gathering_hand (gathering_id, person_id, role) SELECT $1, id, 'door' FROM person"
                " WHERE handle = 'felix'",
                gathering_id,
            )
            begins = in_days(starts)
            for n, session in enumerate(
                await db.connection.fetch(
                    "SELECT id FROM event_session WHERE occurrence_id = $1 ORDER BY starts_at", self.date
                )
            ):
                await db.connection.execute(
                    "UPDATE event_session SET local_start = $2, local_end = $3 WHERE id = $1",
                    session["id"],
                    begins + timedelta(days=n),
                    begins + timedelta(days=n, hours=3, minutes=30),
                )
            return gathering_id

        self.site = site
        self.number = site.write(write)
        self.sessions: list[int] = site.ask(
            "SELECT array_agg(id ORDER BY starts_at) FROM event_session WHERE occurrence_id = $1", self.date
        )
        self.path = f"/rencontres/{self.number}/accueil"

    @staticmethod
    async def _register(db: Db, date: int, participant_id: int) -> None:
        await registering.register(
            db, occurrence_id=date, way="in-person", participant_id=participant_id, now=clock.now(), by=None
        )

    def of(self, name: str, column: str = "id") -> Any:
        return self.site.ask(
            f"SELECT r.{column} FROM registration r JOIN participant pa ON pa.id = r.participant_id"  # noqa: S608
            " LEFT JOIN person p ON p.id = pa.person_id JOIN occurrence o ON o.id = r.occurrence_id"
            " WHERE coalesce(p.handle, pa.name) = $1 AND o.gathering_id = $2",
            name,
            self.number,
        )

    def arrived(self) -> Any:
        return self.site.ask(
            "SELECT count(*) FROM attendance JOIN registration r ON r.id = registration_id"
            " JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1",
            self.number,
        )

    def scan(self, whose: str, nonce: str, *, handle: str = "felix", **more: str) -> dict[str, Any]:
        """What the device at the door sends, and what it is told."""
        given = {"seance": str(self.sessions[0]), "code": self.of(whose, "ticket"), "nonce": nonce * 16} | more
        answer = self.site.as_(handle).post(self.path, data=given, headers=JSON)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def door(site: Site) -> Door:
    return Door(site)


def test_a_code_read_twice_or_sent_twice_is_one_arrival(door: Door) -> None:
    at = (clock.now() - timedelta(minutes=7)).isoformat()
    assert door.scan("maryse", "a", at=at)["outcome"] == "arrived"
    # The same reading, sent once more because the answer got lost; then another reading; then by name.
    assert door.scan("maryse", "a", at=at)["outcome"] == "arrived"
    again = door.scan("maryse", "b")
    assert again["outcome"] == "again"
    assert "Maryse" in again["said"]
    by_name = {"seance": str(door.sessions[0]), "registration": str(door.of("maryse"))}
    told = door.site.as_("thuy-linh").post(door.path, data=by_name)
    assert "est déjà là" in door.site.as_("thuy-linh").get(told.headers["location"]).text
    assert door.arrived() == 1
    assert door.site.ask("SELECT count(*) FROM scan WHERE session_id = $1", door.sessions[0]) == 3
    assert door.site.ask(
        "SELECT now() - at > interval '6 minutes' FROM attendance WHERE registration_id = $1", door.of("maryse")
    )
    # The other session has its own arrivals.
    assert door.scan("maryse", "c", seance=str(door.sessions[1]))["outcome"] == "arrived"


def test_codes_of_others_are_told_apart_and_kept_to_be_looked_at(door: Door) -> None:
    assert door.scan("Zoé Lavoie", "a")["outcome"] == "not-confirmed"
    assert door.scan("Aline Côté", "b")["outcome"] == "other-date"
    assert door.scan("maryse", "c", code="Xx" * 12)["outcome"] == "unknown"
    elsewhere = Door(door.site)
    theirs = door.site.ask("SELECT ticket FROM registration WHERE occurrence_id = $1 LIMIT 1", elsewhere.date)
    assert door.scan("maryse", "d", code=theirs)["outcome"] == "unknown"
    assert door.arrived() == 0
    # Of that session, whatever the hour is now.
    page = door.site.as_("felix").get(f"{door.path}?seance={door.sessions[0]}").text
    assert "Zoé Lavoie" in page
    assert "l’inscription n’est pas confirmée" in page
    # A number that another door used says nothing of that door.
    answer = door.site.as_("thuy-linh").post(
        elsewhere.path, data={"seance": str(elsewhere.sessions[0]), "code": theirs, "nonce": "a" * 16}
    )
    assert answer.status_code == 404


def test_without_a_script_the_address_of_a_code_finds_its_owner_and_a_button_notes_her(door: Door) -> None:
    felix = door.site.as_("felix")
    page = felix.get(f"{door.path}?code={door.of('Odile Roy', 'ticket')}")
    assert page.text.count("Odile Roy") > 2
    assert "Zoé Lavoie" not in page.text
    assert page.headers["permissions-policy"].startswith("camera=(self),")
    # A device keeps the list while there is somebody to receive, and not before or after.
    assert "x-kept-until" in page.headers
    later = door.site.ask("SELECT id FROM event_session WHERE occurrence_id = $1", door.other_date)
    assert "x-kept-until" not in felix.get(f"{door.path}?seance={later}").headers
    assert door.arrived() == 0
    given = {"seance": str(door.sessions[0]), "code": f"http://x/?code={door.of('Odile Roy', 'ticket')}"}
    told = felix.post(door.path, data=given)
    assert told.status_code == 303
    page = felix.get(told.headers["location"])
    assert "Odile Roy\u00a0: arrivée notée" in page.text
    assert "data-here>1</b> / <span data-expected>3</span>" in page.text
    gone = {"seance": str(door.sessions[0]), "registration": str(door.of("Odile Roy")), "act": "undo"}
    assert felix.post(door.path, data=gone).status_code == 303
    assert door.arrived() == 0
    found = felix.get(f"{door.path}?q=josee").text
    assert "Odile Roy" not in found
    assert found.count("<li data-registration") == 1
    wrong = felix.post(door.path, data={"seance": str(door.sessions[0]), "code": "une phrase"})
    assert wrong.status_code == 422
    assert 'value="une phrase"' in wrong.text


def test_only_those_of_this_door_may_stand_at_it(door: Door) -> None:
    elsewhere = Door(door.site)
    door.site.ask("DELETE FROM gathering_hand WHERE gathering_id = $1 AND role = 'door'", elsewhere.number)
    site, here = door.site, f"/rencontres/{door.number}"
    given = {"seance": str(door.sessions[0]), "registration": str(door.of("maryse"))}
    for room in ("accueil", "feuille", "insignes"):
        assert site.stranger.get(f"{here}/{room}").headers["location"].startswith("/connexion")
        for handle in ("maryse", "sofia"):
            answer = site.as_(handle).get(f"{here}/{room}")
            assert answer.status_code == 403
            assert "Odile" not in answer.text
        assert site.as_("felix").get(f"{here}/{room}").status_code == 200
        assert site.as_("felix").get(f"/rencontres/{elsewhere.number}/{room}").status_code == 403
    for room in ("accueil", "feuille"):
        for who in (site.stranger, site.as_("maryse"), site.as_("sofia")):
            sent = who.post(f"{here}/{room}", data=given | {"came": given["registration"]})
            assert sent.status_code == 403
    # Somebody at her own door cannot note people of another one.
    assert site.as_("thuy-linh").post(elsewhere.path, data=given).status_code == 404
    assert door.arrived() == 0
    # Nor does the door lead any further.
    assert site.as_("felix").get(f"{here}/bilan/ecrire").status_code == 403
    for handle, shown in (("felix", True), ("maryse", False)):
        page = site.as_(handle).get(site.as_(handle).get(here).headers["location"]).text
        assert ("/accueil" in page) is shown


def test_marks_of_the_sheet_are_typed_in_and_take_nothing_from_what_others_noted(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    felix, sheet = door.site.as_("felix"), f"/rencontres/{door.number}/feuille"
    maryse, josee, odile, zoe = (str(door.of(who)) for who in ("maryse", "josee", "Odile Roy", "Zoé Lavoie"))
    assert f'value="{odile}"' in felix.get(sheet).text
    assert "Zoé" not in felix.get(sheet).text
    session = str(door.sessions[0])
    # Opened before Josée was noted by somebody else; Zoé, who has no seat, is not among those who can be ticked.
    door.scan("josee", "a")
    sent = felix.post(sheet, data={"seance": session, "were": "", "came": [maryse, odile, zoe, "x", "9" * 30]})
    assert sent.status_code == 303
    assert door.arrived() == 3
    assert door.site.ask("SELECT source FROM attendance WHERE registration_id = $1", int(josee)) == "code"
    page = felix.get(sent.headers["location"]).text
    were = re.search(r'name="were" value="([\d,]*)"', page)
    assert were is not None
    assert sorted(were[1].split(",")) == sorted([maryse, josee, odile])
    felix.post(sheet, data={"seance": session, "were": were[1], "came": [maryse, josee]})
    assert door.arrived() == 2
    # Of many there are several sheets, and one takes nothing from another.
    monkeypatch.setattr(door_routes, "_NAMES", 2)
    second = felix.get(f"{sheet}?seance={session}&feuille=2").text
    assert "Odile Roy" in second
    assert "Josée" not in second
    felix.post(sheet, data={"seance": session, "were": "", "came": [odile], "feuille": "2"})
    assert door.arrived() == 3
    badges = felix.get(f"/rencontres/{door.number}/insignes").text
    assert badges.count("badge-name") == 3
    assert badges.count("badge-at") == 8


def test_her_code_is_on_the_page_of_her_registration_and_the_letter_says_so(door: Door) -> None:
    assert "Code pour l’accueil" in door.site.as_("maryse").get(f"/rencontres/{door.number}/inscription").text
    post_office(door.site)
    told = letters(door.site)
    assert sum("Le code à présenter à l’accueil" in letter for letter in told) == 4
    assert len(told) == 5


def test_a_certificate_says_what_was_noted_once_it_is_over(site: Site) -> None:
    door = Door(site, starts=-5)
    page = f"/rencontres/{door.number}/inscription"
    maryse = site.as_("maryse")
    assert "/attestations/" not in maryse.get(page).text
    door.scan("maryse", "a")
    links = re.findall(r"/rencontres/attestations/[^\"]+", maryse.get(page).text)
    assert len(links) == 1
    door.scan("maryse", "b", seance=str(door.sessions[1]))
    links = re.findall(r"/rencontres/attestations/[^\"]+", maryse.get(page).text)
    assert len(links) == 3
    for link in links:
        answer = site.stranger.get(link)
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
        assert answer.headers["cache-control"] == "private, no-store"
    assert site.stranger.get(links[0].replace("attestations/g", "attestations/h")).status_code == 404
    # What was noted by mistake is attested no longer.
    undone = {"seance": str(door.sessions[0]), "registration": str(door.of("maryse")), "act": "undo"}
    site.as_("felix").post(door.path, data=undone)
    assert [site.stranger.get(link).status_code for link in links] == [404, 200, 200]
    # Nobody has one of what is not over, or for another purpose.
    site.ask(
        "UPDATE event_session SET local_start = local_start + interval '30 days', local_end = local_end"
        " + interval '30 days' WHERE id = $1",
        door.sessions[1],
    )
    assert site.stranger.get(links[1]).status_code == 404
    other = seal(site.settings.secret, "evaluate a gathering", f"{door.of('maryse')} 0".encode()).decode()
    assert ATTESTED != "evaluate a gathering"
    assert site.stranger.get(f"/rencontres/attestations/{other}.pdf").status_code == 404
