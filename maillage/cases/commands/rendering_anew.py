"""Making the HTML of a story again when it is of an older version of the renderer."""

from sqlalchemy import bindparam, select, update

from maillage.cases.commands.attaching import files_for
from maillage.cases.commands.holding import hold
from maillage.cases.commands.rendering import rendered
from maillage.cases.models import CaseText
from maillage.core.db import Db, Statement
from maillage.core.markdown import RENDER_VERSION

_STALE = Statement(
    select(CaseText.id, CaseText.field, CaseText.term_id, CaseText.body_md)
    .where(CaseText.case_id == bindparam("case_id"), CaseText.render_version != RENDER_VERSION)
    .order_by(CaseText.id)
)
_RENDERED = Statement(
    update(CaseText)
    .where(CaseText.id == bindparam("of"))
    .values(body_html=bindparam("html"), render_version=RENDER_VERSION)
)


async def render_anew(db: Db, *, case_id: int) -> None:
    """Render again what an older version rendered. Held from the reading to the writing, so that no edit is undone."""
    case = await hold(db, case_id)
    for row in await db.rows(_STALE, case_id=case_id):
        html, _plain = await rendered(
            db,
            source=row["body_md"],
            field=row["field"],
            term_id=row["term_id"],
            language=case["language"],
            visibility=case["visibility"],
            files=await files_for(db, source=row["body_md"], case_id=case_id),
        )
        await db.run(_RENDERED, of=row["id"], html=html)
