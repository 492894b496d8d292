"""The cache of images: whole files or none, for any number of processes, below a size."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cloud_cron.errors import ConfigError, ImageError
from cloud_cron_cli.deploy.images.cache import LIMIT, FileCache, users_cache
from cloud_cron_cli.deploy.images.oci import digest

ONE, TWO, THREE = (bytes([number]) * 100 for number in (1, 2, 3))


class Clock:
    """An hour goes by between any two looks."""

    def __init__(self) -> None:
        self.time = 1e9

    def __call__(self) -> float:
        self.time += 3600
        return self.time


def kept(cache, *blobs):
    for blob in blobs:
        cache.keep(digest(blob), [blob])


def test_a_blob_is_found_by_its_digest(tmp_path):
    path = FileCache(tmp_path).keep(digest(ONE), [ONE[:30], ONE[30:]])

    assert path.read_bytes() == ONE
    assert FileCache(tmp_path).blob(digest(ONE)) == path
    assert FileCache(tmp_path).blob(digest(TWO)) is None


def test_what_is_there_is_not_read_again(tmp_path):
    kept(FileCache(tmp_path), ONE)

    assert FileCache(tmp_path).keep(digest(ONE), iter(())).read_bytes() == ONE


def test_other_bytes_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(ImageError, match="CC874"):
        FileCache(tmp_path).keep(digest(ONE), [TWO])

    assert FileCache(tmp_path).usage() == 0


def test_a_source_that_breaks_off_leaves_nothing(tmp_path):
    def broken():
        yield ONE
        raise ConnectionError

    with pytest.raises(ConnectionError):
        FileCache(tmp_path).keep(digest(ONE), broken())

    assert list(tmp_path.rglob("*blobs/*")) == []


def test_a_file_that_a_crash_left_empty_is_made_again(tmp_path):
    cache = FileCache(tmp_path)
    cache.keep(digest(ONE), [ONE]).write_bytes(b"")

    assert cache.blob(digest(ONE)) is None
    assert cache.keep(digest(ONE), [ONE]).read_bytes() == ONE


def test_what_was_longest_not_used_goes_first(tmp_path):
    cache = FileCache(tmp_path, limit=250, now=Clock())
    kept(cache, ONE, TWO)
    cache.blob(digest(ONE))
    kept(cache, THREE)

    assert [cache.blob(digest(each)) is not None for each in (ONE, TWO, THREE)] == [True, False, True]
    assert cache.usage() == 200


def test_what_was_used_a_moment_ago_stays_because_somebody_may_be_reading_it(tmp_path):
    cache = FileCache(tmp_path, limit=0, now=lambda: 1e9)
    kept(cache, ONE, TWO)

    assert cache.usage() == 200
    assert cache.prune(150) == 100
    assert cache.prune(0) == 100
    assert cache.usage() == 0


def test_a_file_that_another_process_is_writing_is_not_pruned(tmp_path):
    cache = FileCache(tmp_path)

    def pruned():
        yield ONE[:40]
        yield ONE[40:80]
        cache.prune(0)
        yield ONE[80:]

    assert cache.keep(digest(ONE), pruned()).read_bytes() == ONE


def test_files_that_are_somebody_elses_are_neither_counted_nor_deleted(tmp_path):
    named = ("papers/thesis.txt", "blobs/sha256.txt", "npm/sha256-abc", f"docker/{'0' * 64}", "sha256-abc")
    theirs = [tmp_path / name for name in named]
    for file in theirs:
        file.parent.mkdir(exist_ok=True)
        file.write_text("theirs")
    cache = FileCache(tmp_path)
    cache.keep(digest(ONE), [ONE])
    cache.remember("mounts", "a", "b")

    assert cache.prune(0) == len(ONE) + len("b")
    assert [file.read_text() for file in theirs] == ["theirs"] * len(theirs)


def test_facts_are_remembered_and_forgotten_with_the_rest(tmp_path):
    FileCache(tmp_path).remember("mounts", "quay.io sha256:1", "owner/app")
    cache = FileCache(tmp_path)

    assert cache.recall("mounts", "quay.io sha256:1") == "owner/app"
    assert cache.recall("mounts", "quay.io sha256:2") is None
    assert cache.recall("layer", "quay.io sha256:1") is None
    cache.prune(0)
    assert cache.recall("mounts", "quay.io sha256:1") is None


def test_a_folder_that_cannot_be_written_fails_no_build(tmp_path):
    (tmp_path / "file").touch()
    cache = FileCache(tmp_path / "file" / "cache")
    cache.remember("mounts", "a", "b")

    assert cache.recall("mounts", "a") is None
    path = cache.keep(digest(ONE), [ONE])
    assert (path.read_bytes(), cache.blob(digest(ONE))) == (ONE, path)
    del cache
    assert not path.exists()


def test_threads_that_keep_the_same_blob_all_find_it(tmp_path):
    def keep(number):
        return FileCache(tmp_path).keep(digest(ONE), [ONE]).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(keep, range(32))) == {ONE}
    assert FileCache(tmp_path).usage() == 100


FULL = """
import resource, sys
from pathlib import Path
from cloud_cron_cli.deploy.images.cache import FileCache
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
cache = FileCache(Path(sys.argv[1]))
try:
    cache.keep("sha256:1", [b"x" * 900] * 3)
except Exception as error:
    print(error, cache.usage())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on files are POSIX's")
def test_a_full_disk_says_so_and_leaves_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("CC876 the cache of images cannot be written: File too large")
    assert "cloud-cron image prune" in done.stdout
    assert done.stdout.rstrip().endswith(" 0")


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, Path("/x/cloud-cron")),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, Path.home() / ".cache/cloud-cron"),
        ("linux", {}, Path.home() / ".cache/cloud-cron"),
        ("darwin", {}, Path.home() / "Library/Caches/cloud-cron"),
        ("win32", {"LOCALAPPDATA": "/l"}, Path("/l/cloud-cron/cache")),
        ("win32", {}, Path.home() / "AppData/Local/cloud-cron/cache"),
        ("linux", {"CLOUD_CRON_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, Path("/c")),
    ],
)
def test_the_folder_is_where_the_system_keeps_such_things(platform, environ, expected):
    assert users_cache(environ, platform).folder == expected


@pytest.mark.parametrize("below", [".", "deeper/cache"])
def test_a_file_is_no_folder_and_is_left_as_it_is(tmp_path, below):
    file = tmp_path / "thesis.txt"
    file.write_text("mine")

    with pytest.raises(ConfigError, match=r"CC876 .*thesis\.txt"):
        users_cache({"CLOUD_CRON_CACHE": str(file / below)})
    assert file.read_text() == "mine"


def test_a_folder_may_be_there_or_new(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("", "link", "new", "new/deeper"):
        assert users_cache({"CLOUD_CRON_CACHE": str(tmp_path / name)}).folder == tmp_path / name


@pytest.mark.parametrize(
    ("text", "expected"), [("", LIMIT), ("5GB", 5 * 10**9), ("800 mb", 8 * 10**8), ("12", 12), ("3g", 3 * 10**9)]
)
def test_a_limit_is_a_size(text, expected):
    assert users_cache({"CLOUD_CRON_CACHE": "/c", "CLOUD_CRON_CACHE_LIMIT": text}).limit == expected


@pytest.mark.parametrize("text", ["much", "-1", "GB", "5 parsecs", "٣"])
def test_a_limit_that_is_no_size_is_refused(text):
    with pytest.raises(ConfigError, match="CC876"):
        users_cache({"CLOUD_CRON_CACHE": "/c", "CLOUD_CRON_CACHE_LIMIT": text})
