"""Templates in the language of Amazon SES, a Handlebars, as far as they can be rendered here.

That is `{{name}}`, `{{a.b}}`, `{{this}}`, comments, and the blocks `if`, `unless`, `each` and `with`, with `else`. Like
SES, nothing is escaped: what a variable holds stands in html as it is. A variable that is missing is an error here; SES
would accept such a mail and never send it (SES Developer Guide, "Using templates to send personalized email").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import RenderError
from cloud_cron.rendering import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG: Final = re.compile(
    r"\{\{!--.*?--\}\}|\{\{!.*?\}\}|\{\{\{(?P<raw>[^{}]*)\}\}\}|\{\{(?P<tag>[^{}]*)\}\}", re.DOTALL
)
_PATH: Final = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*", re.ASCII)
_BLOCKS: Final = frozenset({"if", "unless", "each", "with"})
_DEEPEST: Final = 32
_MOST_STEPS: Final = 100_000


class UnshownError(Exception):
    """The template uses more of the language than this module knows."""


class Variable(NamedTuple):
    """A value to be put in, and the line that asks for it."""

    path: str
    line: int


class Block(NamedTuple):
    """A part that depends on a value."""

    kind: str
    path: str
    line: int
    body: list[Node]
    otherwise: list[Node]


if TYPE_CHECKING:
    Node = str | Variable | Block


def parse(text: str, label: str) -> list[Node]:
    """The template in pieces.

    Raises `RenderError` (CC402) for what is no template, `UnshownError` for what only SES can render.
    """
    whole = Block("", "", 1, [], [])
    open_blocks, into, at = [whole], [whole.body], 0
    for found in _TAG.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        into[-1].append(_plain(text, at, found.start(), label))
        at = found.end()
        tag = (found["raw"] if found["raw"] is not None else found["tag"] or "").strip()
        if found["raw"] is None and found["tag"] is None:
            continue
        match tag[:1], tag.split():
            case "/", _:
                _close(open_blocks, into, tag[1:].strip(), f"{label}:{line}")
            case "#", [kind, path] if kind[1:] in _BLOCKS and _PATH.fullmatch(path) and len(open_blocks) < _DEEPEST:
                block = Block(kind[1:], path, line, [], [])
                into[-1].append(block)
                open_blocks.append(block)
                into.append(block.body)
            case _, ["else"] if len(open_blocks) > 1 and into[-1] is open_blocks[-1].body:
                into[-1] = open_blocks[-1].otherwise
            case _, [path] if _PATH.fullmatch(path) and path != "else":
                into[-1].append(Variable(path, line))
            case _:
                raise UnshownError(tag)
    if len(open_blocks) > 1:
        raise _broken(f"{{{{#{open_blocks[-1].kind}}}}} is never closed", f"{label}:{open_blocks[-1].line}")
    whole.body.append(_plain(text, at, len(text), label))
    return whole.body


def render(text: str, data: Mapping[str, Any], label: str) -> str:
    """The template with its variables put in.

    Raises as `parse`, and `RenderError`: CC403 for a variable that is not there, CC405 for too much.
    """
    found, steps, size = [], 0, 0
    for piece in _written(parse(text, label), (data,), label):
        steps, size = steps + 1, size + len(piece)
        if steps > _MOST_STEPS or size > limits.MAIL.most:
            raise limits.MAIL.exceeded(f"template {label}")
        found.append(piece)
    return "".join(found)


def _plain(text: str, begin: int, end: int, label: str) -> str:
    """What stands between two tags."""
    odd = text.find("{{", begin, end)
    if odd >= 0:
        raise _broken("a tag is not closed", f"{label}:{text.count(chr(10), 0, odd) + 1}")
    return text[begin:end]


def _close(open_blocks: list[Block], into: list[list[Node]], kind: str, where: str) -> None:
    if len(open_blocks) == 1 or open_blocks[-1].kind != kind:
        raise _broken(f"{{{{/{kind}}}}} closes nothing", where)
    open_blocks.pop()
    into.pop()


def _broken(why: str, where: str) -> RenderError:
    hint = "files of an SES template are in SES's own language, not in Jinja"
    return RenderError("CC402", f"this is no template of SES: {why}", where=where, hint=hint)


def _written(nodes: list[Node], scopes: tuple[Any, ...], label: str) -> Iterator[str]:
    """The pieces in order; `scopes` are what names are looked up in, the innermost last."""
    for node in nodes:
        match node:
            case str():
                yield node
            case Variable(path, line):
                yield _spelled(path, _value(path, scopes), f"{label}:{line}")
            case Block(kind, path, _, body, otherwise):
                inner, chosen = _entered(kind, _value(path, scopes), body, otherwise)
                yield ""  # a step, also of a loop that writes nothing
                for scope in inner:
                    yield from _written(chosen, scopes if scope is _SAME else (*scopes, scope), label)


_SAME: Final = object()
_MISSING: Final = object()


def _entered(kind: str, value: Any, body: list[Node], otherwise: list[Node]) -> tuple[list[Any], list[Node]]:  # noqa: ANN401 - JSON
    """The scopes that a block's part is written in, one after another, and that part."""
    holds = value is not _MISSING and bool(value)
    match kind:
        case "if":
            return [_SAME], body if holds else otherwise
        case "unless":
            return [_SAME], otherwise if holds else body
        case _ if not holds:
            return [_SAME], otherwise
        case "each":
            return (list(value.values()) if isinstance(value, Mapping) else list(value)), body
        case _:
            return [value], body


def _value(path: str, scopes: tuple[Any, ...]) -> Any:  # noqa: ANN401 - JSON
    first, *rest = path.split(".")
    if first == "this":
        found = scopes[-1]
    else:
        holders = (scope for scope in reversed(scopes) if isinstance(scope, Mapping) and first in scope)
        found = next(holders, {}).get(first, _MISSING)
    for name in rest:
        found = found.get(name, _MISSING) if isinstance(found, Mapping) else _MISSING
    return found


def _spelled(path: str, value: Any, where: str) -> str:  # noqa: ANN401 - JSON
    match value:
        case str():
            return value
        case None:
            return ""
        case bool() | int() | float():
            return json.dumps(value)
        case _ if value is _MISSING:
            message = f"variable {path!r} is not there, and SES would accept the mail and never send it"
            raise RenderError("CC403", message, where=where, hint="return it from the notifier")
        case _:
            raise UnshownError(path)
