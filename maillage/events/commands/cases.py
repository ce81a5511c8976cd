"""Bringing stories to a gathering, and what its organizers make of them. The gathering is held first, as everywhere."""

from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from maillage.auth.viewer import Viewer
from maillage.cases.commands import starting
from maillage.cases.commands.telling import writers
from maillage.cases.models import Case
from maillage.cases.policies.answers import Answers
from maillage.cases.queries.shown import published
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.events.commands.asking import sure
from maillage.events.commands.holding import hold, touch
from maillage.events.models import GatheringCase
from maillage.events.policies.cases import MOST_WAITING, may_decide, may_show
from maillage.events.queries import cases as queries
from maillage.events.queries.hands import organizers
from maillage.events.queries.times import dates_of
from maillage.notices.commands import tell
from maillage.taxonomies.queries.vocabulary import Vocabulary

TOO_MANY = _("You have proposed enough stories for this gathering: its organizers will look at them.")
_NOT_PUBLISHED = _("This story is not published any more.")
_HERS = (GatheringCase.gathering_id == bindparam("of_gathering"), GatheringCase.case_id == bindparam("of_case"))
_ADD = Statement(
    insert(GatheringCase)
    .values(
        {
            name: bindparam(name, type_=GatheringCase.__table__.c[name].type)
            for name in ("gathering_id", "case_id", "state", "came_of_it", "note", "proposed_by_id")
        }
        | {"created_at": bindparam("now"), "changed_at": bindparam("now")}
    )
    .on_conflict_do_nothing()
)
_WAITING = Statement(
    select(func.count()).where(
        GatheringCase.gathering_id == bindparam("of_gathering"),
        GatheringCase.proposed_by_id == bindparam("whose"),
        GatheringCase.state == "proposed",
    )
)
_STANDS = Statement(
    select(
        GatheringCase.state,
        GatheringCase.came_of_it,
        GatheringCase.proposed_by_id,
        Case.visibility,
        published(Case).label("published"),
    )
    .join(Case, Case.id == GatheringCase.case_id)
    .where(*_HERS)
)
_There = aliased(GatheringCase)
_GO = Statement(
    update(GatheringCase)
    .where(*_HERS)
    .values(
        state=bindparam("to"),
        changed_at=bindparam("now"),
        # One that comes to the page comes after those that are there, one that is there keeps its place.
        position=case(
            (
                or_(GatheringCase.state == "proposed", GatheringCase.state == "set-aside"),
                select(func.coalesce(func.max(_There.position), 0) + 1)
                .where(_There.gathering_id == bindparam("of_gathering"))
                .scalar_subquery(),
            ),
            else_=GatheringCase.position,
        ),
    )
)
_TAKE_BACK = Statement(delete(GatheringCase).where(*_HERS))
_PLACE = Statement(
    """
    UPDATE gathering_case c SET position = new.position
      FROM unnest($2::bigint[]) WITH ORDINALITY AS new (id, position)
     WHERE c.gathering_id = $1 AND c.case_id = new.id
    """,
    ("gathering_id", "order"),
)


async def propose(
    db: Db, *, who: Viewer, gathering_id: int, case_id: int, note: str, organizes: bool, now: datetime
) -> None:
    """Bring a story that the caller found to be published. Of one that is there already, nothing changes, unless an
    organizer brings it: hers is on the programme at once."""
    await hold(db, gathering_id=gathering_id)
    there = await db.row(_STANDS, of_gathering=gathering_id, of_case=case_id) is not None
    if not (there or organizes) and await db.value(_WAITING, of_gathering=gathering_id, whose=who.id) >= MOST_WAITING:
        raise Refused(TOO_MANY)
    await db.run(
        _ADD,
        gathering_id=gathering_id,
        case_id=case_id,
        state="proposed",
        came_of_it=False,
        note=note,
        proposed_by_id=who.id,
        now=now,
    )
    if organizes:
        stands = await _stands(db, gathering_id, case_id)
        if stands["state"] in ("proposed", "set-aside"):
            await decide(db, who=who, gathering_id=gathering_id, case_id=case_id, act="choose", now=now)
    elif not there:
        await tell(
            db,
            people=await organizers(db, gathering_id) - {who.id},
            kind="story-proposed",
            subject_kind="gathering_stories",
            subject_id=gathering_id,
            now=now,
        )


async def decide(db: Db, *, who: Viewer, gathering_id: int, case_id: int, act: str, now: datetime) -> None:
    """Choose a story, set it aside, choose it again, or say that it was presented. The caller asked who may."""
    gathering = await hold(db, gathering_id=gathering_id)
    stands = await _stands(db, gathering_id, case_id)
    times = await dates_of(db, gathering_id)
    if not stands["published"]:
        raise Refused(_NOT_PUBLISHED)
    to = {"choose": "came-of-it" if stands["came_of_it"] else "chosen", "present": "presented"}.get(act, "set-aside")
    if stands["state"] == to:
        # The same form again, or two organizers of one mind.
        return
    sure(may_decide(act, stands["state"], began=times.began(now)))
    if to != "set-aside":
        sure(may_show(gathering=gathering["visibility"], story=stands["visibility"]))
    await db.run(_GO, of_gathering=gathering_id, of_case=case_id, to=to, now=now)
    await touch(db, gathering_id=gathering_id, now=now)
    if act == "choose" and stands["state"] != "presented":
        await _tell_of_choice(db, stands["proposed_by_id"], who.id, gathering_id, case_id, now)


async def _tell_of_choice(
    db: Db, proposed_by_id: int | None, by: int, gathering_id: int, case_id: int, now: datetime
) -> None:
    """Who proposed it, and who wrote it."""
    proposer = set() if proposed_by_id in (None, by) else {proposed_by_id}
    authors = set(await writers(db, case_id)) - proposer - {by}
    for people, kind in ((proposer, "story-chosen"), (authors, "story-on-programme")):
        await tell(db, people=people, kind=kind, subject_kind="gathering", subject_id=gathering_id, now=now)


async def move(db: Db, *, gathering_id: int, case_id: int, steps: int, now: datetime) -> None:
    """Earlier or later among those that stand as it does."""
    await hold(db, gathering_id=gathering_id)
    stories = await queries.brought(db, gathering_id)
    state = next((story.state for story in stories if story.id == case_id), None)
    if state is None:
        raise NotHere
    sure(may_decide("move", state, began=True))
    order = [story.id for story in stories if story.state == state]
    at = order.index(case_id)
    order.insert(min(max(at + steps, 0), len(order) - 1), order.pop(at))
    await db.run(_PLACE, gathering_id=gathering_id, order=order)
    await touch(db, gathering_id=gathering_id, now=now)


async def take_back(db: Db, *, who: Viewer, gathering_id: int, case_id: int) -> None:
    """She proposes it no longer."""
    await hold(db, gathering_id=gathering_id)
    stands = await db.row(_STANDS, of_gathering=gathering_id, of_case=case_id)
    if stands is None or stands["proposed_by_id"] != who.id:
        raise NotHere
    sure(may_decide("take-back", stands["state"], began=True))
    await db.run(_TAKE_BACK, of_gathering=gathering_id, of_case=case_id)


async def begin_story(
    db: Db,
    *,
    who: Viewer,
    gathering_id: int,
    title: str,
    language: str,
    given: Answers,
    words: Vocabulary,
    request_key: str | None,
    now: datetime,
) -> int:
    """A draft begun with what a gathering changed; the same `request_key` again is the same one. Returns its number."""
    gathering = await hold(db, gathering_id=gathering_id)
    case_id = await starting.start(
        db,
        who=who,
        title=title,
        language=language,
        depth="brief",
        given=given,
        words=words,
        # What was said among members is not offered to everybody unless she decides so.
        readers=gathering["visibility"],
        request_key=request_key,
        now=now,
    )
    await came_of_it(db, by=who.id, gathering_id=gathering_id, case_id=case_id, now=now)
    return case_id


async def came_of_it(db: Db, *, by: int, gathering_id: int, case_id: int, now: datetime) -> None:
    """A story was begun with what the gathering changed: once it is published, the page of the gathering says so."""
    await db.run(
        _ADD,
        gathering_id=gathering_id,
        case_id=case_id,
        state="came-of-it",
        came_of_it=True,
        note="",
        proposed_by_id=by,
        now=now,
    )
    await touch(db, gathering_id=gathering_id, now=now)


async def _stands(db: Db, gathering_id: int, case_id: int) -> Row:
    stands = await db.row(_STANDS, of_gathering=gathering_id, of_case=case_id)
    # Of a story that came of it nobody but its authors knows before it is published.
    if stands is None or (stands["state"] == "came-of-it" and not stands["published"]):
        raise NotHere
    return stands
