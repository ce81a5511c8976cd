"""What a story's page shows: the same for all its readers, as a fixed number of questions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ARRAY, String, and_, bindparam, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from maillage.auth.models import Organization, Person
from maillage.cases.models import Case, CaseActor, CaseAuthor, CaseTerm, CaseText
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.policies.template import BY_NAME, TRIAL
from maillage.cases.queries.told import Actor, Hand, Other, Part, Section, StoryPage
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere
from maillage.core.languages import Text

# A story is read in this order, which is not the one in which it is asked for.
_TOLD = (
    *("starting_point", "context", "actors", "people_concerned", "what_we_did", "turning_point"),
    *("what_changed", "empowerment", "unexpected", "lessons", "do_differently"),
    *("resources_used", "tools", "transfer"),
)
LABELS: dict[str, Text] = {name: BY_NAME[name].label for name in _TOLD} | {field.name: field.label for field in TRIAL}
MAX_CHAIN = 6


_Trial = aliased(Case, name="trial")
_Near = aliased(Case, name="near")


def author_name() -> Any:
    """The name under which a row of `case_author` signs, joined with its person."""
    return func.coalesce(func.nullif(CaseAuthor.name, ""), Person.name)


def author_names() -> Any:
    """Those of all who sign a story as its authors, in their order."""
    return (
        select(func.array_agg(aggregate_order_by(author_name(), CaseAuthor.position, CaseAuthor.id)))
        .select_from(CaseAuthor)
        .outerjoin(Person, Person.id == CaseAuthor.person_id)
        .where(
            CaseAuthor.case_id == Case.id,
            CaseAuthor.left_at.is_(None),
            or_(CaseAuthor.kind == "author", CaseAuthor.kind == "coauthor"),
        )
        .scalar_subquery()
    )


def _terms_of(case_id: Any) -> Any:
    return (
        select(func.coalesce(func.array_agg(aggregate_order_by(CaseTerm.term_id, CaseTerm.term_id)), _none("int")))
        .where(CaseTerm.case_id == case_id)
        .scalar_subquery()
    )


def _none(type_: str) -> Any:
    return literal_column(f"'{{}}'::{type_}[]")


_hands = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    author_name(),
                    Person.handle,
                    CaseAuthor.kind,
                    CaseAuthor.concerned,
                    CaseAuthor.relation,
                    Organization.name,
                    Person.closed_at.is_not(None),
                ),
                CaseAuthor.position,
                CaseAuthor.id,
            )
        )
    )
    .select_from(CaseAuthor)
    .outerjoin(Person, Person.id == CaseAuthor.person_id)
    .outerjoin(Organization, Organization.id == CaseAuthor.organization_id)
    .where(CaseAuthor.case_id == Case.id, CaseAuthor.left_at.is_(None), CaseAuthor.kind != "reader")
    .scalar_subquery()
)
_actors = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    CaseActor.family_id, CaseActor.role, CaseActor.relation_id, func.to_jsonb(CaseActor.stage_ids)
                ),
                CaseActor.position,
            )
        )
    )
    .where(CaseActor.case_id == Case.id)
    .scalar_subquery()
)


def published(case: Any) -> Any:
    """The stories that are published, as a WHERE clause."""
    return case.state == func.any(literal(list(PUBLISHED), ARRAY(String)))


def _shown_beside(other: Any) -> Any:
    """The page is the same for all its readers, so it names only stories that all of them may read."""
    return and_(
        other.state == func.any(literal(list(PUBLISHED), ARRAY(String))),
        or_(other.visibility == "public", Case.visibility == "members"),
    )


def _told(other: Any) -> Any:
    return func.jsonb_build_array(
        *(other.id, other.slug, other.title, other.language, other.outcome, other.excerpt, other.published_at),
        func.to_jsonb(_terms_of(other.id)),
    )


_trials = (
    select(func.jsonb_agg(aggregate_order_by(_told(_Trial), _Trial.published_at.desc(), _Trial.id.desc())))
    .where(_Trial.source_id == Case.id, _shown_beside(_Trial))
    .scalar_subquery()
)
_HEAD = Statement(
    select(
        Case,
        _terms_of(Case.id).label("term_ids"),
        _hands.label("hands"),
        _actors.label("actors"),
        _trials.label("trials"),
    )
    .where(Case.id == func.any(bindparam("ids")))
    .order_by(Case.id)
)
_TEXTS = Statement(
    select(
        CaseText.case_id,
        CaseText.field,
        CaseText.term_id,
        CaseText.body_md,
        CaseText.body_html,
        CaseText.render_version,
        CaseText.direction,
    )
    .where(CaseText.case_id == func.any(bindparam("ids")))
    .order_by(CaseText.case_id, CaseText.id)
)
# From a story to what it was tried from, and on: stops at what it has seen, at what not all of its readers may read,
# and at `MAX_CHAIN`.
_CHAIN = Statement(
    """
    WITH RECURSIVE up (id, source_id, seen, step) AS (
        SELECT id, source_id, ARRAY[id], 0 FROM practice_case WHERE id = $1
        UNION ALL
        SELECT source.id, source.source_id, up.seen || source.id, up.step + 1
          FROM up JOIN practice_case AS source ON source.id = up.source_id
         WHERE up.step < $3 AND source.id <> ALL(up.seen) AND source.state IN ('published', 'to_revise')
           AND (source.visibility = 'public' OR $2 = 'members'))
    SELECT story.id, story.slug, story.title, story.language, story.published_at
      FROM up JOIN practice_case AS story USING (id) WHERE step > 0 ORDER BY step
    """,
    ("case_id", "visibility", "most"),
)


async def story_page(db: Db, case_id: int) -> tuple[StoryPage, list[Row]]:
    """A story that the caller came to through its door: two questions, and a third where it was tried from another.

    The rows of its texts come too, so that the caller can see which of them were rendered by an older version.
    """
    found = await story_pages(db, [case_id])
    if not found:
        raise NotHere
    return found[0]


async def story_pages(db: Db, case_ids: Sequence[int]) -> list[tuple[StoryPage, list[Row]]]:
    """Several at once, in the order of their numbers; whether they may be read is the caller's to ask."""
    heads = await db.rows(_HEAD, ids=list(case_ids))
    texts: defaultdict[int, list[Row]] = defaultdict(list)
    for row in await db.rows(_TEXTS, ids=list(case_ids)):
        texts[row["case_id"]].append(row)
    pages = []
    for head in heads:
        chain: Sequence[Row] = ()
        if head["source_id"] is not None:
            chain = await db.rows(_CHAIN, case_id=head["id"], visibility=head["visibility"], most=MAX_CHAIN)
        pages.append((_page(head, texts[head["id"]], chain), texts[head["id"]]))
    return pages


def _page(head: Row, rows: Sequence[Row], chain: Sequence[Row]) -> StoryPage:
    hands = [_hand(*given) for given in head["hands"] or ()]
    texts = {row["field"]: _part(row) for row in rows if row["term_id"] is None and row["body_md"].strip()}
    return StoryPage(
        **{name: head[name] for name in _COPIED},
        term_ids=tuple(head["term_ids"]),
        texts=texts,
        sections=tuple(_sections(head, rows, texts)),
        authors=tuple(hand for hand in hands if hand.kind in ("author", "coauthor")),
        validators=tuple(hand for hand in hands if hand.kind == "validator"),
        chain=tuple(
            Other(row["id"], row["slug"], row["title"], row["language"], None, "", row["published_at"], ())
            for row in chain
        ),
        trials=tuple(_other(*given) for given in head["trials"] or ()),
    )


_COPIED = (
    *("id", "slug", "title", "language", "depth", "state", "visibility", "locality", "scale_id"),
    *("began_on", "ended_on", "progress", "licence", "contact", "translation_offered", "excerpt"),
    *("changed_at", "published_at", "outcome", "thread_id"),
)


def _sections(head: Row, rows: Sequence[Row], texts: dict[str, Part]) -> list[Section]:
    names = [field.name for field in TRIAL] if head["depth"] == "trial" else _TOLD
    found = []
    for name in names:
        parts = tuple(_part(row) for row in rows if row["field"] == name and row["term_id"] is not None)
        actors = tuple(_actor(*given) for given in head["actors"] or ()) if name == "actors" else ()
        words = texts.get(name)
        if words or parts or actors:
            html, source = (words.html, words.source) if words else (None, "")
            found.append(Section(name, LABELS[name], html, source, parts, actors))
    return found


def _part(row: Row) -> Part:
    html = Markup(row["body_html"])  # noqa: S704 — sanitized when it was written
    return Part(row["term_id"], html, row["body_md"], row["direction"])


def _hand(
    name: str,
    handle: str | None,
    kind: str,
    concerned: bool,
    relation: str | None,
    organization: str | None,
    closed: bool,
) -> Hand:
    return Hand(name, None if closed else handle, kind, concerned, relation, organization)


def _actor(family_id: int, role: str, relation_id: int | None, stage_ids: list[int]) -> Actor:
    return Actor(family_id, role, relation_id, tuple(stage_ids))


def _other(
    id_: int, slug: str, title: str, language: str, outcome: str, excerpt: str, published_at: str, terms: list[int]
) -> Other:
    return Other(id_, slug, title, language, outcome, excerpt, datetime.fromisoformat(published_at), tuple(terms))
