"""Content as it leaves, rendered: it reads both ways, `content.subject` and `content["subject"]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any


class Content(Mapping[str, Any]):
    """Rendered content: a frozen dataclass (`eq=False`) that reads, and compares, as a mapping of its fields.

    `content["text"]` is `content.text`, and KeyError for no field. It is shown as JSON, bytes by their number.
    """

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - the fields differ in type
        """The field of that name."""
        if key not in set(self):
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        """The names of the fields, in order."""
        return (f.name for f in fields(self))  # type: ignore[arg-type]  # every subclass is a dataclass

    def __len__(self) -> int:
        """The number of fields."""
        return len(fields(self))  # type: ignore[arg-type]  # every subclass is a dataclass


def as_json(value: object) -> object:
    """Rendered content as plain JSON values; bytes are told by their length."""
    match value:
        case bytes():
            return len(value)
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
        case _:
            return value
