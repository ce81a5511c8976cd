"""The words about belonging: requests to those who answer them, answers, invitations, suspensions."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select

from maillage.auth.commands import invitations
from maillage.auth.models import Invitation, Membership, Organization, Person
from maillage.auth.policies import ORGANIZATION_ROLES
from maillage.auth.queries import members
from maillage.auth.queries.people import HERE
from maillage.core import clock, jobs, mail
from maillage.core.config import Settings
from maillage.core.db import Db, Statement

_REQUEST = Statement(
    select(Membership.organization_id, Membership.note, Organization.slug, Organization.name, Person.name.label("asks"))
    .join(Organization, Organization.id == Membership.organization_id)
    .join(Person, Person.id == Membership.person_id)
    .where(
        Membership.id == bindparam("membership_id"), Membership.state == "pending", Membership.ended_on.is_(None), HERE
    )
)
_READER = Statement(select(Person.email, Person.name, Person.locale).where(Person.id == bindparam("person_id")))
_CHANGED = Statement(
    select(
        Person.email,
        Person.name,
        Person.locale,
        Membership.role,
        Membership.state,
        Membership.ended_on,
        Organization.slug,
        Organization.name.label("organization"),
    )
    .join(Organization, Organization.id == Membership.organization_id)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.id == bindparam("membership_id"), HERE, Person.email.is_not(None))
)
_INVITATION = Statement(
    select(
        Invitation.email,
        Invitation.role,
        Invitation.note,
        Invitation.expires_at,
        Organization.name.label("organization"),
        Organization.language,
        Person.name.label("inviter"),
    )
    .join(Organization, Organization.id == Invitation.organization_id)
    .join(Person, Person.id == Invitation.invited_by_id)
    .where(Invitation.id == bindparam("invitation_id"), Organization.closed_at.is_(None), HERE)
)
_SUSPENDED = Statement(
    select(Person.email, Person.name, Person.locale).where(
        Person.id == bindparam("person_id"),
        Person.suspended_at.is_not(None),
        Person.closed_at.is_(None),
        Person.email.is_not(None),
    )
)


@jobs.job("membership_requested")
async def membership_requested(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """One letter to each of those who may answer the request."""
    membership_id = payload["membership_id"]
    async with tools.database.writing() as db:
        row = await db.row(_REQUEST, membership_id=membership_id)
        readers = [] if row is None else await members.told_of_requests(db, row["organization_id"])
        for person_id in readers:
            await jobs.enqueue(db, "membership_request", {"membership_id": membership_id, "person_id": person_id})


@jobs.job("membership_request")
async def membership_request(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Tell somebody of the request, if it still waits and she may still answer it."""
    membership_id, person_id = payload["membership_id"], payload["person_id"]
    async with tools.database.reading() as db:
        row = await db.row(_REQUEST, membership_id=membership_id)
        if row is None or person_id not in await members.told_of_requests(db, row["organization_id"]):
            return
        reader = await db.row(_READER, person_id=person_id)
    if reader is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "membership_request",
        reader["locale"],
        to=reader["email"],
        to_name=reader["name"],
        name=row["asks"],
        organization=row["name"],
        note=row["note"],
        address=f"{settings.base_url}/organisations/{row['slug']}/membres",
    )
    await _send_once(settings, letter, f"request-{membership_id}-{person_id}")


@jobs.job("membership_changed")
async def membership_changed(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Tell a person what became of her membership, unless it has become something else since."""
    membership_id, what = payload["membership_id"], payload["what"]
    async with tools.database.reading() as db:
        row = await db.row(_CHANGED, membership_id=membership_id)
    if row is None or not _still_so(what, row["state"], row["role"], row["ended_on"] is not None):
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "membership_changed",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        what=what,
        organization=row["organization"],
        address=f"{settings.base_url}/organisations/{row['slug']}",
    )
    await _send_once(settings, letter, f"membership-{membership_id}-{what}")


def _still_so(what: str, state: str, role: str, ended: bool) -> bool:
    return {
        "approved": state == "active" and not ended,
        "declined": state == "pending" and ended,
        "administrator": state == "active" and role == "administrator" and not ended,
        "ended": state == "active" and ended,
    }[what]


@jobs.job("invitation")
async def invitation(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Send an invitation with its link, made at this moment: no table ever holds it."""
    async with tools.database.writing() as db:
        row = await db.row(_INVITATION, invitation_id=payload["invitation_id"])
        if row is None:
            return
        token = await invitations.fresh_token(db, invitation_id=payload["invitation_id"], now=clock.now())
    if token is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "invitation",
        row["language"] if row["language"] in settings.locales else settings.locales[0],
        to=row["email"],
        inviter=row["inviter"],
        organization=row["organization"],
        role=ORGANIZATION_ROLES[row["role"]] if row["role"] != "member" else "",
        note=row["note"],
        address=f"{settings.base_url}/invitation/{token}",
        expires_at=row["expires_at"],
    )
    await mail.send(settings, letter)


async def tell_of_suspension(db: Db, *, person_id: int, reason: str) -> None:
    """Have somebody told that she is suspended, and why; the reason is kept nowhere else."""
    await jobs.enqueue(db, "suspended", {"person_id": person_id, "reason": reason})


@jobs.job("suspended")
async def suspended(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    async with tools.database.reading() as db:
        row = await db.row(_SUSPENDED, person_id=payload["person_id"])
    if row is None:
        return
    letter = mail.worded(
        tools.settings,
        "suspended",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        reason=payload["reason"],
    )
    await mail.send(tools.settings, letter)


async def _send_once(settings: Settings, letter: mail.Letter, name: str) -> None:
    # The same job twice is the same letter: mail programs show it once.
    await mail.send(settings, replace(letter, message_id=f"<{name}@{urlsplit(settings.base_url).hostname}>"))
