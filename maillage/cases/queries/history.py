"""What a story said before, change by change, in words that its authors can read."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.cases.models import CaseAuthor, CaseRevision
from maillage.cases.policies.answers import NOTHING, Answers, Key, Said
from maillage.cases.policies.reading import DIRECTION_NAMES, PROGRESS_NAMES
from maillage.cases.policies.template import BY_NAME, WORDS, Field
from maillage.cases.queries.shown import author_name
from maillage.core import diff, times
from maillage.core.db import Db, Statement
from maillage.taxonomies.queries.vocabulary import Vocabulary

PAGE = 30

# Of each change what it led to: what the next one replaced, or nothing where it still stands.
_all = (
    select(
        CaseRevision.id,
        CaseRevision.field,
        CaseRevision.term_id,
        CaseRevision.body,
        CaseRevision.direction,
        CaseRevision.replaced_at,
        author_name().label("by"),
        func.lead(CaseRevision.id)
        .over(partition_by=(CaseRevision.field, CaseRevision.term_id), order_by=CaseRevision.id)
        .label("next_id"),
        func.lead(CaseRevision.body)
        .over(partition_by=(CaseRevision.field, CaseRevision.term_id), order_by=CaseRevision.id)
        .label("next_body"),
        func.lead(CaseRevision.direction)
        .over(partition_by=(CaseRevision.field, CaseRevision.term_id), order_by=CaseRevision.id)
        .label("next_direction"),
    )
    .join(CaseAuthor, CaseAuthor.id == CaseRevision.replaced_by_id)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(CaseRevision.case_id == bindparam("case_id"))
    .subquery()
)
_LISTED = Statement(select(_all).where(_all.c.id < bindparam("before")).order_by(_all.c.id.desc()).limit(PAGE + 1))
_ONE = Statement(
    select(CaseRevision.field, CaseRevision.term_id, CaseRevision.body, CaseRevision.direction).where(
        CaseRevision.id == bindparam("revision_id"), CaseRevision.case_id == bindparam("case_id")
    )
)


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody changed an answer: what it said before, and what it says since."""

    id: int
    key: Key
    field: Field
    before: Said
    after: Said
    at: datetime
    by: str


async def changes(db: Db, case_id: int, now_said: Answers, before: int) -> tuple[list[Change], int | None]:
    """The changes that came before one of them, the latest first, and where the older ones begin, if there are."""
    rows = await db.rows(_LISTED, case_id=case_id, before=before)
    found = []
    for row in rows[:PAGE]:
        key = (row["field"], row["term_id"])
        since = now_said.get(key, NOTHING)
        after = since if row["next_id"] is None else Said(row["next_body"], row["next_direction"])
        old = Said(row["body"], row["direction"])
        found.append(Change(row["id"], key, field_of(key), old, after, row["replaced_at"], row["by"]))
    return found, found[-1].id if len(rows) > PAGE else None


async def revision(db: Db, case_id: int, revision_id: int) -> tuple[Key, Said] | None:
    """What an answer said before this change."""
    row = await db.row(_ONE, case_id=case_id, revision_id=revision_id)
    return None if row is None else ((row["field"], row["term_id"]), Said(row["body"], row["direction"]))


def field_of(key: Key) -> Field:
    return BY_NAME.get(key[0]) or WORDS[key[0]]


def compared(field: Field, old: Said, new: Said, words: Vocabulary, locale: str) -> list[diff.Piece]:
    """What leads from one answer to another: word by word where it was written, line by line where it was chosen."""
    before, after = (readable(field, said, words, locale) for said in (old, new))
    if field.kind not in ("terms", "place", "period", "actors"):
        return diff.words(before, after)
    were, are = before.splitlines(), after.splitlines()
    lines = [diff.Piece("same" if line in are else "removed", line) for line in were]
    lines += [diff.Piece("added", line) for line in are if line not in were]
    # Each on a line of its own.
    return [piece for line in lines for piece in (line, diff.Piece("same", "\n"))][:-1]


def readable(field: Field, said: Said, words: Vocabulary, locale: str) -> str:
    """An answer as people read it: the names of terms instead of their slugs, months in words."""
    match field.kind:
        case "terms" | "place":
            return "\n".join(_term(line, words, locale) for line in said.text.splitlines())
        case "period":
            return _period(said.text, locale)
        case "actors":
            return "\n".join(_actor(line, words, locale) for line in said.text.splitlines())
        case "components" if said.direction:
            return f"{DIRECTION_NAMES[said.direction].in_(locale)}\n{said.text}"
    return said.text


def _term(line: str, words: Vocabulary, locale: str) -> str:
    taxonomy, _slash, slug = line.partition("/")
    return _label(words, taxonomy, slug, locale)


def _label(words: Vocabulary, taxonomy: str, slug: str, locale: str) -> str:
    word = words.find(taxonomy, slug)
    return word.label(locale) if word else slug


def _period(text: str, locale: str) -> str:
    months, _space, progress = text.partition(" ")
    said = [times.month(date.fromisoformat(f"{month}-01"), locale) for month in months.split("..") if month]
    return "\n".join([" – ".join(said), *([PROGRESS_NAMES[progress].in_(locale)] if progress else [])]).strip()


def _actor(line: str, words: Vocabulary, locale: str) -> str:
    role, family, relation, stages = line.rsplit(" | ", 3)
    named = [_label(words, "family", family, locale), role, _label(words, "relation", relation, locale)]
    return ", ".join(part for part in [*named, *(_label(words, "stage", s, locale) for s in stages.split(","))] if part)
