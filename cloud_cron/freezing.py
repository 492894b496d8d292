"""JSON values that cannot be changed, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Any, Final

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def frozen(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The same JSON value with read-only mappings and tuples all the way down."""
    match value:
        case Mapping():
            return MappingProxyType({key: frozen(item) for key, item in value.items()})
        case list() | tuple():
            return tuple(frozen(item) for item in value)
        case _:
            return value


def thawed(value: object) -> object:
    """The reverse of `frozen`, models included: plain dicts and lists that belong to the caller."""
    match value:
        case None | str() | int() | float():
            return value
        case object(__dataclass_fields__=names):
            return {name: thawed(getattr(value, name)) for name in names}
        case Mapping():
            return {key: thawed(item) for key, item in value.items()}
        case list() | tuple():
            return [thawed(item) for item in value]
        case _:
            return value
