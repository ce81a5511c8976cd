"""Organizations: their domains, invitations, groups, and how people join them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=20), server_default="member", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role in ('member', 'administrator')", name=op.f("ck_invitation_role")),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["person.id"], name=op.f("fk_invitation_accepted_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_invitation_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_organization_id"), "invitation", ["organization_id"], unique=False)
    op.create_table(
        "organization_domain",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("proof_hash", sa.LargeBinary(), nullable=True),
        sa.Column("proof_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("domain = lower(domain)", name=op.f("ck_organization_domain_domain_lower")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_domain_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "domain", name=op.f("pk_organization_domain")),
        sa.UniqueConstraint("proof_hash", name=op.f("uq_organization_domain_proof_hash")),
    )
    op.create_index(
        "uq_organization_domain_proved",
        "organization_domain",
        ["domain"],
        unique=True,
        postgresql_where=sa.text("proved_at is not null"),
    )
    op.create_table(
        "organization_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120, collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_group_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_group")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_organization_group_organization_id_name_key")),
    )
    op.add_column("membership", sa.Column("note", sa.String(length=500), server_default="", nullable=False))
    op.add_column("membership", sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organization", sa.Column("joining", sa.String(length=20), server_default="approval", nullable=False))
    op.add_column("organization", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("email_proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("agreed_to", sa.String(length=20), nullable=True))
    op.create_index(
        "uq_person_proved_email",
        "person",
        [sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("email_proved_at is not null"),
    )
    op.create_check_constraint(op.f("ck_organization_joining"), "organization", "joining in ('approval', 'at_once')")
    op.create_check_constraint(op.f("ck_person_email_proved"), "person", "email_proved_at is null or email is not null")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_organization_joining"), "organization", type_="check")
    op.drop_constraint(op.f("ck_person_email_proved"), "person", type_="check")
    op.drop_index(
        "uq_person_proved_email", table_name="person", postgresql_where=sa.text("email_proved_at is not null")
    )
    op.drop_column("person", "agreed_to")
    op.drop_column("person", "agreed_at")
    op.drop_column("person", "email_proved_at")
    op.drop_column("organization", "closed_at")
    op.drop_column("organization", "joining")
    op.drop_column("membership", "chosen_at")
    op.drop_column("membership", "note")
    op.drop_table("organization_group")
    op.drop_index(
        "uq_organization_domain_proved",
        table_name="organization_domain",
        postgresql_where=sa.text("proved_at is not null"),
    )
    op.drop_table("organization_domain")
    op.drop_index(op.f("ix_invitation_organization_id"), table_name="invitation")
    op.drop_table("invitation")
