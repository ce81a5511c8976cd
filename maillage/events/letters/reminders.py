"""Reminders: what holds is asked again when the letter leaves."""

from typing import Any

from maillage.core import clock, jobs, mail
from maillage.core.db import Statement
from maillage.core.languages import _
from maillage.events.commands import reminding
from maillage.events.letters.registrations import letter_of
from maillage.events.policies.told import Said
from maillage.events.queries import registrations
from maillage.events.queries.addressees import ACCOUNT, ADDRESSEE

_SAID = Said(_("Soon: %(title)s"), _("You are registered for this gathering, which takes place soon."))
_REMINDER = Statement(
    f"""
    SELECT r.id AS registration_id, m.status,
           r.status = 'confirmed' AND o.starts_at = m.starts_at AND o.state = 'scheduled' AND g.state = 'published'
               AND coalesce(p.email, pa.email) IS NOT NULL AS holds,
           o.starts_at - make_interval(hours => rule.hours) AS due_at, o.starts_at,
           {ADDRESSEE}
      FROM reminder m
      JOIN reminder_rule rule ON rule.id = m.rule_id
      JOIN registration r ON r.id = m.registration_id
      JOIN occurrence o ON o.id = r.occurrence_id
      JOIN gathering g ON g.id = o.gathering_id
      JOIN participant pa ON pa.id = r.participant_id
      {ACCOUNT}
     WHERE m.id = $1
    """,  # noqa: S608 — our own words
    ("reminder_id",),
)


@jobs.job("reminder_letter")
async def reminder_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    number, now = payload["reminder_id"], clock.now()
    async with tools.database.reading() as db:
        found = await db.row(_REMINDER, reminder_id=number)
        if found is None or found["status"] != "queued":
            return
        row = await registrations.standing(db, found["registration_id"])
    status = "dropped"
    if row is not None and found["holds"]:
        status = "missed" if found["due_at"] + reminding.LATE < now or found["starts_at"] <= now else "sent"
    if status == "sent" and row is not None:
        await mail.send(tools.settings, letter_of(tools.settings, f"reminder-{number}", found, row, _SAID))
    async with tools.database.writing() as db:
        await reminding.end(db, reminder_id=number, status=status, now=now)
