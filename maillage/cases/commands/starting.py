"""Starting a story: a title is enough."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from maillage.auth.viewer import Viewer
from maillage.cases.commands.saving import save
from maillage.cases.commands.telling import note
from maillage.cases.models import Case, CaseAuthor
from maillage.cases.policies import Hand
from maillage.cases.policies.answers import Answers
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.taxonomies.queries.vocabulary import Vocabulary

_START = Statement(
    upsert(Case)
    .values(
        title=bindparam("title"),
        slug=bindparam("slug"),
        language=bindparam("language"),
        depth=bindparam("depth"),
        visibility=bindparam("visibility"),
        created_by_id=bindparam("by"),
        created_at=bindparam("now"),
        changed_at=bindparam("now"),
        born_of_id=bindparam("born_of_id", type_=Case.born_of_id.type),
        source_id=bindparam("source_id", type_=Case.source_id.type),
        outcome=bindparam("outcome", type_=Case.outcome.type),
        request_key=bindparam("request_key", type_=Case.request_key.type),
    )
    .on_conflict_do_nothing(
        index_elements=[Case.created_by_id, Case.request_key], index_where=Case.request_key.is_not(None)
    )
    .returning(Case.id)
)
_STARTED = Statement(
    select(Case.id).where(Case.created_by_id == bindparam("by"), Case.request_key == bindparam("request_key"))
)
_AUTHOR = Statement(
    insert(CaseAuthor)
    .values(
        case_id=bindparam("case_id"),
        person_id=bindparam("person_id"),
        kind=bindparam("kind"),
        relation=bindparam("relation", type_=CaseAuthor.relation.type),
        organization_id=bindparam("organization_id", type_=CaseAuthor.organization_id.type),
        position=bindparam("position"),
        created_at=bindparam("now"),
    )
    .returning(CaseAuthor.id)
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The message that a story grows from, whose it is, and for whom its author spoke."""

    post_id: int
    author_id: int
    visibility: str
    relation: str | None
    organization_id: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """The story that was tried again, who may read it, and what came of it."""

    source_id: int
    visibility: str
    outcome: str


async def start(
    db: Db,
    *,
    who: Viewer,
    title: str,
    language: str,
    depth: str,
    given: Answers,
    words: Vocabulary,
    now: datetime,
    request_key: str | None = None,
    origin: Origin | None = None,
    tried: Tried | None = None,
    readers: str = "public",
) -> int:
    """Start a draft; the same `request_key` again is the same story. Returns its number.

    `readers` are those to whom it is offered when it comes from nothing that was said here.

    A message that somebody else wrote stays hers: she answers for the story, `who` writes it with her.
    """
    case_id: int | None = await db.value(
        _START,
        title=title,
        slug=names.slug(title),
        language=language,
        depth=depth,
        visibility=origin.visibility if origin else tried.visibility if tried else readers,
        by=who.id,
        now=now,
        born_of_id=origin.post_id if origin else None,
        source_id=tried.source_id if tried else None,
        outcome=tried.outcome if tried else None,
        request_key=request_key,
    )
    if case_id is None:
        earlier: int = await db.value(_STARTED, by=who.id, request_key=request_key)
        return earlier
    theirs = origin is not None and origin.author_id != who.id
    if theirs:
        assert origin is not None  # noqa: S101 — just asked
        await db.value(
            _AUTHOR,
            case_id=case_id,
            person_id=origin.author_id,
            kind="author",
            relation=origin.relation,
            organization_id=origin.organization_id,
            position=0,
            now=now,
        )
    author_id = await db.value(
        _AUTHOR,
        case_id=case_id,
        person_id=who.id,
        kind="coauthor" if theirs else "author",
        relation=who.relation,
        organization_id=who.organization_id,
        position=int(theirs),
        now=now,
    )
    hand = Hand(author_id, "coauthor" if theirs else "author", who.name)
    await save(db, hand=hand, case_id=case_id, given=given, seen={}, words=words, now=now)
    await note(
        db,
        case_id=case_id,
        person_id=who.id,
        from_state=None,
        to_state="draft",
        cause="promoted" if origin else "started",
        now=now,
    )
    return case_id
