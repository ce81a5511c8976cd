"""Planning a gathering: what it is, when and where, who looks after it, how many may come; and publishing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import ENGLISH, FRENCH, _
from maillage.core.markdown import RENDER_VERSION
from maillage.events.commands import modules, registering
from maillage.events.commands.spaces import space_for
from maillage.events.models import (
    EventSession,
    Gathering,
    GatheringHand,
    GatheringOrganization,
    GatheringText,
    Occurrence,
    OccurrenceAccess,
    ReminderRule,
)
from maillage.events.policies.plans import Plan, Planned
from maillage.forum.commands import posting
from maillage.forum.commands.rendering import written
from maillage.notices.commands import follow_along

# Of no space: what a gathering links to must be open to everybody who may read it.
_NO_SPACE = 0
_OPENS = _("What would you like to talk about there? Say it here beforehand; what comes of it is written here after.")
_SEE_IT = _("See the gathering")

_CREATE = Statement(
    upsert(Gathering)
    .values(
        {
            name: bindparam(name, type_=Gathering.__table__.c[name].type)
            for name in (
                "title",
                "slug",
                "language",
                "visibility",
                "type_id",
                "module_id",
                "summary",
                "cost",
                "conditions",
                "registration",
                "created_by_id",
                "created_at",
                "changed_at",
                "request_key",
            )
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
_HAND = Statement(
    upsert(GatheringHand)
    .values(
        gathering_id=bindparam("gathering_id"),
        person_id=bindparam("person_id"),
        role=bindparam("role"),
        added_at=bindparam("now"),
    )
    .on_conflict_do_nothing()
)
_ORGANIZED_BY = Statement(
    insert(GatheringOrganization).values(
        gathering_id=bindparam("gathering_id"),
        organization_id=bindparam("organization_id"),
        position=bindparam("position"),
    )
)
_REMINDER = Statement(insert(ReminderRule).values(gathering_id=bindparam("gathering_id"), hours=bindparam("hours")))
_text = upsert(GatheringText).values(
    gathering_id=bindparam("gathering_id"),
    field=bindparam("field"),
    body_md=bindparam("body_md"),
    body_html=bindparam("body_html"),
    render_version=RENDER_VERSION,
    revision=1,
    updated_at=bindparam("now"),
    updated_by_id=bindparam("by"),
)
_SAY = Statement(
    _text.on_conflict_do_update(
        index_elements=[GatheringText.gathering_id, GatheringText.field],
        set_={
            "body_md": _text.excluded.body_md,
            "body_html": _text.excluded.body_html,
            "render_version": _text.excluded.render_version,
            "revision": GatheringText.revision + 1,
            "updated_at": _text.excluded.updated_at,
            "updated_by_id": _text.excluded.updated_by_id,
        },
    )
)
_DATE = Statement(
    insert(Occurrence)
    .values(
        {
            name: bindparam(name, type_=Occurrence.__table__.c[name].type)
            for name in (
                "gathering_id",
                "label",
                "mode",
                "zone",
                "place",
                "address",
                "locality",
                "region_id",
                "online_url",
                "online_note",
                "opens_at",
                "closes_at",
            )
        }
    )
    .returning(Occurrence.id)
)
_SESSION = Statement(
    insert(EventSession).values(
        occurrence_id=bindparam("occurrence_id"),
        zone=bindparam("zone"),
        local_start=bindparam("local_start"),
        local_end=bindparam("local_end"),
        title=bindparam("title"),
        changed_at=bindparam("now"),
    )
)
_ACCESS = Statement(
    insert(OccurrenceAccess).values(
        occurrence_id=bindparam("occurrence_id"),
        fact=bindparam("fact"),
        answer=bindparam("answer"),
        note=bindparam("note"),
    )
)
_HOLD = Statement(select(Gathering).where(Gathering.id == bindparam("gathering_id")).with_for_update(key_share=True))
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
_TOUCH = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(version=Gathering.version + 1, changed_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Created:
    """`again`: that form had come already."""

    id: int
    again: bool


async def create(db: Db, *, who: Viewer, plan: Plan, now: datetime, request_key: str | None = None) -> Created:
    """A draft, which `who` organizes; the same `request_key` again is the same one."""
    gathering_id: int | None = await db.value(
        _CREATE,
        title=plan.title,
        slug=names.slug(plan.title),
        language=plan.language,
        visibility=plan.visibility,
        type_id=plan.type_id,
        module_id=plan.module_id,
        summary=plan.summary,
        cost=plan.cost,
        conditions=plan.conditions,
        registration=plan.registration,
        created_by_id=who.id,
        created_at=now,
        changed_at=now,
        request_key=request_key,
    )
    if gathering_id is None:
        return Created(await db.value(_CREATED, by=who.id, request_key=request_key), again=True)
    await add_hand(db, gathering_id=gathering_id, person_id=who.id, role="organizer", now=now)
    await name_bodies(db, gathering_id=gathering_id, organization_ids=plan.organization_ids)
    for hours in plan.reminders:
        await db.run(_REMINDER, gathering_id=gathering_id, hours=hours)
    if plan.description:
        await say(db, who=who, gathering_id=gathering_id, field="description", source=plan.description, now=now)
    return Created(gathering_id, again=False)


async def name_bodies(db: Db, *, gathering_id: int, organization_ids: Sequence[int]) -> None:
    """These organizations hold it, in this order; it names none yet."""
    for position, organization_id in enumerate(organization_ids):
        await db.run(_ORGANIZED_BY, gathering_id=gathering_id, organization_id=organization_id, position=position)


async def add_hand(db: Db, *, gathering_id: int, person_id: int, role: str, now: datetime) -> None:
    """Somebody organizes it, is named as its facilitator, or receives people at the door."""
    await db.run(_HAND, gathering_id=gathering_id, person_id=person_id, role=role, now=now)


async def say(db: Db, *, who: Viewer, gathering_id: int, field: str, source: str, now: datetime) -> None:
    """Write one of its texts."""
    gathering = await db.row(_HOLD, gathering_id=gathering_id)
    if gathering is None:
        raise NotHere
    text = await written(
        db,
        source=source,
        language=gathering["language"],
        space_id=_NO_SPACE,
        visibility=gathering["visibility"],
        prefix=f"{field}-",
        numbers_only=True,
    )
    await db.run(_SAY, gathering_id=gathering_id, field=field, body_md=source, body_html=text.html, now=now, by=who.id)
    await db.run(_TOUCH, of=gathering_id, now=now)


async def add_date(db: Db, *, gathering_id: int, planned: Planned, now: datetime) -> int:
    """One more date. Returns its number."""
    occurrence_id: int = await db.value(
        _DATE,
        gathering_id=gathering_id,
        label=planned.label,
        mode=planned.mode,
        zone=planned.zone,
        place=planned.place,
        address=planned.address,
        locality=planned.locality,
        region_id=planned.region_id,
        online_url=planned.online_url,
        online_note=planned.online_note,
        opens_at=planned.opens_at,
        closes_at=planned.closes_at,
    )
    for local_start, local_end in planned.sessions:
        await db.run(
            _SESSION,
            occurrence_id=occurrence_id,
            zone=planned.zone,
            local_start=local_start,
            local_end=local_end,
            title="",
            now=now,
        )
    for fact, (answer, note) in planned.access.items():
        await db.run(_ACCESS, occurrence_id=occurrence_id, fact=fact, answer=answer, note=note)
    for way, seats in planned.seats.items():
        await registering.set_seats(db, occurrence_id=occurrence_id, way=way, seats=seats, now=now)
    await db.run(_TOUCH, of=gathering_id, now=now)
    return occurrence_id


async def publish(db: Db, *, who: Viewer, gathering_id: int, address: str, now: datetime) -> None:
    """Everybody who may read it sees it, its discussion opens, and those who wait for its training are told."""
    gathering = await db.row(_HOLD, gathering_id=gathering_id)
    if gathering is None:
        raise NotHere
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
    gathering = await db.row(_HOLD, gathering_id=gathering_id)
    if gathering is None:
        raise NotHere
    if gathering["state"] != "published":
        raise Refused(_("Only what is published can be cancelled."))
    told = 0
    for row in await db.rows(_DATES, gathering_id=gathering_id):
        told += await registering.cancel_date(db, occurrence_id=row["id"], reason=reason, now=now, by=who.id)
    await db.run(_CANCEL, of=gathering_id, why=reason, now=now)
    return told
