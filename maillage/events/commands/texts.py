"""The texts of a gathering: rendered when they are written, with the files that they show.

A file that none of them shows any longer is let go: whoever added it alone sees it then, and in a day it is deleted,
unless she shows it again.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from maillage.core import clock
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere
from maillage.core.files import commands as files
from maillage.core.files import subjects
from maillage.core.files.shown import SCHEME
from maillage.core.markdown import RENDER_VERSION
from maillage.events.commands.holding import hold, touch
from maillage.events.models import GatheringText
from maillage.events.queries.attached import may_see
from maillage.forum.commands.rendering import written
from maillage.forum.queries.attached import keys_in

_GATHERING = "gathering"
# Of no space: what a gathering links to must be open to everybody who may read it.
_NO_SPACE = 0

_text = insert(GatheringText).values(
    gathering_id=bindparam("gathering_id"),
    field=bindparam("field"),
    body_md=bindparam("body_md"),
    body_html=bindparam("body_html"),
    render_version=RENDER_VERSION,
    revision=1,
    updated_at=bindparam("now"),
    updated_by_id=bindparam("by"),
)
_SAVE = Statement(
    _text.on_conflict_do_update(
        index_elements=[GatheringText.gathering_id, GatheringText.field],
        set_={
            name: _text.excluded[name]
            for name in ("body_md", "body_html", "render_version", "updated_at", "updated_by_id")
        }
        | {"revision": GatheringText.revision + 1},
    )
)
_SHOWING = Statement(
    select(GatheringText.body_md).where(
        GatheringText.gathering_id == bindparam("gathering_id"), GatheringText.body_md.contains(SCHEME)
    )
)
_OUTDATE = Statement(
    update(GatheringText).where(GatheringText.gathering_id == bindparam("of")).values(render_version=0)
)
_STALE = Statement(
    select(GatheringText.field, GatheringText.body_md).where(
        GatheringText.gathering_id == bindparam("gathering_id"), GatheringText.render_version != RENDER_VERSION
    )
)
_RENDERED = Statement(
    update(GatheringText)
    .where(GatheringText.gathering_id == bindparam("of"), GatheringText.field == bindparam("of_field"))
    .values(body_html=bindparam("html"), render_version=RENDER_VERSION)
)


async def write(db: Db, *, gathering: Row, sources: Mapping[str, str], by: int, now: datetime) -> None:
    """Write these, by field. The gathering is held by the caller. Raises `Refused` for what is too intricate."""
    for field, source in sources.items():
        html = await _html(db, gathering, field, source, by)
        await db.run(_SAVE, gathering_id=gathering["id"], field=field, body_md=source, body_html=html, now=now, by=by)
    await _keep_files(db, gathering["id"], by, now)
    await touch(db, gathering_id=gathering["id"], now=now)


async def outdate(db: Db, *, gathering_id: int, now: datetime) -> None:
    """Have its texts rendered again when somebody next reads them: others may read it, or one of its files goes."""
    await db.run(_OUTDATE, of=gathering_id)
    await touch(db, gathering_id=gathering_id, now=now)


async def render_anew(db: Db, *, gathering_id: int) -> None:
    """Render again what an older version rendered, or what was outdated."""
    gathering = await hold(db, gathering_id=gathering_id)
    for row in await db.rows(_STALE, gathering_id=gathering_id):
        html = await _html(db, gathering, row["field"], row["body_md"], None)
        await db.run(_RENDERED, of=gathering_id, of_field=row["field"], html=html)


async def _changed(db: Db, gathering_id: int) -> None:
    """One of its files is about to go: the gathering is held first."""
    try:
        await hold(db, gathering_id=gathering_id)
    except NotHere:
        return
    await outdate(db, gathering_id=gathering_id, now=clock.now())


async def _html(db: Db, gathering: Row, field: str, source: str, by: int | None) -> str:
    shown = await files.usable(db, keys=keys_in(source), uploaded_by_id=by, kind=_GATHERING, subject_id=gathering["id"])
    text = await written(
        db,
        source=source,
        language=gathering["language"],
        space_id=_NO_SPACE,
        visibility=gathering["visibility"],
        prefix=f"{field}-",
        numbers_only=True,
        files=shown,
    )
    return text.html


async def _keep_files(db: Db, gathering_id: int, by: int, now: datetime) -> None:
    shown = {key for row in await db.rows(_SHOWING, gathering_id=gathering_id) for key in keys_in(row[0])}
    former = {file.key for file in await files.of_subject(db, _GATHERING, gathering_id)}
    await files.detach(db, keys=former - shown, kind=_GATHERING, subject_id=gathering_id, now=now)
    await files.attach(db, keys=shown - former, uploaded_by_id=by, kind=_GATHERING, subject_id=gathering_id)


subjects.register(_GATHERING, may_see, changed=_changed)
