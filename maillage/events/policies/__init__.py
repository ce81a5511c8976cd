"""Who may do what with a gathering. Each rule is written once: it guards the act, draws its button, says why not."""

from maillage.events.policies.rules import (
    DATE_STATE_NAMES,
    MODE_NAMES,
    ROLE_NAMES,
    STATE_NAMES,
    VISIBLE,
    WAY_NAMES,
    Standing,
    may_create,
    may_organize,
    may_read,
    may_receive,
    publicly_readable,
    signed_in,
)

__all__ = [
    "DATE_STATE_NAMES",
    "MODE_NAMES",
    "ROLE_NAMES",
    "STATE_NAMES",
    "VISIBLE",
    "WAY_NAMES",
    "Standing",
    "may_create",
    "may_organize",
    "may_read",
    "may_receive",
    "publicly_readable",
    "signed_in",
]
