"""What a change of a date does: whom it tells, what it takes from whom, and what it keeps in order."""

import pytest

from tests.conftest import Site
from tests.events.post import post_office
from tests.events.test_editing import SAME, change, date_of, guests, statuses, version_in
from tests.events.test_planning import number_of, published

SECOND = {"day_1": "2030-03-12", "begins_1": "09:00", "ends_1": "12:00"}
ONLINE = {"mode": "online", "online_seats": "9", "online_url": "https://salle.example/une"}


def sequence(site: Site, number: str) -> int:
    found: int = site.ask(
        "SELECT max(ical_sequence) FROM event_session WHERE occurrence_id = $1", date_of(site, number)
    )
    return found


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ({}, {"place": "Ailleurs"}),
        ({}, {"address": "12, rue du Quai"}),
        ({}, {"locality": "Matane"}),
        ({}, {"zone": "America/Halifax"}),
        ({}, {"mode": "hybrid", "online_seats": "5"}),
        ({}, {"ends_0": "17:00"}),
        ({}, SECOND),
        (SECOND, {}),
        (ONLINE, ONLINE | {"online_url": "https://salle.example/deux"}),
    ],
)
def test_where_and_when_it_takes_place_is_told_once(site: Site, was: dict[str, str], becomes: dict[str, str]) -> None:
    number = number_of(published(site))
    assert change(site, number, **was).status_code == 303
    guests(site, number, "Aline", way="online" if "mode" in was else "in-person")
    post_office(site)
    before = sequence(site, number)
    assert change(site, number, **becomes).status_code == 303
    assert post_office(site) == 1
    assert sequence(site, number) == before + 1
    assert change(site, number, **becomes).status_code == 303
    assert post_office(site) == 0
    assert sequence(site, number) == before + 1


@pytest.mark.parametrize(
    "becomes",
    [
        {"label": "Groupe de jour"},
        {"seats": "40"},
        {"region": "estrie"},
        {"online_note": "Le lien est le même qu’hier."},
        {"access_entrance": "yes", "note_entrance": "Par la ruelle."},
        {"opens": "2026-01-01", "closes": "2030-03-01"},
    ],
)
def test_whatever_else_changes_is_told_to_nobody(site: Site, becomes: dict[str, str]) -> None:
    number = number_of(published(site))
    guests(site, number, "Aline")
    post_office(site)
    assert change(site, number, **becomes).status_code == 303
    assert post_office(site) == 0
    assert sequence(site, number) == 0


def test_nobody_is_told_of_what_is_put_right_once_it_is_over(site: Site) -> None:
    number = number_of(published(site))
    guests(site, number, "Aline")
    post_office(site)
    site.ask(
        "UPDATE event_session SET local_start = '2025-03-05 09:00', local_end = '2025-03-05 12:00' RETURNING id",
    )
    over = {"day_0": "2025-03-05", "ends_0": "12:00"}
    assert change(site, number, **over, place="La salle où c’était").status_code == 303
    assert site.ask("SELECT place FROM occurrence") == "La salle où c’était"
    assert post_office(site) == 0


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"seats": "40"},
        {"online_seats": "40"},
        {"access_entrance": "yes"},
        {"label": "Groupe de jour"},
        {"opens": "2026-01-01"},
    ],
)
def test_whatever_somebody_else_changed_of_a_date_is_not_written_over(site: Site, meanwhile: dict[str, str]) -> None:
    number = number_of(published(site, mode="hybrid", online_seats="30"))
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/dates/{date_of(site, number)}"
    both = SAME | {"mode": "hybrid", "online_seats": "30"}
    old = version_in(hers.get(address).text)
    assert change(site, number, **both | meanwhile).status_code == 303
    assert hers.post(address, data=both | {"version": old, "place": "Ailleurs"}).status_code == 409
    # As it was before, it is no more what it is.
    assert hers.post(address, data=both | {"version": old}).status_code == 409
    # What it is already may come again.
    assert hers.post(address, data=both | meanwhile | {"version": old}).status_code == 303


def test_a_form_from_before_it_was_postponed_does_not_bring_it_back(site: Site) -> None:
    number = number_of(published(site))
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/dates/{date_of(site, number)}"
    old = version_in(hers.get(address).text)
    assert hers.post(f"{address}/reporter", data={"reason": "La tempête."}).status_code == 303
    stale = {"version": old, "day_0": "2030-04-02"}
    assert hers.post(address, data=SAME | stale).status_code == 409
    assert site.ask("SELECT state FROM occurrence") == "postponed"


def test_a_postponed_date_comes_back_by_a_new_day_and_by_nothing_else(site: Site) -> None:
    number = number_of(published(site))
    hers, address = site.as_("thuy-linh"), f"/rencontres/{number}/dates/{date_of(site, number)}"
    assert hers.post(f"{address}/reporter", data={"reason": "La tempête."}).status_code == 303
    # Calendars believe it, too.
    assert sequence(site, number) == 1
    for other in ({"label": "Groupe de jour"}, {"place": "Ailleurs"}, {"zone": "America/Halifax"}):
        assert change(site, number, **other).status_code == 303
        assert site.ask("SELECT state FROM occurrence") == "postponed"
    assert change(site, number, day_0="2030-04-02").status_code == 303
    assert site.ask("SELECT state || reason FROM occurrence") == "scheduled"


def test_a_way_in_which_nobody_comes_can_be_taken_away_and_one_in_use_cannot(site: Site) -> None:
    number = number_of(published(site, mode="hybrid", online_seats="30"))
    guests(site, number, "Aline")
    assert change(site, number).status_code == 303
    assert site.ask("SELECT array_agg(way) FROM seat_pool") == ["in-person"]
    assert "en ligne" not in site.stranger.get(f"/rencontres/{number}/inscription").text
    assert change(site, number, mode="hybrid", online_seats="5").status_code == 303
    guests(site, number, "Bruno", way="online")
    refused = change(site, number, place="Ailleurs")
    assert refused.status_code == 409
    assert "cette date la conserve" in refused.text
    # Nothing of what came with it was written.
    assert site.ask("SELECT mode || place FROM occurrence") == "hybridSalle communautaire"
    assert statuses(site, number) == ["confirmed", "confirmed"]


def test_a_year_written_wrong_does_not_end_what_people_expect(site: Site) -> None:
    number = number_of(published(site))
    past = {"day_0": "2020-03-12"}
    guests(site, number, "Aline")
    refused = change(site, number, **past)
    assert refused.status_code == 409
    assert "on ne peut pas la placer à un moment déjà passé" in refused.text
    assert 'value="2020-03-12"' in refused.text
    # What nobody expects may have taken place.
    site.ask("UPDATE registration SET status = 'cancelled', seat_no = NULL RETURNING 1")
    assert change(site, number, **past).status_code == 303
    assert "Terminée" in site.as_("thuy-linh").get(f"/rencontres/{number}/dates").text
