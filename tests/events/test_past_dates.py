"""« Mon inscription » once a date is over: nothing to leave any more, but what comes after."""

import re

import pytest

from maillage.core.db import Db
from tests.conftest import Site
from tests.events.gatherings import gathering, in_days, make_date
from tests.events.post import letters, post_office
from tests.events.test_registering import date_of, link_in, sign_up, status


def passes(site: Site, date: int, *, came: bool = True) -> None:
    """That date was five days ago; whoever is registered was noted at the door, or nobody stood there."""
    site.ask(
        "UPDATE event_session SET local_start = local_start - interval '50 days', local_end = local_end"
        " - interval '50 days' WHERE occurrence_id = $1 RETURNING 1",
        date,
    )
    if came:
        site.ask(
            "INSERT INTO attendance (registration_id, session_id, at, source) SELECT r.id, s.id, s.starts_at, 'sheet'"
            " FROM registration r JOIN event_session s USING (occurrence_id) WHERE occurrence_id = $1 RETURNING 1",
            date,
        )


def hers(site: Site, number: int) -> str:
    return str(site.ask("SELECT min(id) FROM registration WHERE occurrence_id = $1", date_of(site, number)))


def test_she_can_neither_withdraw_nor_move_and_is_told_what_comes_after(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number, "maryse")
    maryse, own = site.as_("maryse"), f"/rencontres/{number}/inscription"
    page = maryse.get(own).text
    assert f"/rencontres/{number}/desistement" in page
    assert f"/rencontres/{number}/changer" in page
    assert f"/rencontres/{number}/evaluation" not in page
    date = date_of(site, number)
    passes(site, date)
    site.ask("UPDATE gathering SET reported_at = now() WHERE id = $1 RETURNING 1", number)
    for address in (own, "/moi/rencontres"):
        page = maryse.get(address).text
        assert "/desistement" not in page
        assert "/changer" not in page
        assert f'href="/rencontres/{number}/evaluation"' in page
        assert f'href="/rencontres/{number}/bilan"' in page
        assert maryse.get(f"/rencontres/{number}/evaluation").status_code == 200
    page = maryse.get(own).text
    assert "vous y étiez" in page
    assert "/attestations/" in page


def test_what_is_sent_all_the_same_is_refused(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number, "maryse")
    later = site.write(lambda db: make_date(db, number, starts=in_days(60)))
    first = site.ask("SELECT min(id) FROM occurrence WHERE gathering_id = $1", number)
    passes(site, first)
    whose = str(site.ask("SELECT id FROM registration WHERE occurrence_id = $1", first))
    maryse, place = site.as_("maryse"), f"/rencontres/{number}"
    assert maryse.post(f"{place}/desistement", data={"registration": whose}).status_code == 409
    move = {"registration": whose, "date": f"{later}:in-person", "request_key": ""}
    assert maryse.get(f"{place}/changer?registration={whose}").status_code == 403
    assert maryse.post(f"{place}/changer", data=move).status_code == 403
    assert status(site, number) == ["confirmed"]


def over_for_a_guest(site: Site) -> tuple[int, str]:
    """A gathering that somebody without an account was registered for, over by now; and the link of her letter."""
    number = gathering(site)
    sign_up(site, number)
    post_office(site)
    link = link_in(letters(site)[0])
    site.stranger.post(link, data={"act": "confirm"})
    passes(site, date_of(site, number))
    return number, link


def test_by_her_link_it_is_the_same_and_her_evaluation_needs_no_account(site: Site) -> None:
    number, link = over_for_a_guest(site)
    page = site.stranger.get(link).text
    assert 'value="withdraw"' not in page
    assert f"{link}/changer" not in page
    refused = site.stranger.post(link, data={"act": "withdraw"})
    assert refused.status_code == 409
    assert "Cette date est passée" in refused.text
    assert site.stranger.post(f"{link}/changer", data={"date": "1:in-person"}).status_code == 403
    evaluation = re.search(rf'href="(/rencontres/{number}/evaluation\?jeton=[^"]+)"', page)
    assert evaluation is not None
    said = {"useful": "5", "learned": "", "change": ""}
    assert site.stranger.post(evaluation[1], data=said).status_code == 303
    assert "/evaluation" not in site.stranger.get(link).text
    assert status(site, number) == ["confirmed"]


def test_of_a_gathering_for_members_a_link_leads_to_what_it_opens_and_to_nothing_else(site: Site) -> None:
    number, link = over_for_a_guest(site)
    site.ask("UPDATE gathering SET visibility = 'members', reported_at = now() WHERE id = $1 RETURNING 1", number)
    page = site.stranger.get(link).text
    assert "/bilan" not in page
    evaluation = re.search(rf'href="(/rencontres/{number}/evaluation\?jeton=[^"]+)"', page)
    assert evaluation is not None
    assert site.stranger.get(evaluation[1]).status_code == 200


def test_who_did_not_come_or_only_waited_is_asked_nothing(site: Site) -> None:
    number = gathering(site, seats=2)
    for who in ("maryse", "josee", "felix"):
        sign_up(site, number, who)
    passes(site, date_of(site, number), came=False)
    site.ask(
        "INSERT INTO attendance (registration_id, session_id, at, source) SELECT $1, s.id, s.starts_at, 'sheet'"
        " FROM event_session s WHERE occurrence_id = $2 RETURNING 1",
        int(hers(site, number)),
        date_of(site, number),
    )
    own = f"/rencontres/{number}/inscription"
    assert "/evaluation" in site.as_("maryse").get(own).text
    for who, words in (("josee", "Cette date est passée."), ("felix", "vous n’aviez pas de place")):
        page = site.as_(who).get(own).text
        assert words in page
        assert "/evaluation" not in page
        assert "Votre rang" not in page
        assert "/desistement" not in page
        assert "Votre rang" not in site.as_(who).get("/moi/rencontres").text


def test_what_is_postponed_is_not_over(site: Site) -> None:
    number = gathering(site)
    sign_up(site, number, "maryse")
    passes(site, date_of(site, number), came=False)
    site.ask("UPDATE occurrence SET state = 'postponed' WHERE gathering_id = $1 RETURNING 1", number)
    maryse = site.as_("maryse")
    assert f"/rencontres/{number}/desistement" in maryse.get(f"/rencontres/{number}/inscription").text
    sent = maryse.post(f"/rencontres/{number}/desistement", data={"registration": hers(site, number)})
    assert sent.status_code == 303
    assert status(site, number) == ["cancelled"]


@pytest.mark.parametrize("dates", ["NULL", "'{}'", "'{NULL}'"])
def test_holding_no_date_at_all_is_nothing_to_do(site: Site, dates: str) -> None:
    async def hold(db: Db) -> None:
        await db.connection.execute("SET LOCAL statement_timeout = '2s'")
        await db.connection.execute(f"SELECT event_hold({dates}::bigint[])")

    site.write(hold)
