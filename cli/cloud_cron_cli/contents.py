"""Rendered content as a person reads it: a mail with its subject, a text, what is attached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.rendered import as_json
from cloud_cron_cli.output import dim, strong, visible
from cloud_cron_cli.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.rendered import Content

_BELOW: Final = frozenset({"text", "html", "segments"})


def shown(content: Content) -> Iterator[str]:
    """The lines of it, behind a bar."""
    fields: Mapping[str, Any] = dict(content)
    heads = [_head(name, value) for name, value in fields.items() if name not in _BELOW and value]
    for line in heads:
        yield f"{dim('│')} {line}"
    text = fields.get("text")
    if heads and text:
        yield dim("│")
    for line in str(text).rstrip("\n").split("\n") if text else ():
        yield f"{dim('│')} {visible(line)}".rstrip()
    html = fields.get("html")
    if html:
        yield dim("│")
        yield f"{dim('│')} {dim(f'and {len(html):,} characters of html')}"
    if fields.get("segments", 1) > 1:
        yield dim("│")
        yield f"{dim('│')} {dim(count(fields['segments'], 'segment'))}"


def _head(name: str, value: Any) -> str:  # noqa: ANN401 - the channel's own types
    """One field above the text."""
    label = dim(name.replace("_", " "))
    match name, value:
        case "subject", _:
            return f"{label}  {strong(value)}"
        case "attachments", _:
            files = ", ".join(f"{file.name} ({file.content_type}, {len(file.bytes):,} bytes)" for file in value)
            return f"{label}  {files}"
        case _:
            plain = as_json(value)
            text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
            return f"{label}  {visible(text)}"
