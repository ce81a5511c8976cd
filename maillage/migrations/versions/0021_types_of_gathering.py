"""The types of gathering, where the lists were made before there were gatherings."""

import tomllib
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STARTER = Path(__file__).parents[2] / "taxonomies" / "starter.toml"
_ADD = """
    INSERT INTO term (taxonomy, slug, fr, en, position) VALUES ('gathering_type', :slug, :fr, :en, :position)
    ON CONFLICT (taxonomy, slug) DO NOTHING
"""


def upgrade() -> None:
    with STARTER.open("rb") as file:
        types = tomllib.load(file)["gathering_type"]
    for position, each in enumerate(types, 1):
        op.execute(sa.text(_ADD).bindparams(**each, position=position))


def downgrade() -> None:
    """What was added stays: a term is never deleted, and an earlier version does not look for these."""
