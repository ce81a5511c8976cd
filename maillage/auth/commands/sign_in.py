"""Signing in: attempts on their way to a provider, the person an identity stands for, and one-time links."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.commands.sessions import SUSPENDED
from maillage.auth.forms.people import clean_name
from maillage.auth.models import Membership, Person, ProviderIdentity, SignInAttempt, SignInLink
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash

LINK_LASTS = timedelta(minutes=15)
ATTEMPT_LASTS = timedelta(minutes=10)
# What somebody is called when her provider does not say and nothing else is known.
_NAMELESS = "Membre"
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
_LINK_OVER = _("This link is no longer valid: used already, or more than 15 minutes old. Ask for a new one.")
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


async def person_for_identity(
    db: Db,
    *,
    issuer: str,
    subject: str,
    name: str,
    email: str | None,
    organization_id: int | None,
    now: datetime,
) -> int:
    """The person whom (issuer, subject) stands for; a new one the first time. An address never links anybody.

    `name` and `email` are what the provider says and count for a new person only: later the name is hers.
    She joins the provider's organization as somebody who waits: being let in is up to people.
    """
    # Two call-backs of the same new person at once must not make two of her.
    await db.value(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{issuer} {subject}", 0))))
    known = await db.value(_USE_IDENTITY, issuer_is=issuer, subject_is=subject, now=now)
    if known is not None:
        return int(known)
    person_id = await _new_person(db, name=clean_name(name) or _NAMELESS, email=email, now=now)
    await db.run(
        insert(ProviderIdentity).values(
            issuer=issuer, subject=subject, person_id=person_id, created_at=now, last_used_at=now
        )
    )
    if organization_id is not None:
        await db.run(insert(Membership).values(person_id=person_id, organization_id=organization_id, state="pending"))
    return person_id


_USE_IDENTITY = Statement(
    update(ProviderIdentity)
    .where(
        ProviderIdentity.issuer == bindparam("issuer_is"),
        ProviderIdentity.subject == bindparam("subject_is"),
    )
    .values(last_used_at=bindparam("now"))
    .returning(ProviderIdentity.person_id)
)


async def _new_person(db: Db, *, name: str, email: str | None, now: datetime) -> int:
    base = handle_base(name)
    number = 1
    while True:
        handle = base if number == 1 else f"{base}-{number}"
        if handle not in RESERVED_HANDLES:
            made = await db.value(
                insert_or(Person)
                .values(
                    handle=handle,
                    name=name,
                    name_key=name_key(name),
                    email=email,
                    created_at=now,
                    reading_since=now,
                )
                .on_conflict_do_nothing(index_elements=[Person.handle])
                .returning(Person.id)
            )
            if made is not None:
                return int(made)
        # After a few, jump: a hundred people of one name should not cost a hundred tries each.
        number = number + 1 if number < 5 else number * 2


def handle_base(name: str) -> str:
    """A handle made of a name, with room for a number after it."""
    return names.slug(name, 30) if re.search(r"[^\W_]", name) else "membre"


def name_key(name: str) -> str:
    """The sort key, cut to its column: some characters take many more letters to sort than to write."""
    return names.sort_key(name)[:120]


async def issue_sign_in_link(db: Db, *, handle: str, now: datetime) -> str:
    """The token of a link that signs this person in once, within 15 minutes."""
    barred = or_(Person.suspended_at.is_not(None), Person.closed_at.is_not(None))
    person = await db.row(select(Person.id, barred.label("barred")).where(Person.handle == handle))
    if person is None:
        raise nobody_called(handle)
    if person["barred"]:
        raise Refused(SUSPENDED)
    token = new_token()
    await db.run(
        insert(SignInLink).values(
            token_hash=token_hash(token), person_id=person["id"], created_at=now, expires_at=now + LINK_LASTS
        )
    )
    return token


async def use_sign_in_link(db: Db, *, token: str, now: datetime) -> int:
    """Use the link up; returns whom it signs in. Unknown, used and expired links get the same answer."""
    person_id = await db.value(_USE_LINK, hash_is=token_hash(token), now=now)
    if person_id is None:
        raise Refused(_LINK_OVER)
    return int(person_id)


_USE_LINK = Statement(
    update(SignInLink)
    .where(
        SignInLink.token_hash == bindparam("hash_is"),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(SignInLink.person_id)
)
