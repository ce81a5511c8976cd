"""What a story says now, as its authors see it: every answer as text, what each is typing, and who is here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import aliased

from maillage.auth.models import Person
from maillage.cases.models import (
    Case,
    CaseActor,
    CaseAuthor,
    CaseDraft,
    CasePerson,
    CasePresence,
    CaseRemark,
    CaseRevision,
    CaseTerm,
    CaseText,
)
from maillage.cases.policies.answers import Answers, Said, Seen
from maillage.cases.policies.template import FIELDS
from maillage.cases.queries.shown import author_name
from maillage.core.db import Db, Row, Statement
from maillage.taxonomies.queries.vocabulary import Vocabulary

# After that, somebody who has not been heard of is no longer here.
HERE_FOR = timedelta(seconds=60)

_Beside = aliased(Case, name="beside")
# How many people have withdrawn from a story, what it was tried from and what was tried from it: their names were taken
# out of all of these.
_withdrawals = (
    select(func.count())
    .select_from(CasePerson)
    .join(_Beside, _Beside.id == CasePerson.case_id)
    .where(
        CasePerson.choice == "retire",
        or_(_Beside.id == Case.id, _Beside.source_id == Case.id, _Beside.id == Case.source_id),
    )
    .correlate(Case)
    .scalar_subquery()
)
_FACTS = Statement(
    select(
        Case.title,
        Case.language,
        Case.depth,
        Case.scale_id,
        Case.locality,
        Case.began_on,
        Case.ended_on,
        Case.progress,
        Case.born_of_id,
        select(func.array_agg(CaseTerm.term_id)).where(CaseTerm.case_id == Case.id).scalar_subquery().label("terms"),
        select(func.coalesce(func.max(CaseRevision.id), 0))
        .where(CaseRevision.case_id == Case.id)
        .scalar_subquery()
        .label("revision"),
        _withdrawals.label("withdrawals"),
    ).where(Case.id == bindparam("case_id"))
)
_WITHDRAWALS = Statement(select(_withdrawals).where(Case.id == bindparam("case_id")))
_TEXTS = Statement(
    select(CaseText.field, CaseText.term_id, CaseText.body_md, CaseText.direction).where(
        CaseText.case_id == bindparam("case_id")
    )
)
_ACTORS = Statement(
    select(CaseActor.family_id, CaseActor.role, CaseActor.relation_id, CaseActor.stage_ids)
    .where(CaseActor.case_id == bindparam("case_id"))
    .order_by(CaseActor.position)
)
_DRAFTS = Statement(
    select(CaseDraft.section, CaseDraft.sequence, CaseDraft.fields, CaseDraft.updated_at).where(
        CaseDraft.case_id == bindparam("case_id"), CaseDraft.author_id == bindparam("author_id")
    )
)
_HERE = Statement(
    select(CasePresence.section, author_name().label("name"), CasePresence.seen_at)
    .join(CaseAuthor, CaseAuthor.id == CasePresence.author_id)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .where(
        CasePresence.case_id == bindparam("case_id"),
        CasePresence.author_id != bindparam("author_id"),
        CasePresence.seen_at > bindparam("since"),
        CaseAuthor.left_at.is_(None),
    )
    .order_by(CasePresence.author_id)
)
_REMARKS = Statement(
    select(CaseRemark.field, func.count())
    .where(CaseRemark.case_id == bindparam("case_id"), CaseRemark.settled_at.is_(None))
    .group_by(CaseRemark.field)
)


@dataclass(frozen=True, slots=True)
class Told:
    """A story as text, and how far it had come when it was read."""

    answers: Answers
    seen: Seen
    depth: str
    language: str
    born_of_id: int | None

    def of(self, field: str) -> Answers:
        return {key: said for key, said in self.answers.items() if key[0] == field}

    @property
    def answered(self) -> frozenset[str]:
        return frozenset(field for (field, _term), said in self.answers.items() if said.text.strip())


@dataclass(frozen=True, slots=True)
class Draft:
    """What she was typing into a section, as the form sends it."""

    sequence: int
    # Empty: it was saved, or thrown away; its number stays.
    fields: dict[str, list[str]]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody else who is writing now."""

    section: str
    name: str
    seen_at: datetime


async def withdrawals(db: Db, case_id: int) -> int:
    """How many people have withdrawn from it, or from a story one step away."""
    found: int = await db.value(_WITHDRAWALS, case_id=case_id)
    return found


async def told(db: Db, case_id: int, words: Vocabulary) -> Told:
    """Every answer of a story that the caller came to through its door."""
    facts = await db.row(_FACTS, case_id=case_id)
    assert facts is not None  # noqa: S101 — as above
    answers = {
        (row["field"], row["term_id"]): Said(row["body_md"], row["direction"])
        for row in await db.rows(_TEXTS, case_id=case_id)
    }
    answers["title", None] = Said(facts["title"])
    chosen = set(facts["terms"] or ())
    for field in FIELDS:
        if field.kind in ("terms", "place"):
            lines = list(_chosen(field.taxonomies, chosen, words))
            if field.kind == "place":
                lines += _place(facts, words)
            answers[field.name, None] = Said("\n".join(lines))
    answers["period", None] = Said(period_text(facts["began_on"], facts["ended_on"], facts["progress"]))
    actors = await db.rows(_ACTORS, case_id=case_id)
    answers["actors", None] = Said("\n".join(_actor(row, words) for row in actors))
    return Told(
        {key: said for key, said in answers.items() if said.text},
        Seen(facts["revision"], facts["withdrawals"]),
        facts["depth"],
        facts["language"],
        facts["born_of_id"],
    )


def _chosen(taxonomies: Iterable[str], chosen: set[int], words: Vocabulary) -> Iterable[str]:
    for taxonomy in taxonomies:
        yield from (f"{taxonomy}/{word.slug}" for word in words.lists.get(taxonomy, ()) if word.id in chosen)


def _place(facts: Row, words: Vocabulary) -> list[str]:
    scale = [f"scale/{words.by_id[facts['scale_id']].slug}"] if facts["scale_id"] else []
    return scale + ([f"locality/{facts['locality']}"] if facts["locality"] else [])


def period_text(began: date | None, ended: date | None, progress: str | None) -> str:
    """« 2023-04..2024-06 ended »: empty when nothing of it is said."""
    months = "..".join(day.strftime("%Y-%m") if day else "" for day in (began, ended))
    return f"{months} {progress or ''}".strip() if began or ended or progress else ""


def _actor(row: Row, words: Vocabulary) -> str:
    relation = words.by_id[row["relation_id"]].slug if row["relation_id"] else ""
    stages = ",".join(words.by_id[id_].slug for id_ in row["stage_ids"])
    return actor_text(row["role"], words.by_id[row["family_id"]].slug, relation, stages)


def actor_text(role: str, family: str, relation: str, stages: str) -> str:
    return f"{role} | {family} | {relation} | {stages}"


async def drafts(db: Db, case_id: int, author_id: int) -> dict[str, Draft]:
    """What she was typing and has not saved, by section."""
    return {
        row["section"]: Draft(row["sequence"], row["fields"], row["updated_at"])
        for row in await db.rows(_DRAFTS, case_id=case_id, author_id=author_id)
    }


async def others_here(db: Db, case_id: int, author_id: int, now: datetime) -> list[Here]:
    """Who else is writing in this story now, and where."""
    return [Here(**row) for row in await db.rows(_HERE, case_id=case_id, author_id=author_id, since=now - HERE_FOR)]


async def open_remarks(db: Db, case_id: int) -> dict[str, int]:
    """How many remarks wait for an answer, by field."""
    rows: list[Any] = await db.rows(_REMARKS, case_id=case_id)
    return {row[0]: row[1] for row in rows}
