"""Notices are their reader's own."""

from maillage.auth.viewer import Viewer, Who
from maillage.core.answers import NotAllowed, no
from maillage.core.languages import _


def oneself(who: Who) -> Viewer:
    """The person signed in; raises `NotAllowed` for a stranger, who is asked to sign in."""
    if who is None:
        raise NotAllowed(no(_("Sign in to see what you have been told."), sign_in=True))
    return who
