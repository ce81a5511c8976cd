"""The letters that consents call for: to somebody in a story, with her page; to its authors, when it goes off
line or soon will."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.auth.queries.people import HERE
from maillage.cases.commands import register, telling
from maillage.cases.models import Case, CaseAuthor, CasePerson
from maillage.cases.policies import CAUSES
from maillage.cases.policies.rules import PUBLISHED
from maillage.core import jobs, mail
from maillage.core.db import Statement

_ASKED = Statement(
    select(
        Case.title,
        func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name).label("author"),
    )
    .select_from(CasePerson)
    .join(Case, Case.id == CasePerson.case_id)
    .join(CaseAuthor, CaseAuthor.id == CasePerson.asked_by_id)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(CasePerson.id == bindparam("person_id"), CasePerson.choice.is_distinct_from("retire"))
)
_OFF_LINE = Statement(
    select(Case.title, Case.version, Person.email, Person.name, Person.locale)
    .select_from(Case)
    .join(Person, Person.id == bindparam("person_id"))
    .where(Case.id == bindparam("case_id"), Case.state == "withdrawn", HERE, Person.email.is_not(None))
)
# The first of those that end, for somebody who writes in the story still.
_ENDS = Statement(
    select(Case.title, func.min(CasePerson.expires_on).label("until"), Person.email, Person.name, Person.locale)
    .select_from(Case)
    .join(CasePerson, (CasePerson.case_id == Case.id) & (CasePerson.warned_of == CasePerson.expires_on))
    .join(CaseAuthor, (CaseAuthor.case_id == Case.id) & CaseAuthor.left_at.is_(None))
    .join(Person, Person.id == CaseAuthor.person_id)
    .where(
        Case.id == bindparam("case_id"),
        Case.state == func.any(bindparam("states")),
        Person.id == bindparam("person_id"),
        HERE,
        Person.email.is_not(None),
    )
    .group_by(Case.id, Person.id)
)


@jobs.job("consent_asked")
async def consent_asked(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Send her the link of her page, made at this moment: no table ever holds it. Her name is not in the letter."""
    async with tools.database.writing() as db:
        row = await db.row(_ASKED, person_id=payload["person_id"])
        token = None if row is None else await register.fresh_token(db, person_id=payload["person_id"])
    if row is None or token is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "consent_asked",
        payload["locale"],
        to=payload["email"],
        author=row["author"],
        title=row["title"],
        address=f"{settings.base_url}/recits/consentement/{token}",
    )
    await mail.send(settings, letter)


@jobs.job("story_off_line")
async def story_off_line(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """One letter to each of the authors who have an account."""
    async with tools.database.writing() as db:
        for person_id in await telling.writers(db, payload["case_id"]):
            await jobs.enqueue(db, "story_off_line_letter", payload | {"person_id": person_id})


@jobs.job("story_off_line_letter")
async def story_off_line_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Tell an author that the story went off line, and what to do, if it is still so."""
    async with tools.database.reading() as db:
        row = await db.row(_OFF_LINE, case_id=payload["case_id"], person_id=payload["person_id"])
    if row is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "story_off_line",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        title=row["title"],
        cause=CAUSES[payload["cause"]],
        address=f"{settings.base_url}/recits/{payload['case_id']}/etat",
    )
    # The same job twice is the same letter: mail programs show it once.
    name = f"off-line-{payload['case_id']}-{payload['person_id']}-{row['version']}"
    await mail.send(settings, replace(letter, message_id=f"<{name}@{urlsplit(settings.base_url).hostname}>"))


@jobs.job("consent_ends")
async def consent_ends(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """One letter to each of the authors who have an account."""
    async with tools.database.writing() as db:
        for person_id in await telling.writers(db, payload["case_id"]):
            await jobs.enqueue(db, "consent_ends_letter", payload | {"person_id": person_id})


@jobs.job("consent_ends_letter")
async def consent_ends_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Tell an author that a consent ends soon, if it still does. Whose it is, only the register says."""
    async with tools.database.reading() as db:
        row = await db.row(_ENDS, **payload, states=list(PUBLISHED))
    if row is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "consent_ends",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        title=row["title"],
        until=row["until"],
        address=f"{settings.base_url}/recits/{payload['case_id']}/personnes",
    )
    # The same job twice is the same letter: mail programs show it once.
    name = f"consent-ends-{payload['case_id']}-{payload['person_id']}-{row['until']}"
    await mail.send(settings, replace(letter, message_id=f"<{name}@{urlsplit(settings.base_url).hostname}>"))
