"""What a reader writes to the authors of a story: one letter to each, none of whose addresses she learns."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Person
from maillage.auth.queries.people import HERE
from maillage.cases.commands import telling
from maillage.cases.models import Case
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries.door import case_path
from maillage.core import jobs, mail
from maillage.core.db import Db, Statement

_Reader = aliased(Person, name="reader")
_LETTER = Statement(
    select(
        Case.title,
        Case.slug,
        Person.email,
        Person.name,
        Person.locale,
        _Reader.name.label("reader_name"),
        _Reader.handle.label("reader_handle"),
        _Reader.email.label("reader_email"),
    )
    .select_from(Case)
    .join(Person, Person.id == bindparam("author_id"))
    .join(_Reader, _Reader.id == bindparam("reader_id"))
    .where(
        Case.id == bindparam("case_id"),
        # Asked when the letter leaves: the story is still there, and its authors still open to it.
        Case.contact,
        Case.state == func.any(bindparam("published")),
        HERE,
        Person.email.is_not(None),
        _Reader.suspended_at.is_(None),
        _Reader.closed_at.is_(None),
        _Reader.email_proved_at.is_not(None),
    )
)


async def write_to_authors(db: Db, *, case_id: int, reader_id: int, body: str, number: str) -> None:
    """Have the letter sent to each of the authors who have an account. `number` is of the form: twice is once."""
    for author_id in await telling.writers(db, case_id):
        if author_id != reader_id:
            payload = {"case_id": case_id, "author_id": author_id, "reader_id": reader_id, "body": body}
            key = f"contact:{case_id}:{author_id}:{reader_id}:{number}"
            await jobs.enqueue(db, "letter_to_author", payload | {"number": number}, dedupe_key=key)


@jobs.job("letter_to_author")
async def letter_to_author(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    async with tools.database.reading() as db:
        row = await db.row(
            _LETTER,
            case_id=payload["case_id"],
            author_id=payload["author_id"],
            reader_id=payload["reader_id"],
            published=list(PUBLISHED),
        )
    if row is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "to_authors",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        reader=row["reader_name"],
        reader_page=f"{settings.base_url}/personnes/{row['reader_handle']}",
        title=row["title"],
        body=payload["body"],
        address=settings.base_url + case_path(payload["case_id"], row["slug"]),
    )
    # The same job twice is the same letter.
    number = f"{payload['case_id']}-{payload['author_id']}-{payload['number']}"
    message_id = f"<contact-{number}@{urlsplit(settings.base_url).hostname}>"
    await mail.send(settings, replace(letter, message_id=message_id, headers={"Reply-To": row["reader_email"]}))
