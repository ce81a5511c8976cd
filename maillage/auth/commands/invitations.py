"""Invitations: letters that let one person each into an organization, once, while whoever invited may still do so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from maillage.auth.commands.members import belong, hold, tell_of_request
from maillage.auth.commands.sessions import close_all_sessions
from maillage.auth.models import Invitation, Membership, Organization, Person, PlatformRole
from maillage.auth.policies import BELONGS_ALREADY, ORGANIZATION_ROLES
from maillage.core import jobs
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import Text, _, counted
from maillage.core.sealing import new_token, token_hash

LASTS = timedelta(days=14)
OPEN_AT_MOST = 50
INVITATION_OVER = _("This invitation is no longer valid: used already, withdrawn, or more than two weeks old.")

_still_open = and_(
    Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > bindparam("now")
)
_OPEN = Statement(
    select(func.lower(Invitation.email)).where(Invitation.organization_id == bindparam("organization_id"), _still_open)
)
_WITHDRAW = Statement(
    update(Invitation)
    .where(
        Invitation.id == bindparam("invitation_id"),
        Invitation.organization_id == bindparam("organization_id"),
        Invitation.accepted_at.is_(None),
    )
    .values(withdrawn_at=bindparam("now"))
)
_WORD = Statement(
    update(Invitation)
    .where(Invitation.id == bindparam("invitation_id"), _still_open)
    .values(token_hash=bindparam("fresh_hash"))
    .returning(Invitation.id)
)
_WHERE_TO = Statement(select(Invitation.organization_id).where(Invitation.token_hash == bindparam("hash_is")))
_inviter_may = or_(
    select(Membership.id)
    .where(
        Membership.person_id == Invitation.invited_by_id,
        Membership.organization_id == Invitation.organization_id,
        Membership.role == "administrator",
        Membership.state == "active",
        Membership.ended_on.is_(None),
    )
    .exists(),
    select(PlatformRole.role)
    .where(PlatformRole.person_id == Invitation.invited_by_id, PlatformRole.role == "admin")
    .exists(),
)
_inviter_here = (
    select(Person.id)
    .where(Person.id == Invitation.invited_by_id, Person.suspended_at.is_(None), Person.closed_at.is_(None))
    .exists()
)
_same_mailbox = (
    select(Person.id)
    .where(
        Person.id == bindparam("accepting_id"),
        Person.email_proved_at.is_not(None),
        func.lower(Person.email) == func.lower(Invitation.email),
    )
    .exists()
)
_ACCEPT = Statement(
    update(Invitation)
    .where(Invitation.token_hash == bindparam("hash_is"), _still_open)
    .values(accepted_at=bindparam("now"), accepted_by_id=bindparam("accepting_id"))
    .returning(
        Invitation.role,
        and_(_inviter_may, _inviter_here).label("inviter_may"),
        _same_mailbox.label("same_mailbox"),
    )
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of it: where, and whether she has to wait for an answer all the same."""

    slug: str
    waits: bool


async def invite(
    db: Db, *, organization_id: int, emails: Sequence[str], role: str, note: str, by: int, now: datetime
) -> list[Text]:
    """Invite these addresses, all of them or, where sentences come back, none.

    Whether an address belongs to somebody here is not looked at, so that nobody can find out.
    """
    await hold(db, organization_id=organization_id, to_add=True)
    waiting = {row[0] for row in await db.rows(_OPEN, organization_id=organization_id, now=now)}
    wrong = [
        _("%(email)s has an invitation that is still open.", email=email)
        for email in emails
        if email.lower() in waiting
    ]
    if len(waiting) + len(emails) > OPEN_AT_MOST:
        room = max(0, OPEN_AT_MOST - len(waiting))
        wrong.append(
            counted(
                "There is room for %(n)s more open invitation: wait for answers, or withdraw some.",
                "There is room for %(n)s more open invitations: wait for answers, or withdraw some.",
                room,
            )
        )
    if wrong:
        return wrong
    for email in emails:
        invitation_id = await db.value(
            insert(Invitation)
            .values(
                # Nobody holds the token of this hash: the one that serves is made when the letter leaves.
                token_hash=token_hash(new_token()),
                organization_id=organization_id,
                email=email,
                role=role if role in ORGANIZATION_ROLES else "member",
                note=note,
                invited_by_id=by,
                created_at=now,
                expires_at=now + LASTS,
            )
            .returning(Invitation.id)
        )
        await jobs.enqueue(db, "invitation", {"invitation_id": invitation_id})
    return []


async def fresh_token(db: Db, *, invitation_id: int, now: datetime) -> str | None:
    """The token for the letter that leaves now, in place of any before; None when the invitation is over."""
    token = new_token()
    if await db.value(_WORD, invitation_id=invitation_id, fresh_hash=token_hash(token), now=now) is None:
        return None
    return token


async def withdraw(db: Db, *, organization_id: int, invitation_id: int, now: datetime) -> None:
    """Have the link serve no more. Accepted in the meantime: nothing happens."""
    await db.run(_WITHDRAW, invitation_id=invitation_id, organization_id=organization_id, now=now)


async def accept(db: Db, *, token: str, person_id: int, keep_session: int, now: datetime, today: date) -> Accepted:
    """Use the invitation up for her who is signed in; her other sessions end.

    She is in at once when her proved address is the one invited and whoever invited her may still do so. Otherwise
    she waits, as a member whatever was offered: a letter that went astray, or that somebody sent before losing the
    right to, lets nobody in by itself.
    """
    organization_id = await db.value(_WHERE_TO, hash_is=token_hash(token))
    if organization_id is None:
        raise Refused(INVITATION_OVER)
    await hold(db, organization_id=organization_id, to_add=True)
    row = await db.row(_ACCEPT, hash_is=token_hash(token), accepting_id=person_id, now=now)
    if row is None:
        raise Refused(INVITATION_OVER)
    at_once = row["inviter_may"] and row["same_mailbox"]
    if at_once:
        # Sessions before the pages' number, as everywhere; what is refused below takes it back.
        await close_all_sessions(db, person_id=person_id, except_id=keep_session)
    membership_id = await belong(
        db,
        organization_id=organization_id,
        person_id=person_id,
        role=row["role"] if at_once else "member",
        state="active" if at_once else "pending",
        today=today,
    )
    slug, state = await _stands(db, organization_id, person_id)
    if membership_id is None and state == "active":
        raise Refused(BELONGS_ALREADY)
    if not at_once and membership_id is not None:
        await tell_of_request(db, membership_id=membership_id)
    return Accepted(slug, waits=state == "pending")


async def _stands(db: Db, organization_id: int, person_id: int) -> tuple[str, str]:
    row = await db.row(
        select(Organization.slug, Membership.state)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Organization.id == organization_id, Membership.person_id == person_id, Membership.ended_on.is_(None))
    )
    assert row is not None  # noqa: S101 — it was just made, or found
    return row["slug"], row["state"]
