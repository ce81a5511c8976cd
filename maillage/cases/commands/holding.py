"""Holding a story while it changes, and saying that it did."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from maillage.cases.models import BrowsingVersion, Case
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere

# Every change of a story begins here, so that publication, consents and edits come one after the other.
_HOLD = Statement(
    select(
        Case.id,
        Case.title,
        Case.slug,
        Case.language,
        Case.depth,
        Case.state,
        Case.visibility,
        Case.thread_id,
        Case.published_at,
        Case.revise_at,
        Case.browsing,
        Case.created_by_id,
    )
    .where(Case.id == bindparam("case_id"))
    .with_for_update(key_share=True)
)
_HOLD_TOGETHER = Statement(
    select(Case.id).where(Case.id == func.any(bindparam("ids"))).order_by(Case.id).with_for_update(key_share=True)
)
_TOUCH = Statement(
    update(Case).where(Case.id == bindparam("case_id")).values(version=Case.version + 1, changed_at=bindparam("now"))
)
_NEXT = Statement(update(BrowsingVersion).values(number=BrowsingVersion.number + 1).returning(BrowsingVersion.number))
_NUMBER = Statement(
    """
    UPDATE practice_case AS story
       SET browsing = $2,
           listed_terms = ARRAY(
               SELECT term_id FROM case_term WHERE case_id = story.id
                UNION
               SELECT term_id FROM case_text WHERE case_id = story.id AND term_id IS NOT NULL AND btrim(body_md) <> ''
                UNION
               SELECT family_id FROM case_actor WHERE case_id = story.id
                UNION
               SELECT story.scale_id WHERE story.scale_id IS NOT NULL
                ORDER BY 1)
     WHERE id = $1
    """,
    ("case_id", "number"),
)


async def hold(db: Db, case_id: int) -> Row:
    """Lock a story until the transaction ends, and say what it is now."""
    row = await db.row(_HOLD, case_id=case_id)
    if row is None:
        raise NotHere
    return row


async def hold_together(db: Db, case_ids: Collection[int]) -> None:
    """Lock several stories, in the order of their numbers: whoever changes more than one begins here."""
    await db.run(_HOLD_TOGETHER, ids=sorted(case_ids))


async def touch(db: Db, *, case_id: int, now: datetime) -> None:
    """Its page changed: kept copies are stale. The caller holds it."""
    await db.run(_TOUCH, case_id=case_id, now=now)


async def say_to_lists(db: Db, *, case_id: int) -> None:
    """What lists show of it changed, or whether they show it. The last thing that a transaction does: every other
    one that publishes waits here until this one ends."""
    await db.run(_NUMBER, case_id=case_id, number=await db.value(_NEXT))


_IS_LISTED = Statement(select(Case.browsing > 0).where(Case.id == bindparam("case_id")))


async def signed_anew(db: Db, *, case_id: int, now: datetime) -> None:
    """Who signs it changed: its page says so, and the lists if it was ever there. The last thing that a transaction
    does."""
    await touch(db, case_id=case_id, now=now)
    if await db.value(_IS_LISTED, case_id=case_id):
        await say_to_lists(db, case_id=case_id)
