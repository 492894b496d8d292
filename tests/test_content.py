"""Content: what notifiers return, and how rendered content reads."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import pytest

from cloud_cron import SKIP, Attachment, Content, Email, Sms
from cloud_cron.content import Skip
from cloud_cron.rendered import as_json


@dataclass(frozen=True)
class Note(Content):
    """Content of a made-up channel."""

    text: str
    files: tuple[bytes, ...] = ()


def test_rendered_content_reads_both_ways():
    note = Note("hello")

    assert (note.text, note["text"], note.get("nothing")) == ("hello", "hello", None)
    assert (list(note), len(note), dict(note)) == (["text", "files"], 2, {"text": "hello", "files": ()})
    assert "text" in note
    assert "keys" not in note
    with pytest.raises(KeyError, match="keys"):
        note["keys"]


def test_rendered_content_is_a_value():
    assert Note("a") == Note("a")
    assert Note("a") != Note("b")
    with pytest.raises(FrozenInstanceError):
        Note("a").text = "b"  # type: ignore[misc]  # that is the point


def test_json_of_content_counts_bytes():
    inner = Note("inner", (b"123",))

    assert as_json({"a": inner, 1: [b"12", ("x", None)]}) == {
        "a": {"text": "inner", "files": [3]},
        "1": [2, ["x", None]],
    }


def test_skip_is_one_value_with_a_name():
    assert repr(SKIP) == "SKIP"
    assert isinstance(SKIP, Skip)
    assert repr({"value": SKIP}) == "{'value': SKIP}"


def test_the_parts_of_an_email_are_positional_and_the_rest_is_named():
    mail = Email("subject", "text", "html", variables={"a": 1}, to="a@b.org", reply_to="c@d.org")

    assert (mail.subject, mail.text, mail.html, mail.headers, mail.attachments) == ("subject", "text", "html", None, ())
    with pytest.raises(TypeError):
        Email("subject", "text", "html", {"a": 1})  # type: ignore[call-arg]  # that is the point
    with pytest.raises(TypeError):
        Sms("text", "+14155552671")  # type: ignore[call-arg]  # that is the point


def test_an_attachment_of_bytes_gets_its_type_from_its_name():
    assert Attachment("a.csv", b"1").loaded() == Attachment("a.csv", b"1", "text/csv")
    assert Attachment("a", b"1").loaded().content_type == "application/octet-stream"
    assert Attachment("a.csv", b"1", "text/x").loaded().content_type == "text/x"


def test_an_attachment_of_a_path_is_read_when_it_is_loaded(tmp_path):
    file = tmp_path / "plot.png"
    attachment = Attachment("plot.png", file, inline=True)
    file.write_bytes(b"png")

    assert attachment.loaded() == Attachment("plot.png", b"png", "image/png", inline=True)
    assert Attachment("x.bin", str(file)).loaded().content == b"png"


def test_an_attachment_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        Attachment("a", tmp_path / "nothing").loaded()


def test_the_bytes_of_an_attachment_are_not_shown():
    assert "secret" not in repr(Attachment("a", b"secret"))
