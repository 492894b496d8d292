"""One page: Markdown in, html, headings and links out."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_AWAY: Final = re.compile(r"[a-z][a-z0-9+.-]*:")
_FORMATTER: Final = HtmlFormatter(nowrap=True)


class Heading(NamedTuple):
    """A heading with the anchor that leads to it."""

    level: int
    text: str
    anchor: str


class Link(NamedTuple):
    """A link or picture within the site: a path as it is written, and an anchor, either of which may be empty."""

    path: str
    anchor: str


class Page(NamedTuple):
    """A page that was read. `words` is its text by anchor, for the search."""

    html: str
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    words: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """The first heading."""
        return self.headings[0].text if self.headings else ""


def read(text: str) -> Page:
    """The page of a text."""
    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _coloured}).enable("table")
    tokens = markdown.parse(text)
    headings = tuple(_anchored(tokens))
    links = tuple(_led(tokens))
    words = tuple(_worded(tokens))
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Page(html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>"),
                headings, links, words)  # fmt: skip


def slug(text: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def is_away(href: str) -> bool:
    """Whether it leads to another site."""
    return bool(_AWAY.match(href))


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Every heading; its tag gets the anchor."""
    taken: dict[str, int] = {}
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            text = _plain(tokens[number + 1])
            anchor = slug(text)
            taken[anchor] = taken.get(anchor, -1) + 1
            anchor += f"-{taken[anchor]}" if taken[anchor] else ""
            token.attrSet("id", anchor)
            yield Heading(int(token.tag[1]), text, anchor)


def _led(tokens: Sequence[Token]) -> Iterator[Link]:
    """Every link within the site; pages are html there."""
    for token in (child for line in tokens for child in line.children or ()):
        name = {"link_open": "href", "image": "src"}.get(token.type)
        href = str(token.attrGet(name)) if name else ""
        if name and not is_away(href):
            path, _, anchor = href.partition("#")
            token.attrSet(name, re.sub(r"\.md$", ".html", path) + (f"#{anchor}" if anchor else ""))
            yield Link(path, anchor)


def _worded(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """The text below each heading."""
    anchor = ""
    words: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            yield anchor, " ".join(words)
            anchor, words = str(token.attrGet("id")), []
        elif token.type == "inline":
            words.append(_plain(token))
        elif token.type in {"fence", "code_block"}:
            words.append(token.content)
    yield anchor, " ".join(words)


def _plain(token: Token) -> str:
    """The text of a line, without its marks."""
    return "".join(child.content if child.type != "softbreak" else " " for child in token.children or ())


def _coloured(code: str, language: str, attributes: str) -> str:
    """The code in the colours of its language, below the name of the file that it is."""
    name = f"{attributes[1:]}, added" if attributes.startswith("+") else attributes
    file = f' data-file="{escape(name)}"' if name else ""
    return f"<pre{file}><code>{_colours(code, language)}</code></pre>"


def _colours(code: str, language: str) -> str:
    if language == "console":
        return re.sub(r"^(\$ .*)$", r'<b class="typed">\1</b>', escape(code, quote=False), flags=re.MULTILINE)
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return escape(code, quote=False)
    return str(highlight(code, lexer, _FORMATTER))
