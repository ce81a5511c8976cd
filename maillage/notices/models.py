"""Who follows what: the rows that later decide who must be told."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import key, now_column
from maillage.core.db import Base


class Follow(Base):
    """A person follows one thing. `reason` says how that came about, so that a letter can tell her."""

    __tablename__ = "follow"

    id: Mapped[int] = key()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # The thing's table is on a floor above; its rows are never deleted, so a bare number is safe.
    kind: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = now_column()
    # She said no: replying again must not make her follow again.
    muted: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        CheckConstraint("kind in ('thread', 'space')", name="kind"),
        CheckConstraint("reason in ('asked', 'started', 'replied', 'mentioned')", name="reason"),
        Index("uq_follow_person_id", "person_id", "kind", "target_id", unique=True),
        Index("ix_follow_target", "kind", "target_id", postgresql_where=text("not muted")),
    )
