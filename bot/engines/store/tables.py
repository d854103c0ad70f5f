"""The tables of the store. A change here needs a new file in migrations/versions/ (append only)."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware datetimes in Python, naive UTC in the database: SQLite keeps no zone."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To naive UTC."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To aware UTC."""
        return value.replace(tzinfo=UTC) if value else None


GIVEN_UP = sa.text("state IN ('failed', 'skipped') AND version > 0")
"""What was begun, and left. As a text: an index of a part is used by queries that name it so."""

metadata = sa.MetaData()

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("last_modified", sa.Text, nullable=False),
    sa.Column("polled_at", UtcDateTime),
    sa.Column("next_poll_at", UtcDateTime),
    sa.Column("not_before", UtcDateTime),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("moved_to", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("new_at", UtcDateTime),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("warned_at", UtcDateTime),
    sa.Column("rhythm", sa.Text, nullable=False),  # JSON of model.Rhythm
    sa.Column("known_as", sa.Text, nullable=False),
    sa.Column("archive_before", UtcDateTime),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False, index=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),  # model.Entry.fingerprint
    sa.Column("entry", sa.Text, nullable=False),  # JSON of model.Entry
    sa.Column("article", sa.Text),  # JSON of model.CleanArticle by rules that made it, once it was fetched
    sa.Column("checked_at", UtcDateTime),  # the last look whether the source is still there
    sa.Column("gone_at", UtcDateTime),  # since when it is not
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("identity", sa.Text, primary_key=True),  # one of model.Entry.identities
    sa.Column("key", sa.Text, nullable=False),  # of the item; '' : several have it, so it is nobody's
)

publications = sa.Table(
    "publications",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, sa.ForeignKey("items.key"), nullable=False),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("refusals", sa.Integer, nullable=False),
    sa.Column("not_before", UtcDateTime),
    sa.Column("intent_at", UtcDateTime),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("published_at", UtcDateTime, index=True),
    sa.Column("post", sa.Text),  # JSON of model.Post
    sa.Column("findings", sa.Text, nullable=False),  # JSON list of model.Finding
    sa.Column("remote", sa.Text),  # JSON of model.RemotePost
    sa.Column("earlier", sa.Text, nullable=False),  # ids of the posts that it replaced
    sa.Column("wanted", sa.Boolean, nullable=False),  # a person asked for it
    sa.Column("written", sa.Text, nullable=False),  # digests of what we wrote and the site may hold
    sa.Column("version", sa.Integer, nullable=False),  # the compare-and-set token
    sa.UniqueConstraint("key", "site"),
    sa.Index("ix_publications_state", "state", "not_before"),
    sa.Index("ix_publications_intent", "site", "intent_at"),
    sa.Index("ix_publications_left", "state", "changed_at", sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP),
)

hearings = sa.Table(
    "hearings",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # of an item
    sa.Column("feed", sa.Text, primary_key=True),  # one that was heard on it, beside the publication's own
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("yielded", sa.Boolean, nullable=False),  # it wants the item, and gave way to the same story
)

tellings = sa.Table(
    "tellings",
    metadata,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),  # of an item that its last document told, and another has
    sa.Column("site", sa.Text, primary_key=True),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
)

imprints = sa.Table(
    "imprints",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, index=True),  # of the item
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("runs", sa.LargeBinary, nullable=False),  # of model.Imprint, four bytes each
    sa.Column("titled", sa.Boolean, nullable=False),
    sa.Index("ix_imprints_host", "host", "id"),
)

memory = sa.Table(
    "memory",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # hash of engine, languages, glossary and text
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False, index=True),
)

engines = sa.Table(
    "engines",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("day", sa.Date),
    sa.Column("characters", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("open_until", UtcDateTime),
)
