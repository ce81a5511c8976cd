"""Drafts of sections: what somebody is typing is kept for her, and newer words are never undone by older ones."""

from datetime import datetime

from sqlalchemy import bindparam, func
from sqlalchemy.dialects.postgresql import insert

from maillage.cases.commands.saving import held
from maillage.cases.models import CaseDraft
from maillage.cases.policies import Hand
from maillage.cases.policies.answers import Seen
from maillage.cases.queries import desk
from maillage.core.db import Db, Statement

_row = insert(CaseDraft).values(
    {name: bindparam(name) for name in ("case_id", "author_id", "section", "sequence", "fields", "updated_at")}
)
_key = [CaseDraft.case_id, CaseDraft.author_id, CaseDraft.section]
_KEEP = Statement(
    _row.on_conflict_do_update(
        index_elements=_key,
        set_={name: getattr(_row.excluded, name) for name in ("sequence", "fields", "updated_at")},
        where=_row.excluded.sequence > CaseDraft.sequence,
    ).returning(CaseDraft.sequence)
)
_EMPTY = Statement(
    _row.on_conflict_do_update(
        index_elements=_key,
        set_={
            "fields": _row.excluded.fields,
            "sequence": func.greatest(CaseDraft.sequence, _row.excluded.sequence),
            "updated_at": _row.excluded.updated_at,
        },
    )
)


async def save_draft(
    db: Db,
    *,
    hand: Hand,
    case_id: int,
    section: str,
    sequence: int,
    fields: dict[str, list[str]],
    seen: Seen,
    now: datetime,
) -> bool:
    """Keep a draft. False when a newer one is kept, or when somebody has withdrawn since the page was opened.

    The story is held, so that what a withdrawal takes out of every draft is not put back by one that was on its way.
    """
    await held(db, hand=hand, case_id=case_id)
    if await desk.withdrawals(db, case_id) > seen.withdrawals:
        return False
    kept = await db.value(
        _KEEP,
        case_id=case_id,
        author_id=hand.author_id,
        section=section,
        sequence=sequence,
        fields=fields,
        updated_at=now,
    )
    return kept is not None


async def used_up(db: Db, *, hand: Hand, case_id: int, section: str, sequence: int, now: datetime) -> None:
    """It was saved, or is not wanted: empty the draft but keep its number, so that no old tab revives it."""
    await db.run(
        _EMPTY,
        case_id=case_id,
        author_id=hand.author_id,
        section=section,
        sequence=sequence,
        fields={},
        updated_at=now,
    )
