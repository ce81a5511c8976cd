"""Inviting people to a gathering, and what becomes of an invitation."""

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from maillage.core import jobs
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.events.commands import participants
from maillage.events.models import Invitation
from maillage.notices.commands import tell

TAKEN = _("This invitation is somebody else’s account’s already.")
_INVITE = Statement(
    insert(Invitation)
    .values(
        gathering_id=bindparam("gathering_id"),
        participant_id=bindparam("participant_id"),
        invited_by_id=bindparam("by"),
        note=bindparam("note"),
        created_at=bindparam("now"),
    )
    .on_conflict_do_nothing(index_elements=[Invitation.gathering_id, Invitation.participant_id])
    .returning(Invitation.id)
)
_WITHDRAW = Statement(
    delete(Invitation)
    .where(Invitation.id == bindparam("of"), Invitation.gathering_id == bindparam("of_gathering"))
    .returning(Invitation.id)
)
# Held, so that one account has it.
_WHOSE = Statement(
    """
    SELECT i.gathering_id, i.participant_id, pa.person_id
      FROM event_invitation i JOIN participant pa ON pa.id = i.participant_id
     WHERE i.id = $1 FOR NO KEY UPDATE OF i
    """,
    ("invitation_id",),
)
_CLAIM = Statement(
    """
    UPDATE event_invitation i SET participant_id = $2
     WHERE i.id = $1 AND NOT EXISTS (SELECT FROM event_invitation o
                                      WHERE o.gathering_id = i.gathering_id AND o.participant_id = $2)
    """,
    ("invitation_id", "participant_id"),
)


async def invite_account(
    db: Db, *, gathering_id: int, person_id: int, note: str, locale: str, by: int, now: datetime
) -> bool:
    """Somebody with an account: a notice and a letter. Whoever is invited already is left alone; says whether."""
    whose = await participants.of_account(db, person_id=person_id, locale=locale)
    if not await _invite(db, gathering_id, whose, note, by, now):
        return False
    await tell(
        db,
        people=[person_id],
        kind="gathering-invitation",
        subject_kind="gathering",
        subject_id=gathering_id,
        now=now,
    )
    return True


async def invite_address(
    db: Db, *, gathering_id: int, email: str, name: str, note: str, locale: str, by: int, now: datetime
) -> bool:
    """An address, whether there is an account behind it or not: a letter."""
    whose = await participants.of_address(db, email=email, name=name, locale=locale)
    return await _invite(db, gathering_id, whose, note, by, now)


async def send_again(db: Db, *, invitation_id: int) -> None:
    """The same letter once more."""
    payload = {"invitation_id": invitation_id, "again": True}
    await jobs.enqueue(db, "gathering_invitation", payload, dedupe_key=f"{invitation_id} again")


async def withdraw(db: Db, *, gathering_id: int, invitation_id: int) -> None:
    """She is invited no longer. What she has registered for stays hers."""
    if await db.value(_WITHDRAW, of=invitation_id, of_gathering=gathering_id) is None:
        raise NotHere


async def claim(db: Db, *, invitation_id: int, person_id: int, locale: str) -> None:
    """Whoever has the letter comes with her account: the invitation is the account’s from now on, and nobody else’s."""
    row = await db.row(_WHOSE, invitation_id=invitation_id)
    if row is None:
        raise NotHere
    if row["person_id"] == person_id:
        return
    if row["person_id"] is not None:
        raise Refused(TAKEN)
    whose = await participants.of_account(db, person_id=person_id, locale=locale)
    await db.run(_CLAIM, invitation_id=invitation_id, participant_id=whose)


async def _invite(db: Db, gathering_id: int, participant_id: int, note: str, by: int, now: datetime) -> bool:
    invitation_id = await db.value(
        _INVITE, gathering_id=gathering_id, participant_id=participant_id, by=by, note=note, now=now
    )
    if invitation_id is None:
        return False
    payload = {"invitation_id": invitation_id, "again": False}
    await jobs.enqueue(db, "gathering_invitation", payload, dedupe_key=str(invitation_id))
    return True
