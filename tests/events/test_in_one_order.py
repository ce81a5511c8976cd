"""What is written in several discussions at once waits for those who talk there: nobody is thrown out for it."""

import asyncio
from collections.abc import Sequence

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import afterwards, arranging
from maillage.events.policies import Standing
from maillage.events.policies.afterwards import Written
from maillage.events.policies.agenda import Arrangement, Placed
from maillage.forum.commands import holding, posting
from tests.conftest import Site
from tests.events.gatherings import make_date, make_gathering
from tests.events.test_agenda import asked, begin, published
from tests.forum import acts
from tests.forum.test_at_once import Act

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def reply_while(site: Site, thread_id: int, act: Act) -> None:
    """Josée replies there; before her reply is whole, the act begins, and comes to wait for it."""
    josee, database = acts.viewer(site, "josee"), site.app.state.database

    async def do() -> None:
        async with database.writing() as db:
            await act(db)

    async def reply() -> None:
        async with database.writing() as db:
            await holding.hold(db, thread_id)
            doing = asyncio.create_task(do())
            while not await db.connection.fetchval(WAITS):  # noqa: ASYNC110 — the database alone knows
                await asyncio.sleep(0.01)
            await posting.reply(
                db,
                who=josee,
                thread_id=thread_id,
                parent_seq=1,
                visibility="public",
                body="Et chez nous aussi.",
                language="fr-CA",
                now=clock.now(),
            )
        await doing

    portal = site.stranger.portal
    assert portal is not None
    portal.call(reply)


def test_a_report_waits_for_a_reply_in_a_discussion_that_it_names_before_it_holds_anything(site: Site) -> None:
    organizer = acts.viewer(site, "thuy-linh")

    def publish(number: int) -> Act:
        return lambda db: afterwards.publish_report(
            db, who=organizer, gathering_id=number, address="http://testserver/rencontres/1", now=clock.now()
        )

    site.write(publish(reported(site, ["Une première suite"])))
    # Of the same space as those that the report opens.
    there: int = site.ask("SELECT max(thread_id) FROM gathering_outcome")
    reply_while(site, there, publish(reported(site, ["Une autre", f"La suite de #{there}"])))
    assert site.ask("SELECT count(*) FROM gathering_outcome WHERE thread_id IS NULL") == 0


def test_answers_wait_for_a_reply_in_one_of_their_discussions_before_they_hold_anything(site: Site) -> None:
    elsewhere, number, organizer = published(site), published(site), acts.viewer(site, "thuy-linh")
    own = asked(site, number)
    there: int = site.ask("SELECT thread_id FROM gathering WHERE id = $1", elsewhere)
    picked: int = site.ask(
        "INSERT INTO agenda_question (gathering_id, body, asked_by_id, post_id)"
        " SELECT $1, 'Et le samedi?', author_id, id FROM post WHERE thread_id = $2 AND seq = 1 RETURNING id",
        number,
        there,
    )
    begin(site, number)
    answers = Arrangement((), [Placed(of, "", 0, "Oui, dès janvier.") for of in (own, picked)], ())
    reply_while(
        site,
        there,
        lambda db: arranging.arrange(
            db,
            who=organizer,
            standing=Standing(number, "published", "public", "open", frozenset({"organizer"})),
            arrangement=answers,
            act="save",
            seen=0,
            now=clock.now(),
        ),
    )
    assert site.ask("SELECT count(*) FROM post WHERE body_md = 'Oui, dès janvier.'") == 2


def reported(site: Site, outcomes: Sequence[str]) -> int:
    """A gathering whose report holds these, not published yet; returns its number."""
    organizer = acts.viewer(site, "thuy-linh")

    async def write(db: Db) -> int:
        number = await make_gathering(db)
        await make_date(db, number)
        await afterwards.save_report(
            db,
            who=organizer,
            gathering_id=number,
            notes="",
            changes="",
            outcomes=[Written(None, "decision", body, "", None) for body in outcomes],
            seen=0,
            now=clock.now(),
        )
        return number

    return site.write(write)
