"""The occasions on which a story was told: the floor of gatherings says here which they are.

A story's page is kept, and the same for everybody. So the one look at a story that each request takes also brings what
may have to be said of its occasions: a page is good while that has not changed, and saying it costs no other question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, literal

from maillage.auth.viewer import Who
from maillage.core.languages import Text


@dataclass(frozen=True, slots=True)
class Line:
    """`words` lead up to the title."""

    words: Text
    title: str
    path: str
    language: str
    day: date | None


# Of what the look brought, what this reader may know.
Say = Callable[[Who, str], Sequence[Line]]


@dataclass(slots=True)
class _Answering:
    found: ColumnElement[Any]
    say: Say


_answering = _Answering(literal(None, String()), lambda _who, _found: ())


def answer(found: ColumnElement[Any], say: Say) -> None:
    """`found` is a text, or null, about the story of the query in which it stands. Called before any story is read."""
    _answering.found, _answering.say = found, say


def found() -> ColumnElement[Any]:
    return _answering.found


def lines(who: Who, found: str | None) -> Sequence[Line]:
    """What the page of the story says to this reader."""
    return _answering.say(who, found) if found else ()
