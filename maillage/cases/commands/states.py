"""From draft to review, publication, revision and withdrawal: each step under the story's lock, with its trace."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, null, select, update

from maillage.auth.viewer import Viewer
from maillage.cases.commands import discussion, telling
from maillage.cases.commands.holding import hold, say_to_lists, touch
from maillage.cases.commands.outdating import outdate
from maillage.cases.commands.rendering_anew import render_anew
from maillage.cases.models import Case, CaseAuthor
from maillage.cases.policies import Hand, Standing, may_reopen, may_state, may_submit
from maillage.cases.policies.gate import STATEMENTS, obstacles
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries import gate
from maillage.cases.queries.door import case_path
from maillage.core.answers import Answer
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _

# After that, its authors are asked whether a story still holds.
HOLDS_FOR = timedelta(days=730)

_AUTHOR = Statement(
    select(CaseAuthor.id, CaseAuthor.kind).where(
        CaseAuthor.case_id == bindparam("case_id"),
        CaseAuthor.person_id == bindparam("person_id"),
        CaseAuthor.kind == func.any(bindparam("kinds")),
        CaseAuthor.left_at.is_(None),
    )
)
_STATE = Statement(update(Case).where(Case.id == bindparam("of")).values(state=bindparam("to")))
_PUBLISH = Statement(
    update(Case)
    .where(Case.id == bindparam("of"))
    .values(
        state="published",
        visibility=bindparam("readers"),
        licence=bindparam("given_licence"),
        contact=bindparam("by_relay"),
        translation_offered=bindparam("translated"),
        stated_at=bindparam("now"),
        stated_by_id=bindparam("author_id"),
        published_at=func.coalesce(Case.published_at, bindparam("now")),
        revise_at=bindparam("until"),
    )
)
# Whoever publishes again ticks the statements again.
_OFF_LINE = Statement(
    update(Case)
    .where(Case.id == bindparam("of"))
    .values(state="withdrawn", stated_at=null(), stated_by_id=null(), revise_at=null())
)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a story is published."""

    visibility: str
    licence: str
    contact: bool
    translation_offered: bool


async def submit(db: Db, *, hand: Hand, person_id: int | None, case_id: int, now: datetime) -> None:
    """Put a draft up for review: its readers and the facilitators are told."""
    case = await hold(db, case_id)
    if case["state"] != "draft" or not may_submit(_standing(case, hand)):
        raise Refused(_("This story is not a draft."))
    await _go(db, case, "review", "submitted", person_id, now)
    await telling.tell_hands(
        db, case_id=case_id, kind="submitted", now=now, kinds=telling.ALL, but=person_id, facilitators=True
    )


async def take_back(db: Db, *, hand: Hand, person_id: int | None, case_id: int, now: datetime) -> None:
    """From review back to draft."""
    case = await hold(db, case_id)
    if case["state"] != "review" or not may_submit(_standing(case, hand)):
        raise Refused(_("This story is not in review."))
    await _go(db, case, "draft", "back-to-draft", person_id, now)


async def publish(
    db: Db,
    *,
    who: Viewer,
    case_id: int,
    stated: Collection[str],
    terms: Terms,
    base_url: str,
    now: datetime,
    today: date,
) -> None:
    """Publish a story, or say of a published one that it still holds, perhaps on other terms.

    `stated` are the statements that she ticked just now, `today` the day that it is where people are. What the gate
    asks is asked here, under the story's lock: whoever refuses or withdraws at this moment comes wholly before, or
    wholly after.
    """
    case = await hold(db, case_id)
    author = await db.row(_AUTHOR, case_id=case_id, person_id=who.id, kinds=list(telling.WRITING))
    if author is None:
        raise Refused(_("Only an author with an account can publish: ask the person who invited you."))
    _still(may_state(who, _standing(case, Hand(author["id"], author["kind"], who.name))))
    if not STATEMENTS.keys() <= set(stated):
        raise Refused(_("A story is published once the three statements are ticked."))
    if missing := obstacles(await gate.facts(db, case_id), today):
        raise Refused(missing[0].why)
    await db.run(
        _PUBLISH,
        of=case_id,
        readers=terms.visibility,
        given_licence=terms.licence,
        by_relay=terms.contact,
        translated=terms.translation_offered,
        author_id=author["id"],
        until=now + HOLDS_FOR,
        now=now,
    )
    cause = "revised" if case["state"] in PUBLISHED else "published"
    await telling.note(
        db,
        case_id=case_id,
        person_id=who.id,
        from_state=case["state"],
        to_state="published",
        cause=cause,
        now=now,
    )
    if terms.visibility != case["visibility"]:
        # What its texts link to must be open to its new readers.
        await outdate(db, case_id=case_id)
        await render_anew(db, case_id=case_id)
    if case["depth"] != "trial":
        address = base_url + case_path(case_id, case["slug"])
        await discussion.open_for(db, who=who, case=case, visibility=terms.visibility, address=address, now=now)
    await telling.tell_hands(db, case_id=case_id, kind=cause, now=now, kinds=telling.ALL, but=who.id)
    await touch(db, case_id=case_id, now=now)
    await say_to_lists(db, case_id=case_id)


async def withdraw(db: Db, *, person_id: int | None, case_id: int, cause: str, why: str, now: datetime) -> None:
    """Take a story off line, by its authors ("withdrawn") or a facilitator ("removed"), with the reason she gives."""
    case = await hold(db, case_id)
    if case["state"] == "withdrawn":
        raise Refused(_("This story is already withdrawn."))
    await off_line(db, case=case, person_id=person_id, cause=cause, why=why, now=now)


async def off_line(
    db: Db, *, case: Row, cause: str, now: datetime, person_id: int | None = None, why: str = ""
) -> None:
    """Nobody but those who take part reads it from this moment on. The caller holds it.

    Its files are as visible as it is, so that they go with it.
    """
    await db.run(_OFF_LINE, of=case["id"])
    await telling.note(
        db,
        case_id=case["id"],
        person_id=person_id,
        from_state=case["state"],
        to_state="withdrawn",
        cause=cause,
        now=now,
        why=why,
    )
    await telling.tell_hands(db, case_id=case["id"], kind=cause, now=now, kinds=telling.ALL, but=person_id)
    await touch(db, case_id=case["id"], now=now)
    await discussion.close_for(db, case=case, now=now)
    if case["state"] in PUBLISHED:
        await say_to_lists(db, case_id=case["id"])


async def reopen(db: Db, *, hand: Hand, person_id: int | None, case_id: int, now: datetime) -> None:
    """Take a withdrawn story up again, as a draft."""
    case = await hold(db, case_id)
    _still(may_reopen(_standing(case, hand)))
    await _go(db, case, "draft", "reopened", person_id, now)


async def ask_again(db: Db, *, case_id: int, now: datetime) -> bool:
    """Two years have passed: ask its authors whether it still holds. False when there is nothing to ask."""
    case = await hold(db, case_id)
    if case["state"] != "published" or case["revise_at"] is None or case["revise_at"] > now:
        return False
    await _go(db, case, "to_revise", "two-years", None, now)
    await telling.tell_hands(db, case_id=case_id, kind="two-years", now=now)
    await say_to_lists(db, case_id=case_id)
    return True


async def _go(db: Db, case: Row, state: str, cause: str, person_id: int | None, now: datetime) -> None:
    await db.run(_STATE, of=case["id"], to=state)
    await telling.note(
        db,
        case_id=case["id"],
        person_id=person_id,
        from_state=case["state"],
        to_state=state,
        cause=cause,
        now=now,
    )
    await touch(db, case_id=case["id"], now=now)


def _still(answer: Answer) -> None:
    """Whether the act is still possible, asked under the lock."""
    if not answer and answer.why is not None:
        raise Refused(answer.why)


def _standing(case: Row, hand: Hand) -> Standing:
    """The story as it is under its lock, and the part that she takes in it."""
    return Standing(case["id"], case["state"], case["visibility"], case["depth"], hand)
