"""The practice stories that people bring to a gathering, and those that come of it."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import now_column
from maillage.core.db import Base
from maillage.events.models.gathering import of_gathering, one_of

CASE_STATES = ("proposed", "chosen", "presented", "came-of-it", "set-aside")


class GatheringCase(Base):
    """A story at a gathering: proposed, on the programme, presented, begun with what somebody took home, or set aside.

    Whether it is shown depends on the story too, which its authors may take off line at any time.
    """

    __tablename__ = "gathering_case"

    gathering_id: Mapped[int] = of_gathering(primary_key=True)
    case_id: Mapped[int] = mapped_column(
        ForeignKey("practice_case.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[str] = mapped_column(String(12), server_default="proposed")
    # It was begun with what somebody who came had to say: shown again after it was set aside, it is that again.
    came_of_it: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Why this one, to the organizers.
    note: Mapped[str] = mapped_column(String(300), server_default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()

    __table_args__ = (
        CheckConstraint(one_of("state", CASE_STATES), name="state"),
        CheckConstraint("state <> 'came-of-it' or came_of_it", name="came_of_it"),
    )
