"""Drafts: what is typed is kept on the server, and newer words are never undone by older ones."""

from datetime import datetime

from sqlalchemy import bindparam, func, update
from sqlalchemy.dialects.postgresql import insert

from maillage.auth.viewer import Viewer
from maillage.core.db import Db, Statement
from maillage.forum.models import Draft

_row = insert(Draft).values(
    {name: bindparam(name) for name in ("person_id", "place", "sequence", "title", "body", "updated_at")}
)
_KEEP = Statement(
    _row.on_conflict_do_update(
        index_elements=[Draft.person_id, Draft.place],
        set_={name: getattr(_row.excluded, name) for name in ("sequence", "title", "body", "updated_at")},
        where=_row.excluded.sequence > Draft.sequence,
    ).returning(Draft.sequence)
)
_EMPTY = Statement(
    insert(Draft)
    .values(person_id=bindparam("person_id"), place=bindparam("place"), sequence=bindparam("sequence"))
    .on_conflict_do_update(
        index_elements=[Draft.person_id, Draft.place],
        set_={
            "title": "",
            "body": "",
            "sequence": func.greatest(Draft.sequence, bindparam("sequence")),
            "updated_at": func.now(),
        },
    )
)
_THROW_AWAY = Statement(
    update(Draft)
    .where(Draft.person_id == bindparam("whose"), Draft.place == bindparam("where"))
    .values(title="", body="", updated_at=func.now())
)


async def save_draft(db: Db, *, who: Viewer, place: str, sequence: int, title: str, body: str, now: datetime) -> bool:
    """Keep a draft. False when a newer one is kept already: an old tab must not overwrite it."""
    kept = await db.value(
        _KEEP, person_id=who.id, place=place, sequence=sequence, title=title, body=body, updated_at=now
    )
    return kept is not None


async def used_up(db: Db, *, who: Viewer, place: str, sequence: int) -> None:
    """The text was sent: empty the draft but keep its number, so that no old tab revives it."""
    await db.run(_EMPTY, person_id=who.id, place=place, sequence=sequence)


async def throw_away(db: Db, *, who: Viewer, place: str) -> None:
    """Empty a draft, its number kept for the same reason. No such draft: nothing to do."""
    await db.run(_THROW_AWAY, whose=who.id, where=place)
