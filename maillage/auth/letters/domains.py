"""The letter that proves a domain."""

from typing import Any

from sqlalchemy import bindparam, select

from maillage.auth.commands import domains
from maillage.auth.models import Organization, Person
from maillage.core import clock, jobs, mail
from maillage.core.db import Db, Statement

_ABOUT = Statement(
    select(Organization.name, Organization.language, Person.name.label("asked_by"))
    .join(Person, Person.id == bindparam("person_id"))
    .where(Organization.id == bindparam("organization_id"), Organization.closed_at.is_(None))
)


async def send_proof(db: Db, *, organization_id: int, domain: str, address: str, person_id: int) -> None:
    """Have a link sent to this address, which stands in that domain."""
    payload = {"organization_id": organization_id, "domain": domain, "address": address, "person_id": person_id}
    await jobs.enqueue(db, "domain_proof", payload)


@jobs.job("domain_proof")
async def domain_proof(tools: jobs.Tools, payload: dict[str, Any]) -> None:
    """Make the link now, so that it is stored nowhere, and send it; unless there is nothing left to prove."""
    organization_id, domain = payload["organization_id"], payload["domain"]
    async with tools.database.writing() as db:
        about = await db.row(_ABOUT, organization_id=organization_id, person_id=payload["person_id"])
        token = await domains.issue_proof(db, organization_id=organization_id, domain=domain, now=clock.now())
    if about is None or token is None:
        return
    letter = mail.worded(
        tools.settings,
        "domain_proof",
        about["language"] if about["language"] in tools.settings.locales else tools.settings.locales[0],
        to=payload["address"],
        organization=about["name"],
        asked_by=about["asked_by"],
        domain=domain,
        address=f"{tools.settings.base_url}/domaine/{token}",
    )
    await mail.send(tools.settings, letter)
