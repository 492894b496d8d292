"""Group commit: what comes at the same time reaches the disk together, and nobody is answered before that."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from cloud_cron.errors import StoreError
from cloud_cron.local.commits import Turns
from cloud_cron.local.store import Store

THREADS = 8


def opened(path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)")
    return db


def seen(path) -> list[int]:
    db = sqlite3.connect(path)
    try:
        return [n for (n,) in db.execute("SELECT n FROM t ORDER BY n")]
    finally:
        db.close()


def add_and_fail(turns: Turns, n: int) -> None:
    with turns.part() as db:
        db.execute("INSERT INTO t VALUES (?)", (n,))
        raise LookupError(n)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.db"


@pytest.fixture
def turns(path):
    turns = Turns(opened(path))
    yield turns
    turns.close()


def commits(turns: Turns) -> list[str]:
    """Every COMMIT and ROLLBACK from now on."""
    log: list[str] = []
    turns.db.set_trace_callback(lambda sql: log.append(sql) if sql in {"COMMIT", "ROLLBACK"} else None)
    return log


def test_what_is_answered_is_seen_by_another_connection(turns, path):
    with turns.part() as db:
        db.execute("INSERT INTO t VALUES (1)")
        assert seen(path) == []
    assert seen(path) == [1]

    turns.change("INSERT INTO t VALUES (2)")
    assert seen(path) == [1, 2]


def test_writes_that_wait_for_their_turn_are_committed_at_once(turns, path):
    """One thread holds the turn until all others wait for it: they share one commit."""
    log, waiting = commits(turns), Event()

    def write(n: int) -> None:
        turns.change("INSERT INTO t VALUES (?)", (n,))
        assert n in seen(path)

    with ThreadPoolExecutor(THREADS) as pool:
        with turns.turn():
            answers = [pool.submit(write, n) for n in range(THREADS)]
            while turns._waiting < THREADS:
                waiting.wait(0.001)
        for answer in answers:
            answer.result(10)

    assert seen(path) == list(range(THREADS))
    assert log == ["COMMIT"]


def test_many_threads_lose_nothing_and_are_answered_after_the_commit(turns, path):
    together = Barrier(THREADS)

    def write(thread: int) -> None:
        together.wait()
        for n in range(25):
            number = thread * 100 + n
            with turns.part() as db:
                db.execute("INSERT INTO t VALUES (?)", (number,))
            assert number in seen(path)

    with ThreadPoolExecutor(THREADS) as pool:
        for answer in [pool.submit(write, thread) for thread in range(THREADS)]:
            answer.result(60)
    assert len(seen(path)) == THREADS * 25


def test_a_part_that_fails_takes_nothing_of_the_others_with_it(turns, path):
    """Half of those who share a commit raise inside their part."""
    waiting = Event()

    def write(n: int) -> None:
        with turns.part() as db:
            db.execute("INSERT INTO t VALUES (?)", (n,))
            if n % 2:
                raise LookupError(n)

    with ThreadPoolExecutor(THREADS) as pool:
        with turns.turn():
            answers = [pool.submit(write, n) for n in range(THREADS)]
            while turns._waiting < THREADS:
                waiting.wait(0.001)
        raised = [answer.exception(10) for answer in answers]

    assert [type(error) for error in raised] == [type(None), LookupError] * (THREADS // 2)
    assert seen(path) == [0, 2, 4, 6]


def test_a_part_inside_a_part_can_fail_alone(turns, path):
    with turns.part() as db:
        db.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(LookupError):
            add_and_fail(turns, 2)
        turns.change("INSERT INTO t VALUES (3)")
    assert seen(path) == [1, 3]


def test_when_the_disk_is_full_everybody_who_shares_the_commit_hears_of_it(turns, path):
    """SQLite gives up the whole transaction: nobody may believe that his write is on the disk."""
    [(pages,)] = turns.db.execute("PRAGMA page_count").fetchall()
    turns.db.execute(f"PRAGMA max_page_count = {pages}")
    turns.db.execute("CREATE TEMP TABLE big (x)")
    waiting = Event()

    def write(n: int) -> None:
        turns.change("INSERT INTO t VALUES (?)", (n,))

    def fill() -> None:
        with turns.part() as db:
            db.execute("CREATE TABLE more AS SELECT randomblob(100000) AS x")

    with ThreadPoolExecutor(THREADS) as pool:
        with turns.turn():
            answers = [pool.submit(write, n) for n in range(3)]
            while turns._waiting < 3:
                waiting.wait(0.001)
            answers.append(pool.submit(fill))
            while turns._waiting < 4:
                waiting.wait(0.001)
        raised = [answer.exception(10) for answer in answers]

    full = raised[-1]
    assert isinstance(full, sqlite3.OperationalError)
    assert full.sqlite_errorcode == sqlite3.SQLITE_FULL
    told = [number for number, error in enumerate(raised[:3]) if error is None]
    assert seen(path) == told


def test_a_store_recovers_when_there_is_room_again(tmp_path):
    with Store(tmp_path / "t.db") as store:
        [(pages,)] = store.rows("PRAGMA page_count")
        store.rows(f"PRAGMA max_page_count = {pages}")
        big = "x" * 1_000_000
        with pytest.raises(StoreError) as caught:
            store.change("INSERT INTO paused (name, since) VALUES (?, 0)", (big,))
        assert caught.value.code == "CC904"

        store.rows("PRAGMA max_page_count = 1000000")
        assert store.change("INSERT INTO paused (name, since) VALUES ('x', 0)") == 1


def test_reading_inside_a_turn_sees_what_is_about_to_be_committed(turns, path):
    with turns.part() as db:
        db.execute("INSERT INTO t VALUES (1)")
        with turns.turn() as same:
            assert same.execute("SELECT n FROM t").fetchall() == [(1,)]
    assert seen(path) == [1]
