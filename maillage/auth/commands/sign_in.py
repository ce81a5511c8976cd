"""Signing in: attempts on their way to a provider, whom an identity stands for, and what people are called."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select, update

from maillage.auth.models import Person, ProviderIdentity, SignInAttempt
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import token_hash

ATTEMPT_LASTS = timedelta(minutes=10)
# Handles that are addresses under /personnes/, or that would pass for the platform's own voice.
RESERVED_HANDLES = frozenset(
    (
        "suggestions",
        "admin",
        "administration",
        "animation",
        "maillage",
        "moderation",
        "moi",
        "nouvelle",
        "systeme",
    )
)
_ATTEMPT_OVER = _(
    "This sign-in was not begun in this browser, was finished already, or took too long. Please begin again."
)


def nobody_called(handle: str) -> Refused:
    return Refused(_("Nobody here has the handle “%(handle)s”.", handle=handle))


async def begin_sign_in(
    db: Db,
    *,
    provider_id: int,
    state: str,
    nonce: str,
    code_verifier: str,
    browser: str,
    next_path: str,
    purpose: str = "sign_in",
    person_id: int | None = None,
    now: datetime,
) -> None:
    """Remember a sign-in on its way, for any process. `browser` is known to the browser that set out only."""
    await db.run(
        insert(SignInAttempt).values(
            state_hash=token_hash(state),
            browser_hash=token_hash(browser),
            provider_id=provider_id,
            nonce=nonce,
            code_verifier=code_verifier,
            next_path=next_path,
            purpose=purpose,
            person_id=person_id,
            expires_at=now + ATTEMPT_LASTS,
        )
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a call-back needs of the way out."""

    provider_id: int
    nonce: str
    code_verifier: str
    next_path: str
    purpose: str
    person_id: int | None


async def take_sign_in(db: Db, *, state: str, browser: str, now: datetime) -> Attempt:
    """Use up the attempt that this browser began. Commit before going on: a state serves once."""
    row = await db.row(_TAKE_ATTEMPT, state_hash=token_hash(state), browser_hash=token_hash(browser), now=now)
    if row is None:
        raise Refused(_ATTEMPT_OVER)
    return Attempt(*row)


_TAKE_ATTEMPT = Statement(
    delete(SignInAttempt)
    .where(
        SignInAttempt.state_hash == bindparam("state_hash"),
        SignInAttempt.browser_hash == bindparam("browser_hash"),
        SignInAttempt.expires_at > bindparam("now"),
    )
    .returning(
        SignInAttempt.provider_id,
        SignInAttempt.nonce,
        SignInAttempt.code_verifier,
        SignInAttempt.next_path,
        SignInAttempt.purpose,
        SignInAttempt.person_id,
    )
)


async def known_person(db: Db, *, issuer: str, subject: str, now: datetime) -> int | None:
    """The person whom (issuer, subject) stands for, if it stands for anybody. An address never does."""
    known = await db.value(_USE_IDENTITY, issuer_is=issuer, subject_is=subject, now=now)
    return None if known is None else int(known)


_USE_IDENTITY = Statement(
    update(ProviderIdentity)
    .where(
        ProviderIdentity.issuer == bindparam("issuer_is"),
        ProviderIdentity.subject == bindparam("subject_is"),
    )
    .values(last_used_at=bindparam("now"))
    .returning(ProviderIdentity.person_id)
)


async def person_at(db: Db, *, email: str) -> int | None:
    """Whose proved address this is. Nobody else can prove it, or claim to be her by it, until this transaction ends."""
    await hold(db, f"mailbox {email.lower()}")
    known = await db.value(_PROVED, address=email.lower())
    return None if known is None else int(known)


_PROVED = Statement(
    select(Person.id).where(func.lower(Person.email) == bindparam("address"), Person.email_proved_at.is_not(None))
)


async def hold(db: Db, subject: str) -> None:
    """Have whoever else is about to change `subject` wait until this transaction ends."""
    await db.value(_HOLD, subject=subject)


_HOLD = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("subject"), 0))))


def handle_base(name: str) -> str:
    """A handle made of a name, with room for a number after it."""
    return names.slug(name, 30) if re.search(r"[^\W_]", name) else "membre"


def name_key(name: str) -> str:
    """The sort key, cut to its column: some characters take many more letters to sort than to write."""
    return names.sort_key(name)[:120]
