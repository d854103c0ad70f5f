"""Opening the database: SQLite or PostgreSQL by URL, migrated to the newest form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bot.errors import ConfigError, StoreUnavailable

BUSY_TIMEOUT_MS = 30_000
CACHE_KB = 16_000  # at most; the index of identities of a thousand feeds fits

KIND = "kind of transaction"
"""The execution option that says what a transaction on SQLite may do, and how fast it must be on the disk."""

WRITES, READS, NOTES = "writes", "reads", "notes"
"""READS need no transaction: each of their SELECTs sees what was committed when it began. The disk is not waited
for with NOTES, of which all can be had again: a power cut may undo those after the last of WRITES, and nothing else."""


def connect(url: str) -> sa.Engine:
    """An engine for `url`, its schema brought up to date.

    Raises ConfigError (not a database address, driver missing) or StoreUnavailable.
    """
    try:
        parsed = _parsed(url)
        engine = sa.create_engine(parsed, **_pool(parsed))
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError("bot.database", [f"not a database address: {_shown(url)}"]) from error
    except ModuleNotFoundError as error:
        remedy = "install it with: pip install 'relaypress[cluster]'"
        raise ConfigError("bot.database", [f"the driver {error.name} is not installed; {remedy}"]) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, parsed.database or "")
    try:
        with translated(shown(parsed)), engine.connect() as connection:
            migrate(connection)
    except BaseException:
        engine.dispose()  # or its connection would stay open, with nobody to close it
        raise
    return engine


def _parsed(url: str) -> sa.URL:
    """Raises ArgumentError, or ValueError where the port is no number."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ArgumentError("neither SQLite nor PostgreSQL")
    return parsed


def _pool(url: sa.URL) -> dict[str, Any]:
    """How connections are kept.

    One is enough for SQLite, which lets one write at a time: each further one would lose what it has in its
    cache whenever another wrote, and read it anew. Threads wait for their turn; every turn is short.
    """
    if url.get_backend_name() == "sqlite":
        return {"poolclass": sa.QueuePool, "pool_size": 1, "max_overflow": 0, "pool_timeout": 60}
    return {"pool_pre_ping": True}


def migrate(connection: sa.Connection, to: str = "head") -> None:
    """Run the migrations that this database has not seen, up to one of them, each in its own transaction.

    Raises StoreUnavailable, and leaves the database as it is, where it has seen one that is not ours.
    """
    from alembic import command  # noqa: PLC0415 - slow to import, needed once a start
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script.revision import ResolutionError  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        if not isinstance(error.__cause__, ResolutionError):
            raise
        subject, problem = shown(connection.engine.url), "was written by a newer version of the bot"
        remedy = "run that version, or restore the backup made before it"
        raise StoreUnavailable(subject, problem, remedy=remedy) from error


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """The one boundary where errors of the database become ours."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # a broken rule of our own schema: a bug, not a passing state of the world
    except sa.exc.TimeoutError as error:
        remedy = "see whether its disk is very slow"
        raise StoreUnavailable(subject, "no connection to the database came free", remedy=remedy) from error
    except DBAPIError as error:
        problem = str(error.orig).splitlines()[0]
        remedy = "free space on its disk" if "full" in problem else "see that it runs and may be written to"
        raise StoreUnavailable(subject, f"the database failed ({problem})", remedy=remedy) from error


def _prepare_sqlite(engine: sa.Engine, path: str) -> None:
    """WAL for readers beside the writer; FULL, for a commit that a power cut loses is a post sent twice."""
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "make bot.data_dir a folder that the bot may write to"
        raise StoreUnavailable(str(folder), f"cannot be made ({error.strerror})", remedy=remedy) from error

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: it would begin them as readers.
        # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{CACHE_KB}",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        kind = connection.get_execution_options().get(KIND, WRITES)
        if kind == READS:
            return
        synchronous = "NORMAL" if kind == NOTES else "FULL"
        if connection.info.get("synchronous") != synchronous:
            connection.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
            connection.info["synchronous"] = synchronous
        # A reader that turns writer fails at once when another wrote meanwhile; a writer from the
        # start waits its turn (busy_timeout).
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def shown(url: sa.URL) -> str:
    """The address without its password, which may stand in its query as well."""
    return url.set(query={}).render_as_string(hide_password=True)


def _shown(url: str) -> str:
    try:
        return shown(sa.make_url(url))
    except (ArgumentError, ValueError):
        return "(unreadable)"
