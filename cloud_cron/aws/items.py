"""Records as items of DynamoDB: short names, and nothing for a field that has its default.

An item is paid for by its size, names included (DynamoDB Developer Guide, "DynamoDB item sizes and formats").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.ports import Key, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    Item = dict[str, dict[str, Any]]

STATE: Final = "st"
CLAIM: Final = "tok"
ACCEPTS: Final = "acc"
PROVIDER: Final = "pid"
EXPIRES: Final = "exp"
ANSWER: Final = "ans"
"""The mark of one call that noted an acceptance: a call that is made again, because its answer was lost, finds it."""

_TEXTS: Final = {
    "source": "src",
    "digest": "dig",
    "provider_id": PROVIDER,
    "code": "code",
    "reason": "why",
    "data": "data",
}
_WHOLE: Final = {"attempts": "att", "ambiguous": "amb", "accepts": ACCEPTS}
_FRACTIONS: Final = {"lease": "lease", "not_before": "nb", "at": "at"}
_FLAG: Final = "fwd"
_DEFAULTS: Final = Record._field_defaults


def item(key: Key, record: Record, expires: int | None) -> Item:
    """The item of a record; `expires` is when DynamoDB may delete it, in seconds since the epoch."""
    found: Item = {**keys(key), STATE: {"S": record.state}, CLAIM: {"S": record.token}}
    for kind, names in (("S", _TEXTS), ("N", _WHOLE), ("N", _FRACTIONS)):
        for name, short in names.items():
            value = getattr(record, name)
            if value != _DEFAULTS[name]:
                found[short] = {kind: value if kind == "S" else repr(value)}
    if record.forwarded:
        found[_FLAG] = {"BOOL": True}
    return found | expiry(expires)


def expiry(expires: int | None) -> Item:
    """The attribute that the table's time to live looks at, if there is one."""
    return {} if expires is None else {EXPIRES: {"N": str(expires)}}


def keys(key: Key) -> Item:
    """The primary key of an item."""
    return {"pk": {"S": key.partition}, "sk": {"S": key.sort}}


def record(found: Mapping[str, Mapping[str, Any]]) -> Record:
    """The record of an item."""
    values: dict[str, Any] = {name: found[short]["S"] for name, short in _TEXTS.items() if short in found}
    values |= {name: int(found[short]["N"]) for name, short in _WHOLE.items() if short in found}
    values |= {name: float(found[short]["N"]) for name, short in _FRACTIONS.items() if short in found}
    return Record(found[STATE]["S"], found[CLAIM]["S"], forwarded=_FLAG in found, **values)


def keyed(found: Mapping[str, Mapping[str, Any]]) -> tuple[Key, Record]:
    """Key and record of an item."""
    return Key(found["pk"]["S"], found["sk"]["S"]), record(found)
