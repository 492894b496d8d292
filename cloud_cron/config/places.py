"""Where in the file something stands, so that an error can point at the line."""

from __future__ import annotations

import re

from cloud_cron.errors import ConfigError
from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

_KEY: Final = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEYS: Final = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER: Final = rf"\s*\[\s*({_KEYS})\s*\]\s*(?:#.*)?$"
_ENTRY: Final = rf"\s*({_KEYS})\s*="


@value(frozen=True)
class Source:
    """The file's name and text."""

    file: str
    text: str


@value(frozen=True)
class Place:
    """One table or key of the file, by its path from the top."""

    source: Source
    path: tuple[str, ...] = ()

    def __truediv__(self, key: str) -> Place:
        """The place of a key inside this table."""
        return Place(self.source, (*self.path, key))

    @property
    def table(self) -> str:
        """This table as its header is written: `[channels.email]`."""
        return f"[{'.'.join(self.path)}]" if self.path else "the top level"

    @property
    def setting(self) -> str:
        """This key with the table that it stands in: `[channels.email] sender`."""
        *table, key = self.path
        return f"[{'.'.join(table)}] {key}" if table else key

    @property
    def where(self) -> str:
        """The file, with the line of the key, or of the innermost table around it, that a look at the text finds."""
        lines = {path: number for number, path in reversed(list(_written(self.source.text)))}
        around = (self.path[:length] for length in range(len(self.path), 0, -1))
        line = next((lines[path] for path in around if path in lines), None)
        return f"{self.source.file}:{line}" if line else self.source.file

    def error(self, code: str, message: str, hint: str | None = None) -> ConfigError:
        """A mistake at this place."""
        return ConfigError(code, message, where=self.where, hint=hint)


def _written(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line numbers with the path that each header or key on a line of its own stands for.

    A path of several keys stands for the tables in between as well; inline tables are found by their first key alone.
    """
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(_HEADER, line)
        entry = None if header else re.match(_ENTRY, line)
        if header:
            table = _split(header[1])
        found = table if header else (*table, *_split(entry[1])) if entry else ()
        shortest = 1 if header else len(table) + 1
        for length in range(shortest, len(found) + 1):
            yield number, found[:length]


def _split(keys: str) -> tuple[str, ...]:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, keys))
