"""What notices are about: each floor above registers its words, its titles, and who is to be told of a reply.

A notice holds numbers only. Titles and addresses are asked of the floor that knows them each time somebody looks, in
the words of its own door, so that a notice never says more than its reader may still see.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from maillage.auth.viewer import Viewer
from maillage.core.db import Db
from maillage.core.languages import Text


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a notice is about, as its reader may see it now."""

    title: str
    path: str
    language: str


# How often it happened → the sentence.
Words = Callable[[int], Text]
# Those of these things that she may still read, by number.
Find = Callable[[Db, Viewer, Sequence[int]], Awaitable[dict[int, Subject]]]
# A reply by this person came into this thread.
OnReply = Callable[[Db, int, int, datetime], Awaitable[None]]

# Filled when the modules that register are imported.
KINDS: dict[str, Words] = {}
SUBJECTS: dict[str, Find] = {}
LISTENERS: list[OnReply] = []


def say(kind: str, words: Words) -> None:
    """The sentence for a kind of notice."""
    if kind in KINDS:
        raise ValueError(f"there are words for {kind} already")
    KINDS[kind] = words


def answer_for(subject_kind: str, find: Find) -> None:
    """Who looks up the things of a kind."""
    if subject_kind in SUBJECTS:
        raise ValueError(f"somebody answers for {subject_kind} already")
    SUBJECTS[subject_kind] = find


def listen(on_reply: OnReply) -> None:
    """Be told of every reply of the forum, in its transaction."""
    LISTENERS.append(on_reply)


async def replied(db: Db, *, thread_id: int, by: int, now: datetime) -> None:
    """A reply came into a thread: have those told who asked to be."""
    for on_reply in LISTENERS:
        await on_reply(db, thread_id, by, now)
