"""Keeping the lists: add a term, say it better, put it in its place, set it aside, bring it back.

Each act leaves a trace, and moves the epoch of the site so that every page that names the term is made anew.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.orm import aliased

from maillage.auth.viewer import Viewer
from maillage.core.answers import Answer
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _
from maillage.core.models import SiteEpoch
from maillage.taxonomies import policies
from maillage.taxonomies.models import Term, TermChange

CHANGED = _(
    "Somebody changed this term while you were writing. What they did stands below; save again to write over it."
)

# Whoever holds the epoch changes the lists alone.
_HOLD = Statement(update(SiteEpoch).values(number=SiteEpoch.number + 1))
_Parent, _Child, _Replacement = aliased(Term), aliased(Term), aliased(Term)
_LIST = Statement(
    select(
        Term,
        _Parent.deprecated_at.is_not(None).label("parent_deprecated"),
        _Replacement.slug.label("replaced_by"),
        select(func.count())
        .where(_Child.parent_id == Term.id, _Child.deprecated_at.is_(None))
        .scalar_subquery()
        .label("children"),
        select(func.coalesce(func.max(TermChange.id), 0))
        .where(TermChange.term_id == Term.id)
        .scalar_subquery()
        .label("last_change"),
    )
    .outerjoin(_Parent, _Parent.id == Term.parent_id)
    .outerjoin(_Replacement, _Replacement.id == Term.replaced_by_id)
    .where(Term.taxonomy == bindparam("taxonomy"))
    .order_by(Term.position, Term.id)
)
_PARENT = Statement(
    select(Term.id, Term.parent_id, Term.deprecated_at).where(
        Term.taxonomy == bindparam("taxonomy"), Term.slug == bindparam("slug")
    )
)
_PLACE = Statement(
    """
    UPDATE term SET position = placed.position
      FROM unnest($1::int[]) WITH ORDINALITY AS placed (id, position)
     WHERE term.id = placed.id
    """,
    ("ids",),
)


async def add(
    db: Db, *, who: Viewer, taxonomy: str, slug: str, parent: str, columns: Mapping[str, Any], now: datetime
) -> None:
    """A new term, after the others of its parent ("" for none). Its slug is for ever."""
    terms = await _hold(db, taxonomy)
    if len(terms) >= policies.MOST:
        raise Refused(_("A list has at most %(most)s terms.", most=policies.MOST))
    parent_id = await _parent(db, taxonomy, parent) if parent else None
    position = 1 + max((row["position"] for row in terms.values() if row["parent_id"] == parent_id), default=0)
    term_id = await db.value(
        insert_or(Term)
        .values(taxonomy=taxonomy, slug=slug, parent_id=parent_id, position=position, created_at=now, **columns)
        .on_conflict_do_nothing()
        .returning(Term.id)
    )
    if term_id is None:
        raise Refused(_("This list has a term of that permanent name already, perhaps one that was set aside."))
    said = {name: value for name, value in columns.items() if value}
    await _trace(db, who, term_id, None, said | ({"parent": parent} if parent else {}), now)


async def change(
    db: Db, *, who: Viewer, taxonomy: str, slug: str, seen: int, columns: Mapping[str, Any], now: datetime
) -> None:
    """Say a term better. `seen`: the last change that the writer knew of; `Refused` when there is a later one."""
    row = _of(await _hold(db, taxonomy), slug)
    if row["last_change"] > seen:
        raise Refused(CHANGED)
    new = {name: value for name, value in columns.items() if row[name] != value}
    if new:
        await db.run(update(Term).where(Term.id == row["id"]).values(**new))
        await _trace(db, who, row["id"], {name: row[name] for name in new}, new, now)


async def place(
    db: Db, *, who: Viewer, taxonomy: str, slug: str, position: int | None, steps: int, now: datetime
) -> None:
    """Put a term at a place among those in use of its parent: `position` from 1, or so many steps from where it is."""
    terms = await _hold(db, taxonomy)
    row = _of(terms, slug)
    if row["deprecated_at"] is not None:
        raise Refused(_("This term has been set aside."))
    beside = [one for one in terms.values() if one["parent_id"] == row["parent_id"]]
    in_use = [one["id"] for one in beside if one["deprecated_at"] is None]
    before = in_use.index(row["id"])
    after = min(max((before + steps) if position is None else position - 1, 0), len(in_use) - 1)
    if after == before:
        return
    in_use.insert(after, in_use.pop(before))
    await db.run(_PLACE, ids=in_use + [one["id"] for one in beside if one["deprecated_at"] is not None])
    await _trace(db, who, row["id"], {"position": before + 1}, {"position": after + 1}, now)


async def set_aside(db: Db, *, who: Viewer, taxonomy: str, slug: str, replacement: str, now: datetime) -> None:
    """Offer a term no longer, and say what to use instead ("" for nothing)."""
    terms = await _hold(db, taxonomy)
    row = _of(terms, slug)
    _insist(policies.may_set_aside(deprecated=row["deprecated_at"] is not None, children=row["children"]))
    instead = terms.get(replacement)
    if replacement and (
        instead is None
        or instead["deprecated_at"] is not None
        or instead["id"] == row["id"]
        or (instead["parent_id"] is None) != (row["parent_id"] is None)
    ):
        raise Refused(_("Choose another term of this list, one that is in use."))
    values = {"deprecated_at": now, "replaced_by_id": instead and instead["id"]}
    await db.run(update(Term).where(Term.id == row["id"]).values(**values))
    after = {"deprecated": True} | ({"replaced_by": replacement} if replacement else {})
    await _trace(db, who, row["id"], {"deprecated": False}, after, now)


async def bring_back(db: Db, *, who: Viewer, taxonomy: str, slug: str, now: datetime) -> None:
    row = _of(await _hold(db, taxonomy), slug)
    answer = policies.may_bring_back(
        deprecated=row["deprecated_at"] is not None, parent_deprecated=bool(row["parent_deprecated"])
    )
    _insist(answer)
    await db.run(update(Term).where(Term.id == row["id"]).values(deprecated_at=None, replaced_by_id=None))
    before = {"deprecated": True} | ({"replaced_by": row["replaced_by"]} if row["replaced_by"] else {})
    await _trace(db, who, row["id"], before, {"deprecated": False}, now)


async def _hold(db: Db, taxonomy: str) -> dict[str, Row]:
    """The terms of a list by slug, in order, while nobody else changes any. Their pages will be made anew."""
    await db.run(_HOLD)
    return {row["slug"]: row for row in await db.rows(_LIST, taxonomy=taxonomy)}


def _of(terms: Mapping[str, Row], slug: str) -> Row:
    if slug not in terms:
        raise NotHere
    return terms[slug]


async def _parent(db: Db, taxonomy: str, slug: str) -> int:
    row = await db.row(_PARENT, taxonomy=policies.TAXONOMIES[taxonomy].parents, slug=slug)
    # One level is enough: what is gathered gathers nothing.
    if row is None or row["parent_id"] is not None:
        raise NotHere
    _insist(policies.may_gather(deprecated=row["deprecated_at"] is not None))
    parent_id: int = row["id"]
    return parent_id


def _insist(answer: Answer) -> None:
    if answer.why is not None:
        raise Refused(answer.why)


async def _trace(
    db: Db, who: Viewer, term_id: int, before: dict[str, Any] | None, after: dict[str, Any], now: datetime
) -> None:
    await db.run(insert(TermChange).values(term_id=term_id, person_id=who.id, at=now, before=before, after=after))
