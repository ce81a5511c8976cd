"""What does not take place: everybody who meant to come is told, once, and nobody else is."""

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import registering
from tests.conftest import Site
from tests.events.gatherings import make_guest
from tests.events.post import messages, post_office
from tests.events.test_editing import date_of, guests, statuses
from tests.events.test_planning import number_of, published

COME = ("Aline", "Bruno", "Chloé", "Denis", "Estelle")


def with_people(site: Site) -> str:
    """Of two seats: two are in, one waits, one was asked for by an address that has not answered, one left."""
    number = number_of(published(site))

    async def write(db: Db) -> None:
        now, date = (
            clock.now(),
            await db.connection.fetchval("SELECT id FROM occurrence WHERE gathering_id = $1", int(number)),
        )
        made = []
        for name in COME:
            done = await registering.register(
                db,
                occurrence_id=date,
                way="in-person",
                participant_id=await make_guest(db, name),
                proved=name != "Denis",
                now=now,
                by=None,
            )
            made.append(done.id)
        await registering.withdraw(db, registration_ids=[made[-1]], now=now, by=None)

    site.write(write)
    post_office(site)
    return number


def new_letters(site: Site, before: set[str]) -> list[str]:
    """To whom letters left since then, each as often as there are some."""
    post_office(site)
    return sorted(
        str(message["To"]).partition(" ")[0] for message in messages(site) if message["Message-ID"] not in before
    )


def sent(site: Site) -> set[str]:
    return {str(message["Message-ID"]) for message in messages(site)}


def test_whoever_meant_to_come_to_a_date_is_told_once(site: Site) -> None:
    number = with_people(site)
    before = sent(site)
    address = f"/rencontres/{number}/dates/{date_of(site, number)}/annuler"
    for _twice in range(2):
        assert site.as_("thuy-linh").post(address, data={"reason": "La neige."}).status_code == 303
    assert statuses(site, number) == ["cancelled"] * 5
    assert new_letters(site, before) == ["Aline", "Bruno", "Chloé", "Denis"]


def test_a_gathering_that_is_off_tells_those_of_the_dates_that_were_on(site: Site) -> None:
    number = with_people(site)
    hers, base = site.as_("thuy-linh"), f"/rencontres/{number}"
    assert (
        hers.post(f"{base}/dates/{date_of(site, number)}/repeter", data={"rule": "1", "times": "1"}).status_code == 303
    )
    assert hers.post(f"{base}/dates/{date_of(site, number)}/annuler", data={"reason": "La neige."}).status_code == 303
    second = site.ask("SELECT max(id) FROM occurrence")
    guests(site, number, "Fabienne", date=second)
    post_office(site)
    before = sent(site)
    assert hers.post(f"{base}/annuler", data={"reason": "La salle a été inondée."}).status_code == 303
    assert new_letters(site, before) == ["Fabienne"]
    assert site.ask("SELECT reason FROM occurrence WHERE id <> $1", second) == "La neige."


def test_whoever_has_a_place_or_waits_is_told_once_that_it_is_postponed(site: Site) -> None:
    number = with_people(site)
    before = sent(site)
    address = f"/rencontres/{number}/dates/{date_of(site, number)}/reporter"
    for answer in (303, 409):
        assert site.as_("thuy-linh").post(address, data={"reason": "La neige."}).status_code == answer
    assert new_letters(site, before) == ["Aline", "Bruno", "Chloé"]
