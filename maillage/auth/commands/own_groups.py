"""An organization's own groups, and which values of its providers stand for them."""

from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.models import Group, GroupMember, Membership, Person, Provider, ProviderGroup
from maillage.core import names
from maillage.core.db import Db
from maillage.core.errors import NotHere, Refused
from maillage.core.languages import _

MOST = 100


async def create_group(db: Db, *, organization_id: int, name: str, now: datetime) -> None:
    if await db.value(select(func.count()).where(Group.organization_id == organization_id)) >= MOST:
        raise Refused(_("An organization has at most %(most)s groups.", most=MOST))
    made = await db.run(
        insert_or(Group)
        .values(organization_id=organization_id, name=name, name_key=_key(name), created_at=now)
        .on_conflict_do_nothing()
    )
    if not made:
        raise _taken(name)


async def rename_group(db: Db, *, organization_id: int, group_id: int, name: str) -> None:
    await _own(db, organization_id, group_id)
    there = exists().where(Group.organization_id == organization_id, Group.name_key == _key(name), Group.id != group_id)
    if await db.value(select(there)):
        raise _taken(name)
    await db.run(update(Group).where(Group.id == group_id).values(name=name, name_key=_key(name)))


async def remove_group(db: Db, *, organization_id: int, group_id: int) -> None:
    await _own(db, organization_id, group_id)
    await db.run(delete(Group).where(Group.id == group_id))


async def put_in(db: Db, *, organization_id: int, group_id: int, handle: str) -> None:
    """Put one of the organization's people into a group; whatever a provider says, she stays."""
    await _own(db, organization_id, group_id)
    person_id = await db.value(
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.handle == handle,
            Membership.organization_id == organization_id,
            Membership.state == "active",
            Membership.ended_on.is_(None),
        )
    )
    if person_id is None:
        raise NotHere
    await db.run(insert_or(GroupMember).values(group_id=group_id, person_id=person_id).on_conflict_do_nothing())


async def take_out(db: Db, *, organization_id: int, group_id: int, handle: str) -> None:
    """Take back what was given by hand; what a provider gives, it gives at each sign-in."""
    await _own(db, organization_id, group_id)
    hers = select(Person.id).where(Person.handle == handle).scalar_subquery()
    await db.run(
        delete(GroupMember).where(
            GroupMember.group_id == group_id, GroupMember.person_id == hers, GroupMember.provider_id.is_(None)
        )
    )


async def map_value(db: Db, *, organization_id: int, provider_id: int, value: str, group_id: int) -> None:
    """From the next sign-in on, whoever this provider says has `value` is in that group."""
    await _own(db, organization_id, group_id)
    if not await db.value(
        select(
            exists().where(
                Provider.id == provider_id,
                Provider.organization_id == organization_id,
                Provider.group_claim.is_not(None),
            )
        )
    ):
        raise NotHere
    await db.run(
        insert_or(ProviderGroup)
        .values(provider_id=provider_id, value=value, group_id=group_id)
        .on_conflict_do_nothing()
    )


async def unmap_value(db: Db, *, organization_id: int, provider_id: int, value: str, group_id: int) -> None:
    """Take the value's meaning away, and out of the group those whom nothing else of that provider puts there."""
    await _own(db, organization_id, group_id)
    gone = await db.run(
        delete(ProviderGroup).where(
            ProviderGroup.provider_id == provider_id,
            ProviderGroup.value == value,
            ProviderGroup.group_id == group_id,
        )
    )
    still = exists().where(ProviderGroup.provider_id == provider_id, ProviderGroup.group_id == group_id)
    if gone and not await db.value(select(still)):
        await db.run(
            delete(GroupMember).where(GroupMember.provider_id == provider_id, GroupMember.group_id == group_id)
        )


async def _own(db: Db, organization_id: int, group_id: int) -> None:
    there = exists().where(Group.id == group_id, Group.organization_id == organization_id)
    if not await db.value(select(there)):
        raise NotHere


def _key(name: str) -> str:
    return names.sort_key(name)[:120]


def _taken(name: str) -> Refused:
    return Refused(_("There is already a group called “%(name)s”.", name=name))
