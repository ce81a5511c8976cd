"""What people write in the forum, from the browser's words to values."""

import re
from typing import Any

from wtforms import HiddenField, ValidationError
from wtforms.validators import Length

from maillage.core import markdown
from maillage.core.forms import Choice, Form, Line, Prose, WholeNumber, carried, clean_line
from maillage.core.language_guess import guess
from maillage.core.languages import NAMES, _, counted
from maillage.forum.models import MAX_BODY, MAX_TITLE
from maillage.forum.policies import KINDS, TOO_COMPLEX

_PROPOSED_TITLE = 110
_BARE_LINK = re.compile(r"https?://(?:www\.)?(\S+)")
# What Markdown puts at the head of a line and is no part of what it says.
_LINE_MARKS = re.compile(r"^(?:[>#*+-]+|\d+[.)])\s+")
_INLINE_MARKS = re.compile(r"(?<!\w)[*_`]+|[*_`]+(?!\w)|!?\[([^\]]*)\]\([^)]*\)")


def proposed_title(body: str) -> str:
    """A title for a text that was sent without one: its first line of words, or where its link leads."""
    lines = [line for line in (line.strip() for line in body.splitlines()) if line]
    # Somebody else's words only when there are no others; and signs rather than nothing at all.
    own_first = sorted(lines, key=lambda line: line.startswith(">"))
    worded = (said for said in map(_words_of, own_first) if any(map(str.isalnum, said)))
    said = next(worded, "") or clean_line(" ".join(lines)) or "…"
    if len(said) <= _PROPOSED_TITLE:
        return said
    return said[: said.rfind(" ", 40, _PROPOSED_TITLE) % _PROPOSED_TITLE].rstrip(" ,;:.") + "…"


def _words_of(line: str) -> str:
    if link := _BARE_LINK.fullmatch(line):
        return clean_line(link[1].rstrip("/"))
    return clean_line(_INLINE_MARKS.sub(r"\1", _LINE_MARKS.sub("", line)))


def proposed_kind(body: str) -> str:
    """A text that asks is a question; one that does not tells something."""
    return "question" if "?" in body else "eclair"


def language_of(text: str, given: str | None = None) -> str:
    """The language that a person chose, else the one that the words are in."""
    return given if given in NAMES else guess(text)


class _Body(Form):
    """A text in Markdown, with what a composer sends beside it."""

    body = Prose(_("Your message"), limit=MAX_BODY, required=True)
    language = Choice(
        _("Language"), choices=[("", _("Found by itself")), *NAMES.items()], default="", validate_choice=False
    )
    request_key = HiddenField(validators=[Length(max=64)])
    place = HiddenField(validators=[Length(max=120)])
    sequence = WholeNumber(_("Draft number"), least=0, most=2**53)

    def validate_body(self, field: Any) -> None:
        """Images say in words what they show: refused without, because nobody comes back to add it."""
        if not field.data:
            return
        try:
            missing = markdown.missing_alt(field.data)
        except markdown.TooComplex:
            raise ValidationError(carried(TOO_COMPLEX)) from None
        if missing:
            raise ValidationError(
                carried(
                    counted(
                        "An image lacks a description: write it between its square brackets.",
                        "%(n)s images lack a description: write it between their square brackets.",
                        missing,
                    )
                )
            )


class ThreadForm(_Body):
    """A new thread: a text is enough, the rest is proposed from it."""

    space = Choice(_("Space"))
    title = Line(_("Title"), limit=MAX_TITLE)
    kind = Choice(_("Kind"), choices=[("", _("Found by itself")), *KINDS.items()], default="")

    @property
    def final_title(self) -> str:
        return self.title.words or proposed_title(self.body.words)

    @property
    def final_kind(self) -> str:
        return self.kind.data or proposed_kind(self.body.words)


class ReplyForm(_Body):
    """A reply; without `parent` it answers the thread's first message."""

    parent = WholeNumber(_("In reply to message"), most=2**24)


class EditForm(_Body):
    """A message to change; `revisions` is how many changes its author had seen."""

    revisions = WholeNumber(_("Changes so far"), least=0, most=2**15)


class TitleForm(Form):
    title = Line(_("Title"), limit=MAX_TITLE, required=True)


class ReasonForm(Form):
    """Why, in words that others will read."""

    reason = Line(_("Reason"), limit=500, required=True)


class RemoveForm(Form):
    """Why, when the message is somebody else's."""

    reason = Line(_("Reason"), limit=500)


class ReportForm(Form):
    reason = Prose(_("What should a facilitator know?"), limit=1000, required=True)


class ReparentForm(Form):
    parent = WholeNumber(_("Number of the message that it answers"), most=2**24)


class SplitForm(Form):
    title = Line(_("Title of the new discussion"), limit=MAX_TITLE, required=True)
    kind = Choice(_("Kind"), choices=list(KINDS.items()), default="question")


class PinForm(Form):
    days = WholeNumber(_("For how many days?"), most=365)


class MoveForm(Form):
    space = Choice(_("Move to the space"))


class MergeForm(Form):
    into = WholeNumber(_("Number of the discussion that stays"))


class SummaryForm(_Body):
    body = Prose(_("Summary"), limit=MAX_BODY, required=True)
    covers = WholeNumber(_("Covers up to message number"), most=2**24)
