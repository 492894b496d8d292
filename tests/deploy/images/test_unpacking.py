"""Layers read as streams: bytes that depend on nothing, bombs that fill no memory, and the rule of directories."""

from __future__ import annotations

import tracemalloc
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron_cli.deploy.images.gunzipping import CHUNK, Reader, inflated
from cloud_cron_cli.deploy.images.oci import digest
from cloud_cron_cli.deploy.images.unpacking import orphan, survey
from tests.deploy.images.made import packed, tar

PARTS = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
WRITTEN = st.sampled_from(["{}", "./{}", "/{}", "{}/", ".//{}"])
ENTRIES = st.lists(st.tuples(PATHS, WRITTEN, st.booleans()), max_size=12)


@given(ENTRIES)
def test_a_directory_comes_before_what_it_holds(entries):
    def held(at):
        before = {PurePosixPath(path) for path, _, is_directory in entries[:at] if is_directory}
        return set(PurePosixPath(entries[at][0]).parents) - {PurePosixPath()} <= before

    first = next((path for at, (path, _, _) in enumerate(entries) if not held(at)), None)

    assert orphan((form.format(path), is_directory) for path, form, is_directory in entries) == first


@pytest.mark.parametrize(
    "names", [("a/", "a/b/", "a/b/c"), ("./", "./a/", "./a/b"), ("top",), (), ("/", "/a/", "/a/b")]
)
def test_complete_layers(names):
    assert survey([packed(tar(*names))], 1 << 30).orphan is None


def test_a_directory_that_comes_too_late_is_none():
    assert survey([packed(tar("a/", "a/b/c", "a/b/"))], 1 << 30).orphan == "a/b/c"


def test_a_layer_is_measured_and_named_by_its_tar():
    data = tar("a/", "a/b")

    assert survey([packed(data)], 1 << 30) == (len(data), digest(data), None)


def test_names_in_any_script_and_of_any_length_are_followed():
    deep = "/".join(["naïve ordner", "日本", "x" * 150])

    assert survey([packed(tar("naïve ordner/", "naïve ordner/日本/", deep))], 1 << 30).orphan is None


def test_a_bomb_is_left_alone_and_fills_no_memory():
    bomb = packed(b"\0" * (24 * CHUNK))
    tracemalloc.start()

    found = survey([bomb], 3 * CHUNK)

    assert 3 * CHUNK < found.size <= 4 * CHUNK
    assert tracemalloc.get_traced_memory()[1] < 16 * CHUNK
    tracemalloc.stop()


@given(st.lists(st.binary(max_size=200), max_size=6), st.integers(1, 60))
def test_what_is_packed_is_unpacked_however_it_is_cut(chunks, size):
    whole = b"".join(map(packed, chunks)) or packed(b"")
    cut = [whole[at : at + size] for at in range(0, len(whole), size)]

    assert b"".join(inflated(cut)) == b"".join(chunks)


def test_several_members_are_one_stream():
    assert b"".join(inflated([packed(b"one ") + packed(b"two")])) == b"one two"


@pytest.mark.parametrize(
    "data", [b"", b"no gzip", packed(b"x" * 5000)[:-1], packed(b"x")[:-4] + b"size", packed(b"x") + b"\0"]
)
def test_what_is_no_gzip_is_refused(data):
    with pytest.raises(ValueError, match=r"\w"):
        list(inflated([data]))


def test_a_reader_is_a_file_of_chunks():
    reader = Reader([b"abc", b"", b"defg"])

    assert [reader.read(2), reader.read(4), reader.read(4), reader.read(4)] == [b"ab", b"cdef", b"g", b""]
    assert (reader.seen.size, reader.seen.digest) == (7, digest(b"abcdefg"))
