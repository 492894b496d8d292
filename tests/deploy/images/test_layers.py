"""Layers: the same files are the same bytes."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
import tracemalloc
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.gzipping import BLOCK
from cloud_cron_cli.deploy.images.image import Filed, Held
from cloud_cron_cli.deploy.images.layers import Entry, packed
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, digest
from tests.deploy.images.stand_ins import FullCache, KeptCache
from tests.trying import examples

if TYPE_CHECKING:
    from pathlib import Path


def noise(size):
    """Bytes that do not become fewer."""
    return random.Random(size).randbytes(size)


STEPS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda step: step not in {".", ".."}
)
PATHS = st.lists(STEPS, min_size=1, max_size=6).map("/".join)


def above(path):
    steps = path.split("/")
    return {"/".join(steps[:count]) for count in range(1, len(steps))}


@st.composite
def entries(draw):
    """Files of which none is a folder of another."""
    files = draw(st.dictionaries(PATHS, st.tuples(st.binary(max_size=700), st.booleans()), max_size=8))
    folders = {folder for path in files for folder in above(path)}
    return [Entry(path, *rest) for path, rest in files.items() if path not in folders]


def read(blob):
    return b"".join(blob.source.chunks())


def _content(tar, member):
    file = tar.extractfile(member)
    return file.read() if file else b""


def members(blob):
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(read(blob)))) as tar:
        return [(member, _content(tar, member)) for member in tar]


@settings(max_examples=examples(40))
@given(entries(), st.randoms(use_true_random=False))
def test_the_same_files_in_any_order_are_the_same_bytes(files, chance):
    others = files[:]
    chance.shuffle(others)

    assert packed(files, OCI, None) == packed(others, OCI, None)


@settings(max_examples=examples(40))
@given(entries())
def test_what_is_read_back_is_what_went_in(files):
    found = {
        member.name: (data, member.mode) for member, data in members(packed(files, OCI, None)[0]) if member.isfile()
    }

    assert found == {entry.path: (entry.data, 0o755 if entry.executable else 0o644) for entry in files}


@settings(max_examples=examples(40))
@given(entries())
def test_every_folder_is_an_entry_before_what_is_in_it(files):
    seen: set[str] = set()
    for member, _ in members(packed(files, OCI, None)[0]):
        assert above(member.name) <= seen
        assert member.mode == 0o755 or not member.isdir()
        seen.add(member.name)

    assert seen == {path for entry in files for path in (entry.path, *above(entry.path))}


@settings(max_examples=examples(40))
@given(entries())
def test_nothing_has_an_owner_or_a_time(files):
    for member, _ in members(packed(files, OCI, None)[0]):
        assert (member.uid, member.gid, member.uname, member.gname, member.mtime) == (0, 0, "", "", 0)


def test_names_with_spaces_and_beyond_ascii_keep_their_bytes():
    names = [
        "var/task/two words.txt",
        "var/task/é.txt",
        "var/task/e\u0301.txt",
        "var/task/雪.txt",
        "var/task/" + "x" * 300,
    ]

    found = [member.name for member, _ in members(packed([Entry(name, b"") for name in names], OCI, None)[0])]

    assert set(names) <= set(found)


def test_a_file_and_its_bytes_are_packed_alike(tmp_path):
    file = tmp_path / "app.py"
    file.write_bytes(b"x = 1\n")

    assert packed([Entry("app.py", file)], OCI, None) == packed([Entry("app.py", b"x = 1\n")], OCI, None)


def test_the_names_of_a_layer_are_its_digests():
    blob, diff_id = packed([Entry("a", b"a" * 5000)], DOCKER, None)

    assert blob.descriptor.media_type == DOCKER.layer
    assert blob.descriptor.digest == digest(read(blob))
    assert blob.descriptor.size == len(read(blob))
    assert diff_id == digest(gzip.decompress(read(blob)))


def test_the_same_bytes_come_of_an_earlier_day():
    """A change of the format would make every image new: do it on purpose."""
    assert packed([Entry("var/task/app.py", b"x = 1\n")], OCI, None)[1] == (
        "sha256:7fac228763e92b3e9ac5cd32a18c9fd4430e4d41a81ce3050f903e7c912a9fd2"
    )


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1536, BLOCK - 1024, BLOCK, 3 * BLOCK + 7])
def test_content_of_any_size_survives_its_blocks(size):
    data = noise(size)

    blob, diff_id = packed([Entry("a", data)], OCI, None)

    assert members(blob)[0][1] == data
    assert diff_id == digest(gzip.decompress(read(blob)))


def test_a_large_layer_lies_in_the_cache_and_a_small_one_in_memory(tmp_path):
    cache = KeptCache(tmp_path / "cache")
    large = Entry("large", noise(5 * BLOCK))

    in_cache, in_memory = packed([large], OCI, cache)[0], packed([large], OCI, None)[0]

    assert isinstance(in_cache.source, Filed)
    assert read(in_cache) == read(in_memory)
    assert isinstance(packed([Entry("small", b"")], OCI, cache)[0].source, Held)


def test_a_cache_without_room_is_told_of(tmp_path):
    large = Entry("large", noise(5 * BLOCK))

    with pytest.raises(ImageError, match="CC876"):
        packed([large], OCI, FullCache())


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path):
    file = tmp_path / "large"
    blocks = 40 + 8 * (os.cpu_count() or 1)
    file.write_bytes(noise(BLOCK) * blocks)
    cache = KeptFile(tmp_path)

    tracemalloc.start()
    try:
        packed([Entry("large", file)], OCI, cache)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < blocks / 2 * BLOCK


class KeptFile(KeptCache):
    """Keeps what it is given as it comes."""

    def keep(self, name, chunks):
        path = self.folder / "blob"
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        return path


def test_a_path_is_in_a_layer_once():
    with pytest.raises(ValueError, match="a/b would be in a layer twice"):
        packed([Entry("a/b", b""), Entry("a/b", b"")], OCI, None)
    with pytest.raises(ValueError, match="a would be a file and a folder"):
        packed([Entry("a", b""), Entry("a/b", b"")], OCI, None)


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"CC867 .*gone.* cannot be read: No such file"):
        packed([Entry("a", tmp_path / "gone")], OCI, None)


class Shrinking:
    """A file of which nothing is left as soon as it is open."""

    def __init__(self, path):
        self.path = path

    def open(self, mode):
        class Emptied(io.FileIO):
            def read(self, size=-1):
                return b""

        return Emptied(self.path, "rb")


def test_a_file_that_becomes_shorter_while_it_is_read_is_refused(tmp_path):
    file = tmp_path / "log"
    file.write_bytes(b"line\n")

    with pytest.raises(ImageError, match=r"CC867 .*became shorter"):
        packed([Entry("log", cast("Path", Shrinking(file)))], OCI, None)
