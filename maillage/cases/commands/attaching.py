"""Pictures and documents in stories: a story takes those that its answers show, and they are as visible as it is.

What no answer shows any longer is let go: whoever added it alone sees it then, and in a day it is deleted, unless she
shows it again. Earlier versions of an answer keep the words that named it, and those alone.
"""

from datetime import datetime

from sqlalchemy import bindparam, select

from maillage.cases.commands.holding import hold, touch
from maillage.cases.commands.outdating import outdate
from maillage.cases.models import CaseText
from maillage.cases.queries.attached import CASE, adder, by_key, may_see
from maillage.core import clock
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.core.files import commands as files
from maillage.core.files import subjects
from maillage.core.files.shown import SCHEME, ShownFile
from maillage.forum.queries.attached import keys_in

_SHOWING = Statement(
    select(CaseText.body_md).where(CaseText.case_id == bindparam("case_id"), CaseText.body_md.contains(SCHEME))
)


async def files_for(db: Db, *, source: str, case_id: int, author_id: int | None = None) -> dict[str, ShownFile]:
    """The files that an answer may show, held until the transaction ends: the story's, and its writer's free ones."""
    keys = keys_in(source)
    if not keys:
        return {}
    hers = await adder(db, author_id) if author_id is not None else None
    usable = await files.usable(
        db,
        keys=keys,
        uploaded_by_id=hers.person_id if hers else None,
        guest_key=hers.guest_key if hers else None,
        kind=CASE,
        subject_id=case_id,
    )
    return by_key(case_id, usable.values())


async def keep_files(db: Db, *, case_id: int, author_id: int, now: datetime) -> None:
    """Give a story the files that its answers show, and let the others go. The caller holds it, and has written."""
    shown = {key for row in await db.rows(_SHOWING, case_id=case_id) for key in keys_in(row[0])}
    former = {file.key for file in await files.of_subject(db, CASE, case_id)}
    await files.detach(db, keys=former - shown, kind=CASE, subject_id=case_id, now=now)
    if fresh := shown - former:
        hers = await adder(db, author_id)
        await files.attach(
            db,
            keys=fresh,
            uploaded_by_id=hers.person_id,
            guest_key=hers.guest_key,
            kind=CASE,
            subject_id=case_id,
        )


async def changed(db: Db, case_id: int) -> None:
    """One of its files is about to go: hold the story, and have it rendered again."""
    try:
        await hold(db, case_id)
    except NotHere:
        return
    await outdate(db, case_id=case_id)
    await touch(db, case_id=case_id, now=clock.now())


subjects.register(CASE, may_see, changed=changed)
