"""An `Answer` is the one form of *may this person?*: it guards a route, draws or hides a button, and says why."""

from dataclasses import dataclass

from maillage.core.languages import Text


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, or no with its reason. Truthy when yes.

    `sign_in` says that signing in could change the answer, so that a page may offer it.
    """

    allowed: bool
    why: Text | None = None
    sign_in: bool = False

    def __bool__(self) -> bool:
        return self.allowed

    def or_refuse(self) -> None:
        """Let the allowed pass; raise `NotAllowed` (403, or the sign-in page) for the others."""
        if not self.allowed:
            raise NotAllowed(self)


YES = Answer(True)


def no(why: Text, *, sign_in: bool = False) -> Answer:
    return Answer(False, why, sign_in)


class NotAllowed(Exception):
    """Raised by a guard. Becomes 403 with the reason, or the sign-in page when signing in could help."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.why))
        self.answer = answer
