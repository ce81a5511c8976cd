"""What changes people, their rights and their sessions."""

from maillage.auth.commands.arrivals import ARRIVAL_LASTS, TERMS, begin_arrival, is_own_address, welcome
from maillage.auth.commands.links import (
    LINK_LASTS,
    issue_link_for_address,
    issue_proof_of_address,
    issue_sign_in_link,
    use_proof_of_address,
    use_sign_in_link,
)
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
    close_sessions_of_provider,
    open_session,
    renew_session,
)
from maillage.auth.commands.sign_in import (
    ATTEMPT_LASTS,
    Attempt,
    begin_sign_in,
    known_person,
    person_at,
    take_sign_in,
)
from maillage.auth.commands.ways_in import add_identity, change_address, remove_identity, vouch_for_address

__all__ = [
    "ARRIVAL_LASTS",
    "ATTEMPT_LASTS",
    "LINK_LASTS",
    "TERMS",
    "Attempt",
    "add_identity",
    "begin_arrival",
    "begin_sign_in",
    "change_account",
    "change_address",
    "close_all_sessions",
    "close_one_session",
    "close_session",
    "close_sessions_of_provider",
    "grant_role",
    "is_own_address",
    "issue_link_for_address",
    "issue_proof_of_address",
    "issue_sign_in_link",
    "known_person",
    "make_admin",
    "open_session",
    "person_at",
    "reinstate",
    "remove_identity",
    "renew_session",
    "revoke_role",
    "suspend",
    "take_sign_in",
    "use_proof_of_address",
    "use_sign_in_link",
    "vouch_for_address",
    "welcome",
]
