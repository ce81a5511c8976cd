"""What the organizers of a gathering see of it: what waits for them, and everybody who registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maillage.core.db import Db, Row, Statement
from maillage.events.models import LIVE
from maillage.events.policies.desk import SORTS, WRITTEN_TO, Segment
from maillage.events.queries.addressees import ACCOUNT
from maillage.events.queries.registrations import RANK

PER_PAGE = 100
_MOST = 20_000

_FROM = """
      FROM registration r
      JOIN occurrence o ON o.id = r.occurrence_id
      LEFT JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      LEFT JOIN registration_party party ON party.id = r.party_id
      LEFT JOIN organization org ON org.id = coalesce(r.organization_id, party.organization_id)
     WHERE o.gathering_id = $1 AND r.status = ANY ($2::text[])
       AND ($3::bigint IS NULL OR r.occurrence_id = $3) AND ($4::text = '' OR r.way = $4)
       AND ($5::text = '' OR coalesce(p.region, org.region) = $5) AND ($6::text = '' OR org.family = $6)
       AND ($7::text = ''
            OR position(lower($7) IN lower(concat_ws(' ', r.named, p.name, pa.name, pa.email, org.name))) > 0)
       AND (cardinality($8::bigint[]) = 0 OR r.id = ANY ($8))
"""
_NAMES = ("gathering_id", "statuses", "date", "way", "region", "family", "words", "ticked")
# An address that was given to register is the organizers' to read; that of an account is not.
_LIST = f"""
    SELECT r.id, r.status, r.way, r.party_id, r.occurrence_id, r.created_at, r.listed, p.handle,
           coalesce(nullif(r.named, ''), p.name, pa.name, '') AS name, coalesce(pa.email, '') AS email,
           coalesce(org.name, '') AS organization, org.family, coalesce(p.region, org.region) AS region,
           o.label, o.zone, s.local_start, s.local_end,
           {RANK} AS rank,
           n.access, n.diet, n.words,
           EXISTS (SELECT FROM attendance a JOIN event_session k ON k.id = a.session_id AND k.ends_at <= now()
                    WHERE a.registration_id = r.id AND r.participant_id IS NOT NULL) AS attested
      FROM (SELECT r.id {_FROM}) AS found
      JOIN registration r ON r.id = found.id
      JOIN occurrence o ON o.id = r.occurrence_id
      LEFT JOIN LATERAL (SELECT local_start, local_end FROM event_session WHERE occurrence_id = o.id
                          ORDER BY starts_at LIMIT 1) s ON true
      LEFT JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      LEFT JOIN registration_party party ON party.id = r.party_id
      LEFT JOIN organization org ON org.id = coalesce(r.organization_id, party.organization_id)
      LEFT JOIN registration_needs n ON n.registration_id = r.id
"""  # noqa: S608 — our own words
_ORDERS = {
    "name": "coalesce(p.name_key, lower(pa.name)) {}",
    "organization": "org.name_key {0}, coalesce(p.name_key, lower(pa.name)) {0}",
    "status": (
        "array_position(ARRAY['pending', 'unconfirmed', 'offered', 'waiting', 'confirmed'], r.status::text) {}, r.seq"
    ),
    "asked": "r.created_at {}",
}
_LISTS = {
    (sort, down): Statement(
        f"{_LIST} ORDER BY {_ORDERS[sort].format('DESC NULLS LAST' if down else 'ASC NULLS LAST')}, r.id"
        " LIMIT $9 OFFSET $10",
        (*_NAMES, "most", "after"),
    )
    for sort in SORTS
    for down in (False, True)
}
_COUNT = Statement(f"SELECT count(*) {_FROM}", _NAMES)
# Whoever has two dates has one letter, whoever gave no address none; of seats without a name, whoever answers for them.
_WRITTEN_TO = Statement(
    f"""
    SELECT min(r.id) AS id {_FROM} AND r.status = ANY ($9::text[])
       AND (pa.id IS NULL OR pa.person_id IS NOT NULL OR pa.email IS NOT NULL)
     GROUP BY coalesce('p' || r.participant_id, 'b' || party.by_id) ORDER BY 1
    """,
    (*_NAMES, "reachable"),
)
_STATED = Statement(
    """
    SELECT r.id, r.status, r.party_id, r.occurrence_id
      FROM registration r JOIN occurrence o ON o.id = r.occurrence_id
     WHERE o.gathering_id = $1 AND r.id = ANY ($2) ORDER BY r.occurrence_id, r.id
    """,
    ("gathering_id", "ids"),
)
_DATES = Statement(
    """
    SELECT o.id, o.label, o.zone, o.state, o.starts_at, o.ends_at, s.local_start, s.local_end, pool.way, pool.limited,
           pool.seats, count(r.id) FILTER (WHERE r.status IN ('confirmed', 'offered')) AS taken,
           count(r.id) FILTER (WHERE r.status = 'waiting') AS waiting
      FROM occurrence o
      LEFT JOIN LATERAL (SELECT local_start, local_end FROM event_session WHERE occurrence_id = o.id
                          ORDER BY starts_at LIMIT 1) s ON true
      LEFT JOIN seat_pool pool ON pool.occurrence_id = o.id
      LEFT JOIN registration r ON r.occurrence_id = o.id AND r.way = pool.way
     WHERE o.gathering_id = $1
     GROUP BY o.id, s.local_start, s.local_end, pool.way, pool.limited, pool.seats
     ORDER BY o.starts_at, o.id, pool.way LIMIT 500
    """,
    ("gathering_id",),
)
_TODAY = Statement(
    """
    SELECT count(*) FILTER (WHERE r.status = 'pending') AS pending,
           count(*) FILTER (WHERE r.status = 'offered') AS offered,
           count(*) FILTER (WHERE r.status = 'unconfirmed') AS unconfirmed,
           count(*) FILTER (WHERE r.participant_id IS NULL AND r.status = 'confirmed') AS unnamed,
           count(n.registration_id) FILTER (WHERE r.status = 'confirmed') AS needs,
           (SELECT g.state = 'published' AND g.reported_at IS NULL AND max(x.ends_at) < $2
              FROM gathering g JOIN occurrence x ON x.gathering_id = g.id AND x.state = 'scheduled'
             WHERE g.id = $1 GROUP BY g.id) AS to_report,
           (SELECT count(*) FROM gathering_case s JOIN practice_case c ON c.id = s.case_id
             WHERE s.gathering_id = $1 AND s.state = 'proposed' AND c.state IN ('published', 'to_revise')) AS stories
      FROM registration r
      JOIN occurrence o ON o.id = r.occurrence_id AND o.gathering_id = $1 AND o.starts_at > $2
           AND o.state <> 'cancelled'
      LEFT JOIN registration_needs n ON n.registration_id = r.id
    """,
    ("gathering_id", "now"),
)
_OF = """
    SELECT {} AS slug, count(*) AS many
      FROM registration r
      JOIN occurrence o ON o.id = r.occurrence_id AND o.gathering_id = $1
      LEFT JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id
      LEFT JOIN registration_party party ON party.id = r.party_id
      LEFT JOIN organization org ON org.id = coalesce(r.organization_id, party.organization_id)
     WHERE r.status = 'confirmed' GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST
"""
_BY_REGION = Statement(_OF.format("coalesce(p.region, org.region)"), ("gathering_id",))
_BY_FAMILY = Statement(_OF.format("org.family"), ("gathering_id",))
_SENT = Statement(
    """
    SELECT l.id, l.subject, l.recipients, l.created_at, p.name FROM gathering_letter l JOIN person p ON p.id = l.by_id
     WHERE l.gathering_id = $1 ORDER BY l.id DESC LIMIT 20
    """,
    ("gathering_id",),
)
# Those who answered in their words, and those who chose.
_ANSWERS = Statement(
    """
    SELECT x.registration_id, q.id AS question_id, q.label, string_agg(x.body, '; ' ORDER BY x.position) AS body
      FROM event_question q
      JOIN (SELECT a.registration_id, a.question_id, a.body, 0 AS position FROM registration_answer a
            UNION ALL
            SELECT t.registration_id, c.question_id, c.label, c.position
              FROM registration_choice t JOIN event_choice c ON c.id = t.choice_id) x ON x.question_id = q.id
     WHERE q.gathering_id = $1 AND x.registration_id = ANY ($2)
     GROUP BY x.registration_id, q.id, q.label, q.position ORDER BY q.position, q.id
    """,
    ("gathering_id", "ids"),
)
_LETTER = Statement(
    f"""
    SELECT l.id, l.subject, l.body, g.title, g.slug, g.language, g.id AS gathering_id, by.name AS writer, r.status,
           coalesce(p.email, pa.email, her.email) AS email, coalesce(p.name, pa.name, her.name) AS name,
           coalesce(p.locale, pa.locale, her.locale) AS locale
      FROM gathering_letter l
      JOIN gathering g ON g.id = l.gathering_id
      JOIN person by ON by.id = l.by_id
      JOIN registration r ON r.id = $2
      LEFT JOIN participant pa ON pa.id = r.participant_id
      {ACCOUNT}
      LEFT JOIN registration_party party ON party.id = r.party_id AND r.participant_id IS NULL
      LEFT JOIN person her ON her.id = party.by_id AND her.closed_at IS NULL AND her.suspended_at IS NULL
     WHERE l.id = $1
    """,  # noqa: S608 — our own words
    ("letter_id", "registration_id"),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """All that one page says of a gathering."""

    today: Row
    dates: Sequence[Row]
    regions: Sequence[Row]
    families: Sequence[Row]
    sent: Sequence[Row]


def _given(gathering_id: int, segment: Segment) -> dict[str, Any]:
    return {
        "gathering_id": gathering_id,
        "statuses": list(segment.statuses),
        "date": segment.date,
        "way": segment.way,
        "region": segment.region,
        "family": segment.family,
        "words": segment.words,
        "ticked": list(segment.ticked),
    }


async def registered(
    db: Db, gathering_id: int, segment: Segment, *, page: int = 1, per_page: int = _MOST
) -> Sequence[Row]:
    """Those of the segment, in its order."""
    statement = _LISTS[segment.sort, segment.descending]
    return await db.rows(statement, **_given(gathering_id, segment), most=per_page, after=(page - 1) * per_page)


async def how_many(db: Db, gathering_id: int, segment: Segment) -> int:
    many: int = await db.value(_COUNT, **_given(gathering_id, segment))
    return many


async def written_to(db: Db, gathering_id: int, segment: Segment) -> list[int]:
    """One registration of each of those of the segment who can be written to."""
    rows = await db.rows(_WRITTEN_TO, **_given(gathering_id, segment), reachable=list(WRITTEN_TO))
    return [row["id"] for row in rows]


async def stated(db: Db, gathering_id: int, ids: Sequence[int]) -> Sequence[Row]:
    """Where these registrations stand, those of other gatherings left out, in the order in which dates are held."""
    return await db.rows(_STATED, gathering_id=gathering_id, ids=list(ids))


async def dates(db: Db, gathering_id: int) -> Sequence[Row]:
    """Each way to come to each date, with its seats."""
    return await db.rows(_DATES, gathering_id=gathering_id)


async def answers(db: Db, gathering_id: int, ids: Sequence[int]) -> Sequence[Row]:
    """What these answered, question by question."""
    return await db.rows(_ANSWERS, gathering_id=gathering_id, ids=list(ids))


async def desk(db: Db, gathering_id: int, now: datetime) -> Desk:
    today = await db.row(_TODAY, gathering_id=gathering_id, now=now)
    assert today is not None  # noqa: S101 — counts give one row
    return Desk(
        today,
        await dates(db, gathering_id),
        await db.rows(_BY_REGION, gathering_id=gathering_id),
        await db.rows(_BY_FAMILY, gathering_id=gathering_id),
        await db.rows(_SENT, gathering_id=gathering_id),
    )


async def letter(db: Db, letter_id: int, registration_id: int) -> Row | None:
    """What one of them is written, if she still is to be."""
    row = await db.row(_LETTER, letter_id=letter_id, registration_id=registration_id)
    return row if row is not None and row["email"] and row["status"] in LIVE else None
