"""Stories keep the words by which lists find them, so that a process that begins reads one column of one table."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_GATHER = """
UPDATE practice_case AS story
   SET listed_terms = ARRAY(
       SELECT term_id FROM case_term WHERE case_id = story.id
        UNION
       SELECT term_id FROM case_text WHERE case_id = story.id AND term_id IS NOT NULL AND btrim(body_md) <> ''
        UNION
       SELECT family_id FROM case_actor WHERE case_id = story.id
        UNION
       SELECT story.scale_id WHERE story.scale_id IS NOT NULL
        ORDER BY 1)
 WHERE browsing > 0
"""


def upgrade() -> None:
    op.add_column(
        "practice_case",
        sa.Column("listed_terms", sa.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(_GATHER)


def downgrade() -> None:
    op.drop_column("practice_case", "listed_terms")
