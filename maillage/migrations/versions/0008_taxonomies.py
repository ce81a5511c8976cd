"""Taxonomies: the lists of words, filled with those that a new installation begins with."""

import tomllib
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STARTER = Path(__file__).parents[2] / "taxonomies" / "starter.toml"
# Parents before their children. Lists that come later are loaded by the migration that needs them.
LISTS = (
    "region",
    "scale",
    "stage",
    "empowerment",
    "dimension",
    "relation",
    "family",
    "theme",
    "change_field",
    "competency_domain",
    "competency",
)
# Which list the parents of a list's terms are in.
PARENTS = {"empowerment": "empowerment", "competency": "competency_domain"}

# Its list and slug are how everything outside the database knows a term.
SLUG_STAYS = """
CREATE FUNCTION term_keeps_its_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.taxonomy, NEW.slug) IS DISTINCT FROM (OLD.taxonomy, OLD.slug) THEN
        RAISE EXCEPTION 'the slug of a term never changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("taxonomy", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("fr", sa.String(length=160), nullable=False),
        sa.Column("en", sa.String(length=160), nullable=False),
        sa.Column("description_fr", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("description_en", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("question_fr", sa.String(length=300), server_default="", nullable=False),
        sa.Column("question_en", sa.String(length=300), server_default="", nullable=False),
        sa.Column("stages", sa.ARRAY(sa.String(length=60)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=True),
        sa.Column("official", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deprecated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("taxonomy ~ '^[a-z]+(_[a-z]+)*$'", name=op.f("ck_term_taxonomy_form")),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_term_slug_form")),
        sa.CheckConstraint("btrim(fr) <> '' and btrim(en) <> ''", name=op.f("ck_term_named")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_term_not_its_own_parent")),
        sa.CheckConstraint("position > 0", name=op.f("ck_term_position")),
        sa.CheckConstraint("scope in ('individuelle', 'collective')", name=op.f("ck_term_scope")),
        sa.CheckConstraint(
            "replaced_by_id is null or deprecated_at is not null", name=op.f("ck_term_replaced_when_deprecated")
        ),
        sa.CheckConstraint("replaced_by_id <> id", name=op.f("ck_term_not_its_own_replacement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("taxonomy", "slug", name=op.f("uq_term_taxonomy_slug")),
        sa.UniqueConstraint("id", "taxonomy", name=op.f("uq_term_id_taxonomy")),
        sa.ForeignKeyConstraint(["parent_id"], ["term.id"], name=op.f("fk_term_parent_id_term"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["replaced_by_id", "taxonomy"],
            ["term.id", "term.taxonomy"],
            name=op.f("fk_term_replaced_by_id_term"),
            ondelete="RESTRICT",
        ),
    )
    op.create_index(op.f("ix_term_parent_id"), "term", ["parent_id"], unique=False)
    op.create_index(
        "ix_term_replaced_by_id",
        "term",
        ["replaced_by_id"],
        unique=False,
        postgresql_where=sa.text("replaced_by_id is not null"),
    )
    op.execute(SLUG_STAYS)
    op.execute(
        "CREATE TRIGGER term_keeps_its_slug BEFORE UPDATE ON term FOR EACH ROW EXECUTE FUNCTION term_keeps_its_slug()"
    )
    op.create_table(
        "term_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("before", sa.dialects.postgresql.JSONB(), nullable=True),
        sa.Column("after", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["term_id"], ["term.id"], name=op.f("fk_term_change_term_id_term"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_term_change_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_change")),
    )
    op.create_index(op.f("ix_term_change_term_id"), "term_change", ["term_id"], unique=False)
    op.create_index(op.f("ix_term_change_person_id"), "term_change", ["person_id"], unique=False)
    _fill()


def downgrade() -> None:
    op.drop_table("term_change")
    op.drop_table("term")
    op.execute("DROP FUNCTION term_keeps_its_slug()")


def _fill() -> None:
    with STARTER.open("rb") as file:
        lists = tomllib.load(file)
    connection = op.get_bind()
    term = sa.Table("term", sa.MetaData(), autoload_with=connection)
    numbers: dict[tuple[str, str], int] = {}
    for taxonomy in LISTS:
        last: dict[int | None, int] = {}
        for given in lists[taxonomy]:
            columns = dict(given)
            parent = columns.pop("parent", None)
            parent_id = numbers[PARENTS[taxonomy], parent] if parent else None
            last[parent_id] = last.get(parent_id, 0) + 1
            numbers[taxonomy, columns["slug"]] = connection.scalar(
                term.insert()
                .values(taxonomy=taxonomy, parent_id=parent_id, position=last[parent_id], **columns)
                .returning(term.c.id)
            )
