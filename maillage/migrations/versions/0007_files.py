"""Files that people add: pictures and documents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("guest_key", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sizes", sa.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("alt", sa.String(length=500), server_default="", nullable=False),
        sa.Column("right_of_use", sa.String(length=20), nullable=False),
        sa.Column("credit", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("loose_since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'image') = (width is not null and height is not null and cardinality(sizes) > 0)",
            name=op.f("ck_stored_file_images_have_sizes"),
        ),
        sa.CheckConstraint(
            "kind <> 'image' or removed_at is not null or alt <> ''",
            name=op.f("ck_stored_file_images_are_described"),
        ),
        sa.CheckConstraint("kind in ('image', 'document')", name=op.f("ck_stored_file_kind")),
        sa.CheckConstraint(
            "right_of_use in ('mine', 'permission', 'free-licence')", name=op.f("ck_stored_file_right_of_use")
        ),
        sa.CheckConstraint(
            "(subject_kind is null) = (loose_since is not null)", name=op.f("ck_stored_file_loose_or_attached")
        ),
        sa.CheckConstraint("(subject_kind is null) = (subject_id is null)", name=op.f("ck_stored_file_subject_whole")),
        sa.CheckConstraint("num_nonnulls(uploaded_by_id, guest_key) = 1", name=op.f("ck_stored_file_by_somebody")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["person.id"], name=op.f("fk_stored_file_uploaded_by_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_file_key")),
    )
    op.create_index(
        "ix_stored_file_loose",
        "stored_file",
        ["loose_since"],
        unique=False,
        postgresql_where=sa.text("loose_since is not null"),
    )
    op.create_index(
        "ix_stored_file_removed",
        "stored_file",
        ["removed_at"],
        unique=False,
        postgresql_where=sa.text("removed_at is not null"),
    )
    op.create_index(
        "ix_stored_file_subject",
        "stored_file",
        ["subject_kind", "subject_id"],
        unique=False,
        postgresql_where=sa.text("subject_id is not null"),
    )
    op.create_index(
        "ix_stored_file_uploaded_by_id",
        "stored_file",
        ["uploaded_by_id", sa.literal_column("id desc")],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("stored_file")
