import sqlite3
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.engines.store import DatabaseStore, database, memory, tables
from bot.engines.store.lock import DataLock
from bot.engines.store.rows import to_json
from bot.errors import ConfigError, LockHeld, StoreUnavailable
from bot.model import FeedState, Take
from tests.contracts.articles import ARTICLE, ArticleContract
from tests.contracts.imprints import ImprintContract
from tests.contracts.naming import NamingContract
from tests.contracts.sharing import SharingContract
from tests.contracts.store import NOW, StoreContract, entry


class OpeningContract:
    """Of a database by its address."""

    def test_a_database_of_a_newer_version_is_told_and_left_alone(self, store):
        version = sa.table("alembic_version", sa.column("version_num", sa.Text))
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        with store._begin() as db:
            db.execute(sa.update(version).values(version_num="4711"))
        url = store._engine.url.render_as_string(hide_password=False)
        with pytest.raises(StoreUnavailable) as caught:
            DatabaseStore(url)
        assert str(caught.value) == (
            f"{store._engine.url.set(query={})}: was written by a newer version of the bot; "
            "run that version, or restore the backup made before it"
        )
        with store._begin() as db:
            assert list(db.execute(sa.select(version)).scalars()) == ["4711"]
        assert set(store.fingerprints(["k1"])) == {"k1"}


class TestSqlite(
    StoreContract, SharingContract, ImprintContract, ArticleContract, OpeningContract, NamingContract
):
    @pytest.fixture
    def store(self, tmp_path):
        store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
        yield store
        store.close()


class TestPostgresql(
    StoreContract, SharingContract, ImprintContract, ArticleContract, OpeningContract, NamingContract
):
    @pytest.fixture
    def store(self, postgresql):
        name = f"t{uuid.uuid4().hex}"
        server = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        store = DatabaseStore(f"{postgresql.rpartition('/')[0]}/{name}")
        yield store
        store.close()
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
        server.dispose()


def test_a_server_that_is_down_is_told_without_its_password():
    with pytest.raises(StoreUnavailable, match=r"the database failed .*refused") as caught:
        DatabaseStore("postgresql+psycopg://bot:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in str(caught.value)


def test_a_password_in_the_query_is_not_told_either():
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/x: the database failed") as caught:
        DatabaseStore("postgresql+psycopg://bot@127.0.0.1:1/x?password=hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_second_start_finds_all_again(tmp_path):
    url = f"sqlite:///{tmp_path}/new/folder/bot.db"
    first = DatabaseStore(url)
    first.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
    first.close()
    second = DatabaseStore(url)
    assert set(second.fingerprints(["k1"])) == {"k1"}
    second.close()


def test_a_database_of_an_earlier_version_keeps_all_and_learns_what_is_new(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path}/bot.db")
    with engine.connect() as connection:
        database.migrate(connection, "0001")
        for key, state, reason in (("k1", "queued", ""), ("k2", "skipped", "too old")):
            of_item = {"entry": to_json(entry(key)), "link": "", "seen_at": NOW, "feed": "f"}
            of_item |= {"article": to_json(ARTICLE) if key == "k1" else None}
            connection.execute(sa.insert(tables.items).values(key=key, fingerprint="", **of_item))
            of_publication = {"feed": "f", "site": "s", "state": state, "reason": reason, "changed_at": NOW}
            of_publication |= {"attempts": 0, "findings": "[]", "earlier": "", "wanted": False, "written": ""}
            row = {"key": key, "version": 0, **of_publication}
            columns = {name: sa.column(name) for name in row}
            connection.execute(sa.insert(sa.table("publications", *columns.values())).values(row))
        connection.commit()
    engine.dispose()
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    assert [(each.key, each.state, each.refusals) for each in store.publications()] == [
        ("k1", "queued", 0),
        ("k2", "skipped", 0),
    ]
    assert store.imprints("x") == []
    # By whose rules the article was made is not known: it can be shown, but no post is made of it.
    assert (store.article("k1"), store.article("k1", "rules"), store.article("k2")) == (ARTICLE, None, None)
    # Another feed does not bring back all that was ever skipped.
    assert store.save_poll(FeedState("g"), [Take(entry("k2", "g"))], ["s"], NOW) == 0
    store.close()


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "bot.db").write_text("this is not a database, and long enough to be read as one" * 20)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        DatabaseStore(f"sqlite:///{tmp_path}/bot.db")


@pytest.mark.parametrize("url", ["nonsense", "nosuchdb://x/y", "postgresql://x:port/y", "mysql://x/y"])
def test_an_address_that_is_none(url):
    with pytest.raises(ConfigError, match="not a database address"):
        DatabaseStore(url)


def test_a_full_disk_is_told_and_loses_nothing(tmp_path):
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
    store.close()
    with sqlite3.connect(tmp_path / "bot.db") as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    full = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    # SQLite gives the same answer for a full disk and for a database at its own limit of pages.
    with full._engine.connect() as connection:  # one connection: the pool hands out the same again
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    many = [Take(entry(f"n{n}", summary_html="x" * 2000)) for n in range(500)]
    with pytest.raises(StoreUnavailable, match=r"database or disk is full.*free space"):
        full.save_poll(FeedState("f", etag="new"), many, ["s"], NOW)
    assert full.feed_state("f").etag == ""
    assert set(full.fingerprints(["k1", "n0"])) == {"k1"}
    full.close()


HOLDER = """
import sys
from pathlib import Path
from bot.engines.store.lock import DataLock
from bot.engines.store.rows import to_json
with DataLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_bots_never_share_a_data_folder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockHeld, match=rf"another bot works in this data folder \(pid {holder.pid}\)"):
            DataLock(tmp_path)
        holder.kill()  # no chance to clean up: the kernel drops the lock
        holder.wait()
    with DataLock(tmp_path):
        pass


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="the data folder cannot be used"):
        DataLock(tmp_path / "file" / "data")


def test_the_memory_forgets_what_is_old_or_too_much(tmp_path):
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    store.remember({"fresh": "x"})
    assert store.prune(datetime.now(UTC)) == 0
    assert store.prune(datetime.now(UTC) + timedelta(days=91)) == 1
    with store._begin() as db:  # the clock of the memory is the machine's own
        for days, key in ((100, "old"), (3, "c"), (2, "b"), (1, "a")):
            memory.remember(db, {key: key}, NOW - timedelta(days=days))
        assert memory.prune(db, NOW, most=2) == 2
        assert set(memory.recall(db, ["old", "a", "b", "c"])) == {"a", "b"}
    store.close()
