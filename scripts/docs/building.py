"""The whole site: read every page, check every link, write the files."""

from __future__ import annotations

import json
import posixpath
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pygments.formatters import HtmlFormatter

from scripts.docs import markdown, navigation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scripts.docs.navigation import Navigation

THEME: Final = Path(__file__).parent / "theme"


class Site(NamedTuple):
    """What was built: how many pages, and what is wrong with them."""

    pages: int
    problems: list[str]


def built(source: Path, out: Path, generated: Mapping[str, Callable[[], str]]) -> Site:
    """Build the site of a folder of pages and those that are made; nothing is left out, whatever is wrong."""
    texts = {file.relative_to(source).as_posix(): file.read_text(encoding="utf-8") for file in source.rglob("*.md")}
    texts |= {name: make() for name, make in generated.items()}
    pages = {name: markdown.read(text) for name, text in sorted(texts.items())}
    order = navigation.read(source)
    pictures = {file.relative_to(source).as_posix() for file in source.rglob("*.svg")}
    for name in pictures:
        _copied(source / name, out / name)
    _write(pages, order, out)
    return Site(len(pages), order.problems(set(pages)) + list(_broken(pages, pictures)))


def _broken(pages: Mapping[str, markdown.Page], pictures: set[str]) -> Iterator[str]:
    """Every link that leads nowhere, and every page without one title at its top."""
    for name, page in pages.items():
        if [heading.level for heading in page.headings].count(1) != 1 or page.headings[0].level != 1:
            yield f"{name} does not begin with its one title"
        for link in page.links:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link.path)) if link.path else name
            if target not in pages and target not in pictures:
                yield f"{name} links to {link.path}, which is not there"
            elif link.anchor and link.anchor not in {heading.anchor for heading in pages[target].headings}:
                yield f"{name} links to #{link.anchor} of {target}, which has no such heading"


def _write(pages: Mapping[str, markdown.Page], order: Navigation, out: Path) -> None:
    """Every page in the frame of the site, its style and its search."""
    frame = Environment(
        loader=FileSystemLoader(THEME), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("page.html")
    reading = [name for name in order.pages if name in pages]
    for name, page in pages.items():
        at = reading.index(name) if name in reading else None
        text = frame.render(
            page=page,
            name=name,
            root="../" * name.count("/"),
            sections=[(part.title, [(n, pages[n].title) for n in part.pages if n in pages]) for part in order.sections],
            html_of=lambda path: path.removesuffix(".md") + ".html",
            before=reading[at - 1] if at else None,
            after=reading[at + 1] if at is not None and at + 1 < len(reading) else None,
            titles={n: pages[n].title for n in reading},
        )
        file = out / (name.removesuffix(".md") + ".html")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    _copied(THEME / "search.js", out / "search.js")
    (out / "index.js").write_text(f"const INDEX = {_index(pages)};\n", encoding="utf-8")
    style = (THEME / "style.css").read_text(encoding="utf-8")
    light, dark = (HtmlFormatter(style=name).get_style_defs("pre") for name in ("friendly", "github-dark"))
    (out / "style.css").write_text(
        f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{style}", encoding="utf-8"
    )


def _index(pages: Mapping[str, markdown.Page]) -> str:
    """What the search looks through: address, title of the page, heading, and text of each part of each page."""
    entries = []
    for name, page in pages.items():
        headings = {heading.anchor: heading.text for heading in page.headings}
        address = name.removesuffix(".md") + ".html"
        entries += [
            [f"{address}#{anchor}", page.title, headings[anchor], text] for anchor, text in page.words if anchor
        ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
