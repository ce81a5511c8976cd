"""The two tables of the ground floor: how often somebody acted, and when many pages changed at once."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, String, text
from sqlalchemy.orm import Mapped, mapped_column

from maillage.core.db import Base


class RateLimit(Base):
    """How often one person or address has done one thing lately (core/limits.py)."""

    __tablename__ = "rate_limit"

    subject: Mapped[str] = mapped_column(String(120), primary_key=True)
    # Generic cell rate: the moment at which the next act would be exactly on time.
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)


class SiteEpoch(Base):
    """One row whose number grows when something shown on many pages changes (a name, a role, a space)."""

    __tablename__ = "site_epoch"

    singleton: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    number: Mapped[int] = mapped_column(BigInteger, server_default="1")

    __table_args__ = (CheckConstraint("singleton", name="one_row"),)
