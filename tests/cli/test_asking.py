"""Questions at a terminal, and what comes of those that nobody answers."""

from __future__ import annotations

import io
import signal
import sys

import click
import pytest

from cloud_cron.errors import UnsupportedError
from cloud_cron_cli.asking import agreed
from cloud_cron_cli.ending import Ended, exit_code
from tests.bad_input.ways.account import NOWHERE, Answer, played, stack
from tests.bad_input.ways.aws import APP, DIGEST, TESTING

if sys.platform == "win32":
    pytest.skip("there are no terminals of this kind", allow_module_level=True)

from tests.cli.terminal import Terminal

QUESTION = "Create stage dve?"
DEV = {
    **NOWHERE,
    "DescribeStacks": stack("UPDATE_COMPLETE"),
    "DescribeImages": lambda given: Answer('{"imageDetails": [{}]}'),
}
"""An account with stage dev of the app."""


@pytest.fixture
def asked(project, tmp_path, monkeypatch):
    """A deploy of a stage that is not there yet, at a terminal."""
    project(APP)
    for name, value in TESTING.items():
        monkeypatch.setenv(name, value)
    with played(DEV) as url:
        words = ("deploy", "--stage", "dve", "--image-uri", DIGEST, "--region", "eu-central-1", "--endpoint-url", url)
        terminal = Terminal(tmp_path, *words)
        terminal.shows(QUESTION)
        yield terminal
        terminal.close()


def test_a_terminal_that_ends_before_an_answer_is_told_from_a_no(asked):
    asked.type("\x04")

    assert asked.ends() == 2
    said = asked.text.partition(QUESTION)[2].splitlines()
    assert said[1:] == [f"error CC825 nobody is there to answer: {QUESTION}", "  hint say --yes"]


def test_whoever_does_not_agree_knows_it(asked):
    asked.type("n\r")

    assert asked.ends() == 130
    assert "error" not in asked.text


class Interrupted(io.StringIO):
    """Somebody at a terminal who does not come to an answer."""

    def __init__(self, how):
        super().__init__()
        self._how = how

    def isatty(self):
        return True

    def readline(self, size=-1):
        raise self._how


@pytest.mark.parametrize(("how", "code"), [(KeyboardInterrupt(), 130), (Ended(signal.SIGTERM), 143)])
def test_the_exit_code_of_a_question_says_what_ended_it(monkeypatch, how, code):
    monkeypatch.setattr(sys, "stdin", Interrupted(how))

    with pytest.raises(click.Abort) as caught:
        agreed("Really?", yes=False)
    assert exit_code(caught.value) == code


@pytest.mark.parametrize("stream", [None, io.StringIO("y\n")], ids=["none", "a pipe"])
def test_without_a_terminal_nobody_is_asked(monkeypatch, stream):
    monkeypatch.setattr(sys, "stdin", stream)

    agreed("Really?", yes=True)
    with pytest.raises(UnsupportedError, match=r"CC825 nobody is there to answer: Really\?; say --yes"):
        agreed("Really?", yes=False)
