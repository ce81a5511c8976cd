"""The secrets that organizations have entrusted, as they are stored."""

from collections.abc import Callable

from sqlalchemy import bindparam, select, update

from maillage.auth.models import Provider
from maillage.core.db import Db, Statement

_SEALED = Statement(
    select(Provider.id, Provider.label, Provider.client_secret)
    .where(Provider.client_secret.is_not(None))
    .order_by(Provider.id)
    .with_for_update()
)
_SEAL = Statement(
    update(Provider).where(Provider.id == bindparam("provider_id")).values(client_secret=bindparam("sealed"))
)


async def reseal_providers(db: Db, *, again: Callable[[str, bytes], bytes]) -> int:
    """Put `again(label, sealed)` in the place of every provider's sealed secret; returns how many there are."""
    rows = await db.rows(_SEALED)
    for row in rows:
        await db.run(_SEAL, provider_id=row["id"], sealed=again(row["label"], row["client_secret"]))
    return len(rows)
