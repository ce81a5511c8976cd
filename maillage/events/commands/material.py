"""What to read before a gathering, and what remains after it: two texts, with the files that they show.

A file that neither shows any longer is let go: whoever added it alone sees it then, and in a day it is deleted, unless
she shows it again.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from maillage.auth.viewer import Viewer
from maillage.core import clock
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere, Refused
from maillage.core.files import commands as files
from maillage.core.files import subjects
from maillage.core.files.shown import SCHEME
from maillage.core.languages import _
from maillage.core.markdown import RENDER_VERSION
from maillage.events.models import Gathering, GatheringText
from maillage.events.queries.attached import may_see
from maillage.events.queries.material import FIELDS, material
from maillage.forum.commands.rendering import written
from maillage.forum.queries.attached import keys_in

GATHERING = "gathering"
CHANGED = _("Somebody changed this text while you were writing. What it says now is on the page of the gathering.")
# Of no space: what a gathering links to must be open to everybody who may read it.
_NO_SPACE = 0

_HOLD = Statement(
    select(Gathering.language, Gathering.visibility)
    .where(Gathering.id == bindparam("gathering_id"))
    .with_for_update(key_share=True)
)
_text = insert(GatheringText).values(
    gathering_id=bindparam("gathering_id"),
    field=bindparam("field"),
    body_md=bindparam("body_md"),
    body_html=bindparam("body_html"),
    render_version=RENDER_VERSION,
    revision=bindparam("revision"),
    updated_at=bindparam("now"),
    updated_by_id=bindparam("by"),
)
_SAVE = Statement(
    _text.on_conflict_do_update(
        index_elements=[GatheringText.gathering_id, GatheringText.field],
        set_={
            name: _text.excluded[name]
            for name in ("body_md", "body_html", "render_version", "revision", "updated_at", "updated_by_id")
        },
    )
)
_SHOWING = Statement(
    select(GatheringText.body_md).where(
        GatheringText.gathering_id == bindparam("gathering_id"), GatheringText.body_md.contains(SCHEME)
    )
)
_TOUCH = Statement(
    update(Gathering)
    .where(Gathering.id == bindparam("of"))
    .values(version=Gathering.version + 1, changed_at=bindparam("now"))
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


async def save(
    db: Db, *, who: Viewer, gathering_id: int, sources: Mapping[str, str], seen: Mapping[str, int], now: datetime
) -> None:
    """Keep both texts. `seen` are the revisions that the writer read; `Refused` when there is a later one of a text
    that she changed."""
    gathering = await db.row(_HOLD, gathering_id=gathering_id)
    if gathering is None:
        raise NotHere
    before = await material(db, gathering_id)
    changed = [field for field in FIELDS if sources[field] != before.sources[field]]
    if any(seen[field] != before.revisions[field] for field in changed):
        raise Refused(CHANGED)
    for field in changed:
        html = await _html(db, gathering_id, gathering, field, sources[field], who.id)
        await db.run(
            _SAVE,
            gathering_id=gathering_id,
            field=field,
            body_md=sources[field],
            body_html=html,
            revision=before.revisions[field] + 1,
            now=now,
            by=who.id,
        )
    if changed:
        await _keep_files(db, gathering_id, who.id, now)
        await db.run(_TOUCH, of=gathering_id, now=now)


async def render_anew(db: Db, *, gathering_id: int) -> None:
    """Render again what an older version rendered, or what showed a file that is gone."""
    gathering = await db.row(_HOLD, gathering_id=gathering_id)
    if gathering is None:
        raise NotHere
    for row in await db.rows(_STALE, gathering_id=gathering_id):
        html = await _html(db, gathering_id, gathering, row["field"], row["body_md"], None)
        await db.run(_RENDERED, of=gathering_id, of_field=row["field"], html=html)


async def changed(db: Db, gathering_id: int) -> None:
    """One of its files is about to go: hold the gathering, and have its texts rendered again."""
    if await db.row(_HOLD, gathering_id=gathering_id) is not None:
        await db.run(_OUTDATE, of=gathering_id)
        await db.run(_TOUCH, of=gathering_id, now=clock.now())


async def _html(db: Db, gathering_id: int, gathering: Row, field: str, source: str, by: int | None) -> str:
    text = await written(
        db,
        source=source,
        language=gathering["language"],
        space_id=_NO_SPACE,
        visibility=gathering["visibility"],
        prefix=f"{field}-",
        numbers_only=True,
        files=await files.usable(db, keys=keys_in(source), uploaded_by_id=by, kind=GATHERING, subject_id=gathering_id),
    )
    return text.html


async def _keep_files(db: Db, gathering_id: int, by: int, now: datetime) -> None:
    shown = {key for row in await db.rows(_SHOWING, gathering_id=gathering_id) for key in keys_in(row[0])}
    former = {file.key for file in await files.of_subject(db, GATHERING, gathering_id)}
    await files.detach(db, keys=former - shown, kind=GATHERING, subject_id=gathering_id, now=now)
    await files.attach(db, keys=shown - former, uploaded_by_id=by, kind=GATHERING, subject_id=gathering_id)


subjects.register(GATHERING, may_see, changed=changed)
