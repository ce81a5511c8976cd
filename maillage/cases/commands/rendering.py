"""From what somebody wrote in a field to what is stored beside it."""

from collections.abc import Mapping

from maillage.core.db import Db
from maillage.core.files.shown import ShownFile
from maillage.forum.commands.rendering import written

# Of no space: what a story links to must be open to everybody who may read a story of its visibility.
_NO_SPACE = 0


async def rendered(
    db: Db,
    *,
    source: str,
    field: str,
    term_id: int | None,
    language: str,
    visibility: str,
    files: Mapping[str, ShownFile] | None = None,
) -> tuple[str, str]:
    """The HTML and the plain text of a field, or of its part about a term.

    `files` are those that it may show, by key. Raises `Refused` when it is too intricate to be shown.
    """
    part = field if term_id is None else f"{field}-{term_id}"
    text = await written(
        db,
        source=source,
        language=language,
        space_id=_NO_SPACE,
        visibility=visibility,
        prefix=f"{part.replace('_', '-')}-",
        numbers_only=True,
        files=files,
    )
    return text.html, text.text
