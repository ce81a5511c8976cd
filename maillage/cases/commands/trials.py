"""Telling how somebody else's story went here: a small story of its own, published at once and said to its source."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from maillage.auth.viewer import Viewer
from maillage.cases.commands import starting, states
from maillage.cases.commands.holding import hold
from maillage.cases.models import Case
from maillage.cases.policies import OUTCOME_NAMES
from maillage.cases.policies.answers import Answers, Said
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.queries.door import case_path
from maillage.core import names
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.languages import Text, _
from maillage.forum.commands import posting
from maillage.forum.commands.posting import excerpt
from maillage.forum.models import Space, Thread
from maillage.taxonomies.queries.vocabulary import Vocabulary

_ALREADY = Statement(
    select(Case.id).where(Case.created_by_id == bindparam("person_id"), Case.request_key == bindparam("request_key"))
)
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
    # The slug of a region.
    region: str | None
    texts: dict[str, str]
    stated: frozenset[str] | None


async def tell(
    db: Db,
    *,
    who: Viewer,
    source_id: int,
    trial: Trial,
    words: Vocabulary,
    base_url: str,
    now: datetime,
    today: date,
    request_key: str | None,
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
    title = trial.title or _cut(_(_TITLE.msgid, title=source["title"]).in_(trial.language))
    given: Answers = {(field, None): Said(text) for field, text in trial.texts.items()}
    if trial.region is not None:
        given["regions", None] = Said(f"region/{trial.region}")
    case_id = await starting.start(
        db,
        who=who,
        title=title,
        language=trial.language,
        depth="trial",
        given=given,
        words=words,
        now=now,
        request_key=request_key,
        tried=starting.Tried(source_id, source["visibility"], trial.outcome),
    )
    if trial.stated is not None:
        await _announce(db, who, source, trial, title, f"{base_url}{case_path(case_id, names.slug(title))}", now)
        terms = states.Terms(source["visibility"], "cc-by", contact=False, translation_offered=False)
        await states.publish(
            db,
            who=who,
            case_id=case_id,
            stated=trial.stated,
            terms=terms,
            base_url=base_url,
            now=now,
            today=today,
        )
    return case_id


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
