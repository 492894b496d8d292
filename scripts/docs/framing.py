"""The files of the site: each page in its frame, the style, the search."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pygments.formatters import HtmlFormatter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.docs.markdown import Page
    from scripts.docs.navigation import Navigation

THEME: Final = Path(__file__).parent / "theme"


def write(pages: Mapping[str, Page], order: Navigation, out: Path) -> None:
    """Every page in the frame of the site, its style and its search."""
    frame = Environment(
        loader=FileSystemLoader(THEME), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("page.html")
    reading = [name for name in order.pages if name in pages]
    sections = [(part.title, [(n, pages[n].title) for n in part.pages if n in pages]) for part in order.sections]
    beside = dict(zip(reading, zip([None, *reading], [*reading[1:], None], strict=False), strict=True))
    for name, page in pages.items():
        before, after = beside.get(name, (None, None))
        file = out / address(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = frame.render(
            page=page, pages=pages, name=name, sections=sections, before=before, after=after, address=address,
            root="../" * name.count("/"),
        )  # fmt: skip
        file.write_text(text, encoding="utf-8")
    shutil.copyfile(THEME / "search.js", out / "search.js")
    (out / "index.js").write_text(f"const INDEX = {_index(pages)};\n", encoding="utf-8")
    (out / "style.css").write_text(_style(), encoding="utf-8")


def address(name: str) -> str:
    """Where a page is in the site."""
    return name.removesuffix(".md") + ".html"


def _style() -> str:
    """The style, with the colours of code in light and in dark."""
    light, dark = (HtmlFormatter(style=name).get_style_defs("pre") for name in ("friendly", "github-dark"))
    own = (THEME / "style.css").read_text(encoding="utf-8")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{own}"


def _index(pages: Mapping[str, Page]) -> str:
    """What the search looks through: address, title of the page, heading, and text of each part of each page."""
    entries = []
    for name, page in pages.items():
        headings = {heading.anchor: heading.text for heading in page.headings}
        told = [(anchor, text) for anchor, text in page.words if anchor]
        entries += [[f"{address(name)}#{anchor}", page.title, headings[anchor], text] for anchor, text in told]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
