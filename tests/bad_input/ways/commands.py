"""Through the command line: as it is called in this process, and as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from click.testing import CliRunner

from cloud_cron_cli.main import cli
from tests.bad_input.ground import left, listed, write
from tests.bad_input.row import Told
from tests.bad_input.ways.told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Way = Callable[[Path], Told]
    Files = Mapping[str, str | bytes]

HEAD: Final = "from cloud_cron import CloudCron\napp = CloudCron('weather')\n"
"""Two lines, before what a row declares."""
NONE: Final[Files] = MappingProxyType({})
LONGEST: Final = 100
COMMAND: Final = (sys.executable, "-m", "cloud_cron_cli")


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command line."""
    result = CliRunner().invoke(cli, words, prog_name="cloud-cron")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def command(*words: str, app: str | None = None, files: Files = NONE) -> Way:
    """One command, in a project of that app and those files; nothing is left behind."""

    def way(folder: Path) -> Told:
        write(folder, {**({} if app is None else {"app.py": app}), **files})
        before = listed(folder)
        code, out, err = run(*words)
        return told(code, err + out, left(folder, before))

    return way


def declared(body: str, files: Files = NONE) -> Way:
    """An app that nothing can be done with: every command says so and does nothing, and `check` tells why."""

    def way(folder: Path) -> Told:
        write(folder, {"app.py": HEAD + body, **files})
        before = listed(folder)
        for words in (["list"], ["invoke", "go", "--send"]):
            code, out, err = run(*words)
            assert (code, out) == (2, ""), (words, code, out, err)
            assert not told(code, err).has_our_traceback
        code, out, err = run("check")
        return told(code, err + out, left(folder, before))

    return way


def warned(body: str) -> Way:
    """An app that `check` has a remark about; with --strict it is a mistake."""

    def way(folder: Path) -> Told:
        write(folder, {"app.py": HEAD + body})
        code, out, err = run("check")
        strict = run("check", "--strict")
        assert (code, strict[0]) == (0, 2), (out, err, strict)
        return told(strict[0], err + out)

    return way


def published(app: str, *words: str) -> Way:
    """What a run publishes: its first payload, as JSON; exit code 0 when nothing is wrong with it."""

    def way(folder: Path) -> Told:
        write(folder, {"app.py": app})
        before = listed(folder)
        code, out, err = run("invoke", "go", "--json", *words)
        behind = left(folder, before)
        if code:
            return told(code, err, behind)
        messages = json.loads(out)["published"]
        said = json.dumps(messages[0]["payload"], ensure_ascii=False) if messages else "nothing"
        short = said if len(said) <= LONGEST else f"{len(said.encode()):,} bytes"
        return Told(code, None, f"publishes {short}", text=err, left=behind)

    return way


def process(*words: str, app: str = HEAD, begin: str = "", env: dict[str, str] | None = None) -> Way:
    """A command as a process of its own, in another environment; `begin` is what a shell does first."""

    def way(folder: Path) -> Told:
        write(folder, {"app.py": app})
        before = listed(folder)
        line = [*COMMAND, *words]
        started = ["/bin/sh", "-c", f'{begin}; exec "$@"', "sh", *line] if begin else line
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
        done = subprocess.run(
            started, env={**clean, **(env or {})}, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
        said = (done.stderr + done.stdout).decode("ascii", "replace")
        return told(done.returncode, said, left(folder, before))

    return way
