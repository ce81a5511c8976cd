"""What the organizers write to those who registered, in a frame that is in the reader's language."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from maillage.core import jobs, mail
from maillage.events.queries import desk
from maillage.events.queries.door import gathering_path


@jobs.job("gathering_letter")
async def gathering_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Asked when it leaves: whoever is registered no longer is left in peace."""
    number, registration_id = payload["letter_id"], payload["registration_id"]
    async with tools.database.reading() as db:
        row = await desk.letter(db, number, registration_id)
    if row is None:
        return
    settings = tools.settings
    letter = mail.worded(
        settings,
        "gathering_letter",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        row=row,
        address=settings.base_url + gathering_path(row["gathering_id"], row["slug"]),
    )
    message_id = f"<gathering-letter-{number}-{registration_id}@{urlsplit(settings.base_url).hostname}>"
    await mail.send(settings, replace(letter, message_id=message_id))
