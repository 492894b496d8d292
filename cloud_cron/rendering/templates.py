"""The templates of an app: a folder of files, and what is compiled from them, once for each process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import RenderError

if TYPE_CHECKING:
    from cloud_cron.rendering.engine import Engine

LAYOUTS: Final = Path(__file__).parent.parent / "layouts"
ENDINGS: Final = {"subject": ".subject.txt", "text": ".txt", "html": ".html"}
COMPILED: Final = "__jinja__"
"""The folder inside that of the templates in which an image has them compiled."""
_BOM: Final = b"\xef\xbb\xbf"


class Templates:
    """The folder that templates come from, never anything outside of it; None when the app has no folder."""

    def __init__(self, folder: Path | None, shown_as: str | None = None) -> None:
        """`shown_as` is how errors spell the folder: its name unless given."""
        self.folder = folder
        self.label = shown_as or (folder.name if folder else "templates")
        self._engines: dict[str, Engine] = {}

    def engine(self, part: str) -> Engine:
        """The engine for that part: html is escaped, subject and text are not."""
        kind = "html" if part == "html" else "text"
        if kind not in self._engines:
            from cloud_cron.rendering.engine import Engine  # noqa: PLC0415 - loads Jinja

            self._engines[kind] = Engine(self, autoescape=kind == "html")
        return self._engines[kind]

    def path(self, name: str) -> Path | None:
        """The file of that name inside the folder, or None; a link that leads outside of it is not followed."""
        steps = name.split("/")
        if self.folder is None or any(step in {"", ".", ".."} or "\\" in step or ":" in step for step in steps):
            return None
        try:
            if not os.path.lexists(os.path.join(self.folder, *steps)):  # noqa: PTH118 - most names are not there: quick
                return None
            path = self.folder.joinpath(*steps).resolve()
            return path if path.is_relative_to(self.folder.resolve()) and path.is_file() else None
        except (OSError, ValueError):
            return None

    def read(self, name: str) -> str | None:
        """The text of that file, or None; raises `RenderError` (CC402) unless it is UTF-8 without byte order mark."""
        path = self.path(name)
        if path is None:
            return None
        try:
            data = path.read_bytes()
        except OSError as error:
            message = f"template {name} cannot be read: {error.strerror}"
            raise RenderError("CC401", message, where=f"{self.label}/{name}:1", hint="check its permissions") from None
        if data.startswith(_BOM):
            message = f"template {name} begins with a byte order mark, which would be sent"
            raise RenderError("CC402", message, where=f"{self.label}/{name}:1", hint="save it as UTF-8 without BOM")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
            message = f"template {name} is not UTF-8: byte 0x{data[error.start]:02X} in column {column}"
            place = f"{self.label}/{name}:{line}"
            raise RenderError("CC402", message, where=place, hint="save it as UTF-8") from None

    def names(self) -> list[str]:
        """The names that `template=` may have: every file without its ending."""
        if self.folder is None or not self.folder.is_dir():
            return []
        files = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        stems = {
            file.removesuffix(ending)
            for file in files
            for ending in (next((known for known in ENDINGS.values() if file.endswith(known)), None),)
            if ending
        }
        return sorted(stems)
