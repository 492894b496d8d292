"""Channels by name, built in and plugged in, and their options."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cloud_cron.channels import Channel, find, options_of
from cloud_cron.errors import DeclarationError
from tests.plug_ins import GOOD, PAGER, Shelf


def pager(name):
    return PAGER.format(name=name, **GOOD)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution with one entry point and one module on the path."""
    return Shelf(tmp_path, monkeypatch).install


@pytest.mark.parametrize("name", ["email", "sms", "print", "webhook", "apprise"])
def test_a_built_in_channel_is_found_once(name):
    channel = find(name)
    assert channel.name == name
    assert isinstance(channel, Channel)
    assert find(name) is channel
    assert {"name", "content", "options", "parts"} <= set(dir(channel))


def test_an_unknown_channel_is_told_with_the_closest_and_the_list():
    with pytest.raises(DeclarationError) as caught:
        find("emial")
    error = caught.value
    assert error.code == "CC130"
    assert "there is no channel 'emial'; known: apprise, email, print, sms, webhook" in error.message
    assert error.hint == "did you mean 'email'?"


@pytest.mark.parametrize("name", ["carrier-pigeon", "", None, 5])
def test_a_channel_that_is_like_none_is_told_with_the_list(name):
    with pytest.raises(DeclarationError) as caught:
        find(name)
    assert caught.value.code == "CC130"
    assert "apprise, email, print, sms, webhook" in caught.value.message
    assert "plug-in" in (caught.value.hint or "")


def test_a_plug_in_is_found(install):
    install("pager", "pager_one:Pager", pager("pager"))
    assert type(find("pager")).__module__ == "pager_one"
    assert find("pager") is find("pager")
    with pytest.raises(DeclarationError) as caught:
        find("pagr")
    assert caught.value.hint == "did you mean 'pager'?"


@pytest.mark.parametrize(
    ("channel", "source", "said"),
    [
        (
            "broken-one",
            "import no_such_module_anywhere",
            "ModuleNotFoundError: No module named 'no_such_module_anywhere'",
        ),
        ("broken-two", "raise RuntimeError('boom')", "RuntimeError: boom"),
        ("broken-three", "Other = 1", "AttributeError"),
        ("broken-four", "Pager = object()", "is no subclass of Channel"),
        ("broken-five", "class Pager: pass", "is no subclass of Channel"),
        ("broken-six", pager("other"), "calls itself 'other'"),
        (
            "broken-seven",
            "from cloud_cron import Channel\nclass Pager(Channel):\n    name = 'broken-seven'",
            "does not name its content",
        ),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_named(install, channel, source, said):
    module = channel.replace("-", "_")
    install(channel, f"{module}:Pager", source)
    with pytest.raises(DeclarationError) as caught:
        find(channel)
    error = caught.value
    assert error.code == "CC133"
    assert f"channel {channel!r} of {module}-dist 1.0 ({module}:Pager)" in error.message
    assert said in error.message
    assert error.hint


def test_two_plug_ins_of_one_name_are_refused(install):
    install("twin", "twin_one:Pager", pager("twin"))
    install("twin", "twin_two:Pager", pager("twin"))
    with pytest.raises(DeclarationError) as caught:
        find("twin")
    assert caught.value.code == "CC133"
    assert "twin_one-dist 1.0 and twin_two-dist 1.0" in caught.value.message


def test_a_plug_in_cannot_replace_a_built_in_channel(install):
    install("email", "email_thief:Pager", pager("email"))
    assert type(find("email")).__module__ == "cloud_cron.channels.email"


@dataclass(frozen=True)
class PagerOptions:
    line: str = "main"
    levels: tuple[int, ...] = ()

    def __post_init__(self):
        if self.line == "dead":
            message = "line 'dead' is out of order"
            raise ValueError(message)


class Pager(Channel):
    name = "pager"
    options = PagerOptions


def test_options_are_the_channels_own_type():
    assert options_of(Pager(), {}) == PagerOptions()
    assert options_of(Pager(), {"line": "red", "levels": [1, 2]}) == PagerOptions("red", (1, 2))
    assert options_of(find("print"), {}) == Channel.options()


@pytest.mark.parametrize(
    ("values", "code", "said", "hint"),
    [
        ({"lien": "red"}, "CC131", "channel 'pager' has no option 'lien'", "did you mean 'line'?"),
        ({"colour": "red"}, "CC131", "channel 'pager' has no option 'colour'", "known: levels, line"),
        ({"line": "dead"}, "CC132", "channel 'pager': line 'dead' is out of order", None),
    ],
)
def test_an_option_that_cannot_be_is_refused(values, code, said, hint):
    with pytest.raises(DeclarationError) as caught:
        options_of(Pager(), values)
    assert (caught.value.code, caught.value.message, caught.value.hint) == (code, said, hint)


def test_a_channel_without_options_says_so():
    with pytest.raises(DeclarationError) as caught:
        options_of(find("print"), {"sender": "a@b.org"})
    assert (caught.value.code, caught.value.hint) == ("CC131", "there are none")
