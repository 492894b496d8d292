"""Through the command line, on an account of AWS that is played."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Final

from tests.bad_input.ground import left, listed, write
from tests.bad_input.ways.account import played
from tests.bad_input.ways.commands import COMMAND, HEAD, run
from tests.bad_input.ways.told import told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bad_input.row import Told
    from tests.bad_input.ways.account import Play

    Way = Callable[[Path], Told]

IMAGE: Final = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST: Final = f"{IMAGE}@sha256:{'0' * 64}"
APP: Final = f"{HEAD}@app.schedule('rate(1 hour)')\ndef go(): ...\n"
TESTING: Final = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_MAX_ATTEMPTS": "1"}
"""Credentials, and no patience: what is refused once is not asked for again."""


def without_credentials(*words: str) -> Way:
    """One command of somebody whom AWS does not know."""

    def way(folder: Path) -> Told:
        before = _begun(folder, APP)
        code, out, err = run(*words)
        return told(code, err + out, left(folder, before))

    return way


def on_aws(*words: str, play: Play, app: str = APP, first: str = "") -> Way:
    """One command on that account. With `first`, what is told is the line that begins so, whatever came after it."""

    def way(folder: Path) -> Told:
        before = _begun(folder, app)
        os.environ.update(TESTING)
        with played(play) as url:
            code, out, err = run(*words, "--endpoint-url", url)
        text = err + out
        text = next((line for line in text.splitlines() if first and line.startswith(first)), text)
        return told(code, text, left(folder, before))

    return way


def interrupted(*words: str, play: Play, after: str) -> Way:
    """A command as a process of its own, which is interrupted once it has said that."""

    def way(folder: Path) -> Told:
        before = _begun(folder, APP)
        with (
            played(play) as url,
            subprocess.Popen(
                [*COMMAND, *words, "--endpoint-url", url],
                env={**os.environ, **TESTING},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
        ):
            assert process.stderr
            said = process.stderr.readline()
            assert after in said, said + process.stderr.read()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        return told(process.returncode, err + out, left(folder, before))

    return way


def _begun(folder: Path, app: str) -> set[str]:
    """A project with a region; the files that are there."""
    write(folder, {"app.py": app, "cloud-cron.toml": 'region = "eu-central-1"\n'})
    return listed(folder)
