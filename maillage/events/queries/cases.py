"""Stories at gatherings, from both sides: those of a gathering, and the gatherings of a story."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, String, and_, bindparam, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from maillage.auth.models import Person
from maillage.auth.viewer import Viewer, Who
from maillage.cases.models import Case, CaseAuthor
from maillage.cases.occasions import Line
from maillage.cases.queries.door import case_path
from maillage.cases.queries.shown import author_names, published
from maillage.core.db import Db, Row, Statement
from maillage.events.models import EventSession, Gathering, GatheringCase, Occurrence
from maillage.events.policies import Standing, may_read
from maillage.events.policies.cases import SAID_OF_GATHERINGS, shown
from maillage.events.queries.door import gathering_path


def _stories(*more: Any) -> Select[Any]:
    return (
        select(
            GatheringCase.state,
            GatheringCase.position,
            Case.id,
            Case.slug,
            Case.title,
            Case.language,
            Case.excerpt,
            Case.visibility,
            author_names().label("authors"),
            *more,
        )
        .join(Case, Case.id == GatheringCase.case_id)
        .where(GatheringCase.gathering_id == bindparam("gathering_id"))
        .order_by(GatheringCase.position, GatheringCase.created_at, Case.id)
    )


# The page is the same for all of its readers, so it names only stories that all of them may read.
_OF_PAGE = Statement(
    _stories()
    .join(Gathering, Gathering.id == GatheringCase.gathering_id)
    .where(shown(), published(Case), or_(Case.visibility == "public", Gathering.visibility == "members"))
)
_BROUGHT = Statement(
    _stories(GatheringCase.note, GatheringCase.proposed_by_id, Person.name.label("proposed_by"))
    .outerjoin(Person, Person.id == GatheringCase.proposed_by_id)
    # Whoever is signed in reads the same of them.
    .where(published(Case))
)
_MINE = Statement(
    select(Case.id, Case.title)
    .join(CaseAuthor, CaseAuthor.case_id == Case.id)
    .where(
        CaseAuthor.person_id == bindparam("whose"),
        CaseAuthor.left_at.is_(None),
        or_(CaseAuthor.kind == "author", CaseAuthor.kind == "coauthor"),
        published(Case),
        ~exists().where(GatheringCase.gathering_id == bindparam("gathering_id"), GatheringCase.case_id == Case.id),
    )
    .order_by(Case.published_at.desc(), Case.id.desc())
    .limit(200)
)
_BEGUN = Statement(
    select(Case.id, Case.slug, Case.title, Case.language, Case.state)
    .join(GatheringCase, GatheringCase.case_id == Case.id)
    .join(CaseAuthor, and_(CaseAuthor.case_id == Case.id, CaseAuthor.left_at.is_(None)))
    .where(
        GatheringCase.gathering_id == bindparam("gathering_id"),
        GatheringCase.came_of_it,
        CaseAuthor.person_id == bindparam("whose"),
        Case.state != "withdrawn",
    )
    .order_by(Case.id)
    .limit(20)
)
_first_day = (
    select(cast(func.min(EventSession.local_start), Date))
    .join(Occurrence, Occurrence.id == EventSession.occurrence_id)
    .where(Occurrence.gathering_id == Gathering.id, Occurrence.state == "scheduled")
    .scalar_subquery()
)
# At which gatherings the story of the query in which it stands is shown: all that could have to be said of them.
FOUND = (
    select(
        cast(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_array(
                        GatheringCase.state,
                        *(Gathering.id, Gathering.slug, Gathering.title, Gathering.language),
                        *(Gathering.state, Gathering.visibility, _first_day),
                    ),
                    Gathering.id,
                )
            ),
            String,
        )
    )
    .select_from(GatheringCase)
    .join(Gathering, Gathering.id == GatheringCase.gathering_id)
    .where(GatheringCase.case_id == Case.id, shown(), Gathering.state == "published")
    .correlate(Case)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Story:
    """A story that was brought to a gathering. `note` and what follows are for those who see proposals."""

    id: int
    title: str
    language: str
    path: str
    excerpt: str
    visibility: str
    authors: Sequence[str]
    state: str
    note: str = ""
    proposed_by_id: int | None = None
    proposed_by: str = ""


def _story(row: Row, **more: Any) -> Story:
    return Story(
        row["id"],
        row["title"],
        row["language"],
        case_path(row["id"], row["slug"]),
        row["excerpt"],
        row["visibility"],
        row["authors"] or (),
        row["state"],
        **more,
    )


async def of_page(db: Db, gathering_id: int) -> list[Story]:
    """Those that all readers of the gathering's page may read, in their order."""
    return [_story(row) for row in await db.rows(_OF_PAGE, gathering_id=gathering_id)]


async def brought(db: Db, gathering_id: int) -> list[Story]:
    """All of those that are published, for somebody signed in; what she may know of which is the caller's to ask."""
    return [
        _story(row, note=row["note"], proposed_by_id=row["proposed_by_id"], proposed_by=row["proposed_by"] or "")
        for row in await db.rows(_BROUGHT, gathering_id=gathering_id)
    ]


async def mine(db: Db, gathering_id: int, who: Viewer) -> Sequence[Row]:
    """Her published stories that nobody has brought yet."""
    return await db.rows(_MINE, gathering_id=gathering_id, whose=who.id)


async def begun(db: Db, gathering_id: int, who: Viewer) -> Sequence[Row]:
    """The stories that she began with what the gathering changed."""
    return await db.rows(_BEGUN, gathering_id=gathering_id, whose=who.id)


def occasions(who: Who, found: str) -> list[Line]:
    """What `FOUND` found, as far as this reader may know of these gatherings."""
    lines = []
    for said, id_, slug, title, language, state, visibility, day in json.loads(found):
        if may_read(who, Standing(id_, state, visibility, "", frozenset())):
            on = date.fromisoformat(day) if day else None
            lines.append(Line(SAID_OF_GATHERINGS[said], title, gathering_path(id_, slug), language, on))
    return lines
