"""Dates that come back by a rule: on which days, at which hours, and what of one is changed with another."""

import pytest

from tests.conftest import Site
from tests.events.post import post_office
from tests.events.test_editing import change, date_of, guests
from tests.events.test_planning import number_of, published


def repeated(site: Site, number: str, rule: str, times: int, date: int | None = None) -> None:
    address = f"/rencontres/{number}/dates/{date or date_of(site, number)}/repeter"
    answer = site.as_("thuy-linh").post(address, data={"rule": rule, "times": str(times)})
    assert answer.status_code == 303, answer.text


def starts(site: Site) -> list[str]:
    rows = site.write(lambda db: db.connection.fetch("SELECT local_start FROM event_session ORDER BY local_start"))
    return [f"{row['local_start']:%y-%m-%d %H}" for row in rows]


def numbers(site: Site) -> list[int]:
    found: list[int] = site.ask("SELECT array_agg(id ORDER BY starts_at) FROM occurrence")
    return found


@pytest.mark.parametrize(
    ("first", "rule", "days"),
    [
        # The second Tuesday, the last day of a month that is a fourth Thursday, the fifth Tuesday: not in every month.
        ("2030-03-12", "2TU", ["04-09", "05-14", "06-11"]),
        ("2030-02-28", "4TH", ["03-28", "04-25", "05-23"]),
        ("2030-04-30", "5TU", ["07-30", "10-29", "12-31"]),
    ],
)
def test_the_same_weekday_of_each_month(site: Site, first: str, rule: str, days: list[str]) -> None:
    number = number_of(published(site, day=first))
    repeated(site, number, "month", 3)
    assert starts(site) == [f"30-{day} 09" for day in (first[5:], *days)]
    assert site.ask("SELECT rule FROM gathering_series") == f"FREQ=MONTHLY;BYDAY={rule};COUNT=4"


@pytest.mark.parametrize(
    ("zone", "autumn", "spring"),
    [
        ("America/Toronto", ["13", "14"], ["14", "13"]),
        ("America/Halifax", ["12", "13"], ["13", "12"]),
        # The Lower North Shore does not change its clocks.
        ("America/Blanc-Sablon", ["13", "13"], ["13", "13"]),
    ],
)
def test_nine_o_clock_stays_nine_o_clock_from_one_date_to_the_next(
    site: Site, zone: str, autumn: list[str], spring: list[str]
) -> None:
    """On both sides of 1 November 2026 and of 14 March 2027."""
    for first, hours in (("2026-10-27", autumn), ("2027-03-09", spring)):
        number = number_of(published(site, day=first, zone=zone))
        repeated(site, number, "1", 1)
        there = site.ask(
            "SELECT array_agg(to_char(s.starts_at AT TIME ZONE 'UTC', 'HH24') ORDER BY s.starts_at)"
            " FROM event_session s JOIN occurrence o ON o.id = occurrence_id WHERE gathering_id = $1",
            int(number),
        )
        assert there == hours
    assert {start[-2:] for start in starts(site)} == {"09"}


def test_what_is_changed_of_all_leaves_each_what_is_its_own(site: Site) -> None:
    number = number_of(published(site))
    repeated(site, number, "1", 5)
    first, second, third, fourth, fifth, sixth = numbers(site)
    hers, base = site.as_("thuy-linh"), f"/rencontres/{number}/dates"
    # One has its own name and days to register, one is off, one is postponed, one has two sessions, one is over.
    own = {"day_0": "2030-03-12", "label": "Groupe de jour", "opens": "2026-01-02", "closes": "2030-03-01"}
    assert change(site, number, second, **own).status_code == 303
    assert hers.post(f"{base}/{third}/annuler", data={"reason": "La neige."}).status_code == 303
    assert hers.post(f"{base}/{fourth}/reporter", data={"reason": "La neige."}).status_code == 303
    two = {"day_0": "2030-04-02", "day_1": "2030-04-03", "begins_1": "13:00", "ends_1": "15:00"}
    assert change(site, number, fifth, **two).status_code == 303
    site.ask(
        "UPDATE event_session SET local_start = '2025-03-05 09:00', local_end = '2025-03-05 12:00'"
        " WHERE occurrence_id = $1 RETURNING id",
        sixth,
    )
    everything = {"label": "Toutes", "opens": "2026-02-02", "begins_0": "10:00", "place": "Ailleurs", "seats": "7"}
    assert change(site, number, first, scope="all", **everything).status_code == 303

    def of(date: int) -> tuple[str | None, ...]:
        row = site.write(
            lambda db: db.connection.fetchrow(
                "SELECT o.label, o.state, o.place, to_char(o.opens_at, 'MM-DD'), seats::text,"
                " (SELECT string_agg(to_char(local_start, 'MM-DD HH24'), ', ' ORDER BY local_start)"
                " FROM event_session WHERE occurrence_id = o.id)"
                " FROM occurrence o JOIN seat_pool p ON p.occurrence_id = o.id WHERE o.id = $1",
                date,
            )
        )
        assert row is not None
        return tuple(row)

    hall = "Salle communautaire"
    assert of(first) == ("Toutes", "scheduled", "Ailleurs", "02-02", "7", "03-05 10")
    assert of(second) == ("Groupe de jour", "scheduled", "Ailleurs", "01-02", "7", "03-12 10")
    assert of(third) == ("", "cancelled", hall, None, "2", "03-19 09")
    # Its next day is not known, and neither is its hour.
    assert of(fourth) == ("", "postponed", "Ailleurs", None, "7", "03-26 09")
    assert of(fifth) == ("", "scheduled", "Ailleurs", None, "7", "04-02 09, 04-03 13")
    assert of(sixth) == ("", "scheduled", hall, None, "2", "03-05 09")


def test_each_is_told_of_her_own_date_once(site: Site) -> None:
    number = number_of(published(site))
    repeated(site, number, "1", 2)
    first, second, third = numbers(site)
    for date, name in ((first, "Aline"), (second, "Bruno"), (third, "Chloé")):
        guests(site, number, name, date=date)
    post_office(site)
    assert change(site, number, second, day_0="2030-03-12", place="Ailleurs", scope="following").status_code == 303
    assert site.ask(
        "SELECT array_agg(occurrence_id ORDER BY c.id) FROM registration_change c"
        " JOIN registration r ON r.id = registration_id WHERE cause = 'date-changed'"
    ) == [second, third]
    assert post_office(site) == 2
