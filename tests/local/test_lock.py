"""One host per database, as the kernel sees it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import pytest

from cloud_cron.errors import StoreError

if sys.platform == "win32":
    pytest.skip("hosts need Linux or macOS", allow_module_level=True)

from cloud_cron.local.lock import HostLock, holder


@pytest.fixture
def database(tmp_path):
    return tmp_path / "new" / "dev.db"


def test_the_second_one_is_told_who_has_it(database):
    with HostLock(database, holder("serve", "2030-01-01T08:00:00+00:00")), pytest.raises(StoreError) as caught:
        HostLock(database, holder("dev", "later"))

    assert caught.value.code == "CC910"
    who = f"`cloud-cron serve`, process {os.getpid()}, since 2030-01-01T08:00:00+00:00"
    assert caught.value.message == f"this database is served by {who}"


def test_it_is_free_when_its_holder_has_let_go(database):
    for _ in range(2):
        with HostLock(database, holder("serve", "now")):
            pass


def test_it_is_held_as_long_as_somebody_has_the_file_open(database):
    """As a worker has, which inherited it."""
    lock = HostLock(database, holder("serve", "now"))
    inherited = os.dup(lock.fileno())
    lock.close()
    with pytest.raises(StoreError):
        HostLock(database, holder("serve", "now"))
    os.close(inherited)
    HostLock(database, holder("serve", "now")).close()


def test_a_holder_that_wrote_nothing_is_another_process(database):
    with HostLock(database, holder("serve", "now")):
        database.with_name("dev.db.lock").write_text("")
        with pytest.raises(StoreError, match="another process, which is just starting"):
            HostLock(database, holder("serve", "now"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with suppress(NotADirectoryError), pytest.raises(StoreError) as caught:
        HostLock(tmp_path / "file" / "dev.db", holder("serve", "now"))
    assert caught.value.code == "CC903"
