from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing

from cloud_cron.local.book import Book
from cloud_cron.local.store import Store


def rows(path, sql):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_a_copy_is_whole_while_others_write(ground, run, tmp_path):
    here = ground()
    over, begun = threading.Event(), threading.Event()

    def write():
        number = 0
        with Store(here.path) as store:
            while not over.is_set():
                number += 1
                Book(store).pause([f"left{number}", f"right{number}"], 1.0)
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(60)
        shown = run("backup", "copy.db")
    finally:
        over.set()
        writer.join()

    copy = tmp_path / "copy.db"
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout == f"✓ copy.db  {copy.stat().st_size:,} bytes, a copy of dev.db\n"
    assert rows(copy, "PRAGMA integrity_check") == [("ok",)]
    paused = {name for (name,) in rows(copy, "SELECT name FROM paused")}
    assert paused
    assert {name.replace("left", "right") for name in paused if name.startswith("left")} <= paused
    assert not (tmp_path / "copy.db.partial").exists()


def test_a_copy_takes_the_place_of_the_database(ground, run, tmp_path):
    here = ground()
    here.book.pause(["morning"], 1.0)
    shown = run("backup", "copy.db", "--json")
    size = (tmp_path / "copy.db").stat().st_size
    here.book.resume(["morning"])
    here.store.close()
    (tmp_path / "copy.db").replace(here.path)

    assert json.loads(shown.stdout) == {"file": "copy.db", "bytes": size}
    assert json.loads(run("status", "--json").stdout)["tasks"][0]["paused"]


def test_a_file_that_is_there_is_not_replaced(ground, run, tmp_path):
    ground()
    (tmp_path / "copy.db").write_text("mine")
    shown = run("backup", "copy.db")

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "CC906" in shown.stderr
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_folder_that_is_not_there(ground, run):
    ground()

    assert "CC906" in run("backup", "nowhere/copy.db").stderr


def test_the_app_need_not_work(ground, run):
    ground("1 / 0")

    assert run("backup", "copy.db").exit_code == 0


def test_where_nothing_has_run(project, run):
    folder = project()

    assert "CC740" in run("backup", "copy.db").stderr
    assert sorted(path.name for path in folder.iterdir()) == ["app.py"]
