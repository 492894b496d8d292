"""Which files of a project stay out of its image: our defaults, then its .dockerignore; the last rule that fits wins.

The rules are read as Docker reads them, so that both builders take the same files: a rule that fits a folder fits all
that is in it, and `!` takes back what an earlier rule left out.
"""

from __future__ import annotations

import posixpath
import re
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from cloud_cron.errors import ConfigError, shown
from cloud_cron_cli.deploy.images.patterns import BadPatternError, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE: Final = ".dockerignore"
_SHOWN: Final = 120  # what a message shows of a rule
_ANYWHERE: Final = re.compile(r"\*\*/(?!\*\*)")
_WITHIN: Final = r"(?:/(?s:.*))?"

DEFAULTS: Final = (
    # what a test or a check needs, and a function does not
    *("**/tests", "**/test_*.py", "**/conftest.py", "samples", "pytest.ini", "tox.ini", "noxfile.py"),
    # version control, and what serves it
    *("**/.git", "**/.hg", "**/.svn", "**/.jj", "**/.gitignore", "**/.gitattributes", ".github", ".gitlab*"),
    # virtual environments of the usual names; files.py knows the others by their pyvenv.cfg
    *("**/.venv", "**/venv", "**/node_modules"),
    # what tools leave behind
    *("**/__pycache__", "**/*.py[co]", "**/.*_cache", "**/.tox", "**/.nox", "**/.hypothesis", "**/.ipynb_checkpoints"),
    *("**/.coverage", "**/.coverage.*", "htmlcov", "dist", "build", "**/*.egg-info", "cdk.out", ".cloud-cron"),
    # editors and desktops
    *("**/.idea", "**/.vscode", "**/*~", "**/.*.sw?", "**/.DS_Store", "**/Thumbs.db"),
    # how the image is made: a lock that is written by a build may not change what the next one makes
    *("Dockerfile*", "*.dockerignore", "cloud-cron.lock", "uv.lock", "poetry.lock", ".python-version", "README*"),
    # what `package` writes to the folder of the README's example, and bills of materials
    *("out/model.json", "out/template*.json", "out/Dockerfile", "**/*.cdx.json"),
)


class _Rule(NamedTuple):
    """One line: whether it takes back what was left out, and its pattern."""

    takes_back: bool
    pattern: str


class _Group(NamedTuple):
    """Rules in a row that do the same, so that their order does not matter."""

    takes_back: bool
    regex: re.Pattern[str]


class Rules(NamedTuple):
    """Rules in their order."""

    groups: tuple[_Group, ...]
    taking_back: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """The rules of these lines; `ConfigError` CC887 for one that Docker would refuse."""
        rules = [rule for line in lines if (rule := _read(line))]
        groups = groupby(rules, key=lambda rule: rule.takes_back)
        return cls(
            tuple(_Group(takes_back, _any([rule.pattern for rule in group])) for takes_back, group in groups),
            tuple(_steps(rule.pattern) for rule in rules if rule.takes_back),
        )

    def leave_out(self, path: str) -> bool:
        """Whether a file or folder, by its path from the project's folder, stays out of the image."""
        out = False
        for takes_back, regex in self.groups:
            if takes_back == out and regex.fullmatch(path):
                out = not takes_back
        return out

    def may_take_back_within(self, folder: str) -> bool:
        """Whether something inside of a folder that stays out may come back: else nobody needs to look into it."""
        steps = folder.split("/")
        return any(_may_reach(pattern, steps) for pattern in self.taking_back)


def rules(text: bytes | None) -> Rules:
    """Our defaults, then those of a .dockerignore, if there is one; `ConfigError` CC887 when it cannot be read."""
    return Rules.of([*DEFAULTS, *lines(text or b"")])


def lines(text: bytes) -> list[str]:
    """The lines of a file that are no comments; a `#` after a blank is none."""
    decoded = text.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line for line in decoded.split("\n") if not line.startswith("#")]


def _read(line: str) -> _Rule | None:
    """The rule of a line; None for an empty one."""
    text = line.strip()
    takes_back = text.startswith("!")
    pattern = text[takes_back:].strip()
    if not text:
        return None
    if not pattern:
        raise _refused(text, "it says nothing")
    path = posixpath.normpath(f"/{pattern}" if pattern.startswith("/") else pattern)
    path = path.lstrip("/") or path
    try:
        translated(path)
    except BadPatternError as error:
        raise _refused(text, str(error)) from error
    return _Rule(takes_back, path)


def _any(patterns: list[str]) -> re.Pattern[str]:
    """What one of the patterns fits, or is inside of a folder that it fits.

    Most of them begin with `**/`: what stands for that is tried once for all of them.
    """
    anywhere = [pattern[3:] for pattern in patterns if _ANYWHERE.match(pattern)]
    others = [pattern for pattern in patterns if not _ANYWHERE.match(pattern)]
    found = [*([f"(?:.*/)?(?:{_either(anywhere)})"] if anywhere else []), *([_either(others)] if others else [])]
    return re.compile(f"(?:{'|'.join(found)}){_WITHIN}")


def _either(patterns: list[str]) -> str:
    return "|".join(map(translated, patterns))


def _steps(pattern: str) -> tuple[str, ...]:
    """The pattern of each folder on the way; any number of any, where a slash may not be one."""
    return ("**",) if "[" in pattern or "\\" in pattern else tuple(pattern.split("/"))


def _may_reach(pattern: tuple[str, ...], folder: list[str]) -> bool:
    """Whether a pattern may fit something below a folder; one that fits the folder itself has been asked already."""
    for own, step in zip(pattern, folder, strict=False):
        if "**" in own:
            return True
        if not re.fullmatch(translated(own), step):
            return False
    return len(pattern) > len(folder)


def _refused(pattern: str, why: str) -> ConfigError:
    message = f"{FILE} has the rule {shown(pattern, _SHOWN)}, and {why}"
    return ConfigError("CC887", message, where=FILE, hint="Docker refuses it too")
