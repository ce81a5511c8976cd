"""Forgetting somebody who withdrew: her name and her words go from everything that a story and its discussion hold,
and from the stories that it was tried from or that were tried from it."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, func, literal, or_, select, update

from maillage.auth.models import Person
from maillage.cases.commands import telling
from maillage.cases.commands.discussion import SPACES
from maillage.cases.commands.holding import hold_together, touch
from maillage.cases.commands.outdating import outdate
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
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries.attached import CASE, GUEST
from maillage.core import names
from maillage.core.db import Db, Row, Statement
from maillage.core.files.commands import remove
from maillage.core.files.models import StoredFile
from maillage.core.redacting import InHtml, Redaction, parts_of, rewrite
from maillage.forum.commands.redacting import TAKING_OUT, Addresses, Discussed, redact

# Fewer words than that are anybody's: they are hers where they are quoted.
_QUOTATION = 3

_OTHERS = Statement(
    select(CasePerson.name).where(
        CasePerson.case_id == func.any(bindparam("cases")), CasePerson.id != bindparam("but"), CasePerson.name != ""
    )
)
_AUTHORS = Statement(
    select(func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name))
    .select_from(CaseAuthor)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(CaseAuthor.case_id == func.any(bindparam("cases")))
)
_QUOTES = Statement(select(CaseQuote.body).where(CaseQuote.person_id == bindparam("person_id")))
# The story itself, what it was tried from, what was tried from it.
_FAMILY = Statement(
    """
    SELECT id, title, slug, state, thread_id, born_of_id FROM practice_case
     WHERE id = $1 OR source_id = $1 OR id = (SELECT source_id FROM practice_case WHERE id = $1)
     ORDER BY id
    """,
    ("case_id",),
)
# Stories whose texts, now or before, write down one of these addresses with the words of a title.
_LINKING = Statement(
    """
    SELECT case_id FROM case_text WHERE body_md LIKE ANY($1::text[]) OR body_html LIKE ANY($1::text[])
     UNION
    SELECT case_id FROM case_revision WHERE body LIKE ANY($1::text[])
    """,
    ("like",),
)
# Discussions that were opened for a story, another one's since too: their first message leads to it.
_DISCUSSIONS = Statement(
    """
    SELECT thread.id FROM thread JOIN space ON space.id = space_id JOIN post ON post.thread_id = thread.id AND seq = 1
     WHERE space.slug = ANY($1::text[]) AND body_md ~ ('/recits/' || $2::bigint || '[-)]')
    """,
    ("spaces", "case_id"),
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
_TEXTS = Statement(select(CaseText.body_md).where(CaseText.case_id == bindparam("case_id")))
# What an answer says of a file where it shows it: `![…](fichier:KEY "…")`.
_SHOWN = re.compile(r"(\[[^\[\]]*\]\(\s*<?fichier:([0-9a-f]{32})[^)]*)")
_of_authors = select(CaseAuthor.person_id).where(
    CaseAuthor.case_id == bindparam("case_id"), CaseAuthor.person_id.is_not(None)
)
_guests = select(literal(GUEST) + cast(CaseAuthor.id, String)).where(CaseAuthor.case_id == bindparam("case_id"))
_FILES = Statement(
    select(StoredFile.key, StoredFile.name, StoredFile.alt).where(
        StoredFile.removed_at.is_(None),
        or_(
            and_(StoredFile.subject_kind == CASE, StoredFile.subject_id == bindparam("case_id")),
            and_(
                StoredFile.subject_kind.is_(None),
                or_(StoredFile.uploaded_by_id.in_(_of_authors), StoredFile.guest_key.in_(_guests)),
            ),
        ),
    )
)
_REWRITE_JOB = Statement("UPDATE pgqueuer SET payload = $2 WHERE id = $1", ("id", "payload"))


@dataclass(frozen=True, slots=True)
class Family:
    """A story and those one step from it, each with what is to be taken out of it."""

    case_id: int
    stories: Sequence[tuple[Row, Redaction]]


async def hold_all(db: Db, case_id: int) -> None:
    """Lock every story that forgetting somebody of this one may change, in the order of their numbers: two people who
    withdraw at once wait for one another, and never each for the other."""
    family = await db.rows(_FAMILY, case_id=case_id)
    linking = await db.rows(_LINKING, like=[f"%{path}-%" for path in _paths(family)])
    await hold_together(db, {case_id, *(row["id"] for row in family), *(row["case_id"] for row in linking)})


def _paths(stories: Collection[Row]) -> list[str]:
    told = [f"/recits/{row['id']}" for row in stories]
    return told + [f"/discussions/{row['thread_id']}" for row in stories if row["thread_id"] is not None]


async def forms_of(db: Db, person: Row, more: Sequence[str]) -> Family:
    """What to look for, in her story and those around it: her names, those that she adds, their parts that are nobody
    else's there, and her words.

    A story around it that has her in its own register, or that she signs, says what it says with her own consent.
    """
    said = [person["name"], *person["other_names"].splitlines(), *more]
    hers, quotes = Redaction(said), [row[0] for row in await db.rows(_QUOTES, person_id=person["id"])]
    stories = []
    for story in await db.rows(_FAMILY, case_id=person["case_id"]):
        cases = sorted({person["case_id"], story["id"]})
        there = await _people(db, [story["id"]], person)
        if story["id"] != person["case_id"] and any(map(hers.finds, there)):
            continue
        # She may be among those who sign it.
        names_there = [name for name in await _people(db, cases, person) if not hers.finds(name)]
        others = set(map(names.look, parts_of(names_there)))
        parts = [part for part in parts_of([person["name"]]) if names.look(part) not in others]
        stories.append((story, _redaction(said, parts, quotes)))
    return Family(person["case_id"], stories)


def _redaction(said: list[str], parts: list[str], quotes: list[str]) -> Redaction:
    long = [quote for quote in quotes if len(quote.split()) >= _QUOTATION]
    return Redaction(said, parts=parts, quotes=long, quoted=[quote for quote in quotes if quote not in long])


async def _people(db: Db, cases: list[int], but: Row) -> list[str]:
    """Everybody else whom these stories have in their registers, and all who sign them."""
    rows = await db.rows(_OTHERS, cases=cases, but=but["id"])
    return [row[0] for row in rows + await db.rows(_AUTHORS, cases=cases)]


async def forget(db: Db, *, family: Family, now: datetime) -> list[int]:
    """Take it out of everything. The caller holds all of it, and empties her own row of the register.

    Returns the stories around hers of which lists say less now, for the caller to say so last.
    """
    await db.run(TAKING_OUT, on="on")
    changed = [story for story, take_out in family.stories if await _story(db, story["id"], take_out, now)]
    ours = [story for story, _take_out in family.stories if story["id"] == family.case_id]
    paths = _paths({story["id"]: story for story in [*ours, *changed]}.values())
    await redact(db, [await _discussed(db, *one) for one in family.stories], paths=paths)
    await _shorten(db, Addresses(paths), now)
    for story, take_out in family.stories:
        await _jobs(db, story["id"], take_out)
    beside = [story for story in changed if story["id"] != family.case_id]
    for story in beside:
        await telling.tell_hands(db, case_id=story["id"], kind="linked-name-taken-out", now=now)
        await touch(db, case_id=story["id"], now=now)
    return [story["id"] for story in beside if story["state"] in PUBLISHED]


async def _discussed(db: Db, story: Row, take_out: Redaction) -> Discussed:
    """Where people talk of a story."""
    rows = await db.rows(_DISCUSSIONS, spaces=list(SPACES.values()), case_id=story["id"])
    threads = {story["thread_id"], *(row[0] for row in rows)} - {None}
    return Discussed(sorted(threads), [story["born_of_id"]] if story["born_of_id"] is not None else [], take_out)


async def _story(db: Db, case_id: int, take_out: Redaction, now: datetime) -> bool:
    """Whether there was anything to take out of what its readers and authors see."""

    async def within(table: Any, *columns: Any) -> list[Row]:
        return await rewrite(db, take_out, table, table.case_id == case_id, *columns)

    shown = await _showing(db, case_id, take_out)
    await remove(db, keys=shown, now=now)
    if shown:
        await outdate(db, case_id=case_id)
    said = await rewrite(db, take_out, Case, Case.id == case_id, Case.title, Case.slug, Case.locality, Case.excerpt)
    for row in said:
        title = take_out.of(row["title"])
        await db.run(_READDRESS, of=case_id, new_slug=names.slug(title))
    texts = await within(CaseText, CaseText.body_md)
    await db.run(_STALE, ids=[row["id"] for row in texts])
    await render_anew(db, case_id=case_id)
    found: list[Any] = [
        *shown,
        *said,
        *texts,
        *await rewrite(db, InHtml(take_out), CaseText, CaseText.case_id == case_id, CaseText.body_html),
        *await within(CaseRevision, CaseRevision.body),
        *await within(CaseDraft, CaseDraft.fields),
        *await within(CaseRemark, CaseRemark.body),
        *await within(CaseActor, CaseActor.role),
        *await within(CaseEvent, CaseEvent.note),
        *await within(CaseAuthor, CaseAuthor.name),
        # What others were shown, or say, may name her too.
        *await within(
            CasePerson, CasePerson.relation, CasePerson.shown_as, CasePerson.text_shown, CasePerson.correction
        ),
    ]
    theirs = CaseQuote.person_id.in_(select(CasePerson.id).where(CasePerson.case_id == case_id))
    found += await rewrite(db, take_out, CaseQuote, theirs, CaseQuote.body)
    files = and_(StoredFile.subject_kind == CASE, StoredFile.subject_id == case_id)
    found += await rewrite(db, take_out, StoredFile, files, StoredFile.name, StoredFile.alt, StoredFile.credit)
    return bool(found)


async def _showing(db: Db, case_id: int, take_out: Redaction) -> list[str]:
    """The files whose own words, or those that an answer shows them with, name her: she is what there is to see.

    Those too that an author of the story has added and nothing shows yet.
    """
    named = {
        key
        for row in await db.rows(_TEXTS, case_id=case_id)
        for words, key in _SHOWN.findall(row["body_md"])
        if take_out.finds(words)
    }
    return [
        row["key"]
        for row in await db.rows(_FILES, case_id=case_id)
        if row["key"] in named or take_out.finds(row["alt"]) or take_out.finds(row["name"])
    ]


async def _shorten(db: Db, addresses: Addresses, now: datetime) -> None:
    """Other stories may say where this one was."""
    for table, columns in (
        (CaseText, (CaseText.body_md, CaseText.body_html)),
        (CaseRevision, (CaseRevision.body,)),
    ):
        where = or_(*(column.contains(f"{path}-") for column in columns for path in addresses.paths))
        for row in await rewrite(db, addresses, table, where, table.case_id, *columns):
            await touch(db, case_id=row["case_id"], now=now)


async def _jobs(db: Db, case_id: int, take_out: Redaction) -> None:
    """Letters about this story that have not left yet, or could not."""
    named, linked = f'"case_id": {case_id}', f"/recits/{case_id}"
    for row in await db.rows(_JOBS, named=named.encode(), linked=linked.encode()):
        payload = json.loads(row["payload"])
        if (without := take_out.within(payload)) != payload:
            await db.run(_REWRITE_JOB, id=row["id"], payload=json.dumps(without, ensure_ascii=False).encode())
