"""The letter that a change of a registration calls for.

Letters of one registration leave one at a time, and only the one about its latest change does: what came before it is
no longer so. The same change is always the same letter, by its Message-ID.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from maillage.core import jobs, mail
from maillage.core.config import Settings
from maillage.core.db import Db, Row, Statement
from maillage.core.sealing import seal
from maillage.events import ical
from maillage.events.policies.told import Said, said
from maillage.events.policies.zones import moment, when
from maillage.events.queries import calendars, registrations
from maillage.events.queries.addressees import ACCOUNT
from maillage.events.queries.door import gathering_path

OWN = "a registration of one's own"
_KEPT = timedelta(days=90)

_HELD = Statement("SELECT pg_try_advisory_xact_lock(hashtextextended('registration ' || $1, 0))", ("registration_id",))
# A mail server may be slow; this connection waits for it, and holds no row.
_PATIENT = Statement("SET LOCAL idle_in_transaction_session_timeout = '5min'")
# Without a name yet, the one who answers for the party is told, once for all of its seats.
_CHANGE = Statement(
    f"""
    SELECT c.id, c.registration_id, c.number, c.cause, c.from_status, c.to_status, c.at, r.transition,
           coalesce(p.email, pa.email, by.email) AS email,
           coalesce(p.name, pa.name, by.name) AS name,
           coalesce(p.locale, pa.locale, by.locale) AS locale, party.id IS NOT NULL AS of_party,
           EXISTS (SELECT FROM registration h JOIN registration_change b ON b.registration_id = h.id
                    WHERE h.participant_id = r.participant_id AND h.occurrence_id = r.occurrence_id AND h.id <> r.id
                      AND b.at = c.at AND 'moved' IN (b.cause, c.cause)
                      AND 'confirmed' IN (b.to_status, c.to_status)) AS same_date
      FROM registration_change c
      JOIN registration r ON r.id = c.registration_id
      LEFT JOIN participant pa ON pa.id = r.participant_id
      {ACCOUNT}
      LEFT JOIN registration_party party ON party.id = r.party_id AND r.participant_id IS NULL
           AND r.id = (SELECT min(id) FROM registration WHERE party_id = party.id AND participant_id IS NULL)
      LEFT JOIN person by ON by.id = party.by_id AND by.closed_at IS NULL AND by.suspended_at IS NULL
     WHERE c.id = $1
    """,  # noqa: S608 — our own words
    ("change_id",),
)


class NotYet(Exception):
    """Another letter of this registration is on its way: this one leaves after it."""


def link_of(secret: str, base_url: str, row: Row) -> str:
    """The page of this registration, for whoever has the letter."""
    until = int((row["ends_at"] + _KEPT).timestamp()) if row["ends_at"] else 0
    token = seal(secret, OWN, f"{row['id']} {until}".encode()).decode()
    return f"{base_url}/rencontres/inscriptions/{token}"


@jobs.job("registration_letter", attempts=14)
async def registration_letter(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    async with tools.database.writing() as db:
        change = await db.row(_CHANGE, change_id=payload["change_id"])
        if change is None:
            return
        await db.run(_PATIENT)
        if not await db.value(_HELD, registration_id=str(change["registration_id"])):
            raise NotYet
        # Asked again, now that nobody else writes to her about it.
        change = await db.row(_CHANGE, change_id=payload["change_id"])
        if change is None or change["number"] < change["transition"] or change["email"] is None:
            return
        # Of a change of way one letter leaves: that of the place which she has now.
        if change["same_date"] and change["cause"] == "moved":
            return
        row = await registrations.standing(db, change["registration_id"])
        way = row["way"] if row is not None and change["same_date"] else None
        words = said(change["cause"], change["to_status"], of_party=change["of_party"], changed_way=way)
        if row is None or words is None:
            return
        name = f"registration-change-{payload['change_id']}"
        letter = letter_of(tools.settings, name, change, row, words, of_party=change["of_party"])
        await mail.send(tools.settings, await _with_calendar(tools.settings, db, change, letter))


async def _with_calendar(settings: Settings, db: Db, change: Row, letter: mail.Letter) -> mail.Letter:
    """The letter with what her calendar is to do: nothing, while nothing was or is settled."""
    here, before = change["to_status"] == "confirmed", change["from_status"] == "confirmed"
    if change["of_party"] or not (here or before):
        return letter
    rows = await calendars.of_registration(db, change["registration_id"], change["id"])
    bodies = ical.invitations(
        rows,
        cancels=not here,
        moved=rows[0]["moved"] if rows else 0,
        at=change["at"],
        sender=ical.Guest(settings.name, settings.sender),
        to=ical.Guest(change["name"], change["email"]),
        base_url=settings.base_url,
        locale=change["locale"],
    )
    return replace(letter, calendar=[body.decode() for body in bodies])


def letter_of(settings: Settings, name: str, to: Row, row: Row, words: Said, *, of_party: bool = False) -> mail.Letter:
    """What is said of a registration as it stands, with the link of its page. The same name is the same letter.

    Whoever answers for a party is led to all of its seats: that of one is for the person who will be named.
    """
    # Filled in its language: the title is the organizers', and stands as they wrote it.
    subject = words.subject.in_(to["locale"]) % {"title": row["title"]}
    letter = mail.worded(
        settings,
        "registration",
        to["locale"],
        to=to["email"],
        to_name=to["name"],
        heading=subject,
        sentence=words.sentence,
        row=row,
        sessions=[when(*both, row["zone"]) for both in zip(row["starts"] or (), row["ends"] or (), strict=True)],
        of_party=of_party,
        until=moment(row["offer_expires_at"], row["zone"]) if row["offer_expires_at"] else None,
        link=f"{settings.base_url}/rencontres/{row['gathering_id']}/groupe"
        if of_party
        else link_of(settings.secret, settings.base_url, row),
        address=settings.base_url + gathering_path(row["gathering_id"], row["slug"]),
    )
    return replace(letter, message_id=f"<{name}@{urlsplit(settings.base_url).hostname}>")
