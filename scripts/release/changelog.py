"""The changelog: in the shape of Keep a Changelog 1.1.0, and with all that is new under the version."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from scripts.release.outcomes import Outcome, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.release.tree import Tree

_KINDS: Final = frozenset({"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"})
_UNRELEASED: Final = "[Unreleased]"
_HEADING: Final = r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})"


class Section(NamedTuple):
    """A heading of the second level, and what stands below it."""

    heading: str
    text: str

    @property
    def version(self) -> str:
        """The version of a heading with version and date; empty for any other."""
        found = re.fullmatch(_HEADING, self.heading)
        return found[1] if found and _is_date(found[2]) else ""

    @property
    def entries(self) -> list[str]:
        """What is told, an item each."""
        return re.findall(r"^- .+$", self.text, re.MULTILINE)


def check(tree: Tree) -> Outcome:
    """Whether the changelog tells of this version, and of nothing that is not in it; `notes.md` is what it tells."""
    text = tree.read("CHANGELOG.md")
    mine = [section for section in sections(text) if section.version == tree.version]
    tree.out.mkdir(parents=True, exist_ok=True)
    (tree.out / "notes.md").write_text("".join(section.text.lstrip() for section in mine), encoding="utf-8")
    told = ", ".join(f"{_entries(section)} for {tree.version}" for section in mine)
    return judged([*shape(text), *released(text, tree.version)], told)


def newest(text: str) -> str:
    """The version of the newest release; empty when there is none."""
    return next((section.version for section in sections(text) if section.heading != _UNRELEASED), "")


def shape(text: str) -> Iterator[str]:
    """What is not as the format wants it."""
    found = sections(text)
    if not text.startswith("# Changelog\n"):
        yield "it does not begin with its title"
    if [section.heading for section in found[:1]] != [_UNRELEASED]:
        yield f"{_UNRELEASED} does not stand first"
    yield from (f"## {section.heading} has no version with a date" for section in found[1:] if not section.version)
    yield from _order(found)
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE)) - _KINDS
    yield from (f"### {kind} is none of the six kinds" for kind in sorted(kinds))


def released(text: str, version: str) -> Iterator[str]:
    """What a release of this version would leave out."""
    first, *others = [*sections(text), Section("", "")]
    if first.heading == _UNRELEASED and first.entries:
        yield f"{_entries(first)} under {_UNRELEASED}: move them under a heading with version and date"
    mine = [section for section in others if version and section.version == version]
    if not any(section.entries for section in mine):
        yield f"it tells nothing of {version}"


def sections(text: str) -> list[Section]:
    """Every section, from the first to the last."""
    _, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    return [Section(heading, below) for heading, _, below in (part.partition("\n") for part in rest)]


def _order(found: Sequence[Section]) -> Iterator[str]:
    """Releases go from the newest to the oldest, each once."""
    versions = [tuple(map(int, section.version.split("."))) for section in found if section.version]
    if versions != sorted(set(versions), reverse=True):
        yield "releases do not go from the newest to the oldest, each once"


def _entries(section: Section) -> str:
    count = len(section.entries)
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _is_date(text: str) -> bool:
    """Whether the calendar has that day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
