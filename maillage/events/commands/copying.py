"""A gathering begun with another one: with what its organizer chooses of it, never with anybody who came."""

from collections.abc import Collection
from datetime import date, datetime

from maillage.auth.viewer import Viewer
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import NotHere
from maillage.events.commands import hands, registering, texts
from maillage.events.commands.holding import hold

_GATHERING = Statement(
    """
    INSERT INTO gathering (title, slug, language, state, visibility, type_id, module_id, summary, cost, conditions,
                           registration, auto_hours, offer_hours, unnamed_hours, skip_parties, created_by_id,
                           created_at, changed_at, request_key)
    SELECT $2, $3, language, $4, visibility, type_id, module_id, summary, cost, conditions,
           registration, auto_hours, offer_hours, unnamed_hours, skip_parties, $5, $6, $6, $7
      FROM gathering WHERE id = $1
    ON CONFLICT (created_by_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
    RETURNING id
    """,
    ("copied", "title", "slug", "state", "by", "now", "request_key"),
)
_MADE = Statement("SELECT id FROM gathering WHERE created_by_id = $1 AND request_key = $2", ("by", "request_key"))
# What is always its own: by which words it is found, who organizes it, when people are reminded.
_ALWAYS = tuple(
    Statement(sql, ("copied", "made"))
    for sql in (
        "INSERT INTO gathering_term SELECT $2, term_id FROM gathering_term WHERE gathering_id = $1",
        """
        INSERT INTO gathering_organization
        SELECT $2, organization_id, position FROM gathering_organization WHERE gathering_id = $1
        """,
        "INSERT INTO reminder_rule (gathering_id, hours) SELECT $2, hours FROM reminder_rule WHERE gathering_id = $1",
    )
)
_HANDS = Statement(
    "INSERT INTO gathering_hand (gathering_id, person_id, role, added_at)"
    " SELECT $2, person_id, role, $3 FROM gathering_hand WHERE gathering_id = $1 ON CONFLICT DO NOTHING",
    ("copied", "made", "now"),
)
# What was noted there, what came after and what is to change belong to the one that took place.
_TEXTS = Statement(
    "SELECT field, body_md FROM gathering_text WHERE gathering_id = $1 AND field IN ('description', 'before')",
    ("copied",),
)
_QUESTIONS = Statement("SELECT id FROM event_question WHERE gathering_id = $1 ORDER BY position, id", ("copied",))
_QUESTION = Statement(
    "INSERT INTO event_question (gathering_id, position, kind, label, help, required, sensitive)"
    " SELECT $2, position, kind, label, help, required, sensitive FROM event_question WHERE id = $1 RETURNING id",
    ("copied", "made"),
)
_CHOICES = Statement(
    """
    SELECT c.id, c.question_id FROM event_choice c JOIN event_question q ON q.id = c.question_id
     WHERE q.gathering_id = $1 ORDER BY c.position, c.id
    """,
    ("copied",),
)
_CHOICE = Statement(
    "INSERT INTO event_choice (question_id, position, label, details, seats)"
    " SELECT $2, position, label, details, seats FROM event_choice WHERE id = $1 RETURNING id",
    ("copied", "made"),
)
_SHOWN_WHEN = Statement("UPDATE event_question SET shown_when_id = $2 WHERE id = $1", ("question_id", "choice_id"))
_CONDITIONS = Statement(
    "SELECT id, shown_when_id FROM event_question WHERE gathering_id = $1 AND shown_when_id IS NOT NULL", ("copied",)
)
_ITEMS = Statement("SELECT id, question_id FROM programme_item WHERE gathering_id = $1 ORDER BY id", ("copied",))
_ITEM = Statement(
    "INSERT INTO programme_item (gathering_id, session, begins, minutes, title, details, question_id)"
    " SELECT $2, session, begins, minutes, title, details, $3 FROM programme_item WHERE id = $1",
    ("copied", "made", "question_id"),
)
_DATES = Statement(
    """
    SELECT o.id, (SELECT min(local_start)::date FROM event_session WHERE occurrence_id = o.id) AS day
      FROM occurrence o WHERE o.gathering_id = $1 AND o.state <> 'cancelled' ORDER BY o.starts_at, o.id LIMIT 60
    """,
    ("gathering_id",),
)
_DATE = Statement(
    """
    INSERT INTO occurrence (gathering_id, series_id, label, mode, zone, place, address, locality, region_id,
                            online_url, online_note)
    SELECT $2, $3, label, mode, zone, place, address, locality, region_id, online_url, online_note
      FROM occurrence WHERE id = $1 RETURNING id
    """,
    ("copied", "made", "series_id"),
)
_SESSIONS = Statement(
    "INSERT INTO event_session (occurrence_id, zone, local_start, local_end, title, changed_at)"
    " SELECT $2, zone, local_start + make_interval(days => $3), local_end + make_interval(days => $3), title, $4"
    " FROM event_session WHERE occurrence_id = $1",
    ("copied", "made", "days", "now"),
)
_ACCESS = Statement(
    "INSERT INTO occurrence_access SELECT $2, fact, answer, note FROM occurrence_access WHERE occurrence_id = $1",
    ("copied", "made"),
)
_POOLS = Statement("SELECT way, seats FROM seat_pool WHERE occurrence_id = $1 ORDER BY way", ("copied",))


async def copy(
    db: Db,
    *,
    who: Viewer,
    gathering_id: int,
    title: str,
    what: Collection[str],
    first_day: date | None,
    model: bool,
    now: datetime,
    request_key: str | None,
) -> int:
    """A draft, or a model, that `who` organizes. Returns its number; the same `request_key` again is the same one.

    `what` are keys of `forms.editing.COPIED`. Dates move together, so that the first is on `first_day`.
    """
    made: int | None = await db.value(
        _GATHERING,
        copied=gathering_id,
        title=title,
        slug=names.slug(title),
        state="model" if model else "draft",
        by=who.id,
        now=now,
        request_key=request_key,
    )
    if made is None:
        again: int | None = await db.value(_MADE, by=who.id, request_key=request_key)
        if again is None:
            raise NotHere
        return again
    await hands.add(db, gathering_id=made, person_id=who.id, role="organizer", now=now)
    for statement in _ALWAYS:
        await db.run(statement, copied=gathering_id, made=made)
    if "hands" in what:
        await db.run(_HANDS, copied=gathering_id, made=made, now=now)
    if "texts" in what:
        # Written anew: files belong to the other one, and are only as visible as that is.
        sources = {row["field"]: row["body_md"] for row in await db.rows(_TEXTS, copied=gathering_id)}
        await texts.write(db, gathering=await hold(db, gathering_id=made), sources=sources, by=who.id, now=now)
    if "programme" in what:
        await _copy_programme(db, gathering_id, made)
    if "dates" in what:
        dates = [row for row in await db.rows(_DATES, gathering_id=gathering_id) if row["day"] is not None]
        for row in dates:
            days = (first_day - dates[0]["day"]).days if first_day else 0
            await copy_date(db, occurrence_id=row["id"], gathering_id=made, days=days, now=now)
    return made


async def copy_date(
    db: Db, *, occurrence_id: int, gathering_id: int, days: int, now: datetime, series_id: int | None = None
) -> int:
    """The same date so many days later, on the same hours of the wall, with as many seats and nobody in them."""
    made: int = await db.value(_DATE, copied=occurrence_id, made=gathering_id, series_id=series_id)
    await db.run(_SESSIONS, copied=occurrence_id, made=made, days=days, now=now)
    await db.run(_ACCESS, copied=occurrence_id, made=made)
    for pool in await db.rows(_POOLS, copied=occurrence_id):
        await registering.set_seats(db, occurrence_id=made, way=pool["way"], seats=pool["seats"], now=now)
    return made


async def _copy_programme(db: Db, copied: int, made: int) -> None:
    questions: dict[int, int] = {}
    for row in await db.rows(_QUESTIONS, copied=copied):
        questions[row["id"]] = await db.value(_QUESTION, copied=row["id"], made=made)
    choices: dict[int, int] = {}
    for row in await db.rows(_CHOICES, copied=copied):
        choices[row["id"]] = await db.value(_CHOICE, copied=row["id"], made=questions[row["question_id"]])
    for row in await db.rows(_CONDITIONS, copied=copied):
        await db.run(_SHOWN_WHEN, question_id=questions[row["id"]], choice_id=choices[row["shown_when_id"]])
    for row in await db.rows(_ITEMS, copied=copied):
        question = questions[row["question_id"]] if row["question_id"] else None
        await db.run(_ITEM, copied=row["id"], made=made, question_id=question)
