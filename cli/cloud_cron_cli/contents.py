"""Rendered content as a person reads it: a mail with its subject, a text, what is attached."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.rendered import as_json
from cloud_cron_cli.output import dim, strong, visible
from cloud_cron_cli.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.rendered import Content

_BELOW: Final = frozenset({"text", "html", "segments"})
_IN_HEADERS: Final = frozenset({"reply_to", "headers"})
_UNSHOWN: Final = frozenset({"subject", "mime-version", "content-type", "content-transfer-encoding"})
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def shown(content: Content, details: Mapping[str, Any] = _NOTHING, *, whole: bool = False) -> Iterator[str]:
    """The lines of it, behind a bar, with what its channel says of it; the html itself only when it is asked for."""
    fields: Mapping[str, Any] = dict(content)
    travels = list(_headers(details))
    beside = _BELOW | _IN_HEADERS if travels else _BELOW
    heads = [*travels, *(_head(name, value) for name, value in fields.items() if name not in beside and value)]
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
        for line in map(visible, html.rstrip("\n").split("\n")) if whole else ():
            yield f"{dim('│')} {line}".rstrip()
        if not whole:
            yield f"{dim('│')} {dim(f'and {len(html):,} characters of html')}"
    below = _sms(fields, details)
    if below:
        yield dim("│")
        yield f"{dim('│')} {dim(below)}"


def _headers(details: Mapping[str, Any]) -> Iterator[str]:
    """The headers that a mail would leave with, as a person reads them; what they say beside the content."""
    if "mail" not in details:
        return
    from email.header import decode_header, make_header  # noqa: PLC0415 - only a preview needs it

    for name, value in details["mail"]["headers"].items():
        if name.lower() not in _UNSHOWN:
            yield f"{dim(name)}  {visible(' '.join(str(make_header(decode_header(value))).split()))}"


def _sms(fields: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    """What a text costs: how it travels and to whom where that is known, else its segments when there are several."""
    segments = fields.get("segments", 1)
    if "cost" not in details:
        return count(segments, "segment") if segments > 1 else ""
    cost = details["cost"]
    where = f" in {', '.join(cost['regions'])}" if cost["regions"] else ""
    kind = "" if cost["kind"] == "unknown" else f", {cost['kind']}"
    each = f"{count(segments, 'segment')} of {details['encoding']}"
    return f"{each}, {count(cost['recipients'], 'recipient')}{where}: {cost['segments']:,} to pay for{kind}"


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
