"""The rules: what each type becomes, in one pass over the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import singledispatch
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Never

from cloud_cron.encoding.refusal import Refused
from cloud_cron.errors import ResultError, kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_DEPTH: Final = 64
_INT_BOUND: Final = 10**4300  # json.loads refuses more digits (sys.set_int_max_str_digits)
_HINTS: Final = {
    "generator": "collect it with list()",
    "map": "collect it with list()",
    "filter": "collect it with list()",
    "range": "collect it with list()",
    "deque": "collect it with list()",
    "ndarray": "use .tolist()",
    "Series": "use .to_dict()",
    "DataFrame": 'use .to_dict("records")',
    "timedelta": "use .total_seconds()",
    "coroutine": "await it",
}


def plain(value: object, path: str = "") -> Any:  # noqa: ANN401 - a JSON value
    """The value as plain JSON values: exactly None, bool, int, float, str, list and dict.

    `path` is the place of the value itself, such as `reports[2]`; raises `EncodingError` (CC210 to CC217) whose `where`
    is the path of the offending value. What a model or property of the user raises comes through as it is.
    """
    try:
        return _walk(value, MAX_DEPTH)
    except Refused as refused:
        raise refused.error(path) from None


def payload(value: object, path: str = "payload") -> dict[str, Any]:
    """A payload as a plain JSON object; raises `ResultError` (CC201) for what is no object, and as `plain` does."""
    if not isinstance(value, type) and (isinstance(value, Mapping) or is_dataclass(value) or _is_model(value)):
        result = plain(value, path)
        if isinstance(result, dict):
            return result
    message = f"a payload must be a mapping, a dataclass or a model, not {kind_of(value)}"
    raise ResultError("CC201", message, where=path, hint='return such as {"reports": {"rows": [...]}}')


def _walk(value: Any, room: int) -> Any:  # noqa: ANN401 - a JSON value
    """The plain value; `room` is how many containers may still be opened."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _text(value, room)
    if kind is dict:
        return _object(value, value.items(), room)
    if kind is list or kind is tuple:
        return _array(value, room)
    if kind is int:
        return _integer(value, room)
    if kind is float:
        return _number(value, room)
    if value is None or kind is bool:
        return value
    return _unusual(value, room)


def _object(owner: object, items: Iterable[tuple[Any, Any]], room: int) -> dict[str, Any]:
    """A JSON object; `owner` is what the items were taken from."""
    if room <= 0:
        raise _too_deep(owner)
    done: dict[str, Any] = {}
    name = None
    try:
        for key, item in items:
            name = None
            name = key if type(key) is str and key.isascii() else _name(key)
            if name in done:
                clash, name = name, None
                message = f"key {shown(key)} becomes {clash!r}, which is there already"
                raise Refused("CC216", message, "rename one of them")  # noqa: TRY301 - its place is this object
            kind = type(item)  # most values are short text: spare them the call
            done[name] = item if kind is str and item.isascii() else _walk(item, room - 1)
    except Refused as refused:
        if name is not None:  # else the key itself is at fault, and the place is this object
            refused.around.append((owner, name))
        raise
    return done


def _array(values: Iterable[Any], room: int) -> list[Any]:
    if room <= 0:
        raise _too_deep(values)
    done: list[Any] = []
    add = done.append
    try:
        for item in values:
            add(_walk(item, room - 1))
    except Refused as refused:
        refused.around.append((values, len(done)))
        raise
    return done


def _name(key: object) -> str:
    """The key as a plain string: CC216 for what is none."""
    inner = key.value if isinstance(key, Enum) else key
    if not isinstance(inner, str):
        hint = f"use {str(inner)!r}" if type(inner) in {int, bool, float} else "make a string of it"
        raise Refused("CC216", f"key {shown(key)} is {kind_of(key)}, and JSON has only string keys", hint)
    try:
        return _text(inner, 0)
    except Refused as refused:
        raise Refused(refused.code, f"key {shown(key)}: {refused.message}", refused.hint) from None


@singledispatch
def _unusual(value: Any, room: int) -> Any:  # noqa: ANN401 - any object in, JSON out
    """Whatever is neither a JSON type nor registered below: CC212 when nothing is known about it."""
    from decimal import Decimal  # noqa: PLC0415 - rare, and a millisecond to import
    from uuid import UUID  # noqa: PLC0415 - rare, and a millisecond to import

    if isinstance(value, type):
        raise Refused("CC212", f"the class {value.__name__} is no JSON value", "publish an instance, or its name")
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else _not_a_number(value)
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value):
        return _object(value, ((field.name, getattr(value, field.name)) for field in fields(value)), room)
    if _is_model(value):
        return _converted(value, _dumped(value), room)
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        return _converted(value, value.item(), room)
    hint = _HINTS.get(type(value).__name__, "publish a dict, list, string or number made from it")
    raise Refused("CC212", f"{kind_of(value)} is no JSON value", hint)


@_unusual.register
def _text(value: str, room: int) -> str:  # noqa: ARG001 - the shape of a rule
    """Text that UTF-8 can carry: CC217 for half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        unit = ord(value[error.start])
        message = f"the text has half of a surrogate pair, U+{unit:04X}, at character {error.start}"
        hint = 'repair it with .encode("utf-16", "surrogatepass").decode("utf-16", "replace")'
        raise Refused("CC217", message, hint) from None
    return str.__str__(value)


@_unusual.register
def _integer(value: int, room: int) -> int:  # noqa: ARG001 - the shape of a rule
    if -_INT_BOUND < value < _INT_BOUND:
        return int.__int__(value)
    raise Refused("CC215", "the integer has more than 4,300 digits, which JSON readers refuse", "publish it as text")


@_unusual.register
def _number(value: float, room: int) -> float:  # noqa: ARG001 - the shape of a rule
    return float.__float__(value) if isfinite(value) else _not_a_number(value)


@_unusual.register
def _(value: Enum, room: int) -> Any:  # noqa: ANN401 - a JSON value
    return _converted(value, value.value, room)


@_unusual.register
def _(value: date, room: int) -> str:  # noqa: ARG001 - the shape of a rule
    return value.isoformat()


@_unusual.register
def _(value: datetime, room: int) -> str:  # noqa: ARG001 - the shape of a rule
    if value.utcoffset() is None:
        message = f"the datetime {value} has no time zone, so nobody knows which instant it is"
        raise Refused("CC211", message, "make it aware, such as datetime.now(UTC)")
    return value.isoformat()


@_unusual.register
def _(value: Mapping, room: int) -> dict[str, Any]:  # type: ignore[type-arg]  # dispatch is by class
    return _object(value, value.items(), room)


@_unusual.register(list)
@_unusual.register(tuple)
def _(value: list[Any] | tuple[Any, ...], room: int) -> list[Any]:
    return _array(value, room)


@_unusual.register(bytes)
@_unusual.register(bytearray)
@_unusual.register(memoryview)
def _(value: object, room: int) -> Never:  # noqa: ARG001 - the shape of a rule
    hint = "use .decode() for text, base64.b64encode(...).decode() for data"
    raise Refused("CC210", f"{kind_of(value)} is no JSON value", hint)


@_unusual.register(set)
@_unusual.register(frozenset)
def _(value: object, room: int) -> Never:  # noqa: ARG001 - the shape of a rule
    raise Refused("CC210", f"{kind_of(value)} has no order, and JSON has no sets", "use sorted(...)")


def _converted(value: object, result: object, room: int) -> Any:  # noqa: ANN401 - a JSON value
    """What stands for the value, when that leads anywhere."""
    if type(result) is type(value) or room < -MAX_DEPTH:
        hint = "publish a dict, list, string or number made from it"
        raise Refused("CC212", f"{kind_of(value)} is no JSON value, and neither is what it gives for itself", hint)
    return _walk(result, room - 1)


def _is_model(value: object) -> bool:
    return callable(getattr(value, "model_dump", None))


def _dumped(model: Any) -> object:  # noqa: ANN401 - duck-typed: pydantic is no dependency
    """What a pydantic-like model says of itself; older ones know no mode."""
    dump: Callable[..., object] = model.model_dump
    try:
        return dump(mode="json")
    except TypeError:
        return dump()


def _not_a_number(value: object) -> Never:
    text = str(value).lower()
    name = "NaN" if "nan" in text else "-Infinity" if text.startswith("-") else "Infinity"
    raise Refused("CC210", f"{name} is not a JSON number", "use None, or leave the key out")


def _too_deep(value: object) -> Refused:
    return Refused("CC214", f"the value is nested deeper than {MAX_DEPTH} levels", "flatten it", value)
