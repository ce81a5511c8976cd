"""Questions for a gathering, and the agenda that is made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gathering", sa.Column("agenda_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("gathering", sa.Column("agenda_revision", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "agenda_topic",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_agenda_topic_titled")),
        sa.CheckConstraint("minutes between 1 and 1440", name=op.f("ck_agenda_topic_minutes")),
        sa.ForeignKeyConstraint(
            ["gathering_id"], ["gathering.id"], name=op.f("fk_agenda_topic_gathering_id_gathering"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_topic")),
        sa.UniqueConstraint("gathering_id", "id", name=op.f("uq_agenda_topic_gathering_id_id")),
    )
    op.create_table(
        "agenda_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("gathering_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("body", sa.String(300), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(1000), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_post_id", sa.BigInteger(), nullable=True),
        sa.Column("request_key", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(body) <> ''", name=op.f("ck_agenda_question_said")),
        sa.CheckConstraint("(answer = '') = (answered_at is null)", name=op.f("ck_agenda_question_answered_whole")),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_agenda_question_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gathering_id", "topic_id"],
            ["agenda_topic.gathering_id", "agenda_topic.id"],
            name="fk_agenda_question_topic",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_agenda_question_asked_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_agenda_question_post_id_post"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["answer_post_id"], ["post.id"], name=op.f("fk_agenda_question_answer_post_id_post"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_question")),
        sa.UniqueConstraint("gathering_id", "post_id", name=op.f("uq_agenda_question_gathering_id_post_id")),
    )
    op.create_index("ix_agenda_question_topic", "agenda_question", ["gathering_id", "topic_id"])
    op.create_index("ix_agenda_question_asked_by_id", "agenda_question", ["asked_by_id"])
    op.create_index(op.f("ix_agenda_question_post_id"), "agenda_question", ["post_id"])
    op.create_index(op.f("ix_agenda_question_answer_post_id"), "agenda_question", ["answer_post_id"])
    op.create_index(
        "uq_agenda_question_request_key",
        "agenda_question",
        ["asked_by_id", "request_key"],
        unique=True,
        postgresql_where=sa.text("request_key is not null"),
    )
    op.create_table(
        "agenda_vote",
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["agenda_question.id"],
            name=op.f("fk_agenda_vote_question_id_agenda_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_agenda_vote_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", "person_id", name=op.f("pk_agenda_vote")),
    )
    op.create_index(op.f("ix_agenda_vote_person_id"), "agenda_vote", ["person_id"])


def downgrade() -> None:
    op.drop_table("agenda_vote")
    op.drop_table("agenda_question")
    op.drop_table("agenda_topic")
    op.drop_column("gathering", "agenda_revision")
    op.drop_column("gathering", "agenda_at")
