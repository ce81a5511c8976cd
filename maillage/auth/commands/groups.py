"""Who is in an organization's groups because a provider says so."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, String, any_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from maillage.auth.models import Group, GroupMember, Membership, Provider, ProviderGroup
from maillage.core.db import Db, Statement

# The groups of the provider's own organization that these values stand for, while she belongs to it.
_MEANT = (
    select(ProviderGroup.group_id)
    .join(Provider, Provider.id == ProviderGroup.provider_id)
    .join(Group, Group.id == ProviderGroup.group_id)
    .join(
        Membership,
        (Membership.organization_id == Provider.organization_id)
        & (Membership.person_id == bindparam("person_id", type_=Membership.person_id.type))
        & (Membership.state == "active")
        & Membership.ended_on.is_(None),
    )
    .where(
        ProviderGroup.provider_id == bindparam("provider_id"),
        ProviderGroup.value == any_(bindparam("values", type_=ARRAY(String))),
        Group.organization_id == Provider.organization_id,
    )
)
_TAKE = Statement(
    delete(GroupMember).where(
        GroupMember.provider_id == bindparam("provider_id"),
        GroupMember.person_id == bindparam("person_id"),
        GroupMember.group_id.not_in(_MEANT),
    )
)
_meant = _MEANT.distinct().subquery("meant")
_GIVE = Statement(
    insert_or(GroupMember)
    .from_select(
        ["group_id", "person_id", "provider_id"],
        select(
            _meant.c.group_id,
            bindparam("person_id", type_=GroupMember.person_id.type),
            bindparam("provider_id", type_=GroupMember.provider_id.type),
        ),
    )
    .on_conflict_do_nothing()
)


async def told(db: Db, *, provider_id: int, person_id: int, groups: Sequence[str] | None) -> None:
    """Have what this provider gives her be exactly what it says now; `None`: it said nothing, nothing changes.

    Only mapped values count. What was given by hand, or by another provider, is neither seen nor touched.
    """
    if groups is None:
        return
    given = {"provider_id": provider_id, "person_id": person_id, "values": list(groups)}
    await db.run(_TAKE, **given)
    await db.run(_GIVE, **given)
