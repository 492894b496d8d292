"""Group commit: the writes of threads that come at the same time reach the disk together.

A commit that survives a loss of power costs a write to the disk itself, which takes longer than everything before it.
Whoever has the turn leaves the transaction open for the next one who waits; the last one commits for all, and nobody is
answered before that.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from random import uniform
from threading import Event, Lock, RLock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = TypeVar("Answer")

_NAP: Final = (0.0003, 0.002)


def patiently(patience: float, run: Callable[..., Answer], *statement: object) -> Answer:
    """What `run` returns for the statement when other connections let it; they are waited for up to `patience` seconds.

    The connection must wait for no lock by itself: SQLite's own pauses grow to a tenth of a second, in which everybody
    else is faster, so that beside a host that writes without a pause it may never get its turn.
    """
    end = monotonic() + patience
    while True:
        try:
            return run(*statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
        sleep(uniform(*_NAP))  # noqa: S311 - spreads those who wait


class _Batch:
    """What is committed together, and how that ended."""

    def __init__(self) -> None:
        self._over = Event()
        self._error: sqlite3.Error | None = None

    def end(self, error: sqlite3.Error | None = None) -> None:
        self._error = error
        self._over.set()

    def wait(self) -> None:
        """Until it is on the disk; raises what prevented that."""
        self._over.wait()
        if self._error is not None:
            raise self._error


class Turns:
    """One connection, used by one thread at a time; raises `sqlite3.Error` as it comes."""

    def __init__(self, db: sqlite3.Connection, patience: float = 10.0) -> None:
        """Take the connection over; it must be in autocommit mode, and wait for no lock by itself.

        `patience` is for how many seconds other processes are waited for.
        """
        self.db = db
        self._patience = patience
        self._lock = RLock()
        self._counting = Lock()
        self._waiting = 0
        self._depth = 0
        self._batch: _Batch | None = None

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading: what is read may be of writes that are about to be committed."""
        with self._counting:
            self._waiting += 1
        self._lock.acquire()
        with self._counting:
            self._waiting -= 1
        self._depth += 1
        try:
            yield self.db
        finally:
            self._depth -= 1
            try:
                if self._batch and not self._depth and not self._waiting:
                    self._commit()
            finally:
                self._lock.release()

    @contextmanager
    def part(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Inside another part of this thread it belongs to that; else it is on the disk at the end."""
        with self.turn():
            inner, batch = self._depth > 1 and self._batch is not None, self._batch
            alone = batch is None
            if batch is None:
                self.patient("BEGIN IMMEDIATE")
                batch = self._batch = _Batch()
            else:
                self.db.execute("SAVEPOINT part")
            try:
                yield self.db
                if not alone:
                    self.db.execute("RELEASE part")
            except BaseException as error:
                self._undo(error, alone=alone)
                raise
        if not inner:
            batch.wait()

    def change(self, sql: str, parameters: object = ()) -> int:
        """One statement, which by itself is all or nothing: how many rows it changed."""
        with self.turn():
            inner, batch = self._depth > 1, self._batch
            if batch is None and self._waiting:
                self.patient("BEGIN IMMEDIATE")
                batch = self._batch = _Batch()
            try:
                count = self.patient(sql, parameters).rowcount
            except sqlite3.Error as error:
                self._lost(error)
                raise
        if batch and not inner:
            batch.wait()
        return count

    def patient(self, sql: str, parameters: object = ()) -> sqlite3.Cursor:
        """Run a statement, when other processes let it; inside `turn` only."""
        return patiently(self._patience, self.db.execute, sql, parameters)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self.db.close()

    def _undo(self, error: BaseException, *, alone: bool) -> None:
        """Take back one part; the others of the batch stay, unless SQLite gave the whole transaction up."""
        if self._lost(error):
            return
        if alone:
            self.db.execute("ROLLBACK")
            self._ended(None)
            return
        self.db.execute("ROLLBACK TO part")
        self.db.execute("RELEASE part")

    def _lost(self, error: BaseException) -> bool:
        """Whether SQLite rolled everything back, as it does when the disk is full; all of the batch hear of it."""
        if self.db.in_transaction:
            return False
        if self._batch:
            self._ended(error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError(str(error)))
        return True

    def _commit(self) -> None:
        try:
            self.db.execute("COMMIT")
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            self._ended(error)
        else:
            self._ended(None)

    def _ended(self, error: sqlite3.Error | None) -> None:
        batch, self._batch = self._batch, None
        if batch:
            batch.end(error)
