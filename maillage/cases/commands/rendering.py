"""From what somebody wrote in a field to what is stored beside it."""

from maillage.core import markdown
from maillage.core.db import Db
from maillage.forum.commands.rendering import written

# Of no space: what a story links to must be open to everybody who may read a story of its visibility.
_NO_SPACE = 0


async def rendered(db: Db, *, source: str, field: str, language: str, visibility: str) -> tuple[str, str]:
    """The HTML and the plain text of a field. Raises `Refused` when it is too intricate to be shown."""
    text = await written(
        db,
        source=source,
        language=language,
        space_id=_NO_SPACE,
        visibility=visibility,
        prefix=f"{field.replace('_', '-')}-",
        numbers_only=True,
    )
    return text.html, text.text


RENDER_VERSION = markdown.RENDER_VERSION
