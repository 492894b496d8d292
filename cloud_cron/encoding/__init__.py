"""From a user's value to JSON text, by fixed rules; what JSON cannot carry is refused by path, never guessed.

`None`, `bool`, `int`, `float`, `str`, mappings, lists and tuples are JSON already. A datetime becomes ISO 8601 with its
offset, a date ISO 8601, a Decimal or UUID its string, an Enum its value, a dataclass an object of its fields, a
pydantic-like model what `model_dump` says, a numpy scalar its `item()`. Keys are strings, because `1` and `"1"` would
become the same key; an Enum key whose value is a string becomes that string.

Everything that publishes imports this package; it imports nothing but `errors`.
"""

from __future__ import annotations

from cloud_cron.encoding.canonical import canonical
from cloud_cron.encoding.text import MAX_BYTES, check_size, dumps, utf8_size
from cloud_cron.encoding.values import MAX_DEPTH, payload, plain

__all__ = ["MAX_BYTES", "MAX_DEPTH", "canonical", "check_size", "dumps", "payload", "plain", "utf8_size"]
