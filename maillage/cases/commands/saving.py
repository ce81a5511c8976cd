"""Saving answers: what others wrote in the meantime is put together with it, or shown beside it; never lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from maillage.cases.commands.attaching import keep_files
from maillage.cases.commands.facts import write
from maillage.cases.commands.holding import hold, say_to_lists, touch
from maillage.cases.commands.outdating import outdate
from maillage.cases.models import Case, CaseAuthor, CaseRevision
from maillage.cases.policies import Hand, Standing, may_edit
from maillage.cases.policies.answers import NOTHING, Answers, Key, Said, Seen, merged
from maillage.cases.policies.gate import obstacles
from maillage.cases.policies.rules import PUBLISHED
from maillage.cases.policies.template import BY_NAME, WORDS, Field
from maillage.cases.queries import desk, gate
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import Refused
from maillage.core.files.shown import SCHEME
from maillage.core.languages import Text
from maillage.taxonomies.queries.vocabulary import Vocabulary

_STILL = Statement(
    select(CaseAuthor.kind).where(
        CaseAuthor.id == bindparam("author_id"),
        CaseAuthor.case_id == bindparam("case_id"),
        CaseAuthor.left_at.is_(None),
    )
)
_KEEP_OLD = Statement(
    insert(CaseRevision).values(
        case_id=bindparam("case_id"),
        field=bindparam("field"),
        term_id=bindparam("term_id"),
        body=bindparam("body"),
        direction=bindparam("direction"),
        replaced_at=bindparam("now"),
        replaced_by_id=bindparam("by"),
    )
)
_SINCE = Statement(
    select(CaseRevision.id, CaseRevision.field, CaseRevision.term_id, CaseRevision.body, CaseRevision.direction)
    .where(CaseRevision.case_id == bindparam("case_id"), CaseRevision.id > bindparam("after"))
    .order_by(CaseRevision.id)
)
_DEPTH = Statement(update(Case).where(Case.id == bindparam("of")).values(depth=bindparam("new_depth")))
_LANGUAGE = Statement(update(Case).where(Case.id == bindparam("of")).values(language=bindparam("new_language")))


@dataclass(frozen=True, slots=True)
class Clash:
    """Two people changed the same words: what the other one's say now, and hers."""

    key: Key
    theirs: Said
    hers: Said


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it. `clashes` were not saved; of `withdrawn`, because somebody's name was taken out meanwhile."""

    clashes: tuple[Clash, ...]
    withdrawn: bool


async def save(
    db: Db,
    *,
    hand: Hand,
    case_id: int,
    given: Answers,
    seen: Mapping[str, Seen],
    words: Vocabulary,
    now: datetime,
) -> Saved:
    """Save answers. `seen` says of each field how far the story had come when the form was filled.

    Of a story that is published, nothing may be saved that would have kept it from being published: `Refused`.
    """
    case = await held(db, hand=hand, case_id=case_id)
    told = await desk.told(db, case_id, words)
    bases = await _as_seen(db, case_id, seen)
    clashes: list[Clash] = []
    changes: Answers = {}
    withdrawn = False
    for key, hers in given.items():
        field, theirs = _field(key), told.answers.get(key, NOTHING)
        if hers == theirs:
            continue
        if seen.get(key[0], Seen()).withdrawals < told.seen.withdrawals and not _chosen(field):
            # What she typed may hold the name of somebody who has taken it back since.
            withdrawn = True
            clashes.append(Clash(key, theirs, hers))
            continue
        both = merged(field, bases.get(key, theirs), theirs, hers)
        if both is None or (key[0] == "title" and not both.text):
            clashes.append(Clash(key, theirs, hers))
        elif both != theirs:
            changes[key] = both
    await _change(db, case, hand, told, changes, words, now)
    return Saved(tuple(clashes), withdrawn)


async def held(db: Db, *, hand: Hand, case_id: int) -> Row:
    """Hold a story for somebody to write in it, if she still may."""
    case = await hold(db, case_id)
    kind = await db.value(_STILL, author_id=hand.author_id, case_id=case_id)
    mine = Hand(hand.author_id, kind, hand.name) if kind else None
    answer = may_edit(Standing(case_id, case["state"], case["visibility"], case["depth"], mine))
    if answer.why is not None:
        raise Refused(answer.why)
    return case


def _field(key: Key) -> Field:
    return BY_NAME.get(key[0]) or WORDS[key[0]]


def _chosen(field: Field) -> bool:
    """Whether its answer is chosen rather than typed: no name can be in it."""
    return field.kind in ("terms", "period")


async def _as_seen(db: Db, case_id: int, seen: Mapping[str, Seen]) -> Answers:
    """What the fields that changed since said when the form was filled."""
    after = min((one.revision for one in seen.values()), default=0)
    bases: Answers = {}
    for row in await db.rows(_SINCE, case_id=case_id, after=after):
        key = (row["field"], row["term_id"])
        if row["id"] > seen.get(row["field"], Seen()).revision and key not in bases:
            bases[key] = Said(row["body"], row["direction"])
    return bases


async def _change(
    db: Db, case: Row, hand: Hand, told: desk.Told, changes: Answers, words: Vocabulary, now: datetime
) -> None:
    if not changes:
        return
    public = case["state"] in PUBLISHED
    before = await _in_the_way(db, case["id"], now) if public else []
    for key, said in changes.items():
        old = told.answers.get(key, NOTHING)
        await db.run(
            _KEEP_OLD,
            case_id=case["id"],
            field=key[0],
            term_id=key[1],
            body=old.text,
            direction=old.direction,
            now=now,
            by=hand.author_id,
        )
        await write(db, case=case, by=hand.author_id, field=_field(key), key=key, said=said, words=words, now=now)
    if any(SCHEME in said.text or SCHEME in told.answers.get(key, NOTHING).text for key, said in changes.items()):
        await keep_files(db, case_id=case["id"], author_id=hand.author_id, now=now)
    if public:
        await _still_publishable(db, case["id"], before, now)
    await touch(db, case_id=case["id"], now=now)
    if public and any(_is_listed(key) for key in changes):
        await say_to_lists(db, case_id=case["id"])


def _is_listed(key: Key) -> bool:
    """Whether a list of stories could show the change."""
    return key[0] in ("summary", "summary_other") or _field(key).kind != "prose"


async def _in_the_way(db: Db, case_id: int, now: datetime) -> list[Text]:
    # No edit ends a consent: any day will do, if it is the same before and after.
    return [obstacle.why for obstacle in obstacles(await gate.facts(db, case_id), now.date())]


async def _still_publishable(db: Db, case_id: int, before: list[Text], now: datetime) -> None:
    for why in await _in_the_way(db, case_id, now):
        if why not in before:
            raise Refused(why)


async def reshape(db: Db, *, hand: Hand, case_id: int, depth: str, language: str, now: datetime) -> None:
    """Ask more of a story, or less, and say what language it is in. No answer goes: what is not asked is not shown."""
    case = await held(db, hand=hand, case_id=case_id)
    public = case["state"] in PUBLISHED
    before = await _in_the_way(db, case_id, now) if public else []
    if depth != case["depth"]:
        await db.run(_DEPTH, of=case_id, new_depth=depth)
        if public:
            await _still_publishable(db, case_id, before, now)
    if language != case["language"]:
        await db.run(_LANGUAGE, of=case_id, new_language=language)
        await outdate(db, case_id=case_id)
    await touch(db, case_id=case_id, now=now)
    if public:
        await say_to_lists(db, case_id=case_id)
