"""Ways in: kinds of providers, groups that they tell of, links by e-mail, arrivals, the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("issuer", sa.String(length=500), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("provider_session", sa.String(length=255), nullable=True),
        sa.Column("groups", sa.ARRAY(sa.String(length=200)), nullable=True),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_proved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_path", sa.String(length=2000), server_default="/", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(issuer is null) = (subject is null)", name=op.f("ck_arrival_identity")),
        sa.CheckConstraint(
            "issuer is not null or (email is not null and email_proved)", name=op.f("ck_arrival_known_by")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_arrival_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_arrival")),
    )
    op.create_index(op.f("ix_arrival_expires_at"), "arrival", ["expires_at"], unique=False)
    op.create_table(
        "group_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["organization_group.id"],
            name=op.f("fk_group_member_group_id_organization_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_group_member_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_group_member_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
        sa.UniqueConstraint(
            "group_id",
            "person_id",
            "provider_id",
            name=op.f("uq_group_member_group_id_person_id_provider_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_group_member_person_id"), "group_member", ["person_id"], unique=False)
    op.create_table(
        "provider_group",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["organization_group.id"],
            name=op.f("fk_provider_group_group_id_organization_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_group_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("provider_id", "value", "group_id", name=op.f("pk_provider_group")),
    )
    op.create_table(
        "sign_in_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_sign_in_event_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_event_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_sign_in_event_provider_id_provider"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_event")),
    )
    op.create_index("ix_sign_in_event_at", "sign_in_event", ["at"], unique=False)
    op.create_index("ix_sign_in_event_journal", "sign_in_event", ["organization_id", "id"], unique=False)
    op.add_column("provider", sa.Column("kind", sa.String(length=20), server_default="oidc", nullable=False))
    op.add_column("provider", sa.Column("authorization_endpoint", sa.String(length=500), nullable=True))
    op.add_column("provider", sa.Column("token_endpoint", sa.String(length=500), nullable=True))
    op.add_column("provider", sa.Column("userinfo_endpoint", sa.String(length=500), nullable=True))
    op.add_column("provider", sa.Column("subject_claim", sa.String(length=80), nullable=True))
    op.add_column("provider", sa.Column("name_claim", sa.String(length=80), nullable=True))
    op.add_column("provider", sa.Column("email_claim", sa.String(length=80), nullable=True))
    op.add_column("provider", sa.Column("group_claim", sa.String(length=80), nullable=True))
    op.add_column("provider", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column(
        "provider", "enabled", existing_type=sa.BOOLEAN(), server_default=sa.text("false"), existing_nullable=False
    )
    op.add_column("session", sa.Column("provider_session", sa.String(length=255), nullable=True))
    op.add_column(
        "sign_in_attempt", sa.Column("purpose", sa.String(length=20), server_default="sign_in", nullable=False)
    )
    op.add_column("sign_in_attempt", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_sign_in_attempt_person_id_person"),
        "sign_in_attempt",
        "person",
        ["person_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column("sign_in_link", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("sign_in_link", sa.Column("purpose", sa.String(length=20), server_default="sign_in", nullable=False))
    op.add_column("sign_in_link", sa.Column("browser_hash", sa.LargeBinary(), nullable=True))
    op.add_column("sign_in_link", sa.Column("next_path", sa.String(length=2000), server_default="/", nullable=False))
    op.alter_column("sign_in_link", "person_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_check_constraint(
        op.f("ck_provider_kind"), "provider", "kind in ('microsoft', 'google', 'keycloak', 'oidc', 'oauth2')"
    )
    op.create_check_constraint(
        op.f("ck_provider_plain_oauth"),
        "provider",
        "kind <> 'oauth2' or (authorization_endpoint is not null and token_endpoint is not null"
        " and userinfo_endpoint is not null and subject_claim is not null)",
    )
    op.create_check_constraint(
        op.f("ck_sign_in_attempt_purpose"), "sign_in_attempt", "purpose in ('sign_in', 'trial', 'addition')"
    )
    op.create_check_constraint(
        op.f("ck_sign_in_attempt_whose"), "sign_in_attempt", "purpose = 'sign_in' or person_id is not null"
    )
    op.create_check_constraint(op.f("ck_sign_in_link_purpose"), "sign_in_link", "purpose in ('sign_in', 'address')")
    op.create_check_constraint(
        op.f("ck_sign_in_link_whose"), "sign_in_link", "person_id is not null or email is not null"
    )
    op.create_check_constraint(
        op.f("ck_sign_in_link_address"),
        "sign_in_link",
        "purpose <> 'address' or (person_id is not null and email is not null)",
    )


def downgrade() -> None:
    # Links to an address are minutes old at most.
    op.execute("delete from sign_in_link where person_id is null")
    op.execute("delete from sign_in_attempt where purpose <> 'sign_in'")
    op.drop_constraint(op.f("ck_provider_kind"), "provider", type_="check")
    op.drop_constraint(op.f("ck_provider_plain_oauth"), "provider", type_="check")
    op.drop_constraint(op.f("ck_sign_in_attempt_purpose"), "sign_in_attempt", type_="check")
    op.drop_constraint(op.f("ck_sign_in_attempt_whose"), "sign_in_attempt", type_="check")
    op.drop_constraint(op.f("ck_sign_in_link_purpose"), "sign_in_link", type_="check")
    op.drop_constraint(op.f("ck_sign_in_link_whose"), "sign_in_link", type_="check")
    op.drop_constraint(op.f("ck_sign_in_link_address"), "sign_in_link", type_="check")
    op.alter_column("sign_in_link", "person_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_column("sign_in_link", "next_path")
    op.drop_column("sign_in_link", "browser_hash")
    op.drop_column("sign_in_link", "purpose")
    op.drop_column("sign_in_link", "email")
    op.drop_constraint(op.f("fk_sign_in_attempt_person_id_person"), "sign_in_attempt", type_="foreignkey")
    op.drop_column("sign_in_attempt", "person_id")
    op.drop_column("sign_in_attempt", "purpose")
    op.drop_column("session", "provider_session")
    op.alter_column(
        "provider", "enabled", existing_type=sa.BOOLEAN(), server_default=sa.text("true"), existing_nullable=False
    )
    op.drop_column("provider", "tried_at")
    op.drop_column("provider", "group_claim")
    op.drop_column("provider", "email_claim")
    op.drop_column("provider", "name_claim")
    op.drop_column("provider", "subject_claim")
    op.drop_column("provider", "userinfo_endpoint")
    op.drop_column("provider", "token_endpoint")
    op.drop_column("provider", "authorization_endpoint")
    op.drop_column("provider", "kind")
    op.drop_index("ix_sign_in_event_journal", table_name="sign_in_event")
    op.drop_index("ix_sign_in_event_at", table_name="sign_in_event")
    op.drop_table("sign_in_event")
    op.drop_table("provider_group")
    op.drop_index(op.f("ix_group_member_person_id"), table_name="group_member")
    op.drop_table("group_member")
    op.drop_index(op.f("ix_arrival_expires_at"), table_name="arrival")
    op.drop_table("arrival")
