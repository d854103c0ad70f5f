"""Where the archive of a feed ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("feeds", sa.Column("archive_before", sa.DateTime))
    # Feeds that were read before are past their first poll, and how far their archives go is not known.
    op.execute("UPDATE feeds SET archive_before = '1970-01-01 00:00:00' WHERE polled_at IS NOT NULL")
