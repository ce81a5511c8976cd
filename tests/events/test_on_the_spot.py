"""At the door without being registered: let in while there is a seat, once however often it is sent, by nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import participants, registering
from maillage.events.queries import health
from tests.conftest import Site
from tests.events.gatherings import make_date, make_gathering, make_guest, on_the_wall
from tests.events.post import letters, post_office

JSON = {"Accept": "application/json"}
EMAIL = "gisele@courriel.example"


class Hall:
    """A gathering that began an hour ago, with two sessions; thuy-linh organizes it, felix stands at its door."""

    def __init__(self, site: Site, *, seats: int | None = 3, hours: float = -1, registration: str = "open") -> None:
        async def write(db: Db) -> int:
            gathering_id = await make_gathering(db, registration=registration)
            self.date = await make_date(
                db, gathering_id, seats=seats, starts=on_the_wall(hours=hours), hours=4, sessions=2
            )
            await db.connection.execute(
                "INSERT INTO gathering_hand (gathering_id, person_id, role) SELECT $1, id, 'door' FROM person"
                " WHERE handle = 'felix'",
                gathering_id,
            )
            return gathering_id

        self.site = site
        self.number = site.write(write)
        self.sessions: list[int] = site.ask(
            "SELECT array_agg(id ORDER BY starts_at) FROM event_session WHERE occurrence_id = $1", self.date
        )
        self.path = f"/rencontres/{self.number}/accueil"

    def comes(self, *names: str) -> None:
        """These registered five days ago: a handle, or the name of somebody without an account."""

        async def write(db: Db) -> None:
            for name in names:
                person = await db.connection.fetchval("SELECT id FROM person WHERE handle = $1", name)
                if person is None:
                    whose = await make_guest(db, name)
                else:
                    whose = await participants.of_account(db, person_id=person, locale="fr-CA")
                await registering.register(
                    db,
                    occurrence_id=self.date,
                    way="in-person",
                    participant_id=whose,
                    now=clock.now() - timedelta(days=5),
                    by=None,
                )

        self.site.write(write)

    def given(self, name: str, email: str = "", nonce: str = "a", **more: str) -> dict[str, str]:
        fields = {"seance": str(self.sessions[0]), "act": "add", "name": name, "email": email, "nonce": nonce * 20}
        return fields | more

    def adds(
        self, name: str, email: str = "", nonce: str = "a", *, status: int = 200, handle: str = "felix", **more: str
    ) -> dict[str, Any]:
        """What the device at the door sends, and what it is told."""
        given = self.given(name, email, nonce, **more)
        answer = self.site.as_(handle).post(self.path, data=given, headers=JSON)
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def standing(self) -> list[tuple[str, str, bool]]:
        """Each registration: the name that the door sees, where it stands, whether she was at the first session."""
        rows = self.site.write(
            lambda db: db.connection.fetch(
                "SELECT coalesce(nullif(r.named, ''), p.handle, pa.name) AS name, r.status, a.session_id IS NOT NULL"
                " AS here FROM registration r JOIN participant pa ON pa.id = r.participant_id"
                " LEFT JOIN person p ON p.id = pa.person_id"
                " LEFT JOIN attendance a ON a.registration_id = r.id AND a.session_id = $2"
                " WHERE r.occurrence_id = $1 ORDER BY r.id",
                self.date,
                self.sessions[0],
            )
        )
        return [(row["name"], row["status"], row["here"]) for row in rows]

    def is_right(self) -> None:
        assert self.site.write(lambda db: health.problems(db, [self.number], clock.now())) == []


@pytest.fixture
def hall(site: Site) -> Hall:
    return Hall(site)


def test_somebody_with_a_name_alone_is_registered_and_there(hall: Hall) -> None:
    told = hall.adds("Gisèle Roy")
    assert told["outcome"] == "arrived"
    assert "Gisèle Roy" in told["said"]
    assert hall.standing() == [("Gisèle Roy", "confirmed", True)]
    # Who did it, and how, is written down.
    row = hall.site.write(
        lambda db: db.connection.fetchrow(
            "SELECT c.cause, p.handle, a.source FROM registration_change c JOIN person p ON p.id = c.by_id"
            " JOIN attendance a ON a.registration_id = c.registration_id"
        )
    )
    assert row is not None
    assert tuple(row) == ("at-door", "felix", "spot")
    # Nobody is written to who gave no address.
    post_office(hall.site)
    assert letters(hall.site) == []
    hall.is_right()


def test_she_is_in_all_that_the_organizers_see(hall: Hall) -> None:
    hall.adds("Gisèle Roy", EMAIL)
    thuy_linh, here = hall.site.as_("thuy-linh"), f"/rencontres/{hall.number}"
    for room in ("feuille", "insignes", "accueil"):
        assert "Gisèle Roy" in thuy_linh.get(f"{here}/{room}").text
    listed = thuy_linh.get(f"{here}/inscriptions").text
    assert "Gisèle Roy" in listed
    assert EMAIL in listed
    desk = thuy_linh.get(f"{here}/bureau").text
    assert re.search(r"<b>1</b> / 3", desk)


def test_with_an_address_the_letter_says_what_and_how_to_withdraw(hall: Hall) -> None:
    hall.adds("Gisèle Roy", EMAIL.upper())
    post_office(hall.site)
    (letter,) = letters(hall.site)
    assert "à l’accueil" in letter
    link = re.search(r"/rencontres/inscriptions/[\w=-]+", letter)
    assert link is not None
    page = hall.site.stranger.get(link[0])
    assert page.status_code == 200
    assert "Inscription confirmée" in page.text


def test_sent_again_or_by_two_fingers_it_is_one_person(hall: Hall) -> None:
    assert hall.adds("Gisèle Roy")["outcome"] == "arrived"
    assert hall.adds("Gisèle Roy")["outcome"] == "arrived"
    assert hall.adds("Gisèle Roy", handle="thuy-linh")["outcome"] == "arrived"
    assert hall.standing() == [("Gisèle Roy", "confirmed", True)]
    # Another number is another person of that name.
    hall.adds("Gisèle Roy", nonce="b")
    assert len(hall.standing()) == 2
    hall.is_right()


@pytest.mark.parametrize("registration", ["open", "approval", "invitation"])
def test_however_one_registers_otherwise_and_after_it_closed(site: Site, registration: str) -> None:
    hall = Hall(site, registration=registration)
    site.ask("UPDATE occurrence SET closes_at = now() - interval '2 days' WHERE id = $1", hall.date)
    assert hall.adds("Gisèle Roy", EMAIL)["outcome"] == "arrived"
    assert hall.standing() == [("Gisèle Roy", "confirmed", True)]


def test_a_full_room_stays_full_and_the_door_is_told_who_waits(hall: Hall) -> None:
    hall.comes("maryse", "josee", "Odile Roy", "Zoé Lavoie", "Aline Côté")
    told = hall.adds("Gisèle Roy", EMAIL, status=409)
    assert told["outcome"] == "refused"
    assert "2 personnes" in told["said"]
    # Without a script the words come back, and so does the sentence.
    page = hall.site.as_("felix").post(hall.path, data=hall.given("Gisèle Roy", EMAIL))
    assert page.status_code == 409
    assert 'value="Gisèle Roy"' in page.text
    assert f'value="{EMAIL}"' in page.text
    assert "2 personnes" in page.text
    assert hall.site.ask("SELECT count(*) FROM participant WHERE email = $1", EMAIL) == 0
    # The same form, once the organizers found a chair.
    hall.site.write(
        lambda db: registering.set_seats(db, occurrence_id=hall.date, way="in-person", seats=4, now=clock.now())
    )
    assert hall.adds("Gisèle Roy", EMAIL)["outcome"] == "arrived"
    assert [status for _name, status, _here in hall.standing()].count("confirmed") == 4
    hall.is_right()


def test_until_it_begins_those_who_wait_come_first_and_then_whoever_is_there(site: Site) -> None:
    hall = Hall(site, seats=1, hours=1)
    hall.comes("maryse", "josee")
    # A seat nobody was offered: the one who waits is away, and the night has not passed by.
    site.ask(
        "INSERT INTO seat SELECT $1, 'in-person', 2 RETURNING 1",
        hall.date,
    )
    site.ask("UPDATE seat_pool SET seats = 2 WHERE occurrence_id = $1 RETURNING 1", hall.date)
    assert "1 personne attend" in hall.adds("Gisèle Roy", status=409)["said"]
    # She who waits is there herself.
    whose = site.ask("SELECT email FROM person WHERE handle = 'josee'")
    assert hall.adds("Josée", whose, "b")["outcome"] == "arrived"
    assert hall.standing() == [("maryse", "confirmed", False), ("josee", "confirmed", True)]
    later = Hall(site, seats=2)
    later.comes("maryse", "felix", "josee")
    site.ask("UPDATE seat_pool SET seats = 3 WHERE occurrence_id = $1 RETURNING 1", later.date)
    site.ask("INSERT INTO seat SELECT $1, 'in-person', 3 RETURNING 1", later.date)
    assert later.adds("Gisèle Roy", nonce="c")["outcome"] == "arrived"
    later.is_right()


def test_somebody_registered_with_that_address_is_noted_and_not_doubled(hall: Hall) -> None:
    hall.comes("maryse", "Odile Roy")
    whose = hall.site.ask("SELECT email FROM person WHERE handle = 'maryse'")
    assert hall.adds("M. Tremblay", whose)["outcome"] == "arrived"
    assert hall.adds("Odile R.", "Odile-Roy@courriel.example", "b")["outcome"] == "arrived"
    assert hall.adds("Odile R.", "odile-roy@courriel.example", "c")["outcome"] == "again"
    assert hall.standing() == [("maryse", "confirmed", True), ("Odile Roy", "confirmed", True)]
    hall.is_right()


@pytest.mark.parametrize("status", ["unconfirmed", "pending", "waiting", "offered"])
def test_who_had_asked_and_has_no_seat_yet_gets_one_in_her_own_registration(site: Site, status: str) -> None:
    hall = Hall(site, seats=2, registration="approval" if status == "pending" else "open")

    async def ask(db: Db) -> None:
        before, made = clock.now() - timedelta(days=5), None
        for n, name in enumerate(("Odile Roy", "Paul Roy") if status == "waiting" else ("Odile Roy",)):
            made = await registering.register(
                db,
                occurrence_id=hall.date,
                way="in-person",
                participant_id=await make_guest(db, name),
                proved=status != "unconfirmed",
                now=before,
                by=None,
            )
            if status == "waiting" and n == 0:
                await registering.set_seats(db, occurrence_id=hall.date, way="in-person", seats=0, now=before)
        if status == "offered" and made is not None:
            await db.connection.execute(
                "UPDATE registration SET status = 'offered', offer_expires_at = now() - interval '1 hour',"
                " transition = 2 WHERE id = $1",
                made.id,
            )
            await db.connection.execute(
                "INSERT INTO registration_change (registration_id, number, from_status, to_status, cause)"
                " VALUES ($1, 2, 'confirmed', 'offered', 'offered')",
                made.id,
            )

    site.write(ask)
    if status == "waiting":
        site.write(
            lambda db: registering.set_seats(db, occurrence_id=hall.date, way="in-person", seats=3, now=clock.now())
        )
    before = len(hall.standing())
    name = "paul-roy" if status == "waiting" else "odile-roy"
    assert hall.adds("Roy", f"{name}@courriel.example")["outcome"] == "arrived"
    assert len(hall.standing()) == before
    assert hall.standing()[-1][1:] == ("confirmed", True)
    hall.is_right()


def test_the_door_learns_no_name_from_an_address(hall: Hall) -> None:
    hall.site.write(lambda db: make_guest(db, "Secrète Personne"))
    whose = hall.site.ask("SELECT email FROM person WHERE handle = 'josee'")
    for address, nonce in (("secrete-personne@courriel.example", "a"), (whose, "b")):
        assert "Dupont" in hall.adds("Dupont", address, nonce)["said"]
    for room in ("accueil", "feuille", "insignes", "inscriptions", "inscriptions?q=dupont"):
        page = hall.site.as_("thuy-linh").get(f"/rencontres/{hall.number}/{room}").text
        assert page.count("Dupont") >= 2
        assert "Secrète" not in page
        assert "Josée" not in page


def test_an_undone_addition_frees_the_seat_and_an_undone_arrival_does_not(hall: Hall) -> None:
    hall.comes("maryse")
    ids: dict[str, int] = {}
    for name, email, nonce in (("Gisèle Roy", EMAIL, "a"), ("Maryse", _email(hall.site, "maryse"), "b")):
        ids[name] = hall.adds(name, email, nonce)["registration"]
    for number in ids.values():
        undone = {"seance": str(hall.sessions[0]), "registration": str(number), "act": "undo"}
        assert hall.site.as_("felix").post(hall.path, data=undone).status_code == 303
    assert hall.standing() == [("maryse", "confirmed", False), ("Gisèle Roy", "cancelled", False)]
    # The letter that had not left says nothing that is not so.
    post_office(hall.site)
    assert not any("Votre inscription a été faite à l’accueil" in letter for letter in letters(hall.site))
    # Somebody who was there at another session as well stays registered.
    again = hall.adds("Gisèle Roy", EMAIL, "c")["registration"]
    seen = {"seance": str(hall.sessions[1]), "registration": str(again)}
    hall.site.as_("felix").post(hall.path, data=seen)
    hall.site.as_("felix").post(hall.path, data=seen | {"seance": str(hall.sessions[0]), "act": "undo"})
    assert hall.standing()[-1] == ("Gisèle Roy", "confirmed", False)
    hall.is_right()


def test_only_who_stands_at_this_door_adds_people_from_three_hours_before(site: Site, hall: Hall) -> None:
    elsewhere = Hall(site, hours=30)
    site.ask("DELETE FROM gathering_hand WHERE gathering_id = $1 AND role = 'door' RETURNING 1", elsewhere.number)
    given = hall.given("Gisèle Roy")
    for who in (site.stranger, site.as_("maryse"), site.as_("sofia")):
        assert who.post(hall.path, data=given).status_code == 403
    assert site.as_("felix").post(elsewhere.path, data=given).status_code == 403
    assert site.as_("thuy-linh").post(elsewhere.path, data=given).status_code == 404
    early = elsewhere.given("Gisèle Roy")
    answer = site.as_("thuy-linh").post(elsewhere.path, data=early)
    assert answer.status_code == 403
    assert "trois heures avant" in answer.text
    assert "trois heures avant" in site.as_("thuy-linh").get(elsewhere.path).text
    assert hall.standing() == elsewhere.standing() == []


@pytest.mark.parametrize(("name", "email"), [("", ""), ("x" * 121, ""), ("Gisèle", "une phrase")])
def test_what_cannot_be_read_comes_back_with_its_words(hall: Hall, name: str, email: str) -> None:
    page = hall.site.as_("felix").post(hall.path, data=hall.given(name, email))
    assert page.status_code == 422
    assert f'value="{email or name}"' in page.text or not name
    assert hall.adds(name, email, status=422)["said"]
    assert hall.standing() == []


@pytest.mark.parametrize("what", ["cancelled", "postponed"])
def test_nobody_is_added_to_what_does_not_take_place(hall: Hall, what: str) -> None:
    hall.site.ask("UPDATE occurrence SET state = $2 WHERE id = $1 RETURNING 1", hall.date, what)
    answer = hall.site.as_("felix").post(hall.path, data=hall.given("Gisèle Roy"))
    assert answer.status_code == (404 if what == "cancelled" else 409)
    assert hall.standing() == []


def test_who_was_added_has_her_certificate(site: Site) -> None:
    hall = Hall(site, hours=-10)
    hall.comes("maryse")
    hall.adds("Gisèle Roy", EMAIL)
    post_office(site)
    link = next(
        found[0]
        for letter in letters(site)
        if (found := re.search(r"/rencontres/inscriptions/[\w=-]+", letter)) and "a été faite à l’accueil" in letter
    )
    assert "/attestations/" in site.stranger.get(link).text


def test_the_organizers_hand_its_certificate_to_whoever_gave_no_address(site: Site, hall: Hall) -> None:
    assert hall.adds("Gisèle Roy")["outcome"] == "arrived"
    assert "/attestations/" not in site.as_("thuy-linh").get(f"/rencontres/{hall.number}/inscriptions").text
    over = Hall(site, hours=-10)
    over.comes("maryse")
    over.adds("Denise Roy", nonce="b")
    page = site.as_("thuy-linh").get(f"/rencontres/{over.number}/inscriptions").text
    [link] = re.findall(r'href="(/rencontres/attestations/[^"]+)"', page)
    assert page.index("Denise Roy") < page.index(link)
    answer = site.stranger.get(link)
    assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")


def _email(site: Site, handle: str) -> str:
    return str(site.ask("SELECT email FROM person WHERE handle = $1", handle))


def test_a_mailbox_has_only_so_many_letters_of_the_door(hall: Hall) -> None:
    for key in "abcde":
        told = hall.adds("Gisèle Roy", EMAIL, key)
        # What is sent again brings no other letter, and counts for none.
        assert hall.adds("Gisèle Roy", EMAIL, key)["registration"] == told["registration"]
        undone = {"seance": str(hall.sessions[0]), "act": "undo", "registration": str(told["registration"])}
        assert hall.site.as_("felix").post(hall.path, data=undone).status_code == 303
    before = hall.standing()
    refused = hall.adds("Gisèle Roy", EMAIL.upper(), "f", status=409)
    assert "sans adresse" in refused["said"]
    assert hall.standing() == before
    assert hall.adds("Gisèle Roy", "", "g")["outcome"] == "arrived"
