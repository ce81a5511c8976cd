"""What organizers write to those who registered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import key, now_column
from maillage.core.db import Base
from maillage.events.models.gathering import of_gathering


class GatheringLetter(Base):
    """One letter, the same for all whom it goes to."""

    __tablename__ = "gathering_letter"

    id: Mapped[int] = key()
    gathering_id: Mapped[int] = of_gathering(index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    # Of the form: sent again, it is the same letter.
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    subject: Mapped[str] = mapped_column(String(160))
    body: Mapped[str] = mapped_column(String(5000))
    recipients: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = now_column()
