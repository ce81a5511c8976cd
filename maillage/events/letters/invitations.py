"""The letter that asks somebody to come. Its link is made when it leaves, and says which invitation it is."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from maillage.core import clock, jobs, mail
from maillage.core.languages import _
from maillage.core.sealing import seal
from maillage.events.policies.zones import span
from maillage.events.queries import inviting
from maillage.notices import subjects

INVITED = "an invitation to a gathering"

subjects.say("gathering-invitation", lambda _n: _("You are invited to this gathering"))


@jobs.job("gathering_invitation")
async def gathering_invitation(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Asked when it leaves: she is still invited, and it still takes place."""
    number, now = payload["invitation_id"], clock.now()
    async with tools.database.reading() as db:
        row = await inviting.invitation(db, number)
        if row is None or row["state"] != "published" or row["email"] is None or not row["is_here"]:
            return
        dates = await inviting.coming_dates(db, row["gathering_id"], now)
    settings = tools.settings
    token = seal(settings.secret, INVITED, str(number).encode()).decode()
    letter = mail.worded(
        settings,
        "gathering_invitation",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        row=row,
        dates=[span(date["local_start"], date["local_end"], date["zone"]) for date in dates],
        address=f"{settings.base_url}/rencontres/invitations/{token}",
    )
    if not payload["again"]:
        # Sent twice by mischance, it is the same one.
        letter = replace(letter, message_id=f"<gathering-invitation-{number}@{urlsplit(settings.base_url).hostname}>")
    await mail.send(settings, letter)
