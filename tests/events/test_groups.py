"""An organization's seats: held together, named later, given to somebody else, given back; and who answers for them."""

import re

from tests.conftest import Site
from tests.events.gatherings import gathering
from tests.events.post import letters, post_office
from tests.events.test_registering import EMAIL, date_of, link_in, sign_up, status


def hold(site: Site, number: int, who: str = "karine", seats: str = "3", expected: int = 303, **more: str) -> str:
    data = {"date": f"{date_of(site, number)}:in-person", "seats": seats, "request_key": ""} | more
    answer = site.as_(who).post(f"/rencontres/{number}/groupe", data=data)
    assert answer.status_code == expected, answer.text
    return answer.text


def seats_of(site: Site, number: int, who: str = "karine") -> list[str]:
    """The addresses of those that are hers to name, in the order of the page."""
    page = site.as_(who).get(f"/rencontres/{number}/groupe").text
    return re.findall(rf'href="(/rencontres/{number}/groupe/\d+)"', page)


def named(site: Site, number: int) -> list[str]:
    rows = site.write(
        lambda db: db.connection.fetch(
            "SELECT coalesce(p.handle, pa.email, '') AS who FROM registration r"
            " LEFT JOIN participant pa ON pa.id = r.participant_id LEFT JOIN person p ON p.id = pa.person_id"
            " JOIN occurrence o ON o.id = r.occurrence_id"
            " WHERE r.status = 'confirmed' AND o.gathering_id = $1 ORDER BY r.id",
            number,
        )
    )
    return [row["who"] for row in rows]


def test_seats_are_held_named_given_to_somebody_else_and_given_back(site: Site) -> None:
    number = gathering(site, seats=3)
    hold(site, number)
    hold(site, number, seats="1", who="josee", expected=303)
    assert status(site, number) == ["confirmed"] * 3 + ["waiting"]
    first, second, third = seats_of(site, number)
    karine = site.as_("karine")
    assert karine.post(first, data={"person": "karine", "name": "", "email": ""}).status_code == 303
    by_address = {"person": "", "name": "Odile Roy", "email": EMAIL}
    assert karine.post(second, data=by_address).status_code == 303
    assert named(site, number) == ["karine", EMAIL, ""]
    page = karine.get(f"/rencontres/{number}/groupe").text
    assert "Odile Roy" in page
    assert "Pas encore de nom" in page
    # Somebody else comes in her place: the seat is not lost to the one who waits.
    assert (
        karine.post(second, data={"person": "", "name": "Léo Roy", "email": "leo@courriel.example"}).status_code == 303
    )
    assert sorted(named(site, number)) == ["", "karine", "leo@courriel.example"]
    assert status(site, number).count("waiting") == 1
    post_office(site)
    told = "\n".join(letters(site))
    assert "a fait votre inscription" in told
    assert "a été nommé à votre place" in told
    assert f"/rencontres/{number}/groupe" in told
    # Given back, it goes to whoever waits.
    assert karine.post(f"/rencontres/{number}/groupe/rendre", data={"seat": third.rsplit("/", 1)[1]}).status_code == 303
    assert status(site, number).count("waiting") == 0


def test_what_is_asked_for_must_make_sense(site: Site) -> None:
    number = gathering(site, seats=3)
    for seats in ("", "0", "21", "x"):
        hold(site, number, seats=seats, expected=422)
    assert "autant de places" in hold(site, number, seats="4", expected=409)
    hold(site, number, date="999999:in-person", expected=422)
    # Whoever speaks for no organization holds no seats.
    site.write(lambda db: db.connection.execute(_LEAVES, "maryse"))
    hold(site, number, who="maryse", expected=403)
    assert site.stranger.get(f"/rencontres/{number}/groupe").status_code == 303
    hold(site, number, seats="1")
    (seat,) = seats_of(site, number)
    for given in ({"name": "Odile"}, {"email": EMAIL}, {"name": "Odile", "email": "odile"}, {"person": "personne"}):
        answer = site.as_("karine").post(seat, data={"person": "", "name": "", "email": ""} | given)
        assert answer.status_code == 422
        assert given.get("name", "") in answer.text


_LEAVES = (
    "UPDATE membership SET ended_on = now()::date"
    " WHERE ended_on IS NULL AND person_id = (SELECT id FROM person WHERE handle = $1)"
)


def test_nobody_answers_for_the_seats_of_others(site: Site) -> None:
    number = gathering(site, seats=5)
    hold(site, number)
    seat = seats_of(site, number)[0]
    somebody = {"person": "", "name": "Odile Roy", "email": EMAIL}
    for other in ("josee", "maryse", "thuy-linh"):
        assert seats_of(site, number, other) == []
        assert site.as_(other).get(seat).status_code == site.as_(other).post(seat, data=somebody).status_code == 404
        site.as_(other).post(f"/rencontres/{number}/groupe/rendre", data={"seat": seat.rsplit("/", 1)[1]})
    assert status(site, number) == ["confirmed"] * 3
    # She has left the organization: its administrators answer, and she no longer does.
    site.write(lambda db: db.connection.execute(_LEAVES, "karine"))
    assert site.as_("karine").get(seat).status_code == 404


def test_an_address_says_nothing_of_whoever_has_it(site: Site) -> None:
    """What she called herself in registering elsewhere is not for those who only know her address."""
    elsewhere, number = gathering(site), gathering(site, title="Ailleurs")
    sign_up(site, elsewhere, name="Odile Roy-Secret")
    hold(site, number, seats="1")
    (seat,) = seats_of(site, number)
    given = {"person": "", "name": "O. Roy", "email": EMAIL}
    assert site.as_("karine").post(seat, data=given).status_code == 303
    page = site.as_("karine").get(f"/rencontres/{number}/groupe").text
    assert "O. Roy" in page
    assert "Secret" not in page


def test_seats_that_are_offered_are_taken_together_and_their_letter_is_no_key_to_one(site: Site) -> None:
    number = gathering(site, seats=2, auto_hours=2000)
    sign_up(site, number, "josee")
    hold(site, number, seats="2")
    assert status(site, number) == ["confirmed", "waiting", "waiting"]
    mine = str(site.ask("SELECT max(id) - 2 FROM registration"))
    site.as_("josee").post(f"/rencontres/{number}/desistement", data={"registration": mine})
    assert status(site, number) == ["cancelled", "offered", "offered"]
    post_office(site)
    told = [letter for letter in letters(site) if f"/rencontres/{number}/groupe" in letter]
    assert len(told) == 1
    assert "/rencontres/inscriptions/" not in told[0]
    party = str(site.ask("SELECT max(party_id) FROM registration"))
    other = site.as_("josee").post(f"/rencontres/{number}/groupe/accepter", data={"party": party})
    assert other.status_code == 404
    assert site.as_("karine").post(f"/rencontres/{number}/groupe/accepter", data={"party": party}).status_code == 303
    assert status(site, number) == ["cancelled", "confirmed", "confirmed"]


def test_whoever_is_named_has_a_link_of_her_own(site: Site) -> None:
    number = gathering(site, seats=2)
    hold(site, number, seats="1")
    (seat,) = seats_of(site, number)
    site.as_("karine").post(seat, data={"person": "", "name": "Odile Roy", "email": EMAIL})
    post_office(site)
    (link,) = [link_in(letter) for letter in letters(site) if "inscriptions/" in letter]
    assert site.stranger.post(link, data={"act": "withdraw"}).status_code == 303
    assert status(site, number) == ["cancelled"]
