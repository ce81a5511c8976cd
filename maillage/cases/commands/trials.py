"""Telling how somebody else's story went here: a small story of its own, published at once and said to its source."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from maillage.auth.viewer import Viewer
from maillage.cases.commands import states, telling
from maillage.cases.commands.holding import hold
from maillage.cases.commands.rendering import RENDER_VERSION, rendered
from maillage.cases.models import Case, CaseAuthor, CaseTerm, CaseText
from maillage.cases.policies import OUTCOME_NAMES
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries.door import case_path
from maillage.core import names
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import Text, _
from maillage.forum.commands import posting
from maillage.forum.commands.posting import excerpt
from maillage.forum.models import Space, Thread

_ALREADY = Statement(
    select(Case.id).where(Case.created_by_id == bindparam("person_id"), Case.request_key == bindparam("request_key"))
)
_columns = (
    "title",
    "slug",
    "language",
    "visibility",
    "excerpt",
    "created_by_id",
    "source_id",
    "outcome",
    "request_key",
)
_ADD = Statement(
    insert(Case)
    .values(
        {name: bindparam(name) for name in _columns}
        | {"depth": "trial", "created_at": bindparam("now"), "changed_at": bindparam("now")}
    )
    .returning(Case.id)
)
_ADD_AUTHOR = Statement(
    insert(CaseAuthor)
    .values(
        case_id=bindparam("case_id"),
        person_id=bindparam("person_id"),
        kind="author",
        relation=bindparam("relation"),
        organization_id=bindparam("organization_id"),
    )
    .returning(CaseAuthor.id)
)
_ADD_TEXT = Statement(
    insert(CaseText).values(
        case_id=bindparam("case_id"),
        field=bindparam("field"),
        body_md=bindparam("source"),
        body_html=bindparam("html"),
        render_version=RENDER_VERSION,
        updated_at=bindparam("now"),
        updated_by_id=bindparam("author_id"),
    )
)
_ADD_TERM = Statement(insert(CaseTerm).values(case_id=bindparam("case_id"), term_id=bindparam("term_id")))
_DISCUSSION = Statement(
    select(Space.visibility).join(Thread, Thread.space_id == Space.id).where(Thread.id == bindparam("thread_id"))
)
_TITLE = _("Tried here: %(title)s")
_SAID = _("We tried it too. %(outcome)s: %(link)s")
_TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody tells of it. `stated` are the statements that she ticked; None keeps it as a draft."""

    title: str
    language: str
    outcome: str
    region_id: int | None
    texts: dict[str, str]
    stated: frozenset[str] | None


async def tell(
    db: Db, *, who: Viewer, source_id: int, trial: Trial, base_url: str, now: datetime, request_key: str | None
) -> int:
    """Write a trial of a story and return its number. Published at once, through the same gate as any story.

    Raises `Refused` when the story that was tried is no longer published, or when the gate says no.
    """
    source = await hold(db, source_id)
    # Asked while the source is held: of the same form sent twice, the second waits here and then finds the first.
    if request_key and (already := await db.value(_ALREADY, person_id=who.id, request_key=request_key)):
        return int(already)
    if source["state"] not in PUBLISHED:
        raise Refused(_("This story has been taken off line while you were writing."))
    case_id, title = await _written(db, who, source, trial, now, request_key)
    await telling.note(
        db, case_id=case_id, person_id=who.id, from_state=None, to_state="draft", cause="started", now=now
    )
    if trial.stated is not None:
        await _announce(db, who, source, trial, title, f"{base_url}{case_path(case_id, names.slug(title))}", now)
        terms = states.Terms(source["visibility"], "cc-by", contact=False, translation_offered=False)
        await states.publish(db, who=who, case_id=case_id, stated=trial.stated, terms=terms, base_url=base_url, now=now)
    return case_id


async def _written(
    db: Db, who: Viewer, source: Row, trial: Trial, now: datetime, request_key: str | None
) -> tuple[int, str]:
    title = trial.title or _cut(_(_TITLE.msgid, title=source["title"]).in_(trial.language))
    visibility: str = source["visibility"]
    html, plain = {}, ""
    for field, words in trial.texts.items():
        html[field], plain = await rendered(
            db, source=words, field=field, language=trial.language, visibility=visibility
        )
    case_id: int = await db.value(
        _ADD,
        title=title,
        slug=names.slug(title),
        language=trial.language,
        visibility=visibility,
        excerpt=excerpt(plain),
        created_by_id=who.id,
        source_id=source["id"],
        outcome=trial.outcome,
        request_key=request_key,
        now=now,
    )
    author_id = await db.value(
        _ADD_AUTHOR,
        case_id=case_id,
        person_id=who.id,
        relation=who.relation,
        organization_id=who.organization_id,
    )
    for field, words in trial.texts.items():
        await db.run(
            _ADD_TEXT, case_id=case_id, field=field, source=words, html=html[field], author_id=author_id, now=now
        )
    if trial.region_id is not None:
        await db.run(_ADD_TERM, case_id=case_id, term_id=trial.region_id)
    return case_id, title


async def _announce(db: Db, who: Viewer, source: Row, trial: Trial, title: str, address: str, now: datetime) -> None:
    """Say it in the discussion of the source, where those who follow it will see it. A locked one stays quiet."""
    if source["thread_id"] is None:
        return
    visibility = await db.value(_DISCUSSION, thread_id=source["thread_id"])
    link = f"[{title.translate(_BRACKETS)}]({address})"
    said: Text = _(_SAID.msgid, outcome=OUTCOME_NAMES[trial.outcome], link=link)
    try:
        await posting.reply(
            db,
            who=who,
            thread_id=source["thread_id"],
            parent_seq=1,
            visibility=visibility,
            body=f"{said.in_(trial.language)}\n\n> {excerpt(trial.texts['what_happened'])}",
            language=trial.language,
            now=now,
        )
    except Refused:
        return


# Those would end the words of a link too early.
_BRACKETS = str.maketrans("[]\\", "()/")


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1].rstrip() + "…"
