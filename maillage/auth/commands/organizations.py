"""Organizations that people bring here, and how their own people join."""

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.models import Membership, Organization
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _
from maillage.core.models import SiteEpoch

# Addresses under /organisations that are pages of their own.
_RESERVED = frozenset({"nouvelle"})
_SAME_NAME = Statement(select(Organization.slug).where(Organization.name_key == bindparam("name_key")).limit(1))


async def found(
    db: Db,
    *,
    person_id: int,
    name: str,
    about: str,
    region: str | None,
    relation: str | None,
    language: str,
    now: datetime,
) -> str:
    """Bring an organization here, administered by whoever does; returns its slug.

    Raises `Refused` where one has a name that people would take for the same.
    """
    # Two people of the same organization may think of it at the same moment.
    await db.value(select(func.pg_advisory_xact_lock(func.hashtext("organization names"))))
    name_key = names.sort_key(name)[:200]
    if await db.value(_SAME_NAME, name_key=name_key) is not None:
        raise Refused(_("There is already an organization called “%(name)s”. Ask to join it instead.", name=name))
    organization_id, slug = await _new(
        db,
        base=names.slug(name, 60),
        name=name,
        name_key=name_key,
        about=about,
        region=region,
        relation=relation,
        language=language,
        created_at=now,
    )
    await db.run(
        insert(Membership).values(
            person_id=person_id, organization_id=organization_id, role="administrator", started_on=now.date()
        )
    )
    # For whom she speaks stands on pages that are kept.
    await db.run(update(SiteEpoch).values(number=SiteEpoch.number + 1))
    return slug


async def _new(db: Db, *, base: str, **values: object) -> tuple[int, str]:
    number = 1
    while True:
        slug = base if number == 1 else f"{base}-{number}"
        if slug not in _RESERVED:
            made = await db.value(
                insert_or(Organization)
                .values(slug=slug, **values)
                .on_conflict_do_nothing(index_elements=[Organization.slug])
                .returning(Organization.id)
            )
            if made is not None:
                return int(made), slug
        number += 1


async def choose_joining(db: Db, *, organization_id: int, joining: str) -> None:
    """Say what becomes of somebody with an address in one of the organization's domains."""
    await db.run(update(Organization).where(Organization.id == organization_id).values(joining=joining))
