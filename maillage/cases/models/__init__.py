"""The tables of practice stories: the record itself, and the register of the people in it."""

from maillage.cases.models.people import CasePerson, CaseQuote, RegisterReading
from maillage.cases.models.story import (
    DEPTHS,
    LICENCES,
    OUTCOMES,
    STATES,
    BrowsingVersion,
    Case,
    CaseActor,
    CaseAuthor,
    CaseDraft,
    CaseEvent,
    CasePresence,
    CaseRemark,
    CaseRevision,
    CaseTerm,
    CaseText,
)

__all__ = [
    "DEPTHS",
    "LICENCES",
    "OUTCOMES",
    "STATES",
    "BrowsingVersion",
    "Case",
    "CaseActor",
    "CaseAuthor",
    "CaseDraft",
    "CaseEvent",
    "CasePerson",
    "CasePresence",
    "CaseQuote",
    "CaseRemark",
    "CaseRevision",
    "CaseTerm",
    "CaseText",
    "RegisterReading",
]
