"""Html read as plain text, for mails whose html somebody wrote and whose text nobody did."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_HIDDEN: Final = frozenset({"script", "style", "head", "title", "template"})
_BLOCKS: Final = frozenset({"div", "tr", "dt", "dd", "hr"})
_PARAGRAPHS: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "blockquote", "pre"}
)


def text_of(html: str) -> str:
    """What a reader would see: paragraphs, lines, cells side by side, links with their addresses."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[ \t\f\r]+", " ", "".join(reader.found))
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.found)))
        elif tag == "img":
            self._add(dict(attrs).get("alt") or "")
        elif tag == "li":
            self._add("\n- ")
        else:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            shown = "".join(self.found[start:]).strip()
            if address.startswith(("http://", "https://")) and address.rstrip("/") != shown.rstrip("/"):
                self._add(f" ({address})")
        elif tag in {"td", "th"}:
            self._add("  ")
        elif tag != "li":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        self._add(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._add("\n\n")
        elif tag == "br" or (tag in _BLOCKS and not "".join(self.found[-3:]).rstrip(" ").endswith("\n")):
            self._add("\n")

    def _add(self, text: str) -> None:
        if not self._hidden and text:
            self.found.append(text)
