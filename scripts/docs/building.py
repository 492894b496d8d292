"""The whole site: read every page, check every link, write the files."""

from __future__ import annotations

import posixpath
import shutil
from typing import TYPE_CHECKING, NamedTuple

from scripts.docs import framing, markdown, navigation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


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
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, out / name)
    framing.write(pages, order, out)
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
