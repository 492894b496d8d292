"""The lock of images: what is written is read again."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import lockfile
from cloud_cron_cli.deploy.images.lockfile import BasePin, Lock, Pinned, dumps, loads, read, write

TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "'", "'''", "a'''", "\\", "\n", "\r\n", "\x00", "\x7f", '"', "#", "é"]
)
LOCKS = st.builds(
    Lock,
    st.none() | TEXTS,
    st.dictionaries(TEXTS, st.builds(BasePin, TEXTS, TEXTS), max_size=3),
    st.dictionaries(TEXTS, st.builds(Pinned, TEXTS, TEXTS), max_size=3),
)
TEXT = "jinja2==3.1.6 \\\n    --hash=sha256:aa\n"
LOCK = Lock(
    "3.13",
    {"x86_64": BasePin("public.ecr.aws/lambda/python:3.13", "sha256:bb")},
    {"3.13-arm64": Pinned("cc", TEXT), "3.13-x86_64": Pinned("dd", TEXT)},
)


@given(LOCKS)
def test_what_is_written_is_read_again(lock):
    assert loads(dumps(lock).encode(), "here") == lock


def test_a_written_file_is_read_again(tmp_path):
    write(tmp_path, LOCK)
    assert read(tmp_path) == LOCK


@given(LOCKS)
def test_the_text_depends_on_the_lock_alone(lock):
    turned = Lock(lock.python, *(dict(reversed(part.items())) for part in (lock.bases, lock.dependencies)))
    assert dumps(turned) == dumps(lock)


def test_a_person_can_read_it():
    assert dumps(LOCK) == (
        "# What the images of this app are made of. Written by cloud-cron; keep it with the sources.\n"
        'format = 1\npython = "3.13"\n'
        '\n[bases.x86_64]\nreference = "public.ecr.aws/lambda/python:3.13"\ndigest = "sha256:bb"\n'
        '\n[dependencies."3.13-arm64"]\ninputs = "cc"\ntext = \'\'\'\n' + TEXT + "'''\n"
        '\n[dependencies."3.13-x86_64"]\ninputs = "dd"\ntext = \'\'\'\n' + TEXT + "'''\n"
    )


def test_a_project_without_a_lock_has_an_empty_one(tmp_path):
    assert read(tmp_path) == Lock()


def test_an_unchanged_lock_is_left_alone(tmp_path):
    write(tmp_path, LOCK)
    os.utime(tmp_path / lockfile.NAME, (1, 1))
    write(tmp_path, LOCK)
    assert (tmp_path / lockfile.NAME).stat().st_mtime == 1
    assert [path.name for path in tmp_path.iterdir()] == [lockfile.NAME]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"format = ", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"", "has format None"),
        (b"format = 2", "has format 2"),
        (b"format = 1\npython = 3.13", "incomplete"),
        (b"format = 1\nbases = 3", "incomplete"),
        (b"format = 1\n[bases]\nx86_64 = 3", "incomplete"),
        (b"format = 1\n[bases.x86_64]\nreference = 'a'", "incomplete: 'digest'"),
        (b"format = 1\n[dependencies.a]\ninputs = 'a'\ntext = 3", "incomplete: 3 is no text"),
    ],
)
def test_a_lock_that_cannot_be_read_is_told(tmp_path, data, told):
    (tmp_path / lockfile.NAME).write_bytes(data)
    with pytest.raises(ImageError) as caught:
        read(tmp_path)
    assert (caught.value.code, told in caught.value.message) == ("CC869", True)
    assert caught.value.where == str(tmp_path / lockfile.NAME)


def test_a_lock_that_is_a_folder_cannot_be_read_nor_written(tmp_path):
    (tmp_path / lockfile.NAME).mkdir()
    with pytest.raises(ImageError, match="CC869"):
        read(tmp_path)
    with pytest.raises(ImageError, match="CC876"):
        write(tmp_path, LOCK)
    assert [path.name for path in tmp_path.iterdir()] == [lockfile.NAME]
