"""Feeds, items, publications, media, translation memory and engines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("last_modified", sa.Text, nullable=False),
        sa.Column("polled_at", sa.DateTime),
        sa.Column("next_poll_at", sa.DateTime),
        sa.Column("not_before", sa.DateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("moved_to", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("new_at", sa.DateTime),
        sa.Column("failing_since", sa.DateTime),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("warned_at", sa.DateTime),
        sa.Column("rhythm", sa.Text, nullable=False),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("feed", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False, index=True),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("article", sa.Text),
        sa.Column("checked_at", sa.DateTime),
        sa.Column("gone_at", sa.DateTime),
    )
    op.create_table(
        "identities",
        sa.Column("identity", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, sa.ForeignKey("items.key"), nullable=False),
        sa.Column("feed", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime),
        sa.Column("intent_at", sa.DateTime),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("published_at", sa.DateTime, index=True),
        sa.Column("post", sa.Text),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("remote", sa.Text),
        sa.Column("earlier", sa.Text, nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.Column("written", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("key", "site"),
        sa.Index("ix_publications_state", "state", "not_before"),
        sa.Index("ix_publications_intent", "site", "intent_at"),
    )
    op.create_table(
        "media",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("used_at", sa.DateTime, nullable=False, index=True),
    )
    op.create_table(
        "engines",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("day", sa.Date),
        sa.Column("characters", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("open_until", sa.DateTime),
    )
