"""Pages whose commands are run: their files are written to a folder, and their commands must say there what they show.

A python block whose first line is `# name.py` is a file, and so is a block that names one behind its language:
`toml cloud-cron.toml`, or `python +app.py` for what is added below. In a console block, a line that begins with `$ ` is
a command and the lines below it are its output; there, `…` stands for anything in a line, and alone in a line for any
lines. What runs until it is stopped is stopped when it has loaded the app. A command fails if what is shown begins with
`error `, or if it says so: `# exits with 1`. A block of sh needs more than a folder, such as AWS: its commands are not
run, but must exist; a line may go on behind a backslash.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
HOSTS = ("dev", "serve")


class Command(NamedTuple):
    """A command of a page and what is shown below it."""

    line: str
    shown: str

    @property
    def code(self) -> int:
        """The exit code that is expected."""
        said = re.search(r"# exits with (\d)$", self.line)
        return int(said[1]) if said else 2 if self.shown.startswith("error ") else 0


class Block(NamedTuple):
    """A block of a page: its language, the file that it is if any, and its text."""

    kind: str
    file: str
    text: str

    def commands(self) -> list[Command]:
        """The commands of a console block, in order."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE) if self.kind == "console" else []
        return [Command(*part.split("\n", 1)) for part in parts if part]


class Page:
    """One page of the tree."""

    def __init__(self, name: str) -> None:
        self.text = (ROOT / name).read_text(encoding="utf-8")
        found = re.findall(r"^ *```(\w+)(?: (\S+))?\n(.*?)^ *```$", self.text, re.MULTILINE | re.DOTALL)
        plain = [(kind, name, dedent(text)) for kind, name, text in found]
        self.blocks = [Block(kind, name or _named(kind, text), text) for kind, name, text in plain]

    def commands(self) -> list[Command]:
        """Every command of every console block, in order."""
        return [command for block in self.blocks for command in block.commands()]

    def elsewhere(self, name: str = "cloud-cron") -> list[list[str]]:
        """The words of each command of that name that is not run here, without the name and what it is piped to."""
        texts = [block.text.replace("\\\n", " ") for block in self.blocks if block.kind == "sh"]
        words = [shlex.split(line.partition(" | ")[0]) for text in texts for line in text.splitlines()]
        return [several[1:] for several in words if several[:1] == [name]]

    def links(self) -> list[str]:
        """The files that the page links to."""
        linked = {target for target in re.findall(r"\]\(([^)#]+)\)", self.text) if "://" not in target}
        return sorted(linked)

    def write(self, folder: Path) -> None:
        """Write every file of the page."""
        for block in self.blocks:
            _written(block, folder)

    def check(self, folder: Path) -> None:
        """Run every command there; nothing of `make` and `git` is run."""
        for block in self.blocks:
            folder = _run(block, folder)

    def follow(self, folder: Path) -> None:
        """Do what a reader does, from the first block to the last."""
        for block in self.blocks:
            _written(block, folder)
            folder = _run(block, folder)


def _named(kind: str, text: str) -> str:
    """The file that a python block says it is."""
    match = re.match(r"# (\S+\.py)\n", text) if kind == "python" else None
    return match[1] if match else ""


def _written(block: Block, folder: Path) -> None:
    """Write the block if it is a file."""
    file = folder / block.file.removeprefix("+")
    if block.file:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a" if block.file.startswith("+") else "w", encoding="utf-8") as text:
            text.write(block.text)


def _run(block: Block, folder: Path) -> Path:
    """Run the commands of a block; the folder in which the next ones are run."""
    for command in block.commands():
        match command.line.split():
            case ["make" | "git" | "source", *_]:
                continue
            case ["cd", name]:
                folder = (folder / name).resolve()
                continue
        tried(command, folder)
    return folder


def tried(command: Command, folder: Path) -> None:
    """Run a command; AssertionError when it does not say what is shown below it."""
    done = run(command.line, folder)
    said = "".join(f"{text.rstrip()}\n" for text in (done.stdout + done.stderr).strip("\n").split("\n"))
    assert done.returncode == command.code, f"$ {command.line}\nsays now:\n{said}"
    assert not command.shown.strip() or re.fullmatch(pattern(command.shown), said), (
        f"$ {command.line}\nsays now:\n{said}\nand the page shows:\n{command.shown}"
    )


def pattern(shown: str) -> str:
    """A regular expression for what is shown; blanks at the ends of lines do not matter."""
    lines = [line.rstrip() for line in shown.strip("\n").split("\n")]
    return "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r" *\n" for line in lines)


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line without a shell, where a person would have activated .venv."""
    name, *arguments = shlex.split(line, comments=True)
    tool = shutil.which(name, path=str(BIN)) or pytest.fail(f"the page runs {name!r}, which .venv does not have")
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    if arguments and arguments[0] in HOSTS and not any(word.startswith("--print") for word in arguments):
        return _hosted([tool, *arguments], folder, environment)
    return subprocess.run(
        [tool, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _hosted(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a host until it has loaded the app."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as host:
        assert host.stdout is not None
        lines: list[str] = []
        for line in host.stdout:
            lines.append(line)
            if "loaded" in line:
                host.send_signal(signal.SIGTERM)
        return subprocess.CompletedProcess(command, host.wait(), "".join(lines), "")
