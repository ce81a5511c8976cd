"""What a file belongs to: each floor above says here who may see the files of its things, in the words of its own door.

A file is as visible as its subject is at this moment. That is asked each time, so that a message that moves to a
stricter space, or a story that is withdrawn, takes its files along without anybody having to think of them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from maillage.core.db import Db

# Whoever looks: a person of the floor above, or None. What can be asked of her is that floor's business.
MaySee = Callable[[Db, Any, int], Awaitable[bool]]
# The subject's pages show one of its files less: take hold of the subject and have it rendered anew.
Changed = Callable[[Db, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subject:
    may_see: MaySee
    changed: Changed | None


# By kind. Filled when the modules that call `register` are imported.
REGISTRY: dict[str, Subject] = {}


def register(kind: str, may_see: MaySee, *, changed: Changed | None = None) -> None:
    """Say who may see the files of a kind of thing, and what to do before one of them is taken away.

    `changed` runs before the file's row is touched: whoever writes to a subject holds it first, then its files.
    """
    if kind in REGISTRY:
        raise ValueError(f"somebody answers for {kind} already")
    REGISTRY[kind] = Subject(may_see, changed)


async def may_see(db: Db, who: Any, kind: str, subject_id: int) -> bool:
    """Whether `who` may see the files of this thing. Nobody sees those of a kind that nobody answers for."""
    subject = REGISTRY.get(kind)
    return subject is not None and await subject.may_see(db, who, subject_id)


async def changed(db: Db, kind: str, subject_id: int) -> None:
    """Tell the floor of this thing that one of its files is about to go."""
    subject = REGISTRY.get(kind)
    if subject is not None and subject.changed is not None:
        await subject.changed(db, subject_id)
