"""What is remembered of the texts of pages, to know them again under other addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "imprints",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False, index=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("runs", sa.LargeBinary, nullable=False),
        sa.Column("titled", sa.Boolean, nullable=False),
        sa.Index("ix_imprints_host", "host", "id"),
    )
