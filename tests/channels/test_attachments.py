"""Attachments: read, named, and weighed."""

from __future__ import annotations

import pytest

from cloud_cron import Attachment
from cloud_cron.channels.attachments import MOST, around, loaded
from cloud_cron.errors import ResultError


def test_bytes_and_paths_are_read_and_typed(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\n")
    found = loaded([Attachment("rows.csv", file), Attachment("x.bin", b"\x00"), Attachment("y", str(file), "text/csv")])
    assert [(item.name, item.content, item.content_type) for item in found] == [
        ("rows.csv", b"a,b\n", "text/csv"),
        ("x.bin", b"\x00", "application/octet-stream"),
        ("y", b"a,b\n", "text/csv"),
    ]
    assert loaded(()) == []


@pytest.mark.parametrize("name", ["Screenshot\u202fat 9.png", "größe.csv", "👩‍🔬.txt", "x" * 255, "a b.txt"])
def test_a_name_may_have_any_printable_characters(name):
    assert loaded([Attachment(name, b"")])[0].name == name


@pytest.mark.parametrize(
    "name", ["", " ", "a\nb", "a\r\nX: y", "a\x00", "x" * 256, "dir/x.csv", "dir\\x.csv", "a\x85", None]
)
def test_a_name_that_would_break_a_header_or_leave_a_folder_is_refused(name):
    with pytest.raises(ResultError) as caught:
        loaded([Attachment(name, b"")])
    assert caught.value.code == "CC234"
    assert caught.value.message.startswith("attachment name ")
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["csv", "text/", "text/csv\r\nX: y", "", "text/csv; charset", 5])
def test_a_type_must_be_one(kind):
    with pytest.raises(ResultError) as caught:
        loaded([Attachment("x.csv", b"", kind)])
    assert caught.value.code == "CC234"
    assert "'x.csv'" in caught.value.message
    assert "text/csv" in (caught.value.hint or "")
    assert loaded([Attachment("x.csv", b"", "text/csv; charset=utf-8")])


def test_a_path_that_cannot_be_read_is_told(tmp_path):
    missing = tmp_path / "missing.csv"
    for content, said in ((missing, "No such file"), (str(missing), "No such file"), (tmp_path, "")):
        with pytest.raises(ResultError) as caught:
            loaded([Attachment("x.csv", content)])
        assert caught.value.code == "CC232"
        assert caught.value.message.startswith("attachment 'x.csv' cannot be read: ")
        assert said in caught.value.message
        assert caught.value.where == str(content)
        assert caught.value.hint
    with pytest.raises(ResultError) as caught:
        loaded([Attachment("x.csv", 5)])  # type: ignore[arg-type]
    assert caught.value.code == "CC232"


def test_40_mb_in_base64_are_the_most(tmp_path):
    fits = MOST * 76 // 78 // 4 * 3 - 100
    assert loaded([Attachment("x", bytes(fits))])
    for given, spent in (([Attachment("x", bytes(fits + 1000))], 0), ([Attachment("x", bytes(fits))], 2000)):
        with pytest.raises(ResultError) as caught:
            loaded(given, spent)
        assert caught.value.code == "CC233"
        assert "'x'" in caught.value.message
        assert "40,000,000" in caught.value.message
        assert "link" in (caught.value.hint or "")


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    sparse = tmp_path / "huge.bin"
    with sparse.open("wb") as file:
        file.truncate(40_000_000_000)
    with pytest.raises(ResultError) as caught:
        loaded([Attachment("huge.bin", sparse)])
    assert caught.value.code == "CC233"


@pytest.mark.parametrize(
    ("given", "said"), [("x.csv", "a str"), ([b"x"], "attachments[0] must be an Attachment, not bytes")]
)
def test_only_attachments_can_be_attached(given, said):
    with pytest.raises(ResultError) as caught:
        loaded(given)
    assert caught.value.code == "CC234"
    assert said in caught.value.message
    assert "Attachment(" in (caught.value.hint or "")


def test_inline_names_are_unique():
    twice = [Attachment("x.png", b"1", inline=True), Attachment("x.png", b"2", inline=True)]
    with pytest.raises(ResultError) as caught:
        loaded(twice)
    assert caught.value.code == "CC234"
    assert loaded([Attachment("x.png", b"1"), Attachment("x.png", b"2")])


def test_text_weighs_what_it_does_in_a_mail():
    assert around("x" * 70) - around() == 70
    assert around("ü" * 1000, "ü" * 1000) - around() > 12_000
