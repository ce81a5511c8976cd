"""Files of a story: as visible as it is, so that they come and go with it.

Their addresses lie below the story's own, where somebody who came by a private link is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select

from maillage.auth.viewer import Who
from maillage.cases.models import CaseAuthor
from maillage.cases.queries import door
from maillage.core.db import Db, Row, Statement
from maillage.core.errors import NotHere
from maillage.core.files import queries
from maillage.core.files.queries import Seen
from maillage.core.files.shown import ShownFile

CASE = "case"
# What the files of somebody without an account are written down with, before the number of her part in the story.
GUEST = f"{CASE}-author-"

_PERSON = Statement(select(CaseAuthor.person_id).where(CaseAuthor.id == bindparam("author_id")))


@dataclass(frozen=True, slots=True)
class Adder:
    """Who adds a file: somebody with an account, or a guest, by the key of her part in the story."""

    person_id: int | None
    guest_key: str | None

    def added(self, row: Row) -> bool:
        if self.person_id is None:
            return bool(row["guest_key"] == self.guest_key)
        return bool(row["uploaded_by_id"] == self.person_id)


def guest_key(author_id: int) -> str:
    """What a file is written down with whose adder has no account."""
    return f"{GUEST}{author_id}"


async def adder(db: Db, author_id: int) -> Adder:
    """As whom this author of a story adds files."""
    person_id: int | None = await db.value(_PERSON, author_id=author_id)
    return Adder(person_id, guest_key(author_id) if person_id is None else None)


def in_story(file: ShownFile, case_id: int) -> ShownFile:
    """The file at its address below the story's."""
    return replace(file, under=f"/recits/{case_id}")


async def may_see(db: Db, who: Who, case_id: int) -> bool:
    """Whoever may read a story may see its files."""
    try:
        await door.look(db, who, None, case_id)
    except NotHere:
        return False
    return True


async def seen(db: Db, look: door.Look, key: str) -> Seen | None:
    """A file of a story, for whoever came to the story; or one that she herself added and nothing shows yet."""
    row = await queries.by_key(db, key)
    if row is None:
        return None
    standing = look.standing
    file = in_story(queries.shown(row), look.case_id)
    if row["subject_kind"] is None:
        hers = standing.hand is not None and (await adder(db, standing.hand.author_id)).added(row)
        return Seen(file, public=False) if hers else None
    if (row["subject_kind"], row["subject_id"]) != (CASE, look.case_id):
        return None
    return Seen(file, public=standing.is_published and standing.visibility == "public")


async def files_of(db: Db, case_ids: Sequence[int]) -> dict[int, dict[str, ShownFile]]:
    """The files of several stories, by key."""
    found = await queries.of_subjects(db, CASE, case_ids)
    return {case_id: by_key(case_id, files) for case_id, files in found.items()}


def by_key(case_id: int, files: Iterable[ShownFile]) -> dict[str, ShownFile]:
    return {file.key: in_story(file, case_id) for file in files}
