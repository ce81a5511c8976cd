"""Moving to another date: she keeps her place until she has one there."""

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.gatherings import gathering, in_days, make_date
from tests.events.post import letters, post_office
from tests.events.test_registering import link_in, sign_up, status


def second_date(site: Site, number: int, seats: int) -> int:
    async def write(db: Db) -> int:
        return await make_date(db, number, seats=seats, starts=in_days(60))

    return site.write(write)


def test_she_moves_at_once_where_there_is_a_seat(site: Site) -> None:
    number = gathering(site, seats=1)
    sign_up(site, number, "maryse")
    other = second_date(site, number, 1)
    hers = str(site.ask("SELECT min(id) FROM registration"))
    page = site.as_("maryse").get(f"/rencontres/{number}/changer?registration={hers}")
    assert f"{other}:in-person" in page.text
    data = {"registration": hers, "date": f"{other}:in-person", "request_key": ""}
    assert site.as_("maryse").post(f"/rencontres/{number}/changer", data=data).status_code == 303
    assert status(site, number) == ["cancelled", "confirmed"]


def test_where_there_is_none_she_waits_and_keeps_what_she_has(site: Site) -> None:
    number = gathering(site, seats=1)
    sign_up(site, number, "maryse")
    other = second_date(site, number, 0)
    data = {"registration": str(site.ask("SELECT min(id) FROM registration")), "date": f"{other}:in-person"}
    assert site.as_("maryse").post(f"/rencontres/{number}/changer", data=data).status_code == 303
    assert status(site, number) == ["confirmed", "waiting"]
    assert "Vous gardez votre autre place" in site.as_("maryse").get(f"/rencontres/{number}/inscription").text


def test_nobody_moves_what_is_not_hers(site: Site) -> None:
    number = gathering(site, seats=1)
    sign_up(site, number, "maryse")
    other = second_date(site, number, 1)
    data = {"registration": str(site.ask("SELECT min(id) FROM registration")), "date": f"{other}:in-person"}
    assert site.as_("josee").post(f"/rencontres/{number}/changer", data=data).status_code == 404
    wrong = data | {"date": "999999:in-person"}
    assert site.as_("maryse").post(f"/rencontres/{number}/changer", data=wrong).status_code == 422
    assert status(site, number) == ["confirmed"]


def test_without_an_account_she_moves_by_her_link_and_the_old_one_leads_to_the_new(site: Site) -> None:
    number = gathering(site, seats=1)
    sign_up(site, number)
    post_office(site)
    [letter] = letters(site)
    old, guest = link_in(letter), site.stranger
    assert "Vos autres inscriptions" not in guest.get(old).text
    assert guest.post(old, data={"act": "confirm"}).status_code == 303
    other = second_date(site, number, 1)
    assert guest.post(f"{old}/changer", data={"date": "999999:in-person"}).status_code == 422
    moved = guest.post(f"{old}/changer", data={"date": f"{other}:in-person"})
    assert (moved.status_code, status(site, number)) == (303, ["cancelled", "confirmed"])
    new = link_in(moved.headers["location"])
    page = guest.get(old).text
    assert "Vos autres inscriptions à cette rencontre" in page
    assert f'href="{link_in(page.partition("Vos autres inscriptions")[2])}"' in page
    led = guest.get(link_in(page.partition("Vos autres inscriptions")[2])).text
    for there in (led, guest.get(new).text):
        assert "Inscription confirmée" in there
        assert f'href="/rencontres/{number}.ics?date={other}"' in there
    assert f"/rencontres/{number}.ics" not in page
