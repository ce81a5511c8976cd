"""The seats that organizations hold for a gathering, for those who answer for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maillage.core.db import Db, Row, Statement
from maillage.events.models import LIVE

# Whoever asked for them, while she belongs there, and those who administer the organization.
_ANSWERS = """
    EXISTS (SELECT FROM membership m JOIN organization mo ON mo.id = m.organization_id AND mo.closed_at IS NULL
             WHERE m.organization_id = party.organization_id AND m.person_id = $2 AND m.state = 'active'
               AND m.ended_on IS NULL AND (m.role = 'administrator' OR party.by_id = $2))
"""
_SEATS = f"""
    SELECT r.id, r.status, r.way, r.named, r.participant_id, r.party_id, r.offer_expires_at, r.moving_from_id,
           party.organization_id, org.name AS organization, o.label, o.zone, o.locality, o.starts_at, o.state,
           g.unnamed_hours, s.local_start, s.local_end
      FROM registration_party party
      JOIN occurrence o ON o.id = party.occurrence_id AND o.gathering_id = $1
      JOIN gathering g ON g.id = o.gathering_id
      JOIN organization org ON org.id = party.organization_id
      JOIN registration r ON r.party_id = party.id
      LEFT JOIN LATERAL (SELECT local_start, local_end FROM event_session WHERE occurrence_id = o.id
                          ORDER BY starts_at LIMIT 1) s ON true
     WHERE r.status = ANY ($3) AND {_ANSWERS}
"""  # noqa: S608 — our own words
_NAMES = ("gathering_id", "person_id", "live")
_ALL = Statement(f"{_SEATS} ORDER BY o.starts_at, party.id, r.participant_id IS NULL, r.id LIMIT 500", _NAMES)
_ONE = Statement(f"{_SEATS} AND r.id = $4", (*_NAMES, "registration_id"))
_PEOPLE = Statement(
    """
    SELECT p.handle, p.name, p.id FROM membership m JOIN person p ON p.id = m.person_id
     WHERE m.organization_id = $1 AND m.state = 'active' AND m.ended_on IS NULL
       AND p.closed_at IS NULL AND p.suspended_at IS NULL
     ORDER BY p.name_key COLLATE "C", p.id LIMIT 500
    """,
    ("organization_id",),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What an organization asked for at once: it waits, and has its seats, all together."""

    seats: Sequence[Row]

    @property
    def first(self) -> Row:
        return self.seats[0]

    @property
    def unnamed(self) -> int:
        return sum(seat["participant_id"] is None for seat in self.seats)

    @property
    def offered(self) -> bool:
        return any(seat["status"] == "offered" and seat["participant_id"] is None for seat in self.seats)

    @property
    def back_at(self) -> datetime | None:
        """When seats without a name go back to those who wait."""
        starts: datetime | None = self.first["starts_at"]
        return starts - timedelta(hours=self.first["unnamed_hours"]) if starts else None


async def held(db: Db, gathering_id: int, person_id: int) -> Sequence[Held]:
    """All that she answers for, the next dates first."""
    rows = await db.rows(_ALL, gathering_id=gathering_id, person_id=person_id, live=list(LIVE))
    parties = list(dict.fromkeys(row["party_id"] for row in rows))
    return [Held([row for row in rows if row["party_id"] == party]) for party in parties]


async def seat(db: Db, gathering_id: int, person_id: int, registration_id: int) -> Row | None:
    """One of them."""
    return await db.row(
        _ONE, gathering_id=gathering_id, person_id=person_id, live=list(LIVE), registration_id=registration_id
    )


async def people(db: Db, organization_id: int) -> Sequence[Row]:
    """Those of the organization, by name."""
    return await db.rows(_PEOPLE, organization_id=organization_id)
