"""Who waits for a training that has no date yet where she lives."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, now_column
from maillage.core.db import Base


class ModuleInterest(Base):
    """Somebody who wishes to be told when a training comes to a region: no date, no seat, no promise."""

    __tablename__ = "module_interest"

    module_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    since: Mapped[datetime] = now_column()
    # When she was last told of a date: what comes next is told again.
    told_at: Mapped[datetime | None] = mapped_column(Moment)
