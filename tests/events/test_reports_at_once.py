"""A report is published while people talk: neither is thrown out for the other."""

import asyncio
from collections.abc import Sequence

from maillage.core import clock
from maillage.core.db import Db
from maillage.events.commands import afterwards
from maillage.events.policies.afterwards import Written
from maillage.forum.commands import holding, posting
from tests.conftest import Site
from tests.events.gatherings import make_date, make_gathering
from tests.forum import acts

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_a_report_waits_for_a_reply_in_a_discussion_that_it_names_before_it_holds_anything(site: Site) -> None:
    organizer, josee = acts.viewer(site, "thuy-linh"), acts.viewer(site, "josee")
    database = site.app.state.database

    async def publish(number: int) -> None:
        async with database.writing() as db:
            await afterwards.publish_report(
                db, who=organizer, gathering_id=number, address="http://testserver/rencontres/1", now=clock.now()
            )

    async def reply_meanwhile(thread_id: int, number: int) -> None:
        async with database.writing() as db:
            await holding.hold(db, thread_id)
            publishing = asyncio.create_task(publish(number))
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
        await publishing

    portal = site.stranger.portal
    assert portal is not None
    portal.call(publish, reported(site, ["Une première suite"]))
    # Of the same space as those that the report opens.
    there: int = site.ask("SELECT max(thread_id) FROM gathering_outcome")
    portal.call(reply_meanwhile, there, reported(site, ["Une autre", f"La suite de #{there}"]))
    assert site.ask("SELECT count(*) FROM gathering_outcome WHERE thread_id IS NULL") == 0


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
