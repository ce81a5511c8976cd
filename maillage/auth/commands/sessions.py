"""Sessions: opened at sign-in, under a token nobody had before, and ended one by one or all at once."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select

from maillage.auth.models import Person, Session
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

SUSPENDED = _("This account is suspended. Write to the people who look after the platform.")


async def open_session(
    db: Db,
    *,
    person_id: int,
    provider_id: int | None,
    device: str,
    now: datetime,
    lifetime: timedelta,
    replaces: str | None = None,
) -> str:
    """A new session; returns its token. The one that this browser had before, hers or another's, ends."""
    if replaces:
        await close_session(db, token=replaces)
    if await db.row(_MAY_SIGN_IN, person_id=person_id) is None:
        raise Refused(SUSPENDED)
    token = new_token()
    await db.run(
        insert(Session).values(
            token_hash=token_hash(token),
            person_id=person_id,
            provider_id=provider_id,
            device=device[:120],
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


# Locked until the transaction ends, so that a suspension either sees this session or forbids it.
_MAY_SIGN_IN = Statement(
    select(Person.id)
    .where(Person.id == bindparam("person_id"), Person.suspended_at.is_(None), Person.closed_at.is_(None))
    .with_for_update(key_share=True)
)


async def close_session(db: Db, *, token: str) -> None:
    """End the session of the browser that holds `token`. No session: nothing to do."""
    await db.run(delete(Session).where(Session.token_hash == token_hash(token)))


async def close_one_session(db: Db, *, person_id: int, session_id: int) -> None:
    """End one of this person's own sessions. Somebody else's, or none: nothing happens."""
    await db.run(delete(Session).where(Session.id == session_id, Session.person_id == person_id))


async def close_all_sessions(db: Db, *, person_id: int, except_id: int | None = None) -> int:
    """End all of a person's sessions, or all but one; returns how many."""
    doomed = delete(Session).where(Session.person_id == person_id)
    return await db.run(doomed if except_id is None else doomed.where(Session.id != except_id))
