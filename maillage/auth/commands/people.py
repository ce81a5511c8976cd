"""What people may do on the platform, whether they may come in, and what they say of themselves."""

from datetime import datetime

from sqlalchemy import ScalarSelect, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.commands.sessions import close_all_sessions
from maillage.auth.commands.sign_in import name_key, nobody_called
from maillage.auth.models import Membership, Organization, Person, PlatformRole, SignInLink
from maillage.auth.policies import LAST_PLATFORM_ADMINISTRATOR
from maillage.auth.viewer import SPOKEN_FOR, SPOKEN_FOR_FIRST
from maillage.core.db import Db, Statement
from maillage.core.errors import Refused
from maillage.core.models import SiteEpoch


async def grant_role(db: Db, *, handle: str, role: str, by: int | None, now: datetime) -> None:
    """Give a platform role. Her sessions end, so that none grows rights: she signs in again to use it."""
    person_id = await _person_id(db, handle)
    granted = await db.run(
        insert_or(PlatformRole)
        .values(person_id=person_id, role=role, granted_at=now, granted_by=by)
        .on_conflict_do_nothing()
    )
    if granted:
        await close_all_sessions(db, person_id=person_id)
        await pages_change(db)


async def revoke_role(db: Db, *, handle: str, role: str) -> None:
    """Take a platform role away, from all of her sessions at once. The last administrator keeps hers."""
    person_id = await _person_id(db, handle)
    if role == "admin":
        await _others_must_administer(db, person_id)
    hers = delete(PlatformRole).where(PlatformRole.person_id == person_id, PlatformRole.role == role)
    if await db.run(hers):
        await close_all_sessions(db, person_id=person_id)
        await pages_change(db)


async def make_admin(db: Db, *, handle: str, now: datetime) -> None:
    """Make this person an administrator of the platform; nobody granted it but whoever holds the machine."""
    await grant_role(db, handle=handle, role="admin", by=None, now=now)


async def suspend(db: Db, *, handle: str, now: datetime) -> None:
    """Keep somebody out: all of her sessions and links end now. What she wrote stays."""
    person_id = await _person_id(db, handle)
    await _others_must_administer(db, person_id)
    await db.run(update(Person).where(Person.id == person_id, Person.suspended_at.is_(None)).values(suspended_at=now))
    await close_all_sessions(db, person_id=person_id)
    await db.run(delete(SignInLink).where(SignInLink.person_id == person_id))


async def reinstate(db: Db, *, handle: str) -> None:
    """Let somebody who was suspended sign in again."""
    person_id = await _person_id(db, handle)
    await db.run(update(Person).where(Person.id == person_id).values(suspended_at=None))


async def _others_must_administer(db: Db, person_id: int) -> None:
    """Refuse what would leave the platform without an administrator. Held, so that two such acts see each other."""
    administrators = {row["person_id"] for row in await db.rows(_ADMINISTRATORS)}
    if administrators == {person_id}:
        raise Refused(LAST_PLATFORM_ADMINISTRATOR)


_ADMINISTRATORS = Statement(
    select(PlatformRole.person_id)
    .join(Person, Person.id == PlatformRole.person_id)
    .where(PlatformRole.role == "admin", Person.suspended_at.is_(None), Person.closed_at.is_(None))
    .order_by(PlatformRole.person_id)
    .with_for_update(key_share=True)
)


async def _person_id(db: Db, handle: str) -> int:
    person_id = await db.value(select(Person.id).where(Person.handle == handle))
    if person_id is None:
        raise nobody_called(handle)
    return int(person_id)


async def change_account(
    db: Db,
    *,
    person_id: int,
    name: str,
    title: str,
    region: str | None,
    locale: str,
    relation: str | None,
) -> None:
    """Change what a person says of herself; `relation` where she speaks for an organization."""
    await db.run(
        update(Person)
        .where(Person.id == person_id)
        .values(name=name, name_key=name_key(name), title=title, region=region, locale=locale)
    )
    await db.run(update(Membership).where(Membership.id == _current(person_id)).values(relation=relation))
    await pages_change(db)


def _current(person_id: int) -> ScalarSelect[int]:
    """The membership for which she speaks."""
    return (
        select(Membership.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.person_id == person_id, SPOKEN_FOR)
        .order_by(*SPOKEN_FOR_FIRST)
        .limit(1)
        .scalar_subquery()
    )


async def pages_change(db: Db) -> None:
    """Names, capacities and roles stand on pages that are kept: have them made again."""
    await db.run(update(SiteEpoch).values(number=SiteEpoch.number + 1))
