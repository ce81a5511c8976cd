"""What is said of what comes after a gathering: a report that is missing, what became of it, « et puis? »."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from maillage.core import jobs, mail
from maillage.core.db import Statement
from maillage.core.languages import Text, _
from maillage.events.queries.addressees import ACCOUNT, ADDRESSEE
from maillage.events.queries.afterwards import CAME
from maillage.notices import subjects

# Asked when the letter leaves. Whoever has made an account meanwhile is still written to: no notice was made for her.
_LETTER = Statement(
    f"""
    SELECT g.title, g.language, g.visibility, {ADDRESSEE}
      FROM gathering g
      JOIN participant pa ON pa.id = $2
      {ACCOUNT}
     WHERE g.id = $1 AND g.state = 'published' AND coalesce(p.email, pa.email) IS NOT NULL
       AND EXISTS (SELECT FROM registration r JOIN occurrence o ON o.id = r.occurrence_id AND o.state = 'scheduled'
                    WHERE o.gathering_id = g.id AND r.participant_id = pa.id AND {CAME})
    """,  # noqa: S608 — our own words
    ("gathering_id", "participant_id"),
)


def _always(sentence: Text) -> subjects.Words:
    return lambda _n: sentence


subjects.say("report-missing", _always(_("It is over: write down what came of it, while it is fresh")))
subjects.say("report-published", _always(_("What came of it is written down")))
subjects.say("and-then", _always(_("Three months ago you were there: what came of it where you are?")))


@jobs.job("and_then_letter")
async def and_then_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    gathering_id, participant_id = payload["gathering_id"], payload["participant_id"]
    async with tools.database.reading() as db:
        row = await db.row(_LETTER, gathering_id=gathering_id, participant_id=participant_id)
    if row is None:
        return
    settings, path = tools.settings, f"/rencontres/{gathering_id}/et-puis"
    # To whoever has no account, a gathering among members is not there.
    address = path if row["visibility"] == "public" else f"/connexion?suite={path}"
    letter = mail.worded(
        settings,
        "and_then",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        row=row,
        address=settings.base_url + address,
    )
    message_id = f"<and-then-{gathering_id}-{participant_id}@{urlsplit(settings.base_url).hostname}>"
    await mail.send(settings, replace(letter, message_id=message_id))
