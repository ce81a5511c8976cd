"""Telling those who asked for it that a training comes to their region. To stop is one click."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select

from maillage.auth.models import Person
from maillage.auth.queries.people import HERE
from maillage.core import jobs, mail
from maillage.core.db import Statement
from maillage.core.languages import Text, _
from maillage.core.sealing import seal
from maillage.events.models import Gathering, ModuleInterest
from maillage.events.queries.door import gathering_path
from maillage.notices import subjects
from maillage.taxonomies.models import Term

STOPPING = "stop waiting for a module"

# Asked when the letter leaves: it is still on, and she still wishes to know.
_LETTER = Statement(
    select(
        Gathering.title,
        Gathering.slug,
        Gathering.summary,
        Term.id.label("module_id"),
        Term.slug.label("module_slug"),
        Term.fr,
        Term.en,
        Person.email,
        Person.name,
        Person.locale,
    )
    .select_from(Gathering)
    .join(Term, Term.id == Gathering.module_id)
    .join(ModuleInterest, ModuleInterest.module_id == Term.id)
    .join(Person, Person.id == ModuleInterest.person_id)
    .where(
        Gathering.id == bindparam("gathering_id"),
        Gathering.state == "published",
        Person.id == bindparam("person_id"),
        HERE,
        Person.email.is_not(None),
    )
    .limit(1)
)


def _offered(_n: int) -> Text:
    return _("A training that you wait for has a date in your region")


subjects.say("module-offered", _offered)


@jobs.job("module_offered")
async def module_offered(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    async with tools.database.reading() as db:
        row = await db.row(_LETTER, gathering_id=payload["gathering_id"], person_id=payload["person_id"])
    if row is None:
        return
    settings = tools.settings
    token = seal(settings.secret, STOPPING, f"{row['module_id']} {payload['person_id']}".encode()).decode()
    stop = f"{settings.base_url}/rencontres/modules/{row['module_slug']}/arreter?jeton={token}"
    letter = mail.worded(
        settings,
        "module_offered",
        row["locale"],
        to=row["email"],
        to_name=row["name"],
        title=row["title"],
        summary=row["summary"],
        module=row["en"] if row["locale"].startswith("en") else row["fr"],
        address=settings.base_url + gathering_path(payload["gathering_id"], row["slug"]),
        stop=stop,
    )
    number = f"{payload['gathering_id']}-{payload['person_id']}"
    message_id = f"<module-{number}@{urlsplit(settings.base_url).hostname}>"
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    await mail.send(settings, replace(letter, message_id=message_id, headers=headers))
