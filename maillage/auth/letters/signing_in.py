"""The letters about signing in: a link to sign in with, one that proves an address, and news of what has changed.

A token is made where its letter is worded, and nowhere before: no row of any table holds it, only its hash.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import bindparam, select

from maillage.auth import commands
from maillage.auth.models import Person
from maillage.core import clock, jobs, mail
from maillage.core.db import Db, Statement
from maillage.core.forms import clean_line

# A mail server that does not answer is asked again while the link could still be of use.
_ATTEMPTS = 5

_PERSON = Statement(
    select(Person.name, Person.locale).where(
        Person.id == bindparam("person_id"), Person.suspended_at.is_(None), Person.closed_at.is_(None)
    )
)


async def send_sign_in_link(
    db: Db, *, email: str, locale: str, browser_hash: bytes, next_path: str, now: datetime
) -> None:
    """Have a link sent to this address. Whether anybody here has it is not looked at, so that nothing can show it."""
    about = {"email": email, "locale": locale, "browser": browser_hash.hex(), "next_path": next_path}
    await jobs.enqueue(db, "sign_in_letter", about | _asked(now))


async def send_proof_of_address(db: Db, *, person_id: int, email: str, locale: str, now: datetime) -> None:
    """Have a link sent to this address that makes it the person's."""
    await jobs.enqueue(db, "address_letter", {"person_id": person_id, "email": email, "locale": locale} | _asked(now))


async def tell_of_account(db: Db, *, person_id: int, provider: str) -> None:
    """Tell somebody, at the address that she has, that an account was added to her ways in."""
    email = await db.value(select(Person.email).where(Person.id == person_id))
    if email:
        await _tell(db, "account_added", person_id=person_id, email=email, what=provider)


async def tell_of_address(db: Db, *, person_id: int, before: str) -> None:
    """Tell somebody, at the address that she had, that it is not hers here any more."""
    await _tell(db, "address_changed", person_id=person_id, email=before, what="")


def _asked(now: datetime) -> dict[str, str]:
    return {"letter": str(uuid4()), "asked_at": now.isoformat()}


async def _tell(db: Db, template: str, *, person_id: int, email: str, what: str) -> None:
    about = {"template": template, "person_id": person_id, "email": email, "what": what, "letter": str(uuid4())}
    await jobs.enqueue(db, "way_in_changed", about)


@jobs.job("sign_in_letter", attempts=_ATTEMPTS)
async def sign_in_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Make the link and send it. Whoever asked longer ago than a link lasts has gone elsewhere by now."""
    if (now := clock.now()) - datetime.fromisoformat(payload["asked_at"]) > commands.LINK_LASTS:
        return
    async with tools.database.writing() as db:
        token = await commands.issue_link_for_address(
            db,
            email=payload["email"],
            browser_hash=bytes.fromhex(payload["browser"]),
            next_path=payload["next_path"],
            now=now,
        )
    await _send(tools, payload, "sign_in_link", payload["locale"], path=f"/connexion/lien/{token}")


@jobs.job("address_letter", attempts=_ATTEMPTS)
async def address_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    if (now := clock.now()) - datetime.fromisoformat(payload["asked_at"]) > commands.LINK_LASTS:
        return
    async with tools.database.writing() as db:
        person = await db.row(_PERSON, person_id=payload["person_id"])
        if person is None:
            return
        token = await commands.issue_proof_of_address(
            db, person_id=payload["person_id"], email=payload["email"], now=now
        )
    path = f"/moi/connexions/adresse/{token}"
    await _send(tools, payload, "address_proof", payload["locale"], path=path, name=person["name"])


@jobs.job("way_in_changed")
async def way_in_changed(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    async with tools.database.reading() as db:
        person = await db.row(_PERSON, person_id=payload["person_id"])
    if person is None:
        return
    what = clean_line(payload["what"])
    await _send(
        tools, payload, payload["template"], person["locale"], path="/moi/connexions", name=person["name"], what=what
    )


async def _send(
    tools: jobs.Tools, payload: dict[str, Any], template: str, locale: str, *, path: str, name: str = "", **more: Any
) -> None:
    settings = tools.settings
    letter = mail.worded(
        settings,
        template,
        locale,
        to=payload["email"],
        to_name=name,
        name=name,
        address=settings.base_url + path,
        **more,
    )
    # The same job twice is the same letter: mail programs show it once.
    message_id = f"<{payload['letter']}@{urlsplit(settings.base_url).hostname}>"
    await mail.send(settings, replace(letter, message_id=message_id))
