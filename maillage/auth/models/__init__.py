"""People, the organizations they belong to, how they sign in, and what the platform lets them do."""

from maillage.auth.models.people import (
    Group,
    Invitation,
    Membership,
    Moment,
    Organization,
    OrganizationDomain,
    Person,
    PlatformRole,
    key,
    now_column,
)
from maillage.auth.models.signing_in import (
    Arrival,
    GroupMember,
    Provider,
    ProviderGroup,
    ProviderIdentity,
    Session,
    SignInAttempt,
    SignInEvent,
    SignInLink,
)

__all__ = [
    "Arrival",
    "Group",
    "GroupMember",
    "Invitation",
    "Membership",
    "Moment",
    "Organization",
    "OrganizationDomain",
    "Person",
    "PlatformRole",
    "Provider",
    "ProviderGroup",
    "ProviderIdentity",
    "Session",
    "SignInAttempt",
    "SignInEvent",
    "SignInLink",
    "key",
    "now_column",
]
