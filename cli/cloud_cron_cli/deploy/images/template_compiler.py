"""Compiles templates, as a program of its own that runs under the Python of an image.

stdin and stdout carry marshal's format of version 2, which every Python reads: where to import from, the folder of the
templates, how errors spell it, which files of it there are, and which templates are wanted; then their code, by the
name that it is looked for.
"""

from __future__ import annotations

import marshal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    Template = tuple[bool, str | None, str]
    """Whether it is html, its text unless it is a file, and its name."""


def compiled(folder: str, label: str, files: Collection[str], wanted: Iterable[Template]) -> dict[str, bytes]:
    """The code of those templates and of what they name; what does not compile is left to who renders it."""
    from cloud_cron.errors import RenderError  # noqa: PLC0415 - found where stdin says
    from cloud_cron.rendering import Templates  # noqa: PLC0415
    from cloud_cron.rendering.precompiled import dumped, folder_name, key  # noqa: PLC0415

    templates, found = Templates(Path(folder), label), {}
    waiting, seen = list(wanted), set()
    while waiting:
        html, text, name = each = waiting.pop()
        if each in seen or (text is None and name not in files):
            continue
        seen.add(each)
        place = f"{label}/{name}" if text is None else name
        try:
            source = templates.read(name) if text is None else text
            if source is not None:
                code, named = templates.engine("html" if html else "text").compiled(source, name, place)
                found[f"{folder_name()}/{key(source, name, place, autoescape=html)}"] = dumped(code)
                waiting += [(html, None, further) for further in named]
        except RenderError:
            continue
    return found


if __name__ == "__main__":
    paths, *asked = marshal.load(sys.stdin.buffer)  # noqa: S302 - from the process that started this one
    sys.path += paths
    marshal.dump(compiled(*asked), sys.stdout.buffer, 2)
