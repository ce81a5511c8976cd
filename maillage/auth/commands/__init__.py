"""What changes people, their rights and their sessions."""

from maillage.auth.commands.people import (
    change_account,
    grant_role,
    make_admin,
    reinstate,
    revoke_role,
    suspend,
)
from maillage.auth.commands.sessions import (
    close_all_sessions,
    close_one_session,
    close_session,
    open_session,
)
from maillage.auth.commands.sign_in import (
    ATTEMPT_LASTS,
    Attempt,
    begin_sign_in,
    issue_sign_in_link,
    person_for_identity,
    take_sign_in,
    use_sign_in_link,
)

__all__ = [
    "ATTEMPT_LASTS",
    "Attempt",
    "begin_sign_in",
    "change_account",
    "close_all_sessions",
    "close_one_session",
    "close_session",
    "grant_role",
    "issue_sign_in_link",
    "make_admin",
    "open_session",
    "person_for_identity",
    "reinstate",
    "revoke_role",
    "suspend",
    "take_sign_in",
    "use_sign_in_link",
]
