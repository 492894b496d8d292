"""Changes of a value of JSON that leave it one, because a reader of JSON sees nothing of most changes of bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    Change = Callable[[str], str]

_ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 99, 2**63, 10**40, 0.5, -1e308, float("nan"), float("inf")),
    *("", " ", "\ud800", "\x00\x1b[2J", "\u0661", "a" * 300, [], {}, [[]], {"": None}),
)
_HALF: Final = 0.5


def changed(value: Any, random: Random, words: tuple[str, ...], change: Change) -> Any:
    """The value with one part of it put otherwise; `change` is for text, `words` are of use anywhere."""
    places = list(_places(value, ()))
    path = random.choice(places)
    return _with(value, path, lambda old: _other(old, random, words, change))


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def _with(value: Any, path: tuple[Any, ...], put: Callable[[Any], Any]) -> Any:
    """A copy of the value, with another one at that place."""
    if not path:
        return put(value)
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], put)
    return copy


def _other(old: Any, random: Random, words: tuple[str, ...], change: Change) -> Any:
    inner = _inner(old)
    if inner is not None and random.random() < _HALF:
        return json.dumps(changed(inner, random, words, change))
    match old:
        case dict() if old and random.random() < _HALF:
            key = random.choice(list(old))
            rest = {name: item for name, item in old.items() if name != key}
            return random.choice([rest, {**rest, change(key): old[key]}, {**old, change(key): old[key]}])
        case list() if old and random.random() < _HALF:
            return random.choice([old[1:], [*old, random.choice(old)], old[::-1]])
        case str() if random.random() < _HALF:
            return change(old)
        case _:
            return random.choice([*_ODD, *words])


def _inner(text: Any) -> Any:
    """The object or list that a text is, as the body of a message is one."""
    if not isinstance(text, str) or text[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
