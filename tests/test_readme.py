"""The README is run: its files are written to an empty folder, and its commands must say there what it shows.

A python block whose first line is `# name.py` is a file. In a console block, a line that begins with `$ ` is a command
and the lines below it are its output; there, `…` stands for anything in a line, and alone in a line for any lines.
Nothing of `make` and `git` is run, but the targets must exist. What runs until it is stopped is stopped when it has
loaded the app.
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
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
BIN = Path(sys.executable).parent
HOSTS = ("dev", "serve")


class Command(NamedTuple):
    """A command of the README and what is shown below it."""

    line: str
    shown: str


def commands() -> list[Command]:
    """Every command of every console block, in order."""
    parts = [part for kind, text in BLOCKS if kind == "console" for part in re.split(r"^\$ ", text, flags=re.MULTILINE)]
    return [Command(*part.split("\n", 1)) for part in parts if part]


def files() -> dict[str, str]:
    """Every file of the README, by name."""
    named = [(re.match(r"# (\S+\.py)\n", text), text) for kind, text in BLOCKS if kind == "python"]
    return {match[1]: text for match, text in named if match}


def pattern(shown: str) -> str:
    """A regular expression for what is shown; blanks at the ends of lines do not matter."""
    lines = [line.rstrip() for line in shown.strip("\n").split("\n")]
    return "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r" *\n" for line in lines)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line without a shell, where a person would have activated .venv."""
    name, *arguments = shlex.split(line)
    tool = shutil.which(name, path=str(BIN)) or pytest.fail(f"the README runs {name!r}, which .venv does not have")
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    if arguments and arguments[0] in HOSTS and not any(word.startswith("--print") for word in arguments):
        return hosted([tool, *arguments], folder, environment)
    return subprocess.run(
        [tool, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def hosted(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
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


def test_its_commands_say_what_it_shows(project: Path):
    folder = project
    for line, shown in commands():
        match line.split():
            case ["make" | "git" | "source", *_]:
                continue
            case ["cd", name]:
                folder = (folder / name).resolve()
                continue
        done = run(line, folder)
        said = "".join(f"{text.rstrip()}\n" for text in (done.stdout + done.stderr).strip("\n").split("\n"))
        assert done.returncode == (2 if shown.startswith("error ") else 0), f"$ {line}\nsays now:\n{said}"
        assert not shown.strip() or re.fullmatch(pattern(shown), said), (
            f"$ {line}\nsays now:\n{said}\nand the README shows:\n{shown}"
        )


def test_it_shows_every_command_there_is():
    run_by_readme = {words[1] for line, _ in commands() if (words := line.split())[0] == "cloud-cron"}

    assert {"init", "check", "list", "graph", "next", "invoke", "render", "dev", "serve", "status"} <= run_by_readme


def test_its_make_targets_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)make ([a-z]+)", README, re.MULTILINE))

    assert {"demo", "test", "bench", "soak"} <= named <= targets


def test_its_links_lead_to_files():
    linked = {target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target}

    assert linked
    assert [target for target in sorted(linked) if not (ROOT / target).exists()] == []
