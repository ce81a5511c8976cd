"""An organization's own ways in: connected, tried, switched on and off, removed.

Nothing here takes another way in from anybody: accounts, addresses and other providers stay as they are.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, delete, exists, insert, or_, select, update

from maillage.auth import policies
from maillage.auth.models import Provider, Session, SignInAttempt
from maillage.auth.queries.providers import ProviderRow
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token

MOST = 20
_TWICE = _("This account service is connected already, with the same client identifier.")
_TRY_FIRST = _("These settings have not been tried yet, or have changed since. Try them first.")
SECRET_AGAIN = _("The service is another one now: enter its secret again.")
# Where a secret travels, and who says who somebody is.
_SAY_WHO = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "subject_claim")
_LOCKED = Statement(
    select(Provider)
    .where(Provider.id == bindparam("provider_id"), Provider.organization_id == bindparam("organization_id"))
    .with_for_update()
)
# The same service under another client identifier is the same service.
_STOPPED = Statement(
    select(
        exists().where(
            Provider.organization_id == bindparam("organization_id"),
            Provider.stopped_at.is_not(None),
            or_(
                Provider.issuer == bindparam("issuer"), Provider.token_endpoint == bindparam("token_at", type_=String())
            ),
        )
    )
)


async def connect(
    db: Db, *, organization_id: int, kind: str, columns: dict[str, Any], client_secret: bytes | None, now: datetime
) -> int:
    """Prepare a way in, switched off; returns its key. `client_secret` is sealed already."""
    if kind == "oauth2":
        # It has no name that others could know it by: what it says counts for it alone.
        columns = columns | {"issuer": f"oauth2:{new_token()}"}
    await _not_twice(db, organization_id, columns["issuer"], columns["client_id"], None)
    count = len(await db.rows(select(Provider.id).where(Provider.organization_id == organization_id)))
    if count >= MOST:
        raise Refused(_("An organization connects at most %(most)s account services.", most=MOST))
    made = await db.value(
        insert(Provider)
        .values(
            organization_id=organization_id,
            kind=kind,
            client_secret=client_secret,
            enabled=False,
            created_at=now,
            **columns,
        )
        .returning(Provider.id)
    )
    return int(made)


async def change(
    db: Db,
    *,
    organization_id: int,
    provider_id: int,
    columns: dict[str, Any],
    client_secret: bytes | None,
    secret_sent: bool,
) -> bool:
    """Change its settings; without `client_secret` the secret stays. Returns whether it must be tried anew.

    Settings that nobody has gone through are not left on: whatever else than the label changes switches it off.
    The secret goes nowhere else unless whoever leads it there knows it: `secret_sent` says that it was written anew.
    """
    row = await _locked(db, organization_id, provider_id)
    if row["stopped_at"] is not None:
        raise Refused(policies.STOPPED)
    moved = any(row[name] != columns.get(name, row[name]) for name in _SAY_WHO)
    if moved and row["client_secret"] is not None and not secret_sent:
        raise Refused(SECRET_AGAIN)
    if "issuer" in columns:
        await _not_twice(db, organization_id, columns["issuer"], columns["client_id"], provider_id)
    anew = client_secret is not None or any(row[name] != value for name, value in columns.items() if name != "label")
    values = dict(columns)
    if moved and row["kind"] == "oauth2":
        # Another service, which must not say who somebody was at the former one: its people arrive anew.
        values["issuer"] = f"oauth2:{new_token()}"
    if client_secret is not None:
        values["client_secret"] = client_secret
    if anew:
        values |= {"tried_at": None, "enabled": False}
        # Whoever is on her way set out with the old settings.
        await db.run(delete(SignInAttempt).where(SignInAttempt.provider_id == provider_id))
    await db.run(update(Provider).where(Provider.id == provider_id).values(**values))
    return anew


async def went_through(db: Db, *, tried: ProviderRow, now: datetime) -> bool:
    """A trial of these very settings succeeded. Returns whether they still are the provider's."""
    same = [
        Provider.id == tried.id,
        *(
            getattr(Provider, name).is_not_distinct_from(getattr(tried, name))
            for name in (
                "issuer",
                "client_id",
                "client_secret",
                "authorization_endpoint",
                "token_endpoint",
                "userinfo_endpoint",
                "subject_claim",
                "name_claim",
                "email_claim",
                "group_claim",
            )
        ),
    ]
    return bool(await db.run(update(Provider).where(*same).values(tried_at=now)))


async def switch_on(db: Db, *, organization_id: int, provider_id: int) -> None:
    """Let people sign in with it. It needs to have been tried, and not to be one that the platform has stopped."""
    row = await _locked(db, organization_id, provider_id)
    if await db.value(_STOPPED, organization_id=organization_id, issuer=row["issuer"], token_at=row["token_endpoint"]):
        raise Refused(policies.STOPPED)
    if row["tried_at"] is None:
        raise Refused(_TRY_FIRST)
    await db.run(update(Provider).where(Provider.id == provider_id).values(enabled=True))


async def switch_off(db: Db, *, organization_id: int, provider_id: int, end_sessions: bool) -> None:
    """Let nobody sign in with it any more; those who did stay signed in unless their sessions are ended too."""
    await _locked(db, organization_id, provider_id)
    await db.run(update(Provider).where(Provider.id == provider_id).values(enabled=False))
    await db.run(delete(SignInAttempt).where(SignInAttempt.provider_id == provider_id))
    if end_sessions:
        await db.run(delete(Session).where(Session.provider_id == provider_id))


async def remove(db: Db, *, organization_id: int, provider_id: int) -> None:
    """Forget it and its secret, and end what it opened, which nobody could find any more.

    Who its people are stays known, so that connecting it again finds them. What the platform has stopped stays.
    """
    row = await _locked(db, organization_id, provider_id)
    if row["stopped_at"] is not None:
        raise Refused(policies.STOPPED)
    await db.run(delete(Session).where(Session.provider_id == provider_id))
    await db.run(delete(Provider).where(Provider.id == provider_id))


async def _locked(db: Db, organization_id: int, provider_id: int) -> Any:
    row = await db.row(_LOCKED, provider_id=provider_id, organization_id=organization_id)
    if row is None:
        raise NotHere
    return row


async def _not_twice(db: Db, organization_id: int, issuer: str, client_id: str, except_id: int | None) -> None:
    there = exists().where(
        Provider.organization_id == organization_id, Provider.issuer == issuer, Provider.client_id == client_id
    )
    if except_id is not None:
        there = there.where(Provider.id != except_id)
    if await db.value(select(there)):
        raise Refused(_TWICE)
