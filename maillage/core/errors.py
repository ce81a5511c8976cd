"""What can go wrong, as exceptions; `web/problems.py` is the one place that turns them into pages."""

from maillage.core.languages import Text


class NotHere(Exception):
    """The thing is absent, or not this person's to see: the two are told apart nowhere (404)."""


class Interrupted(NotHere):
    """The same to somebody who was writing there: what she sent is given back, to be sent again once she is let in."""


class Gone(Exception):
    """The thing has moved for good: `path` is where it lives now (301)."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Refused(Exception):
    """A command found, under its lock, that the act is no longer possible (409). `why` is for the reader."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


class BadRequest(Exception):
    """The request makes no sense: wrong encoding, wrong type, other site (400 or 403). `why` is for the reader."""

    def __init__(self, why: Text, status: int = 400) -> None:
        super().__init__(str(why))
        self.why = why
        self.status = status


class TooMany(Exception):
    """A limit on how often has been reached (429). `seconds` until another try makes sense."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class Unavailable(Exception):
    """Something that we stand on does not answer (503): the database, a sign-in provider."""
