"""Organizations that people bring here, and how their own people join."""

from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.commands.people import pages_change
from maillage.auth.models import Membership, Organization
from maillage.core import names
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.languages import _

# Addresses under /organisations that are pages of their own.
_RESERVED = frozenset({"nouvelle"})
_SAME_NAME = Statement(select(Organization.id).where(Organization.name_key == bindparam("name_key")))


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
    today: date,
) -> str:
    """Bring an organization here, administered by whoever does; returns its slug.

    Raises `Refused` where one has a name that people would take for the same.
    """
    name_key = names.sort_key(name)[:200]
    if await _others_called(db, name_key):
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
            person_id=person_id, organization_id=organization_id, role="administrator", started_on=today
        )
    )
    # For whom she speaks stands on pages that are kept.
    await pages_change(db)
    return slug


async def describe(
    db: Db,
    *,
    organization_id: int,
    name: str,
    about: str,
    region: str | None,
    relation: str | None,
    language: str,
) -> bool:
    """Change what is said of an organization; its address stays. False when nothing is said otherwise than before.

    Raises `Refused` where another one has a name that people would take for the same.
    """
    name_key = names.sort_key(name)[:200]
    if await _others_called(db, name_key) - {organization_id}:
        raise Refused(_("There is already an organization called “%(name)s”.", name=name))
    said = {"name": name, "about": about, "region": region, "relation": relation, "language": language}
    changed = await db.run(
        update(Organization)
        .where(
            Organization.id == organization_id,
            or_(*(getattr(Organization, column).is_distinct_from(value) for column, value in said.items())),
        )
        .values(name_key=name_key, **said)
    )
    if changed:
        await pages_change(db)
    return bool(changed)


async def _others_called(db: Db, name_key: str) -> set[int]:
    """Who has such a name; until this transaction ends, nobody else takes it."""
    # Two people of the same organization may think of it at the same moment.
    await db.value(select(func.pg_advisory_xact_lock(func.hashtext("organization names"))))
    return {row["id"] for row in await db.rows(_SAME_NAME, name_key=name_key)}


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
