"""The database file of one stage, or a database in memory: opened, checked, shared by threads, and never deleted."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from cloud_cron.errors import StoreError
from cloud_cron.local.commits import Turns, patiently
from cloud_cron.local.schema import APPLICATION, VERSIONS, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEMORY: Final = ":memory:"
PATIENCE: Final = 10.0

_FEW_PAGES: Final = 1000
_SOME_PAGES: Final = 1000
_WAL_PAGES: Final = 8000  # 32 MB: a page that many claims touch is carried over to the database once for all of them
_LARGEST_WAL: Final = 64 * 1024 * 1024


class Store:
    """One SQLite database, safe to use from any thread.

    A file is in WAL mode and every commit reaches the disk before it returns, so that killing the process loses nothing
    that was answered. Other processes may use the file too: each waits for the other, up to `patience` seconds.
    """

    def __init__(self, path: str | Path = MEMORY, *, patience: float = PATIENCE) -> None:
        """Open the database, creating the file and its folder when there is none.

        Raises:
            StoreError: it cannot be read (CC901), is of a later version (CC902), cannot be written (CC903), or is
                locked, or the disk is full (CC904). Nothing is changed in such a file.
        """
        self.path = str(path)
        self._turns = Turns(_memory() if self.path == MEMORY else _file(Path(path), patience), patience)

    def close(self) -> None:
        """Close the database; a database in memory is gone."""
        self._turns.close()

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that changes nothing, and return its rows."""
        try:
            with self._turns.turn():
                return self._turns.patient(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise store_error(self.path, error) from error

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run one statement that changes rows, and say how many; outside of `transaction` it is one of its own."""
        try:
            return self._turns.change(sql, parameters)
        except sqlite3.Error as error:
            raise store_error(self.path, error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, with the only right to write; inside another one, a part of it that can fail by itself.

        Everybody else waits meanwhile, so it must be short. Several operations of bus and ledger inside one transaction
        reach the disk at once, as do those of several threads that come at the same time.
        """
        try:
            with self._turns.part() as db:
                yield db
        except sqlite3.Error as error:
            raise store_error(self.path, error) from error

    def version(self) -> int:
        """A number that is another one after another process wrote."""
        return int(self.rows("PRAGMA data_version")[0][0])

    def give_back(self, share: float = 0.25) -> None:
        """Return free pages to the file system when they are more than that share of the file; it stays in use."""
        [(pages,)], [(free,)] = self.rows("PRAGMA page_count"), self.rows("PRAGMA freelist_count")
        if free > max(_FEW_PAGES, pages * share) and self.path != MEMORY:
            try:
                with closing(_connect(self.path)) as db:  # `execute` would free one page
                    patiently(PATIENCE, db.executescript, f"PRAGMA incremental_vacuum({_SOME_PAGES})")
            except sqlite3.Error as error:
                raise store_error(self.path, error) from error

    def copy_to(self, target: Path) -> None:
        """Write a copy as of one instant while others go on; it appears under its name when it is whole.

        Raises `StoreError` (CC906) when it cannot be written; a file that is there is not replaced.
        """
        partial = target.with_name(f"{target.name}.partial")
        try:
            if target.exists():
                raise FileExistsError(17, "there is such a file already", str(target))
            partial.unlink(missing_ok=True)
            with closing(_connect(self.path)) as db:
                patiently(PATIENCE, db.execute, "VACUUM INTO ?", (str(partial),))
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            partial.rename(target)
        except (OSError, sqlite3.Error) as error:
            partial.unlink(missing_ok=True)
            reason = error.strerror if isinstance(error, OSError) else error
            raise StoreError(
                "CC906", f"the copy cannot be written: {reason}", where=str(target), hint="name another file"
            ) from error


def store_error(path: str, error: sqlite3.Error) -> StoreError:
    """What a SQLite error means for whoever runs cloud-cron."""
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            code, what, hint = "CC903", "cannot be written", "give this user the right to write the file and its folder"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            code, what, hint = "CC904", "is locked by another process", "stop the other process, or use another stage"
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_NOMEM:
            code, what, hint = "CC904", "cannot grow", "free space on its disk; nothing that was answered is lost"
        case _:
            code, what, hint = "CC901", "cannot be used", "move the file away, or restore a copy; it was not changed"
    return StoreError(code, f"the database {what}: {error}", where=path, hint=hint)


def _connect(path: str | Path) -> sqlite3.Connection:
    """A connection that waits for no other one by itself: `patiently` does."""
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)


def _memory() -> sqlite3.Connection:
    """A database in memory; copying an empty one takes a quarter of the time that creating the tables does."""
    db = _connect(MEMORY)
    if not hasattr(db, "deserialize"):  # depends on how SQLite was built
        upgrade(db)
        return db
    db.deserialize(_empty())
    return db


@cache
def _empty() -> bytes:
    db = _connect(MEMORY)
    try:
        upgrade(db)
        return db.serialize()
    finally:
        db.close()


def _file(path: Path, patience: float) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            "CC901", f"the database cannot be created: {error}", where=str(path), hint="choose another folder"
        ) from error
    try:
        db = _connect(path)
        try:
            _prepare(db, path, patience)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise store_error(str(path), error) from error
    return db


def _prepare(db: sqlite3.Connection, path: Path, patience: float) -> None:
    """Refuse what is not ours, then make it durable and present; closing an open transaction rolls it back."""
    patiently(patience, _check, db, path)
    patiently(patience, db.execute, "PRAGMA auto_vacuum = INCREMENTAL")  # takes effect in a new file only
    patiently(patience, db.execute, "PRAGMA journal_mode = WAL")  # refused at once while somebody creates the file
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # what a flush needs on macOS; nothing elsewhere
    db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    db.execute(f"PRAGMA journal_size_limit = {_LARGEST_WAL}")
    patiently(patience, db.execute, "BEGIN IMMEDIATE")
    _check(db, path)
    upgrade(db)
    db.execute("DELETE FROM queues WHERE 0")  # changes nothing, and is refused on a file that cannot be written
    db.execute("COMMIT")


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a database of somebody else, and one that a later version wrote."""
    [(tables,)] = db.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # first: somebody may be creating it
    [(version,)] = db.execute("PRAGMA user_version").fetchall()
    [(application,)] = db.execute("PRAGMA application_id").fetchall()
    if tables and application != APPLICATION:
        raise StoreError(
            "CC901", "the file is a database, but not one of cloud-cron", where=str(path), hint="name another file"
        )
    if not 0 <= version <= len(VERSIONS):
        raise StoreError(
            "CC902",
            f"the database has schema version {version}, and this cloud-cron knows versions up to {len(VERSIONS)}",
            where=str(path),
            hint="upgrade cloud-cron; the file was not changed",
        )
