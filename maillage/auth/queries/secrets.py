"""The secrets that organizations have entrusted, as they are stored."""

from sqlalchemy import select

from maillage.auth.models import Provider
from maillage.core.db import Db, Statement

_SEALED = Statement(
    select(Provider.label, Provider.client_secret).where(Provider.client_secret.is_not(None)).order_by(Provider.id)
)


async def sealed(db: Db) -> list[tuple[str, bytes]]:
    """Each with its provider's name."""
    return [(row["label"], row["client_secret"]) for row in await db.rows(_SEALED)]
