"""How often is too often: limits per person and per address, counted in PostgreSQL so that all processes agree.

Generic cell rate: one moment per subject says when its next act would be exactly on time. An act moves it one
step ahead; an act that would put it too far ahead is refused and moves nothing.

Count on a connection in autocommit, before the act: an attempt that fails afterwards has still been made.
"""

import hmac
import math
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from maillage.core.config import Settings
from maillage.core.db import Db, Statement, reading
from maillage.core.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` acts at once; a spent allowance comes back evenly over `per`."""

    burst: int
    per: timedelta

    @property
    def step(self) -> timedelta:
        return self.per / self.burst

    @property
    def slack(self) -> timedelta:
        return self.step * (self.burst - 1)


def _limit(burst: int, *, minutes: int) -> Limit:
    return Limit(burst, timedelta(minutes=minutes))


@dataclass(frozen=True, slots=True)
class Act:
    """What one person may do, and what one address may: a whole office may stand behind an address."""

    person: Limit
    address: Limit


ACTS = {
    "post": Act(_limit(12, minutes=5), _limit(120, minutes=5)),
    "thread": Act(_limit(5, minutes=10), _limit(50, minutes=10)),
    "edit": Act(_limit(30, minutes=5), _limit(300, minutes=5)),
    "preview": Act(_limit(60, minutes=1), _limit(600, minutes=1)),
    "draft": Act(_limit(60, minutes=1), _limit(600, minutes=1)),
    # Said every twenty seconds by each page where somebody writes.
    "presence": Act(_limit(30, minutes=1), _limit(600, minutes=1)),
    "upload": Act(_limit(30, minutes=10), _limit(150, minutes=10)),
    "sign-in": Act(_limit(10, minutes=10), _limit(60, minutes=10)),
    # Letters with a link: to sign in, or to prove an address.
    "sign-in-letter": Act(_limit(5, minutes=30), _limit(60, minutes=30)),
    # What a provider says of sessions that ended, and is given back when it proves to be its own word.
    "sign-out-call": Act(_limit(60, minutes=10), _limit(60, minutes=10)),
    "report": Act(_limit(10, minutes=60), _limit(50, minutes=60)),
    "ask-to-join": Act(_limit(5, minutes=1440), _limit(50, minutes=1440)),
    "organization": Act(_limit(3, minutes=1440), _limit(20, minutes=1440)),
    "set-up": Act(_limit(60, minutes=10), _limit(300, minutes=10)),
    # Each asks a provider somewhere who it is.
    "ask-provider": Act(_limit(30, minutes=5), _limit(120, minutes=5)),
    "prove-domain": Act(_limit(6, minutes=60), _limit(30, minutes=60)),
    # Counted by letter.
    "invite": Act(_limit(60, minutes=1440), _limit(200, minutes=1440)),
    # What somebody named in a story says on her own page.
    "consent": Act(_limit(30, minutes=60), _limit(120, minutes=60)),
    "consent-letter": Act(_limit(30, minutes=1440), _limit(100, minutes=1440)),
    # A story on paper, or all of them as data: each takes a while.
    "export": Act(_limit(20, minutes=10), _limit(60, minutes=10)),
    # A letter to the authors of a story.
    "contact": Act(_limit(5, minutes=60), _limit(30, minutes=60)),
    # For a gathering; a whole room may do it behind one address.
    "register": Act(_limit(20, minutes=10), _limit(300, minutes=10)),
    # Arrivals at a door: those of two hours off line come at once.
    "door": Act(_limit(1000, minutes=10), _limit(3000, minutes=10)),
    # Those of them who are registered there and get a letter: its address is what the door says.
    "door-letter": Act(_limit(150, minutes=1440), _limit(400, minutes=1440)),
}
# How many letters one mailbox gets of a kind, whoever asks for them.
LETTERS = {
    "sign-in-letter": _limit(5, minutes=30),
    "invite": _limit(3, minutes=1440),
    "prove-domain": _limit(3, minutes=1440),
    "consent-letter": _limit(3, minutes=1440),
    "registration-letter": _limit(5, minutes=60),
}

# The second column is how long to wait; NULL when another process made the row a moment ago, unseen by this statement.
_HIT = Statement(
    """
    with hit as (
        insert into rate_limit as kept (subject, due_at)
        values ($1, clock_timestamp() + $2::interval)
        on conflict (subject) do update set due_at = greatest(kept.due_at, clock_timestamp()) + $2::interval
        where kept.due_at <= clock_timestamp() + $3::interval
        returning 1
    )
    select
        not exists (select from hit),
        (select extract(epoch from due_at - clock_timestamp() - $3::interval)::float8
         from rate_limit where subject = $1)
    """,
    ["subject", "step", "slack"],
)
_GIVE_BACK = Statement("update rate_limit set due_at = due_at - $2::interval where subject = $1", ["subject", "step"])
_PURGE = Statement("delete from rate_limit where due_at < clock_timestamp()")


def person_subject(person_id: int) -> str:
    return f"p{person_id}"


def address_subject(settings: Settings, address: str) -> str | None:
    """The address, unreadable without the secret key: no table tells where anybody was. None when there is none.

    In IPv6 everybody has a whole network, so that the network counts.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64)
    return f"a{_unreadable(settings, b'address ' + ip.packed)}"


def mailbox_subject(settings: Settings, email: str) -> str:
    """Somebody's mailbox, as unreadable as the address of a computer."""
    return f"m{_unreadable(settings, b'mailbox ' + email.strip().lower().encode())}"


def _unreadable(settings: Settings, plain: bytes) -> str:
    return hmac.new(settings.secret.encode(), plain, sha256).hexdigest()[:32]


async def hit(db: Db, subject: str, act: str, limit: Limit) -> None:
    """Count one act of `subject`; raises `TooMany` when that is one too many."""
    row = await db.row(_HIT, subject=f"{act} {subject}", step=limit.step, slack=limit.slack)
    if row is not None and row[0]:
        raise TooMany(max(1, math.ceil(row[1] or 0)))


async def check(request: Request, act: str, person_id: int | None = None) -> None:
    """Count one act of this person, if known, and of the address it comes from; raises `TooMany`."""
    limits = ACTS[act]
    address = address_subject(request.app.state.settings, request.state.address)
    async with reading(request) as db:
        if person_id is not None:
            await hit(db, person_subject(person_id), act, limits.person)
        if address is not None:
            await hit(db, address, act, limits.address)


async def give_back(request: Request, act: str) -> None:
    """Forget one act of the address that it came from: it was in order, and only others are to be counted."""
    address = address_subject(request.app.state.settings, request.state.address)
    if address is not None:
        async with reading(request) as db:
            await db.run(_GIVE_BACK, subject=f"{act} {address}", step=ACTS[act].address.step)


async def check_mailbox(request: Request, act: str, email: str) -> None:
    """Count one letter to this mailbox; raises `TooMany` when it has had enough of them."""
    async with reading(request) as db:
        await hit(db, mailbox_subject(request.app.state.settings, email), act, LETTERS[act])


async def mailbox_has_room(request: Request, act: str, email: str) -> bool:
    """Count one letter to this mailbox, where whoever asks must not learn that others have asked before her."""
    try:
        await check_mailbox(request, act, email)
    except TooMany:
        return False
    return True


async def purge(db: Db) -> int:
    """Forget whoever has not been near a limit lately."""
    return await db.run(_PURGE)
