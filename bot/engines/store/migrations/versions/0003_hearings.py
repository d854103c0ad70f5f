"""Which feeds decided on an item beside its own, the first name of a feed, refusals, and what was given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "hearings",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("yielded", sa.Boolean, nullable=False),
    )
    # What was skipped before stays so: other feeds may tell it still, and nobody waits for old news.
    op.execute(
        "INSERT INTO hearings (key, feed, site, yielded) "
        "SELECT key, '', site, false FROM publications WHERE state = 'skipped'"
    )
    op.add_column("feeds", sa.Column("known_as", sa.Text, nullable=False, server_default=""))
    op.add_column("publications", sa.Column("refusals", sa.Integer, nullable=False, server_default="0"))
    given_up = sa.text("state IN ('failed', 'skipped') AND version > 0")
    op.create_index(
        "ix_publications_left",
        "publications",
        ["state", "changed_at"],
        sqlite_where=given_up,
        postgresql_where=given_up,
    )
