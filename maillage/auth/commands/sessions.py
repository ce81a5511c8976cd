"""Sessions: opened at sign-in, under a token nobody had before, and ended one by one or all at once."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update

from maillage.auth.models import Arrival, Person, ProviderIdentity, Session
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

SUSPENDED = _("This account is suspended. Write to the people who look after the platform.")
_ENDED = _("Your session has ended in the meantime. Sign in again.")


async def open_session(
    db: Db,
    *,
    person_id: int,
    provider_id: int | None,
    device: str,
    now: datetime,
    lifetime: timedelta,
    country: str | None = None,
    replaces: str | None = None,
    provider_session: str | None = None,
) -> str:
    """A new session; returns its token. The one that this browser had before, hers or another's, ends.

    `provider_session` is what the provider calls its own.
    """
    # The person before any session, as whatever else ends sessions does.
    if await db.row(_MAY_SIGN_IN, person_id=person_id) is None:
        raise Refused(SUSPENDED)
    if replaces:
        await close_session(db, token=replaces)
    token = new_token()
    await db.run(
        insert(Session).values(
            token_hash=token_hash(token),
            person_id=person_id,
            provider_id=provider_id,
            provider_session=provider_session,
            device=device[:120],
            country=country,
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


async def close_session(db: Db, *, token: str) -> int | None:
    """End the session of the browser that holds `token`; returns the provider that opened it, if one did."""
    provider_id: int | None = await db.value(
        delete(Session).where(Session.token_hash == token_hash(token)).returning(Session.provider_id)
    )
    return provider_id


async def renew_session(db: Db, *, session_id: int) -> str:
    """The same session under a token that nobody had before: her rights have changed. Returns the token."""
    token = new_token()
    if not await db.run(update(Session).where(Session.id == session_id).values(token_hash=token_hash(token))):
        raise Refused(_ENDED)
    return token


async def close_one_session(db: Db, *, person_id: int, session_id: int) -> None:
    """End one of this person's own sessions. Somebody else's, or none: nothing happens."""
    await db.run(delete(Session).where(Session.id == session_id, Session.person_id == person_id))


async def close_all_sessions(db: Db, *, person_id: int, except_id: int | None = None) -> int:
    """End all of a person's sessions, or all but one; returns how many."""
    doomed = delete(Session).where(Session.person_id == person_id)
    return await db.run(doomed if except_id is None else doomed.where(Session.id != except_id))


async def close_sessions_of_provider(
    db: Db, *, provider_id: int, issuer: str, subject: str | None, session: str | None, before: datetime
) -> int:
    """End what the provider says has ended: its `session` or, when it names none, all of its `subject`'s.

    A session of ours whose name there is not known counts for its subject's. Only those count that the provider
    opened itself, `before` it said so. Whoever is on the way in with it stops there. Returns how many ended.
    """
    ended, at = 0, {"provider_id": provider_id, "before": before}
    if session is not None:
        await db.run(_ARRIVAL_OF_SESSION, provider_id=provider_id, session=session)
        ended += await db.run(_SESSION_NAMED, **at, session=session)
    if subject is not None:
        whose = {"issuer": issuer, "subject": subject}
        await db.run(_ARRIVAL_OF_SUBJECT, provider_id=provider_id, **whose)
        ended += await db.run(_SESSIONS_OF_SUBJECT if session is None else _UNNAMED_OF_SUBJECT, **at, **whose)
    return ended


_OPENED = (Session.provider_id == bindparam("provider_id"), Session.created_at < bindparam("before"))
_OF_SUBJECT = delete(Session).where(
    *_OPENED,
    Session.person_id.in_(
        select(ProviderIdentity.person_id).where(
            ProviderIdentity.issuer == bindparam("issuer"), ProviderIdentity.subject == bindparam("subject")
        )
    ),
)
_SESSIONS_OF_SUBJECT = Statement(_OF_SUBJECT)
_UNNAMED_OF_SUBJECT = Statement(_OF_SUBJECT.where(Session.provider_session.is_(None)))
_SESSION_NAMED = Statement(delete(Session).where(*_OPENED, Session.provider_session == bindparam("session")))
_ARRIVAL_OF_SESSION = Statement(
    delete(Arrival).where(
        Arrival.provider_id == bindparam("provider_id"), Arrival.provider_session == bindparam("session")
    )
)
_ARRIVAL_OF_SUBJECT = Statement(
    delete(Arrival).where(
        Arrival.provider_id == bindparam("provider_id"),
        Arrival.issuer == bindparam("issuer"),
        Arrival.subject == bindparam("subject"),
    )
)
