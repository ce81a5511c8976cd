"""Gatherings in volume: past and to come, with their dates, seats, and people in them and waiting."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from maillage.auth.models import Person
from maillage.core import clock, markdown, names
from maillage.core.config import Trouble
from maillage.core.db import Database, Db, Statement
from maillage.core.languages import FRENCH
from maillage.events.models import (
    EventSession,
    Gathering,
    GatheringHand,
    GatheringText,
    Occurrence,
    Participant,
    Registration,
    Seat,
    SeatPool,
)
from maillage.forum.commands.posting import excerpt
from maillage.taxonomies.models import Term
from maillage.web.flood import MARK, copy, new_keys, words

_ZONE = "America/Toronto"
_SEATS, _COMING = 40, 55
# One in four is still to come, over a year; the others are behind, over four.
_TO_COME, _AHEAD, _BEHIND = 0.25, 365, 1_400

_PEOPLE = Statement(select(Person.id).where(func.starts_with(Person.handle, bindparam("mark"))).order_by(Person.id))
_TERMS = Statement(select(Term.id).where(Term.taxonomy == bindparam("taxonomy")).order_by(Term.id))


async def flood_gatherings(database: Database, *, gatherings: int, say: Callable[[str], None]) -> None:
    """Add `gatherings` published ones of one date each, full, with a queue; then VACUUM, ANALYZE."""
    now = clock.now()
    async with database.writing() as db:
        people = [row["id"] for row in await db.rows(_PEOPLE, mark=f"{MARK}-")]
        if len(people) < _COMING:
            raise Trouble("The volume of people and threads comes first.")
        say(f"{gatherings} gatherings ...")
        await _held(db, random.Random(gatherings), gatherings, people, now)
    say("Statistics ...")
    async with database.pool.acquire() as connection:
        await connection.execute("VACUUM (ANALYZE)")


async def _held(db: Db, rng: random.Random, gatherings: int, people: Sequence[int], now: datetime) -> None:
    regions = [row["id"] for row in await db.rows(_TERMS, taxonomy="region")]
    kinds = [row["id"] for row in await db.rows(_TERMS, taxonomy="gathering_type")]
    nobody = markdown.References({}, {})
    texts = [
        (source, markdown.render(source, references=nobody, language=FRENCH, prefix="g-"))
        for source in words.messages(rng, 50)
    ]
    participants = await new_keys(db, Participant, len(people))
    await copy(
        db,
        Participant,
        ("id", "person_id", "created_at"),
        [(*both, now) for both in zip(participants, people, strict=True)],
    )
    ids, dates = await new_keys(db, Gathering, gatherings), await new_keys(db, Occurrence, gatherings)
    rows: dict[type[Any], list[tuple[Any, ...]]] = defaultdict(list)
    for gathering_id, date_id, title in zip(ids, dates, words.titles(rng, gatherings), strict=True):
        ahead = rng.random() < _TO_COME
        day = now + timedelta(days=rng.randint(1, _AHEAD) if ahead else -rng.randint(1, _BEHIND))
        begins = day.astimezone(ZoneInfo(_ZONE)).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
        said = min(now, day) - timedelta(days=60)
        source, rendered = rng.choice(texts)
        organizer = rng.choice(people)
        rows[Gathering].append(
            (
                *(gathering_id, title, names.slug(title), FRENCH, "published", rng.choice(kinds)),
                *(excerpt(rendered.text), organizer, said, said, said),
            )
        )
        rows[GatheringHand].append((gathering_id, organizer, "organizer"))
        rows[GatheringText].append(
            (gathering_id, "description", source, rendered.html, markdown.RENDER_VERSION, organizer)
        )
        rows[Occurrence].append((date_id, gathering_id, "in-person", _ZONE, "Salle communautaire", rng.choice(regions)))
        rows[EventSession].append((date_id, _ZONE, begins, begins + timedelta(hours=7)))
        rows[SeatPool].append((date_id, "in-person", _SEATS, True))
        rows[Seat] += [(date_id, "in-person", n) for n in range(1, _SEATS + 1)]
        for place, whose in enumerate(rng.sample(participants, _COMING), 1):
            seat = place if place <= _SEATS else None
            rows[Registration].append(
                (
                    *(date_id, "in-person", True, whose, "confirmed" if seat else "waiting", seat, place),
                    *(f"{MARK}-{date_id}-{place}", said, said),
                )
            )
    for table, columns in _COLUMNS.items():
        await copy(db, table, columns, rows[table])
    await db.run(_NEXT, dates=dates, coming=_COMING)


_NEXT = Statement("UPDATE occurrence SET next_seq = $2::int + 1 WHERE id = ANY($1::bigint[])", ("dates", "coming"))
_COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Gathering: (
        *("id", "title", "slug", "language", "state", "type_id", "summary", "created_by_id"),
        *("created_at", "changed_at", "published_at"),
    ),
    GatheringHand: ("gathering_id", "person_id", "role"),
    GatheringText: ("gathering_id", "field", "body_md", "body_html", "render_version", "updated_by_id"),
    Occurrence: ("id", "gathering_id", "mode", "zone", "place", "region_id"),
    EventSession: ("occurrence_id", "zone", "local_start", "local_end"),
    SeatPool: ("occurrence_id", "way", "seats", "limited"),
    Seat: ("occurrence_id", "way", "n"),
    Registration: (
        *("occurrence_id", "way", "limited", "participant_id", "status", "seat_no", "seq"),
        *("ticket", "created_at", "changed_at"),
    ),
}
