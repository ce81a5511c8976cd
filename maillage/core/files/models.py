"""One table: what is known of a file. Its bytes are in the store, under its key."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maillage.core.db import Base

# In characters.
MAX_NAME, MAX_ALT, MAX_CREDIT = 120, 500, 200
_Moment = DateTime(timezone=True)


class StoredFile(Base):
    """A picture or a document. It belongs to one subject, or to nobody yet; then it goes after a day.

    Whoever added it is a person or a guest, known by a key that the subject's floor gave them. A removed file keeps
    its row, without a word of what it was, until its bytes are gone too.
    """

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Random: the address of the file, what a text calls it by, and where the store keeps it.
    key: Mapped[str] = mapped_column(String(32), unique=True)
    # What it belongs to; the subject's table is on a floor above.
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    guest_key: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    media_type: Mapped[str] = mapped_column(String(100))
    # Cleaned, with its extension: what a browser calls the file when somebody downloads it.
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    bytes: Mapped[int] = mapped_column(BigInteger)
    # Of a picture: its largest version, and the widths that are kept of it, the smallest first.
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    sizes: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    # What it shows, in words.
    alt: Mapped[str] = mapped_column(String(MAX_ALT), server_default="")
    # By what right it may be shown here, and whom to name.
    right_of_use: Mapped[str] = mapped_column(String(20))
    credit: Mapped[str] = mapped_column(String(MAX_CREDIT), server_default="")
    created_at: Mapped[datetime] = mapped_column(_Moment, server_default=func.now())
    # Since when it belongs to nothing; None while it belongs to something.
    loose_since: Mapped[datetime | None] = mapped_column(_Moment, server_default=func.now())
    removed_at: Mapped[datetime | None] = mapped_column(_Moment)

    __table_args__ = (
        CheckConstraint("kind in ('image', 'document')", name="kind"),
        CheckConstraint("right_of_use in ('mine', 'permission', 'free-licence')", name="right_of_use"),
        CheckConstraint("num_nonnulls(uploaded_by_id, guest_key) = 1", name="by_somebody"),
        CheckConstraint("(subject_kind is null) = (subject_id is null)", name="subject_whole"),
        CheckConstraint("(subject_kind is null) = (loose_since is not null)", name="loose_or_attached"),
        CheckConstraint("kind <> 'image' or removed_at is not null or alt <> ''", name="images_are_described"),
        CheckConstraint(
            "(kind = 'image') = (width is not null and height is not null and cardinality(sizes) > 0)",
            name="images_have_sizes",
        ),
        Index("ix_stored_file_subject", "subject_kind", "subject_id", postgresql_where=text("subject_id is not null")),
        Index("ix_stored_file_uploaded_by_id", "uploaded_by_id", text("id desc")),
        Index("ix_stored_file_loose", "loose_since", postgresql_where=text("loose_since is not null")),
        Index("ix_stored_file_removed", "removed_at", postgresql_where=text("removed_at is not null")),
    )
