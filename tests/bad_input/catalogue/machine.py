"""The database of this machine: what cannot be used is told and left as it is."""

from __future__ import annotations

import sys
from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways import machine

_BACKFILL: Final = ("backfill", "go", "--from", "2020-01-01", "--to", "2020-12-31")


def _second_host() -> Row:
    given, says = "two hosts on one database", "this database is served by `cloud-cron dev`, process …"
    way = machine.served("dev") if sys.platform != "win32" else machine.upgraded("status")
    return Row("110", given, way, "CC910", says, "…dev.dev.db", "use another --stage", exit=1, posix=True)


ROWS: Final = (
    Row(
        "107",
        "a database that this user may not write",
        machine.stored(*_BACKFILL, broken=machine.read_only),
        "CC903",
        "the database cannot be written: …",
        "…dev.db",
        "give this user the right",
        exit=1,
        posix=True,
    ),
    Row(
        "108",
        "a database that is damaged",
        machine.stored("status", broken=machine.damaged),
        "CC901",
        "the database cannot be used: file is not a database",
        "…dev.db",
        "restore a copy",
        exit=1,
    ),
    Row(
        "108b",
        "a database of a later cloud-cron",
        machine.stored("status", broken=machine.of_a_later_version),
        "CC902",
        "the database has schema version …",
        "…dev.db",
        "upgrade cloud-cron",
        exit=1,
    ),
    Row(
        "108c",
        "a database of an earlier cloud-cron",
        machine.upgraded("status"),
        None,
        "weather  stage dev, dev.db",
        exit=0,
    ),
    Row(
        "109",
        "a disk that is full",
        machine.full(*_BACKFILL),
        "CC904",
        "the database cannot grow: …",
        "…dev.db",
        "free space",
        exit=1,
        posix=True,
    ),
    _second_host(),
)
