"""Thanks to those who came, with the way to say what one thought of it: what holds is asked again as it leaves."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from maillage.core import clock, jobs, mail
from maillage.core.db import Statement
from maillage.core.sealing import seal
from maillage.events.commands import thanking
from maillage.events.letters.registrations import link_of
from maillage.events.queries.addressees import ACCOUNT, ADDRESSEE
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
           {ADDRESSEE}
      FROM thanks t
      JOIN registration r ON r.id = t.registration_id
      JOIN occurrence o ON o.id = r.occurrence_id
      JOIN gathering g ON g.id = o.gathering_id
      JOIN participant pa ON pa.id = r.participant_id
      {ACCOUNT}
     WHERE t.registration_id = $1
    """,  # noqa: S608 — our own words
    ("registration_id",),
)


def evaluation_path(secret: str, gathering_id: int, registration_id: int) -> str:
    """Where whoever holds this link, and this registration, says what she thought of it."""
    token = seal(secret, EVALUATING, str(registration_id).encode()).decode()
    return f"/rencontres/{gathering_id}/evaluation?jeton={token}"


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
        base = f"{settings.base_url}/rencontres/{row['gathering_id']}"
        letter = mail.worded(
            settings,
            "thanks",
            row["locale"],
            to=row["email"],
            to_name=row["name"],
            row=row,
            evaluation=settings.base_url + evaluation_path(settings.secret, row["gathering_id"], number),
            report=f"{base}/bilan" if row["reported_at"] else None,
            own=link_of(settings.secret, settings.base_url, row) if row["seen"] else None,
        )
        message_id = f"<thanks-{number}@{urlsplit(settings.base_url).hostname}>"
        await mail.send(settings, replace(letter, message_id=message_id))
    async with tools.database.writing() as db:
        await thanking.end(db, registration_id=number, status=status, now=now)
