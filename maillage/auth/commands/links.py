"""One-time links: for a person, for whoever reads the letters of an address, or to prove an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, or_, select, update

from maillage.auth.commands.sessions import SUSPENDED
from maillage.auth.commands.sign_in import nobody_called
from maillage.auth.models import Person, SignInLink
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

LINK_LASTS = timedelta(minutes=15)
LINK_OVER = _("This link is no longer valid: used already, or more than 15 minutes old. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class UsedLink:
    """Whom a link signs in: a person, or whoever reads the letters of an address."""

    person_id: int | None
    email: str | None
    next_path: str


async def issue_sign_in_link(db: Db, *, handle: str, now: datetime) -> str:
    """The token of a link that signs this person in once, within 15 minutes."""
    barred = or_(Person.suspended_at.is_not(None), Person.closed_at.is_not(None))
    person = await db.row(select(Person.id, barred.label("barred")).where(Person.handle == handle))
    if person is None:
        raise nobody_called(handle)
    if person["barred"]:
        raise Refused(SUSPENDED)
    return await _issue(db, now=now, person_id=person["id"])


async def issue_link_for_address(
    db: Db, *, email: str, browser_hash: bytes | None, next_path: str, now: datetime
) -> str:
    """The token of a link for whoever reads the letters of this address; known here or not, nobody looks."""
    return await _issue(db, now=now, email=email, browser_hash=browser_hash, next_path=next_path)


async def issue_proof_of_address(db: Db, *, person_id: int, email: str, now: datetime) -> str:
    """The token of a link that makes this address the person's, once she uses it."""
    return await _issue(db, now=now, person_id=person_id, email=email, purpose="address")


async def _issue(db: Db, *, now: datetime, **values: object) -> str:
    token = new_token()
    await db.run(
        insert(SignInLink).values(token_hash=token_hash(token), created_at=now, expires_at=now + LINK_LASTS, **values)
    )
    return token


async def use_sign_in_link(db: Db, *, token: str, now: datetime) -> UsedLink:
    """Use the link up; returns whom it signs in. Unknown, used and expired links get the same answer."""
    row = await db.row(_USE, hash_is=token_hash(token), purpose_is="sign_in", now=now)
    if row is None:
        raise Refused(LINK_OVER)
    return UsedLink(row["person_id"], row["email"], row["next_path"])


async def use_proof_of_address(db: Db, *, token: str, person_id: int, now: datetime) -> str:
    """Use up the link that this person asked for; returns the address that it proves."""
    row = await db.row(_USE, hash_is=token_hash(token), purpose_is="address", now=now)
    if row is None or row["person_id"] != person_id:
        # Somebody else's stays unused: raising takes the change back.
        raise Refused(LINK_OVER)
    email: str = row["email"]
    return email


_USE = Statement(
    update(SignInLink)
    .where(
        SignInLink.token_hash == bindparam("hash_is"),
        SignInLink.purpose == bindparam("purpose_is"),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(SignInLink.person_id, SignInLink.email, SignInLink.next_path)
)
