"""Thanks to those who came, with the way to say what one thought of it: what holds is asked again as it leaves."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from maillage.core import clock, jobs, mail
from maillage.core.db import Statement
from maillage.core.sealing import seal
from maillage.events.commands import thanking
from maillage.events.letters.registrations import link_of
from maillage.events.queries.afterwards import CAME

# What a link to the evaluation is sealed for; it holds the number of a registration.
EVALUATING = "evaluate a gathering"

_LETTER = Statement(
    f"""
    SELECT r.id, t.status, {CAME} AND o.state = 'scheduled' AND g.state = 'published'
               AND NOT EXISTS (SELECT FROM evaluated e WHERE e.registration_id = r.id)
               AND coalesce(p.email, pa.email) IS NOT NULL AS holds,
           EXISTS (SELECT FROM attendance a WHERE a.registration_id = r.id) AS seen,
           o.ends_at, g.id AS gathering_id, g.title, g.language, g.reported_at,
           coalesce(p.email, pa.email) AS email, coalesce(p.name, pa.name) AS name,
           coalesce(p.locale, pa.locale) AS locale
      FROM thanks t
      JOIN registration r ON r.id = t.registration_id
      JOIN occurrence o ON o.id = r.occurrence_id
      JOIN gathering g ON g.id = o.gathering_id
      JOIN participant pa ON pa.id = r.participant_id
      LEFT JOIN person p ON p.id = pa.person_id AND p.closed_at IS NULL AND p.suspended_at IS NULL
     WHERE t.registration_id = $1
    """,  # noqa: S608 — our own words
    ("registration_id",),
)


@jobs.job("thanks_letter")
async def thanks_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    number, now, settings = payload["registration_id"], clock.now(), tools.settings
    async with tools.database.reading() as db:
        row = await db.row(_LETTER, registration_id=number)
    if row is None or row["status"] != "queued":
        return
    status = "dropped"
    if row["holds"]:
        status = "missed" if row["ends_at"] + thanking.AFTER + thanking.LATE < now else "sent"
    if status == "sent":
        token = seal(settings.secret, EVALUATING, str(number).encode()).decode()
        base = f"{settings.base_url}/rencontres/{row['gathering_id']}"
        letter = mail.worded(
            settings,
            "thanks",
            row["locale"],
            to=row["email"],
            to_name=row["name"],
            row=row,
            evaluation=f"{base}/evaluation?jeton={token}",
            report=f"{base}/bilan" if row["reported_at"] else None,
            own=link_of(settings.secret, settings.base_url, row) if row["seen"] else None,
        )
        message_id = f"<thanks-{number}@{urlsplit(settings.base_url).hostname}>"
        await mail.send(settings, replace(letter, message_id=message_id))
    async with tools.database.writing() as db:
        await thanking.end(db, registration_id=number, status=status, now=now)
