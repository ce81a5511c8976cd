"""The private register of a story: who is in it, what each agreed to, what is quoted, and who looked."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.auth.models import Moment, key, now_column
from maillage.core.db import Base


class CasePerson(Base):
    """Somebody whom a story speaks of, and what she agreed to. Never published.

    A withdrawal empties all that tells who she is, and the quotes go: the row remains to say that there is still
    something to rewrite (`rewritten_at`).
    """

    __tablename__ = "case_person"

    id: Mapped[int] = key()
    case_id: Mapped[int] = mapped_column(ForeignKey("practice_case.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    # Other forms by which the text names her, one a line: a first name, a nickname, a title.
    other_names: Mapped[str] = mapped_column(String(500), server_default="")
    relation: Mapped[str] = mapped_column(String(200), server_default="")
    # The name or role that readers see, when it is not hers.
    shown_as: Mapped[str] = mapped_column(String(200), server_default="")
    choice: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    # How she agreed: on her own page, in writing, or by word of mouth.
    how: Mapped[str | None] = mapped_column(String(10))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("case_author.id"), index=True)
    asked_at: Mapped[datetime] = now_column()
    # What of the story she was shown when she decided.
    text_shown: Mapped[str] = mapped_column(Text, server_default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    # Of which end of it the authors have been told beforehand.
    warned_of: Mapped[date | None] = mapped_column(Date)
    under_14: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # What she asks to have corrected, until it is done.
    correction: Mapped[str] = mapped_column(String(2000), server_default="")
    corrected_at: Mapped[datetime | None] = mapped_column(Moment)
    # Her own page, without an account. It stays hers as long as the story lives, so that she can always withdraw.
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    # After a withdrawal: when an author said that the story no longer speaks of her.
    rewritten_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint(
            "choice in ('nom-complet', 'fonction-seulement', 'nom-fictif', 'aucune-mention', 'retire')", name="choice"
        ),
        CheckConstraint("how in ('page', 'written', 'verbal')", name="how"),
        CheckConstraint("choice is null or choice = 'retire' or how is not null", name="choice_whole"),
        CheckConstraint("(choice is null) = (decided_at is null)", name="decided_whole"),
        # Children are never named, nor told by their role or another name.
        CheckConstraint("not under_14 or choice is null or choice in ('aucune-mention', 'retire')", name="children"),
        CheckConstraint("choice is distinct from 'retire' or (name = '' and other_names = '')", name="forgotten"),
        CheckConstraint("choice is not distinct from 'retire' or btrim(name) <> ''", name="named"),
    )


class CaseQuote(Base):
    """Words of hers that the story quotes, as they stand in it."""

    __tablename__ = "case_quote"

    id: Mapped[int] = key()
    person_id: Mapped[int] = mapped_column(ForeignKey("case_person.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(String(2000))


class RegisterReading(Base):
    """Somebody opened the register of a story. Rows are only ever added."""

    __tablename__ = "register_reading"

    id: Mapped[int] = key()
    case_id: Mapped[int] = mapped_column(ForeignKey("practice_case.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = now_column()
    # An author by her row in the story, or else a facilitator by her account.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("case_author.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))

    __table_args__ = (CheckConstraint("(author_id is null) <> (person_id is null)", name="one_reader"),)
