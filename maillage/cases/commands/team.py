"""Who takes part in a story: inviting with an account or by a private link, changing somebody's part, the order in
which they sign and in what capacity, leaving."""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, func, insert, null, select, update

from maillage.auth.models import Membership, Organization
from maillage.auth.viewer import BELONGS
from maillage.cases.commands.holding import hold, signed_anew
from maillage.cases.models import CaseAuthor, CasePresence
from maillage.cases.policies import Hand, Standing, may_arrange_people
from maillage.core import jobs
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.core.sealing import new_token, token_hash
from maillage.notices.commands import tell

# How long a private link serves; another invitation begins anew.
LASTS = timedelta(days=90)
MOST = 40

_TEAM = Statement(
    select(CaseAuthor.id, CaseAuthor.kind, CaseAuthor.person_id, CaseAuthor.organization_id)
    .where(CaseAuthor.case_id == bindparam("case_id"), CaseAuthor.left_at.is_(None))
    .order_by(CaseAuthor.position, CaseAuthor.id)
)
_ADD = Statement(
    insert(CaseAuthor)
    .values(
        case_id=bindparam("case_id"),
        person_id=bindparam("person_id", type_=CaseAuthor.person_id.type),
        kind=bindparam("kind"),
        name=bindparam("name"),
        concerned=bindparam("concerned"),
        position=bindparam("position"),
        invited_by_id=bindparam("by"),
        created_at=bindparam("now"),
    )
    .returning(CaseAuthor.id)
)
_LINK = Statement(
    update(CaseAuthor)
    .where(
        CaseAuthor.id == bindparam("of"),
        CaseAuthor.case_id == func.coalesce(bindparam("of_case", type_=CaseAuthor.case_id.type), CaseAuthor.case_id),
        CaseAuthor.person_id.is_(None),
        CaseAuthor.left_at.is_(None),
    )
    .values(token_hash=bindparam("fresh_hash"), token_expires_at=bindparam("until"))
    .returning(CaseAuthor.id)
)
_LEAVE = Statement(
    update(CaseAuthor)
    .where(CaseAuthor.id == bindparam("of"))
    .values(left_at=bindparam("now"), token_hash=null(), token_expires_at=null())
)
_GONE = Statement(delete(CasePresence).where(CasePresence.author_id == bindparam("author_id")))
_PART = Statement(
    update(CaseAuthor)
    .where(CaseAuthor.id == bindparam("of"))
    .values(kind=bindparam("new_kind"), concerned=bindparam("new_concerned"))
)
_BELONGS = Statement(
    select(Membership.id)
    .join(Organization, Organization.id == Membership.organization_id)
    .where(
        and_(
            Membership.person_id == bindparam("person_id"),
            Membership.organization_id == bindparam("organization_id"),
            BELONGS,
        )
    )
)
_SIGN = Statement(
    update(CaseAuthor)
    .where(CaseAuthor.id == bindparam("of"))
    .values(
        relation=bindparam("in_capacity", type_=CaseAuthor.relation.type),
        organization_id=bindparam("for_organization", type_=CaseAuthor.organization_id.type),
    )
)
_PLACE = Statement(
    """
    UPDATE case_author SET position = placed.position - 1
      FROM unnest($1::bigint[]) WITH ORDINALITY AS placed (id, position) WHERE case_author.id = placed.id
    """,
    ("ids",),
)


async def invite(
    db: Db,
    *,
    hand: Hand,
    case_id: int,
    kind: str,
    person_id: int | None,
    name: str,
    concerned: bool,
    email: str = "",
    locale: str = "",
    now: datetime,
) -> int:
    """Have somebody take part: by her account, who is told, or by a private link, sent or handed over."""
    team = await _arranging(db, hand, case_id)
    if person_id is not None and any(row["person_id"] == person_id for row in team.values()):
        raise Refused(_("This person takes part already."))
    if len(team) >= MOST:
        raise Refused(_("So many people take part already that nobody more can."))
    if kind == "author" and person_id is None:
        raise Refused(_("Only somebody with an account can answer for a story."))
    author_id: int = await db.value(
        _ADD,
        case_id=case_id,
        person_id=person_id,
        kind=kind,
        name="" if person_id is not None else name,
        concerned=concerned,
        position=len(team),
        by=hand.author_id,
        now=now,
    )
    if person_id is not None:
        await tell(db, people=[person_id], kind="invited", subject_kind="case", subject_id=case_id, now=now)
    elif email:
        payload = {"author_id": author_id, "email": email, "inviter": hand.name, "locale": locale}
        await jobs.enqueue(db, "story_invitation", payload)
    await signed_anew(db, case_id=case_id, now=now)
    return author_id


async def new_link(db: Db, *, hand: Hand, case_id: int, author_id: int, now: datetime) -> str:
    """A link to hand over, in place of any before."""
    await _arranging(db, hand, case_id)
    token = await fresh_link(db, author_id=author_id, case_id=case_id, now=now)
    if token is None:
        raise NotHere
    return token


async def fresh_link(db: Db, *, author_id: int, now: datetime, case_id: int | None = None) -> str | None:
    """The token of a link that leaves now; None when she takes part no longer, or has an account."""
    token = new_token()
    found = await db.value(_LINK, of=author_id, of_case=case_id, fresh_hash=token_hash(token), until=now + LASTS)
    return token if found is not None else None


async def change_part(
    db: Db, *, hand: Hand, case_id: int, author_id: int, kind: str, concerned: bool, now: datetime
) -> None:
    """Have somebody take another part in the story."""
    team = await _arranging(db, hand, case_id)
    if author_id not in team:
        raise NotHere
    if kind == "author" and team[author_id]["person_id"] is None:
        raise Refused(_("Only somebody with an account can answer for a story."))
    if kind != "author":
        _somebody_answers(team, but=author_id)
    await db.run(_PART, of=author_id, new_kind=kind, new_concerned=concerned)
    await signed_anew(db, case_id=case_id, now=now)


async def sign(
    db: Db, *, hand: Hand, case_id: int, relation: str | None, organization_id: int | None, now: datetime
) -> None:
    """Say in what capacity and for whom one signs: one's own line only, and only for where one belongs."""
    await hold(db, case_id)
    mine = (await _team(db, case_id)).get(hand.author_id)
    if mine is None:
        raise NotHere
    known = organization_id in (None, mine["organization_id"])
    if not known and await db.value(_BELONGS, person_id=mine["person_id"], organization_id=organization_id) is None:
        raise Refused(_("You do not belong to this organization."))
    await db.run(_SIGN, of=hand.author_id, in_capacity=relation, for_organization=organization_id)
    await signed_anew(db, case_id=case_id, now=now)


async def place(db: Db, *, hand: Hand, case_id: int, author_id: int, steps: int, now: datetime) -> None:
    """Have somebody sign so many places later, or earlier; past either end, first or last."""
    order = list(await _arranging(db, hand, case_id))
    if author_id not in order:
        raise NotHere
    before = order.index(author_id)
    order.insert(max(before + steps, 0), order.pop(before))
    await db.run(_PLACE, ids=order)
    await signed_anew(db, case_id=case_id, now=now)


async def take_out(db: Db, *, hand: Hand, case_id: int, author_id: int, now: datetime) -> None:
    """Have somebody take part no longer, or leave. What she wrote stays, signed."""
    if author_id == hand.author_id:
        await hold(db, case_id)
        team = await _team(db, case_id)
    else:
        team = await _arranging(db, hand, case_id)
    if author_id not in team:
        raise NotHere
    _somebody_answers(team, but=author_id)
    await db.run(_LEAVE, of=author_id, now=now)
    await db.run(_GONE, author_id=author_id)
    await signed_anew(db, case_id=case_id, now=now)


async def _arranging(db: Db, hand: Hand, case_id: int) -> dict[int, Row]:
    """Those who take part, with the story held, if this one may still say who does."""
    case = await hold(db, case_id)
    team = await _team(db, case_id)
    now_mine = team.get(hand.author_id)
    mine = Hand(hand.author_id, now_mine["kind"], hand.name) if now_mine else None
    answer = may_arrange_people(Standing(case_id, case["state"], case["visibility"], case["depth"], mine))
    if answer.why is not None:
        raise Refused(answer.why)
    return team


async def _team(db: Db, case_id: int) -> dict[int, Row]:
    return {row["id"]: row for row in await db.rows(_TEAM, case_id=case_id)}


def _somebody_answers(team: dict[int, Row], *, but: int) -> None:
    """A story always has somebody with an account who answers for it."""
    if not any(row["kind"] == "author" and row["person_id"] is not None for id_, row in team.items() if id_ != but):
        raise Refused(_("Somebody with an account has to answer for the story: choose that person first."))
