"""Forgetting somebody who withdrew: her name and her words go from everything that a story and its discussion hold."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from maillage.auth.models import Person
from maillage.cases.commands.rendering_anew import render_anew
from maillage.cases.models import (
    Case,
    CaseActor,
    CaseAuthor,
    CaseDraft,
    CaseEvent,
    CasePerson,
    CaseQuote,
    CaseRemark,
    CaseRevision,
    CaseText,
)
from maillage.cases.queries.attached import CASE
from maillage.core import names
from maillage.core.db import Db, Row, Statement
from maillage.core.files.models import StoredFile
from maillage.core.redacting import InHtml, Redaction, parts_of, rewrite
from maillage.forum.commands.redacting import TAKING_OUT, Addresses, redact

# Fewer words than that are anybody's.
_QUOTATION = 3

_OTHERS = Statement(
    select(CasePerson.name).where(
        CasePerson.case_id == bindparam("case_id"), CasePerson.id != bindparam("but"), CasePerson.name != ""
    )
)
_AUTHORS = Statement(
    select(func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name))
    .select_from(CaseAuthor)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(CaseAuthor.case_id == bindparam("case_id"))
)
_QUOTES = Statement(select(CaseQuote.body).where(CaseQuote.person_id == bindparam("person_id")))
_STORY = Statement(
    select(Case.title, Case.thread_id, Case.born_of_id, Case.slug).where(Case.id == bindparam("case_id"))
)
_READDRESS = Statement(update(Case).where(Case.id == bindparam("of")).values(slug=bindparam("new_slug")))
_STALE = Statement(update(CaseText).where(CaseText.id == func.any(bindparam("ids"))).values(render_version=0))
_JOBS = Statement(
    """
    SELECT id, payload FROM pgqueuer
     WHERE position($1::bytea IN payload) > 0 OR position($2::bytea IN payload) > 0
     ORDER BY id FOR UPDATE
    """,
    ("named", "linked"),
)
_TOUCH = Statement(update(Case).where(Case.id == bindparam("of")).values(version=Case.version + 1))
_REWRITE_JOB = Statement("UPDATE pgqueuer SET payload = $2 WHERE id = $1", ("id", "payload"))


async def forms_of(db: Db, person: Row, more: Iterable[str]) -> Redaction:
    """What to look for: her names, those that she adds, their parts that are nobody else's here, and her words."""
    said = [person["name"], *person["other_names"].splitlines(), *more]
    rows = await db.rows(_OTHERS, case_id=person["case_id"], but=person["id"])
    rows += await db.rows(_AUTHORS, case_id=person["case_id"])
    # She may be among those who sign it.
    hers = Redaction(said)
    others = {names.look(part) for row in rows if not hers.finds(row[0]) for part in parts_of([row[0]])}
    quotes = [row[0] for row in await db.rows(_QUOTES, person_id=person["id"])]
    return Redaction(
        said,
        parts=[part for part in parts_of([person["name"]]) if names.look(part) not in others],
        quotes=[quote for quote in quotes if len(quote.split()) >= _QUOTATION],
    )


async def forget(db: Db, *, case_id: int, take_out: Redaction) -> None:
    """Take it out of everything. The caller holds the story, and empties her own row of the register."""
    await db.run(TAKING_OUT, on="on")
    story = await db.row(_STORY, case_id=case_id)
    assert story is not None  # noqa: S101 — the caller holds it
    await _story(db, case_id, take_out)
    threads = [story["thread_id"]] if story["thread_id"] is not None else []
    also = [story["born_of_id"]] if story["born_of_id"] is not None else []
    path = f"/recits/{case_id}"
    await redact(db, thread_ids=threads, also=also, paths=[path], take_out=take_out)
    await _shorten(db, Addresses([path, *(f"/discussions/{thread}" for thread in threads)]))
    await _jobs(db, case_id, take_out)


async def _story(db: Db, case_id: int, take_out: Redaction) -> None:
    async def within(table: Any, *columns: Any) -> list[Row]:
        return await rewrite(db, take_out, table, table.case_id == case_id, *columns)

    said = await rewrite(db, take_out, Case, Case.id == case_id, Case.title, Case.slug, Case.locality, Case.excerpt)
    for row in said:
        title = take_out.of(row["title"])
        await db.run(_READDRESS, of=case_id, new_slug=names.slug(title))
    texts = await within(CaseText, CaseText.body_md)
    await db.run(_STALE, ids=[row["id"] for row in texts])
    await render_anew(db, case_id=case_id)
    await rewrite(db, InHtml(take_out), CaseText, CaseText.case_id == case_id, CaseText.body_html)
    await within(CaseRevision, CaseRevision.body)
    await within(CaseDraft, CaseDraft.fields)
    await within(CaseRemark, CaseRemark.body)
    await within(CaseActor, CaseActor.role)
    await within(CaseEvent, CaseEvent.note)
    await within(CaseAuthor, CaseAuthor.name)
    # What others were shown, or say, may name her too.
    await within(CasePerson, CasePerson.relation, CasePerson.shown_as, CasePerson.text_shown, CasePerson.correction)
    theirs = CaseQuote.person_id.in_(select(CasePerson.id).where(CasePerson.case_id == case_id))
    await rewrite(db, take_out, CaseQuote, theirs, CaseQuote.body)
    files = and_(StoredFile.subject_kind == CASE, StoredFile.subject_id == case_id)
    await rewrite(db, take_out, StoredFile, files, StoredFile.name, StoredFile.alt, StoredFile.credit)


async def _shorten(db: Db, addresses: Addresses) -> None:
    """Other stories may say where this one was."""
    for table, columns in (
        (CaseText, (CaseText.body_md, CaseText.body_html)),
        (CaseRevision, (CaseRevision.body,)),
    ):
        where = or_(*(column.contains(f"{path}-") for column in columns for path in addresses.paths))
        for row in await rewrite(db, addresses, table, where, table.case_id, *columns):
            await db.run(_TOUCH, of=row["case_id"])


async def _jobs(db: Db, case_id: int, take_out: Redaction) -> None:
    """Letters about this story that have not left yet, or could not."""
    named, linked = f'"case_id": {case_id}', f"/recits/{case_id}"
    for row in await db.rows(_JOBS, named=named.encode(), linked=linked.encode()):
        payload = json.loads(row["payload"])
        if (without := take_out.within(payload)) != payload:
            await db.run(_REWRITE_JOB, id=row["id"], payload=json.dumps(without, ensure_ascii=False).encode())
