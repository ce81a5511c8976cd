"""The spaces of the forum in which gatherings are talked of."""

from maillage.core.db import Db
from maillage.core.languages import ENGLISH, FRENCH, Text, _
from maillage.forum.commands import subjects

SPACES = {"public": "rencontres", "members": "rencontres-membres"}
_NAMES: dict[str, Text] = {
    "public": _("Around gatherings"),
    "members": _("Around gatherings, among members"),
}
_PURPOSES: dict[str, Text] = {
    "public": _("Each gathering has its discussion here: questions before, and what came of it after."),
    "members": _("The discussions of gatherings that are for members only."),
}


async def space_for(db: Db, *, visibility: str) -> int:
    """The space for gatherings that these people may read, made at its first use."""
    return await subjects.space_for(
        db,
        slug=SPACES[visibility],
        name=_both(_NAMES[visibility]),
        purpose=_both(_PURPOSES[visibility]),
        visibility=visibility,
    )


def _both(text: Text) -> dict[str, str]:
    return {locale: text.in_(locale) for locale in (FRENCH, ENGLISH)}
