"""Channels as other people ship them: a distribution with an entry point, on the path for one test."""

from __future__ import annotations

from itertools import count
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NUMBERS = count()

PAGER = """
from dataclasses import dataclass
from cloud_cron import Channel, Content, Receipt

@dataclass(frozen=True)
class PagerOptions:
    line: str = "main"

@dataclass(frozen=True, eq=False)
class PagerContent(Content):
    text: str

class Way:
    def send(self, content, recipient, key, timeout):
        {send}

class Pager(Channel):
    name = "{name}"
    options = PagerOptions
    content = PagerContent
    {body}

    def render(self, value, context):
        {render}

    def sender(self, ports, options):
        {sender}
"""
GOOD = {
    "body": "",
    "render": "return PagerContent(str(value))",
    "sender": "return Way()",
    "send": "return Receipt(f'{recipient}: {content.text}')",
}


class Shelf:
    """A folder of distributions, each put on the path as it is installed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch

    def install(self, channel: str, value: str, source: str, version: str = "1.0") -> None:
        """A distribution with one entry point, `value`, and the module that it names."""
        module = value.partition(":")[0]
        place = self._folder / f"{module}-dist"
        info = place / f"{module}_dist-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {module}-dist\nVersion: {version}\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[cloud_cron.channels]\n{channel} = {value}\n", encoding="utf-8")
        (place / f"{module}.py").write_text(dedent(source), encoding="utf-8")
        self._monkeypatch.syspath_prepend(str(place))

    def pager(self, **parts: str) -> str:
        """A channel that is as it should be but for `parts`; its name, which no other test has."""
        name = f"pager-{next(NUMBERS)}"
        self.install(name, f"{name.replace('-', '_')}:Pager", PAGER.format(name=name, **{**GOOD, **parts}))
        return name
