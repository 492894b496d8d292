"""The database: opened, shared, rolled back, and refused with a reason when the file is no good."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Barrier, Event
from uuid import uuid4

import pytest

from cloud_cron.errors import StoreError
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.schema import APPLICATION, VERSIONS, upgrade
from cloud_cron.local.store import Store
from cloud_cron.ports import Key, Record

KEY = Key("E#n#m", "r")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "stage.db"


@pytest.fixture
def unprivileged():
    """A folder of a user who is not root, and the rights of that user; permissions mean nothing to root."""
    folder = Path(tempfile.mkdtemp())
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.chown(folder, 65_534, 65_534)
        os.seteuid(65_534)
    yield folder
    if root:
        os.seteuid(0)
    shutil.rmtree(folder, ignore_errors=True)


def refused(path: Path, **options: float) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Store(path, **options)
    assert caught.value.where == str(path)
    assert caught.value.hint
    return caught.value


def test_a_file_and_its_folder_are_made_and_found_again(path):
    with Store(path) as store:
        SqliteLedger(store).create(KEY, Record("CLAIMED"))
    with Store(str(path)) as store:
        assert SqliteLedger(store).get(KEY) == Record("CLAIMED")


def test_a_commit_reaches_the_disk(path):
    with Store(path) as store:
        assert store.rows("PRAGMA journal_mode") == [("wal",)]
        assert store.rows("PRAGMA synchronous") == [(2,)]


def test_memory_is_nobody_elses():
    with Store() as one, Store() as other:
        SqliteLedger(one).create(KEY, Record("CLAIMED"))
        assert SqliteLedger(other).get(KEY) is None


def test_memory_has_the_tables_of_a_file(path):
    tables = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    with Store() as memory, Store(path) as file:
        assert memory.rows(tables) == file.rows(tables) != []


def test_a_directory_cannot_be_used(tmp_path):
    assert refused(tmp_path).code == "CC901"


def test_a_folder_that_is_a_file_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert refused(tmp_path / "file" / "stage.db").code == "CC901"


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    path = tmp_path / "stage.db"
    path.write_bytes(b"certainly not a database" * 100)
    error = refused(path)
    assert error.code == "CC901"
    assert "not a database" in error.message
    assert path.read_bytes() == b"certainly not a database" * 100


def test_damage_found_later_is_named_too(path):
    with Store(path) as store:
        SqliteLedger(store).create(KEY, Record("CLAIMED"))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with Store(path) as store, pytest.raises(StoreError) as caught:
        SqliteLedger(store).get(KEY)
    assert caught.value.code == "CC901"


def test_a_database_of_somebody_else_is_refused_and_kept(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    error = refused(path)
    assert (error.code, "not one of cloud-cron" in error.message) == ("CC901", True)
    assert path.read_bytes() == before


def test_a_later_version_is_refused_and_kept(path):
    Store(path).close()
    later = sqlite3.connect(path)
    later.execute(f"PRAGMA user_version = {len(VERSIONS) + 1}")
    later.close()
    before = path.read_bytes()
    error = refused(path)
    assert error.code == "CC902"
    assert f"has schema version {len(VERSIONS) + 1}" in error.message
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", range(1, len(VERSIONS)))
def test_a_file_of_an_earlier_version_is_brought_up_to_date_and_keeps_its_rows(path, version):
    path.parent.mkdir(parents=True, exist_ok=True)
    earlier = sqlite3.connect(path)
    upgrade(earlier, VERSIONS[:version])
    earlier.execute("INSERT INTO subscriptions VALUES ('reports', 'mail')")
    earlier.commit()
    earlier.close()

    with Store(path) as store:
        assert store.rows("SELECT * FROM subscriptions") == [("reports", "mail")]
        assert store.rows("SELECT * FROM paused") == store.rows("SELECT * FROM payloads") == []
        assert store.rows("PRAGMA user_version") == [(len(VERSIONS),)]
    with Store(path) as store:
        assert store.rows("SELECT * FROM subscriptions") == [("reports", "mail")]


def test_an_earlier_version_is_upgraded_and_keeps_its_rows():
    db = sqlite3.connect(":memory:", isolation_level=None)
    first, second = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)"], ["ALTER TABLE a ADD COLUMN y DEFAULT 2"]
    upgrade(db, [first])
    upgrade(db, [first, second])
    upgrade(db, [first, second])
    assert db.execute("SELECT * FROM a").fetchall() == [(1, 2)]
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    db.close()


def test_a_file_that_cannot_be_written_is_refused(unprivileged):
    path = unprivileged / "stage.db"
    Store(path).close()
    path.chmod(0o444)
    error = refused(path)
    assert error.code == "CC903"
    path.chmod(0o644)


def test_a_file_that_another_process_holds_is_refused(path):
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert refused(path, patience=0).code == "CC904"
    other.close()
    Store(path).close()


def test_a_file_that_is_written_without_a_pause_is_opened_between_two_writes(path):
    begun, over = Event(), Event()

    def write() -> None:
        with Store(path) as store:
            while not over.is_set():
                SqliteLedger(store).create(Key("E#n#m", str(uuid4())), Record("CLAIMED"))
                begun.set()

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        try:
            assert begun.wait(60)
            for _ in range(100):
                Store(path, patience=2).close()
        finally:
            over.set()
        writer.result()


def test_a_full_disk_is_named_and_what_was_written_stays(path):
    with Store(path) as store:
        ledger = SqliteLedger(store)
        ledger.create(KEY, Record("CLAIMED"))
        [(pages,)] = store.rows("PRAGMA page_count")
        store.rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="full") as caught:
            ledger.create(Key("R#t", "1"), Record("RECORDED", data="x" * 100_000))
        assert (caught.value.code, caught.value.where) == ("CC904", str(path))
        assert ledger.get(KEY) == Record("CLAIMED")


def test_a_full_disk_inside_a_transaction_undoes_all_of_it(path):
    with Store(path) as store:
        ledger = SqliteLedger(store)
        [(pages,)] = store.rows("PRAGMA page_count")
        store.rows(f"PRAGMA max_page_count = {pages}")

        def write() -> None:
            with store.transaction():
                ledger.create(KEY, Record("CLAIMED"))
                ledger.create(Key("R#t", "1"), Record("RECORDED", data="x" * 100_000))

        with pytest.raises(StoreError, match="full"):
            write()
        assert ledger.get(KEY) is None


def test_a_closed_store_says_so():
    store = Store()
    store.close()
    for act in (
        lambda: store.rows("SELECT 1"),
        lambda: store.change("DELETE FROM ledger"),
        store.transaction().__enter__,
    ):
        with pytest.raises(StoreError, match="closed"):
            act()


def test_a_transaction_is_all_or_nothing(store, ledger):
    def fail() -> None:
        with store.transaction():
            ledger.create(KEY, Record("CLAIMED"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ledger.get(KEY) is None
    with store.transaction():
        ledger.create(KEY, Record("CLAIMED"))
    assert ledger.get(KEY) == Record("CLAIMED")


def test_a_part_of_a_transaction_can_fail_by_itself(store, ledger):
    def fail() -> None:
        with store.transaction():
            ledger.create(Key("E#inner", "r"), Record("CLAIMED"))
            raise KeyError

    with store.transaction():
        ledger.create(KEY, Record("CLAIMED"))
        with pytest.raises(KeyError):
            fail()
        with store.transaction():
            ledger.create(Key("E#other", "r"), Record("CLAIMED"))
    assert [ledger.get(Key(name, "r")) is None for name in ("E#n#m", "E#inner", "E#other")] == [False, True, False]


def race(workers, work):
    """Start so many threads at once and wait for all; what one of them raised is raised here."""
    start = Barrier(workers)

    def one(number):
        start.wait()
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return [result for results in pool.map(one, range(workers)) for result in results]


@pytest.mark.parametrize("shared", [True, False], ids=["one-store", "a-store-each"])
def test_exactly_one_of_eight_threads_wins_each_claim(path, shared):
    common = Store(path) if shared else None

    def claim(number):
        with nullcontext(common) if common else Store(path) as store:
            ledger, mine = SqliteLedger(store), Record("CLAIMED", token=f"worker-{number}")
            keys = [Key("E#n#m", f"{key:03}") for key in range(100)]
            return [(key, mine) for key in keys if ledger.create(key, mine) is None]

    wins = race(8, claim)
    with common or Store(path) as store:
        assert sorted(wins, key=str) == SqliteLedger(store).records("E#n#m")
    assert len(wins) == 100


def test_exactly_one_of_eight_threads_takes_over(path):
    expected, keys = Record("CLAIMED", token="dead"), [Key("E#n#m", str(key)) for key in range(50)]
    with Store(path) as common:
        for key in keys:
            SqliteLedger(common).create(key, expected)

    def take_over(number):
        with Store(path) as store:
            mine = Record("CLAIMED", token=f"worker-{number}", ambiguous=1)
            return [key for key in keys if SqliteLedger(store).swap(key, expected, mine)]

    assert sorted(race(8, take_over)) == sorted(keys)


def test_no_acceptance_is_lost_when_eight_threads_report_one(path):
    with Store(path) as common:
        SqliteLedger(common).create(KEY, Record("CLAIMED"))

    def report(number):
        with Store(path) as store:
            for turn in range(20):
                SqliteLedger(store).sent(KEY, f"id-{number}-{turn}")
            return []

    race(8, report)
    with Store(path) as common:
        record = SqliteLedger(common).get(KEY)
    assert record is not None
    assert (record.state, record.accepts) == ("SENT", 160)
