"""Planning a gathering: what it is, publishing it, changing it, cancelling it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.core.typography import typeset
from maillage.events.commands import hands, modules, registering, texts
from maillage.events.commands.holding import hold
from maillage.events.commands.spaces import space_for
from maillage.events.models import Gathering, GatheringOrganization, GatheringTerm, Occurrence, ReminderRule
from maillage.events.policies.plans import Plan
from maillage.events.policies.words import CHANGED_MEANWHILE
from maillage.events.queries import editing as queries
from maillage.forum.commands import posting
from maillage.notices.commands import follow_along

_OPENS = _("What would you like to talk about there? Say it here beforehand; what comes of it is written here after.")
_SEE_IT = _("See the gathering")
_NOT_HERS = _("You do not belong to this organization.")

_COLUMNS = (
    *("title", "language", "visibility", "type_id", "module_id", "summary", "cost", "conditions"),
    *("registration", "auto_hours", "offer_hours", "unnamed_hours", "skip_parties"),
)
_CREATE = Statement(
    upsert(Gathering)
    .values(
        {
            name: bindparam(name, type_=Gathering.__table__.c[name].type)
            for name in (*_COLUMNS, "slug", "created_by_id", "created_at", "changed_at", "request_key")
        }
    )
    .on_conflict_do_nothing(
        index_elements=[Gathering.created_by_id, Gathering.request_key],
        index_where=Gathering.request_key.is_not(None),
    )
    .returning(Gathering.id)
)
_CREATED = Statement(
    select(Gathering.id).where(
        Gathering.created_by_id == bindparam("by"), Gathering.request_key == bindparam("request_key")
    )
)
_CHANGE = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"), Gathering.version == bindparam("seen"))
    .values(
        {name: bindparam(f"new_{name}", type_=Gathering.__table__.c[name].type) for name in (*_COLUMNS, "slug")}
        | {"changed_at": bindparam("now"), "version": Gathering.version + 1}
    )
    .returning(Gathering.id)
)
_ORGANIZED_BY = Statement(
    insert(GatheringOrganization).values(
        gathering_id=bindparam("gathering_id"),
        organization_id=bindparam("organization_id"),
        position=bindparam("position"),
    )
)
_FORGET_TERMS = Statement(delete(GatheringTerm).where(GatheringTerm.gathering_id == bindparam("of")))
_TERM = Statement(insert(GatheringTerm).values(gathering_id=bindparam("gathering_id"), term_id=bindparam("term_id")))
_FORGET_BODIES = Statement(delete(GatheringOrganization).where(GatheringOrganization.gathering_id == bindparam("of")))
# Those that stay keep their number: what was already sent by them is not sent again.
_FORGET_REMINDERS = Statement(
    "DELETE FROM reminder_rule WHERE gathering_id = $1 AND hours <> ALL ($2::smallint[])", ("gathering_id", "hours")
)
_REMINDER = Statement(
    upsert(ReminderRule)
    .values(gathering_id=bindparam("gathering_id"), hours=bindparam("hours"))
    .on_conflict_do_nothing()
)
_HAS_DATES = Statement(
    select(func.count()).where(Occurrence.gathering_id == bindparam("gathering_id"), Occurrence.starts_at.is_not(None))
)
_CANCEL = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(state="cancelled", reason=bindparam("why"), changed_at=bindparam("now"), version=Gathering.version + 1)
)
_DATES = Statement(
    select(Occurrence.id).where(Occurrence.gathering_id == bindparam("gathering_id")).order_by(Occurrence.id)
)
_PUBLISH = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(
        state="published",
        published_at=bindparam("now"),
        changed_at=bindparam("now"),
        thread_id=bindparam("thread_id"),
        version=Gathering.version + 1,
    )
)


@dataclass(frozen=True, slots=True)
class Created:
    """`again`: that form had come already."""

    id: int
    again: bool


async def create(db: Db, *, who: Viewer, plan: Plan, now: datetime, request_key: str | None = None) -> Created:
    """A draft, which `who` organizes; the same `request_key` again is the same one."""
    gathering_id: int | None = await db.value(
        _CREATE, **_columns(plan), created_by_id=who.id, created_at=now, changed_at=now, request_key=request_key
    )
    if gathering_id is None:
        return Created(await db.value(_CREATED, by=who.id, request_key=request_key), again=True)
    await hands.add(db, gathering_id=gathering_id, person_id=who.id, role="organizer", now=now)
    await _describe(db, gathering_id, plan)
    if plan.description:
        await _say(db, await hold(db, gathering_id=gathering_id), plan, who, now)
    return Created(gathering_id, again=False)


async def change(db: Db, *, who: Viewer, gathering_id: int, plan: Plan, seen: int, now: datetime) -> None:
    """Write what it is anew. Raises `Refused` where somebody did since `seen`, its version."""
    before = await hold(db, gathering_id=gathering_id)
    known = {row["id"] for row in await queries.bodies_of(db, gathering_id, who.id)}
    if not known.issuperset(plan.organization_ids):
        raise Refused(_NOT_HERS)
    new = {f"new_{name}": value for name, value in _columns(plan).items()}
    if await db.value(_CHANGE, of=gathering_id, seen=seen, now=now, **new) is None:
        raise Refused(CHANGED_MEANWHILE)
    await db.run(_FORGET_TERMS, of=gathering_id)
    await db.run(_FORGET_BODIES, of=gathering_id)
    await db.run(_FORGET_REMINDERS, gathering_id=gathering_id, hours=list(plan.reminders))
    await _describe(db, gathering_id, plan)
    if before["visibility"] != plan.visibility:
        # What they link to is not the same for other readers.
        await texts.outdate(db, gathering_id=gathering_id, now=now)
    await _say(db, await hold(db, gathering_id=gathering_id), plan, who, now)


def _columns(plan: Plan) -> dict[str, Any]:
    as_set = {"title": typeset(plan.title, plan.language), "slug": names.slug(plan.title)}
    return {name: getattr(plan, name) for name in _COLUMNS} | as_set


async def _describe(db: Db, gathering_id: int, plan: Plan) -> None:
    """By which words it is found, which organizations hold it, in their order, and when people are reminded."""
    for term_id in plan.term_ids:
        await db.run(_TERM, gathering_id=gathering_id, term_id=term_id)
    for position, organization_id in enumerate(plan.organization_ids):
        await db.run(_ORGANIZED_BY, gathering_id=gathering_id, organization_id=organization_id, position=position)
    for hours in plan.reminders:
        await db.run(_REMINDER, gathering_id=gathering_id, hours=hours)


async def _say(db: Db, gathering: Row, plan: Plan, who: Viewer, now: datetime) -> None:
    await texts.write(db, gathering=gathering, sources={"description": plan.description}, by=who.id, now=now)


async def publish(db: Db, *, who: Viewer, gathering_id: int, address: str, now: datetime) -> None:
    """Everybody who may read it sees it, its discussion opens, and those who wait for its training are told."""
    gathering = await hold(db, gathering_id=gathering_id)
    if gathering["state"] == "published":
        return
    if gathering["state"] != "draft":
        raise Refused(_("Only a draft can be published."))
    if not await db.value(_HAS_DATES, gathering_id=gathering_id):
        raise Refused(_("Give it a date before publishing it."))
    locale = gathering["language"] if gathering["language"] in (FRENCH, ENGLISH) else FRENCH
    posted = await posting.start_thread(
        db,
        who=who,
        space_id=await space_for(db, visibility=gathering["visibility"]),
        visibility=gathering["visibility"],
        kind="question",
        title=gathering["title"],
        body=f"{_OPENS.in_(locale)}\n\n[{_SEE_IT.in_(locale)}]({address})",
        language=gathering["language"],
        now=now,
    )
    await follow_along(db, person_id=who.id, kind="thread", target_id=posted.thread_id, reason="started")
    await db.run(_PUBLISH, of=gathering_id, now=now, thread_id=posted.thread_id)
    await modules.tell_those_who_wait(db, gathering_id=gathering_id, now=now)


async def cancel(db: Db, *, who: Viewer, gathering_id: int, reason: str, now: datetime) -> int:
    """It does not take place. It stays to be seen, with the reason. Returns how many had to be told."""
    gathering = await hold(db, gathering_id=gathering_id)
    if gathering["state"] != "published":
        raise Refused(_("Only what is published can be cancelled."))
    told = 0
    for row in await db.rows(_DATES, gathering_id=gathering_id):
        told += await registering.cancel_date(db, occurrence_id=row["id"], reason=reason, now=now, by=who.id)
    await db.run(_CANCEL, of=gathering_id, why=reason, now=now)
    return told
