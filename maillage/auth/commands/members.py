"""Belonging to an organization: asked for, granted, chosen to speak for, ended.

Whatever changes who belongs in what role holds the organization's row, so that two acts at once see each other:
nobody is let in twice, and the last administrator stays.
"""

from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.commands.people import pages_change
from maillage.auth.commands.sessions import close_all_sessions
from maillage.auth.commands.sign_in import nobody_called
from maillage.auth.models import Group, GroupMember, Membership, Organization, Person, Provider, Session
from maillage.auth.policies import BELONGS_ALREADY, CLOSED, LAST_ADMINISTRATOR
from maillage.core import jobs
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _

_ANSWERED = _("Somebody has answered this request already, or it was withdrawn.")
_NO_LONGER = _("This person no longer belongs to the organization.")

_HOLD = Statement(
    select(Organization.closed_at)
    .where(Organization.id == bindparam("organization_id"))
    .with_for_update(key_share=True)
)
_ASK = Statement(
    insert_or(Membership)
    .values(
        person_id=bindparam("person_id"),
        organization_id=bindparam("organization_id"),
        state="pending",
        note=bindparam("note"),
        started_on=bindparam("started_on"),
    )
    .on_conflict_do_nothing()
    .returning(Membership.id)
)
_ANSWER = (
    update(Membership)
    .where(
        Membership.id == bindparam("membership_id"),
        Membership.organization_id == bindparam("organization_id"),
        Membership.state == "pending",
        Membership.ended_on.is_(None),
    )
    .returning(Membership.person_id)
)
# She belongs from the day of the answer, not from the day she asked.
_APPROVE = Statement(_ANSWER.values(state="active", started_on=bindparam("today")))
_end = func.greatest(Membership.started_on, bindparam("today", type_=Membership.ended_on.type))
_DECLINE = Statement(_ANSWER.values(ended_on=_end))
_WITHDRAW = Statement(
    update(Membership)
    .where(
        Membership.person_id == bindparam("asker_id"),
        Membership.organization_id == bindparam("within_id"),
        Membership.state == "pending",
        Membership.ended_on.is_(None),
    )
    .values(ended_on=_end)
)
_MEMBER = Statement(
    select(Membership.person_id, Membership.role).where(
        Membership.id == bindparam("membership_id"),
        Membership.organization_id == bindparam("organization_id"),
        Membership.state == "active",
        Membership.ended_on.is_(None),
    )
)
_OTHERS_WHO_ADMINISTER = Statement(
    select(func.count())
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .where(
        Membership.organization_id == bindparam("organization_id"),
        Membership.id != bindparam("membership_id"),
        Membership.role == "administrator",
        Membership.state == "active",
        Membership.ended_on.is_(None),
        Person.suspended_at.is_(None),
        Person.closed_at.is_(None),
    )
)
_SET_ROLE = Statement(
    update(Membership).where(Membership.id == bindparam("membership_id")).values(role=bindparam("new_role"))
)
_END = Statement(update(Membership).where(Membership.id == bindparam("membership_id")).values(ended_on=_end))
_SEE_OUT = Statement(
    delete(Session).where(
        Session.person_id == bindparam("person_id"),
        Session.provider_id.in_(select(Provider.id).where(Provider.organization_id == bindparam("organization_id"))),
    )
)
_LEAVE_GROUPS = Statement(
    delete(GroupMember).where(
        GroupMember.person_id == bindparam("person_id"),
        GroupMember.group_id.in_(select(Group.id).where(Group.organization_id == bindparam("organization_id"))),
    )
)
_SPEAK_FOR = Statement(
    update(Membership)
    .where(
        Membership.id == bindparam("membership_id"),
        Membership.person_id == bindparam("speaker_id"),
        Membership.state == "active",
        Membership.ended_on.is_(None),
    )
    .values(chosen_at=bindparam("now"))
)
_IN_OWN_NAME = Statement(update(Person).where(Person.id == bindparam("speaker_id")).values(own_name=bindparam("own")))


async def hold(db: Db, *, organization_id: int, to_add: bool = False) -> None:
    """Hold the organization until the transaction ends; to bring somebody in, it must still take part."""
    row = await db.row(_HOLD, organization_id=organization_id)
    if to_add and (row is None or row["closed_at"] is not None):
        raise Refused(CLOSED)


async def ask(db: Db, *, organization_id: int, person_id: int, note: str, today: date) -> None:
    """Ask to belong; those who answer are told. One request at a time."""
    await hold(db, organization_id=organization_id, to_add=True)
    given = {"person_id": person_id, "organization_id": organization_id, "note": note, "started_on": today}
    membership_id = await db.value(_ASK, **given)
    if membership_id is None:
        raise Refused(_("You belong to this organization already, or your request is waiting for an answer."))
    await tell_of_request(db, membership_id=membership_id)


async def tell_of_request(db: Db, *, membership_id: int) -> None:
    """Have those who answer requests told of this one."""
    await jobs.enqueue(db, "membership_requested", {"membership_id": membership_id})


async def withdraw(db: Db, *, organization_id: int, person_id: int, today: date) -> None:
    """Ask no longer. Answered in the meantime: nothing happens."""
    await db.run(_WITHDRAW, asker_id=person_id, within_id=organization_id, today=today)


async def approve(db: Db, *, organization_id: int, membership_id: int, today: date) -> None:
    """Let in somebody who waits. Her sessions end, so that none grows rights."""
    await hold(db, organization_id=organization_id, to_add=True)
    person_id = await db.value(_APPROVE, membership_id=membership_id, organization_id=organization_id, today=today)
    if person_id is None:
        raise Refused(_ANSWERED)
    await close_all_sessions(db, person_id=person_id)
    await pages_change(db)
    await _tell(db, membership_id, "approved")


async def decline(db: Db, *, organization_id: int, membership_id: int, today: date) -> None:
    """Turn somebody down who waits; she may ask again."""
    await hold(db, organization_id=organization_id)
    given = {"membership_id": membership_id, "organization_id": organization_id}
    if await db.value(_DECLINE, **given, today=today) is None:
        raise Refused(_ANSWERED)
    await _tell(db, membership_id, "declined")


async def set_role(
    db: Db, *, organization_id: int, membership_id: int, role: str, keep_session: int | None = None
) -> None:
    """Make a member an administrator, or the reverse. Her sessions end, or all but one that the caller renews."""
    member = await _held_member(db, organization_id, membership_id)
    if member["role"] == role:
        return
    if role != "administrator":
        await _others_must_administer(db, organization_id, membership_id)
    await db.run(_SET_ROLE, membership_id=membership_id, new_role=role)
    await close_all_sessions(db, person_id=member["person_id"], except_id=keep_session)
    if role == "administrator":
        await _tell(db, membership_id, "administrator")


async def end(db: Db, *, organization_id: int, membership_id: int, by: int, today: date) -> None:
    """A departure: she speaks for the organization no longer, and is out wherever it had let her in.

    What she wrote stays, with the organization's name. An administrator loses rights, so that all her sessions end.
    """
    member = await _held_member(db, organization_id, membership_id)
    person_id = member["person_id"]
    if member["role"] == "administrator":
        await _others_must_administer(db, organization_id, membership_id)
        await close_all_sessions(db, person_id=person_id)
    await db.run(_END, membership_id=membership_id, today=today)
    await db.run(_SEE_OUT, person_id=person_id, organization_id=organization_id)
    await db.run(_LEAVE_GROUPS, person_id=person_id, organization_id=organization_id)
    await pages_change(db)
    if by != person_id:
        await _tell(db, membership_id, "ended")


async def appoint(db: Db, *, organization_id: int, handle: str, today: date) -> None:
    """Make somebody administer the organization, whether she belonged to it or not: for the platform to do."""
    await hold(db, organization_id=organization_id, to_add=True)
    person_id = await db.value(
        select(Person.id).where(Person.handle == handle, Person.suspended_at.is_(None), Person.closed_at.is_(None))
    )
    if person_id is None:
        raise nobody_called(handle)
    # Sessions before the pages' number, as everywhere; what is refused below takes it back.
    await close_all_sessions(db, person_id=person_id)
    membership_id = await belong(
        db, organization_id=organization_id, person_id=person_id, role="administrator", today=today
    )
    if membership_id is None:
        raise Refused(BELONGS_ALREADY)
    await _tell(db, membership_id, "administrator")


async def belong(
    db: Db, *, organization_id: int, person_id: int, role: str, today: date, state: str = "active", note: str = ""
) -> int | None:
    """Give somebody at least this membership; returns it, or None when she had as much. Hold the organization first."""
    row = await db.row(_CURRENT, person_id=person_id, organization_id=organization_id)
    given = {"role": role, "state": state}
    if row is None:
        started = {"person_id": person_id, "organization_id": organization_id, "started_on": today, "note": note}
        new = insert_or(Membership).values(**given, **started).returning(Membership.id)
        membership_id = int(await db.value(new))
    elif state == "pending" or (row["state"] == "active" and role in {row["role"], "member"}):
        return None
    else:
        membership_id = row["id"]
        began = {} if row["state"] == "active" else {"started_on": today}
        await db.run(update(Membership).where(Membership.id == membership_id).values(**given, **began))
    await pages_change(db)
    return membership_id


_CURRENT = Statement(
    select(Membership.id, Membership.role, Membership.state).where(
        Membership.person_id == bindparam("person_id"),
        Membership.organization_id == bindparam("organization_id"),
        Membership.ended_on.is_(None),
    )
)


async def speak_for(db: Db, *, membership_id: int, person_id: int, now: datetime) -> None:
    """Choose for which of her organizations she speaks from now on. What she wrote before is not touched."""
    await db.run(_IN_OWN_NAME, speaker_id=person_id, own=False)
    if not await db.run(_SPEAK_FOR, membership_id=membership_id, speaker_id=person_id, now=now):
        raise Refused(_NO_LONGER)
    await pages_change(db)


async def speak_for_oneself(db: Db, *, person_id: int) -> None:
    """Speak on one's own behalf from now on, whatever one belongs to."""
    await db.run(_IN_OWN_NAME, speaker_id=person_id, own=True)
    await pages_change(db)


async def _held_member(db: Db, organization_id: int, membership_id: int) -> Row:
    await hold(db, organization_id=organization_id)
    row = await db.row(_MEMBER, membership_id=membership_id, organization_id=organization_id)
    if row is None:
        raise Refused(_NO_LONGER)
    return row


async def _others_must_administer(db: Db, organization_id: int, membership_id: int) -> None:
    if not await db.value(_OTHERS_WHO_ADMINISTER, organization_id=organization_id, membership_id=membership_id):
        raise Refused(LAST_ADMINISTRATOR)


async def _tell(db: Db, membership_id: int, what: str) -> None:
    await jobs.enqueue(db, "membership_changed", {"membership_id": membership_id, "what": what})
