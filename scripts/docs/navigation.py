"""What stands where in the site: `docs/navigation.toml`, read."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Section(NamedTuple):
    """A heading of the navigation and the pages below it, as paths in docs/ or names of the generated reference."""

    title: str
    pages: tuple[str, ...]


class Navigation(NamedTuple):
    """The whole of it, in order."""

    sections: tuple[Section, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """Every page, in the order of reading."""
        return tuple(page for section in self.sections for page in section.pages)

    def problems(self, there: set[str]) -> list[str]:
        """What is named and not there, named twice, or there and not named."""
        named = self.pages
        gone = [f"navigation.toml names {page}, which is not there" for page in named if page not in there]
        twice = [f"navigation.toml names {page} twice" for page in dict.fromkeys(named) if named.count(page) > 1]
        lost = [f"{page} has no place in navigation.toml" for page in sorted(there - set(named))]
        return gone + twice + lost


def read(folder: Path) -> Navigation:
    """The navigation of a folder of pages."""
    said = tomllib.loads((folder / "navigation.toml").read_text(encoding="utf-8"))
    return Navigation(tuple(Section(part["title"], tuple(part["pages"])) for part in said["section"]))
