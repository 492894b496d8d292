"""A small tree that can be released, for faults to be planted in, and wheels made by hand."""

from __future__ import annotations

import os
import subprocess
from types import MappingProxyType
from typing import TYPE_CHECKING
from zipfile import ZipFile

from scripts.release.commands import Said
from scripts.release.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

VERSION = "1.2.3"
CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.3] - 2026-02-28

### Added

- A first thing.

## [1.2.2] - 2026-01-31

### Fixed

- Another.
"""
COMMAND = """import sys
from pathlib import Path

def main():
    match sys.argv[1:]:
        case ["--version"]:
            print("cloud-cron 1.2.3")
        case ["init", name]:
            Path(name).mkdir()
        case ["list", "--json"]:
            print('{"tasks": [{"name": "daily"}]}')
        case ["check", "--strict"]:
            print("nothing to say")
        case ["invoke", "daily"]:
            print("it ran")
        case words:
            sys.exit(f"no such command: {words}")
"""
PYPROJECT = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "cloud-cron"
version = "1.2.3"
description = "A tree for tests."
readme = "README.md"
license = "Apache-2.0"
license-files = ["LICENSE"]
requires-python = ">=3.11"
classifiers = ["Typing :: Typed"]

[project.scripts]
cloud-cron = "cloud_cron.command:main"

[tool.hatch.build.targets.wheel]
only-include = ["cloud_cron"]

[tool.check-wheel-contents]
toplevel = ["cloud_cron"]
"""
LOCK = """version = 1
requires-python = ">=3.11"

[[package]]
name = "cloud-cron"
source = { editable = "." }
"""
FILES = {
    ".gitignore": "/build/\n",
    "CHANGELOG.md": CHANGELOG,
    "LICENSE": "Apache License\n",
    "README.md": "# A tree\n\nFor tests.\n",
    "cloud_cron/__init__.py": f'__version__ = "{VERSION}"\n',
    "cloud_cron/command.py": COMMAND,
    "pyproject.toml": PYPROJECT,
    "uv.lock": LOCK,
}
NONE: Mapping[str, str] = MappingProxyType({})
INFO = "cloud_cron-1.2.3.dist-info"
METADATA = """Metadata-Version: 2.4
Name: cloud-cron
Version: 1.2.3
Summary: A tree for tests.
License-Expression: Apache-2.0
License-File: LICENSE
Classifier: Typing :: Typed
Requires-Python: >=3.11
Description-Content-Type: text/markdown

# A tree

For [tests](docs/tests.md), see https://example.org and [here](#a-tree).
"""
WHEEL = {
    "cloud_cron/__init__.py": FILES["cloud_cron/__init__.py"],
    "cloud_cron/command.py": COMMAND,
    f"{INFO}/METADATA": METADATA,
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/entry_points.txt": "[console_scripts]\ncloud-cron = cloud_cron.command:main\n",
    f"{INFO}/licenses/LICENSE": FILES["LICENSE"],
}


def tree(root: Path, changed: Mapping[str, str] = NONE, wheel: Mapping[str, str] | None = None) -> Tree:
    """The tree, with other texts for some files; it is built by the lock, or of what a wheel is to hold."""
    for name, text in {**FILES, **changed}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Tree(root) if wheel is None else Tree(root, by_hand({**WHEEL, **wheel}))


def by_hand(files: Mapping[str, str]) -> Callable[[Path, Path], Said]:
    """What makes a wheel of these files."""

    def build(_root: Path, into: Path) -> Said:
        into.mkdir(parents=True)
        packed(into / f"cloud_cron-{VERSION}-py3-none-any.whl", files)
        (into / f"cloud_cron-{VERSION}.tar.gz").touch()
        return Said(0, "built")

    return build


def packed(wheel: Path, files: Mapping[str, str]) -> Path:
    """An archive of these files, with the record that a wheel has; empty ones are left out."""
    told = {name: text for name, text in files.items() if text}
    record = "".join(f"{name},,\n" for name in (*told, f"{INFO}/RECORD"))
    with ZipFile(wheel, "w") as archive:
        for name, text in (*told.items(), (f"{INFO}/RECORD", record)):
            archive.writestr(name, text)
    return wheel


def git(root: Path, *words: str) -> None:
    """Run git there, as somebody, and with no hooks or settings of a person."""
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**theirs, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *person, *words], cwd=root, env=environment, check=True, capture_output=True)


def committed(root: Path, changed: Mapping[str, str] = NONE) -> Tree:
    """The tree as a checkout with one commit."""
    planted = tree(root, changed)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "A tree")
    return planted
