"""Blobs on their way: a line each, with its rate, or bars on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from cloud_cron_cli.options import Choices
from cloud_cron_cli.output import Output
from cloud_cron_cli.transfers import Bars, Told, Unwatched, moving
from cloud_cron_cli.words import size


class Screen(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self):
        return True


def play(transfers):
    transfers.begin("app 0123", 2_000_000)
    transfers.begin("base 4567", 90_000_000)
    transfers.moved("app 0123", 2_000_000)
    transfers.end("app 0123", "sent")
    transfers.end("base 4567", "mounted")
    transfers.begin("runtime 89ab", 5)
    transfers.end("runtime 89ab", "there")


def test_a_line_for_each_blob_that_moved_with_its_rate(capsys):
    times = iter([0.0, 0.0, 0.5, 0.5, 0.5, 0.5])

    play(Told(lambda: next(times)))

    assert capsys.readouterr().err.splitlines() == [
        "  app 0123: 2.0 MB sent, 4.0 MB/s",
        "  base 4567: 90.0 MB mounted",
    ]


def test_no_time_has_no_rate(capsys):
    play(Told(lambda: 1.0))

    assert "  app 0123: 2.0 MB sent\n" in capsys.readouterr().err


def test_a_terminal_keeps_a_line_of_what_moved(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    bars = Bars()

    play(bars)
    bars.close()

    assert "app 0123  2.0 MB sent" in screen.getvalue()
    assert "runtime 89ab  5 B there" not in screen.getvalue()


@pytest.mark.parametrize(("quiet", "kind"), [(True, Unwatched), (False, Told)])
def test_who_asked_for_quiet_is_told_nothing(quiet, kind, capsys):
    choices = Choices()
    choices.quiet = quiet

    with moving(Output(choices)) as transfers:
        play(transfers)

    assert isinstance(transfers, kind)
    assert bool(capsys.readouterr().err) is not quiet


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (153_000_000, "153.0 MB"), (2 * 10**9, "2.0 GB")],
)
def test_sizes_are_said_in_the_unit_that_fits(number, said):
    assert size(number) == said
