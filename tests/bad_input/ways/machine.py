"""Through the command line, on a database of this machine that cannot be used."""

from __future__ import annotations

import os
import sqlite3
import sqlite3.dump  # iterdump() would import it late, when nobody may read it
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from cloud_cron.local.schema import VERSIONS, upgrade
from cloud_cron.local.site import database
from cloud_cron.local.store import Store
from tests.bad_input.ground import write
from tests.bad_input.ways.commands import HEAD, process, run
from tests.bad_input.ways.told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.bad_input.row import Told

    Way = Callable[[Path], Told]

APP: Final = f"{HEAD}@app.schedule('cron(0 8 * * ? 2020)')\ndef go(): ...\n"
NOBODY: Final = 65_534


def stored(*words: str, broken: Callable[[Path], AbstractContextManager[None]], app: str = APP) -> Way:
    """One command on a database that `broken` has been at; the file is afterwards as it was."""

    def way(folder: Path) -> Told:
        write(folder, {"app.py": app})
        path = database(folder, "dev", sends=True)
        Store(path).close()
        run(*words)  # what is imported late is imported, whoever may read it later
        with broken(path):
            before = content(path)
            code, out, err = run(*words)
            changed = () if content(path) == before else (f"a change of {path.name}",)
        return told(code, err + out, changed)

    return way


def content(path: Path) -> list[str] | bytes:
    """Every row of a database; the bytes of a file that is none."""
    try:
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as db:
            return list(db.iterdump())
    except sqlite3.DatabaseError:
        return path.read_bytes()


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Nobody may write it, and the user is not root, to whom permissions mean nothing."""
    root = os.geteuid() == 0
    for each in [path.parent.parent, path.parent, path]:
        if root:
            os.chown(each, NOBODY, NOBODY)
    path.chmod(0o444)
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextmanager
def as_it_is(path: Path) -> Iterator[None]:
    """Nothing was done to it."""
    yield


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    """It is no database any more."""
    path.write_bytes(b"certainly not a database" * 100)
    yield


@contextmanager
def of_a_later_version(path: Path) -> Iterator[None]:
    """A later cloud-cron wrote it."""
    with closing(sqlite3.connect(path)) as later:
        later.execute(f"PRAGMA user_version = {len(VERSIONS) + 1}")
    yield


def full(*words: str) -> Way:
    """One command on a disk that takes no more than is on it."""

    def way(folder: Path) -> Told:
        path = database(folder, "dev", sends=True)
        Store(path).close()
        before = content(path)
        whole = {"PYTHONDONTWRITEBYTECODE": "1"}  # what Python compiles would be cut off too
        found = process(*words, app=APP, begin="ulimit -f 1", env=whole)(folder)
        return found._replace(left=() if content(path) == before else (f"a change of {path.name}",))

    return way


def upgraded(*words: str) -> Way:
    """One command on a database of the first version, whose rows are still there afterwards."""

    def way(folder: Path) -> Told:
        write(folder, {"app.py": APP})
        path = database(folder, "dev", sends=True)
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as earlier:
            upgrade(earlier, VERSIONS[:1])
            earlier.execute("INSERT INTO subscriptions VALUES ('reports', 'mail')")
            earlier.commit()
        code, out, err = run(*words)
        with Store(path) as store:
            rows = store.rows("SELECT * FROM subscriptions")
        return told(code, err + out, () if rows == [("reports", "mail")] else ("rows that are lost",))

    return way


def served(*words: str) -> Way:
    """A second host on a database that has one."""
    from cloud_cron.local.lock import HostLock, holder  # noqa: PLC0415 - hosts need Linux or macOS

    def way(folder: Path) -> Told:
        write(folder, {"app.py": APP})
        path = database(folder, "dev", sends=False)
        with HostLock(path, holder("dev", "2030-01-01T08:00:00+00:00")):
            before = {each.name for each in path.parent.iterdir()}
            code, out, err = run(*words)
            left = {each.name for each in path.parent.iterdir()} - before
        return told(code, err + out, tuple(left))

    return way
