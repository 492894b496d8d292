"""The command line itself: words, places, streams and signals."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from tests.bad_input.row import Row, Told
from tests.bad_input.ways.account import stack
from tests.bad_input.ways.aws import DIGEST, interrupted
from tests.bad_input.ways.commands import HEAD, command, process
from tests.bad_input.ways.machine import as_it_is, stored

if TYPE_CHECKING:
    from pathlib import Path

_APP: Final = f"""{HEAD}
@app.schedule("cron(0 8 * * ? 2020)", topics=["a"])
def go(): ...

@app.schedule("rate(1 minute)")
def often(): ...

@app.schedule()
def fail(run): raise ValueError("Z\\u00fcrich")

@app.notifier("print", topics=["a"])
def tell(message): ...
"""


def _misspelt(number: str, given: str, words: str, code: str | None, says: str, fix: str) -> Row:
    return Row(number, given, command(*words.split(), app=_APP), code, says, fix=fix)


def _backfill(number: str, given: str, words: str, says: str, fix: str) -> Row:
    way = stored("backfill", *words.split(), broken=as_it_is, app=_APP)
    return Row(number, given, way, None, says, fix=fix)


def _taken(folder: Path) -> Told:
    """A host that would listen where somebody else does."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        return process("serve", "--listen", f"127.0.0.1:{port}", app=_APP)(folder)


ROWS: Final = (
    _misspelt(
        "94", "a command that there is none of", "invok go", None, "there is no command 'invok'", "`cloud-cron invoke`?"
    ),
    _misspelt("94b", "a misspelt task", "invoke fial", "CC720", "there is no task 'fial'", "did you mean 'fail'?"),
    _misspelt(
        "94c", "a misspelt notifier", "render tel", "CC721", "there is no notifier 'tel'", "did you mean 'tell'?"
    ),
    Row(
        "95",
        "a port that is taken",
        _taken,
        "CC911",
        "nobody can listen on 127.0.0.1:…: Address already in use",
        fix="--listen off",
        posix=True,
    ),
    Row(
        "95b",
        "a misspelt stage",
        command(
            "invoke", "go", "--send", "--stage", "prodction", app=_APP, files={"cloud-cron.toml": "[stages.production]"}
        ),
        "CC510",
        "there is no stage 'prodction' in the file, and 'production' is close to it",
        "cloud-cron.toml",
        "say --stage production",
    ),
    Row(
        "96",
        "a folder without a project",
        command("invoke", "go", "--send"),
        "CC701",
        "there is no app.py and no cloud-cron.toml in …, nor in a folder above it",
        fix="`cloud-cron init`",
    ),
    _backfill(
        "97",
        "`backfill` with `--from` after `--to`",
        "go --from 2020-02-01 --to 2020-01-01",
        "--from Sat 2020-02-01 00:00 +00:00 is after --to Wed 2020-01-01 00:00 +00:00",
        "swap them",
    ),
    _backfill(
        "97b",
        "`backfill` of 100,000 runs",
        "often --from 2020-01-01 --to 2020-03-10",
        "these are more than 1,000 runs",
        "add --yes",
    ),
    Row(
        "98",
        "Ctrl-C in the middle of a deploy",
        interrupted(
            "deploy",
            "--image-uri",
            DIGEST,
            play={"DescribeStacks": stack("UPDATE_IN_PROGRESS"), "DescribeStackEvents": stack("")},
            after="waiting for it",
        ),
        None,
        "interrupted: what was begun goes on in AWS, and `cloud-cron deploy` again takes it up",
        exit=130,
        posix=True,
    ),
    Row(
        "99",
        "a locale that is not UTF-8",
        process("invoke", "fail", app=_APP, env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}),
        None,
        "task 'fail' raised ValueError: Z\\xfcrich",
        "app.py:…",
        exit=1,
    ),
)
