"""After a gathering: its report, a discussion for each thing that came of it, and what people say of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.core import times
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.events.commands import texts
from maillage.events.commands.holding import hold
from maillage.events.commands.linking import linked
from maillage.events.commands.spaces import space_for
from maillage.events.models import Evaluated, Evaluation, Gathering, GatheringText, Outcome
from maillage.events.policies.afterwards import OUTCOME_NAMES, Written
from maillage.forum.commands import holding as threads
from maillage.forum.commands import posting
from maillage.notices.commands import follow_along

CHANGED = _("Somebody changed this report while you were writing. What it says now stands below, with your words.")
_TITLE = 110

_REVISION = Statement(
    select(func.coalesce(func.max(GatheringText.revision), 0)).where(
        GatheringText.gathering_id == bindparam("gathering_id"), GatheringText.field == "notes"
    )
)
_ADD = Statement(
    insert(Outcome).values(
        gathering_id=bindparam("gathering_id"),
        kind=bindparam("kind"),
        body=bindparam("body"),
        owner=bindparam("owner"),
        due_on=bindparam("due_on", type_=Outcome.due_on.type),
        created_at=bindparam("now"),
    )
)
_CHANGE = Statement(
    update(Outcome)
    .where(Outcome.id == bindparam("of"), Outcome.gathering_id == bindparam("of_gathering"))
    .values(
        kind=bindparam("new_kind"),
        body=bindparam("new_body"),
        owner=bindparam("new_owner"),
        due_on=bindparam("new_due_on", type_=Outcome.due_on.type),
    )
)
# What people talk of already is not taken away from under them.
_DROP = Statement(
    delete(Outcome).where(
        Outcome.id == bindparam("of"), Outcome.gathering_id == bindparam("of_gathering"), Outcome.thread_id.is_(None)
    )
)
_SILENT = Statement(
    select(Outcome.id, Outcome.kind, Outcome.body, Outcome.owner, Outcome.due_on)
    .where(Outcome.gathering_id == bindparam("gathering_id"), Outcome.thread_id.is_(None))
    .order_by(Outcome.id)
)
_TALKED = Statement(update(Outcome).where(Outcome.id == bindparam("of")).values(thread_id=bindparam("new")))
_PUBLISHED = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(
        reported_at=func.coalesce(Gathering.reported_at, bindparam("now")),
        version=Gathering.version + 1,
        changed_at=bindparam("now"),
    )
)
_ONCE = Statement(
    upsert(Evaluated)
    .values(registration_id=bindparam("registration_id"))
    .on_conflict_do_nothing()
    .returning(Evaluated.registration_id)
)
_SAY = Statement(
    insert(Evaluation).values(
        gathering_id=bindparam("gathering_id"),
        useful=bindparam("useful"),
        learned=bindparam("learned"),
        change=bindparam("change"),
    )
)


async def save_report(
    db: Db,
    *,
    who: Viewer,
    gathering_id: int,
    notes: str,
    changes: str,
    outcomes: Sequence[Written],
    seen: int,
    now: datetime,
) -> None:
    """Keep the report. `seen` is the revision that the writer read; `Refused` when there is a later one."""
    gathering = await hold(db, gathering_id=gathering_id)
    revision: int = await db.value(_REVISION, gathering_id=gathering_id)
    if revision != seen:
        raise Refused(CHANGED)
    await texts.write(db, gathering=gathering, sources={"notes": notes, "changes": changes}, by=who.id, now=now)
    for outcome in outcomes:
        await _keep(db, gathering_id, outcome, now)


async def _keep(db: Db, gathering_id: int, outcome: Written, now: datetime) -> None:
    if outcome.id is None:
        if outcome.body:
            await db.run(
                _ADD,
                gathering_id=gathering_id,
                kind=outcome.kind,
                body=outcome.body,
                owner=outcome.owner,
                due_on=outcome.due_on,
                now=now,
            )
    elif outcome.body:
        await db.run(
            _CHANGE,
            of=outcome.id,
            of_gathering=gathering_id,
            new_kind=outcome.kind,
            new_body=outcome.body,
            new_owner=outcome.owner,
            new_due_on=outcome.due_on,
        )
    else:
        await db.run(_DROP, of=outcome.id, of_gathering=gathering_id)


async def publish_report(db: Db, *, who: Viewer, gathering_id: int, address: str, now: datetime) -> int:
    """The report is there for all who may read the gathering, and each outcome has its discussion.

    Publishing again opens discussions for what was added since. Returns how many were opened.
    """
    gathering = await hold(db, gathering_id=gathering_id)
    silent = await db.rows(_SILENT, gathering_id=gathering_id)
    space_id = await space_for(db, visibility=gathering["visibility"]) if silent else 0
    # Each discussion takes those that it names, then its space: after the first, the next ones would come too late.
    await threads.hold(db, naming="\n\n".join(outcome["body"] for outcome in silent))
    locale = gathering["language"] if gathering["language"] in (FRENCH, ENGLISH) else FRENCH
    for outcome in silent:
        posted = await posting.start_thread(
            db,
            who=who,
            space_id=space_id,
            visibility=gathering["visibility"],
            kind="question" if outcome["kind"] == "question" else "eclair",
            title=_shortened(outcome["body"]),
            body=_first_message(outcome, gathering["title"], address, locale),
            language=gathering["language"],
            now=now,
        )
        await follow_along(db, person_id=who.id, kind="thread", target_id=posted.thread_id, reason="started")
        await db.run(_TALKED, of=outcome["id"], new=posted.thread_id)
    await db.run(_PUBLISHED, of=gathering_id, now=now)
    return len(silent)


def _shortened(body: str) -> str:
    return body if len(body) <= _TITLE else body[: _TITLE - 1].rsplit(" ", 1)[0] + "…"


def _first_message(outcome: Row, title: str, address: str, locale: str) -> str:
    """What it is, who sees to it and until when, and the gathering that it comes from."""
    lines = [f"**{OUTCOME_NAMES[outcome['kind']].in_(locale)}**", outcome["body"]]
    if outcome["owner"]:
        lines.append(_("Who sees to it: %(owner)s", owner=outcome["owner"]).in_(locale))
    if outcome["due_on"] is not None:
        lines.append(_("By %(day)s", day=times.date(outcome["due_on"], locale)).in_(locale))
    return "\n\n".join([*lines, linked(title, address)])


async def evaluate(db: Db, *, gathering_id: int, registration_id: int, useful: int, learned: str, change: str) -> None:
    """Say what one thought of it, once. What is said and who said it are never written together."""
    if await db.value(_ONCE, registration_id=registration_id) is None:
        raise Refused(_("You have answered already: thank you."))
    await db.run(_SAY, gathering_id=gathering_id, useful=useful, learned=learned, change=change)
