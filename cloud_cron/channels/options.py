"""Checks that the options of the built-in channels share."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import DeclarationError, RecipientError, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_GIVEN: Final[Mapping[type, Any]] = {tuple: [], MappingProxyType: {}}
"""What was given where a value is kept so that nobody can change it."""


def kind(value: object) -> str:
    """The type of an option as whoever gave it knows it, with its article."""
    return kind_of(_GIVEN.get(type(value), value))


def text(name: str, value: object, pattern: str = ".+", meaning: str = "text") -> None:
    """None or a string that matches: CC132."""
    if value is not None and not isinstance(value, str):
        raise DeclarationError("CC132", f"{name} must be a string, not {kind(value)}")
    if value is not None and not re.fullmatch(pattern, value):
        raise DeclarationError("CC132", f"{name}={value!r} must be {meaning}")


def address(name: str, value: object, spelling: Callable[[object], str]) -> str | None:
    """None or an address in its one spelling: CC132, with the address redacted."""
    if value is None:
        return None
    try:
        return spelling(value)
    except RecipientError as error:
        is_text = isinstance(value, str)
        message = f"{name}: {error.message}" if is_text else f"{name} must be a string, not {kind(value)}"
        raise DeclarationError("CC132", message, hint=error.hint) from None


def whole(name: str, value: object, low: int, high: int) -> None:
    """A whole number in a range, both ends included: CC132."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise DeclarationError("CC132", f"{name} must be a whole number, not {kind(value)}")
    if not low <= value <= high:
        raise DeclarationError("CC132", f"{name}={value} must be {low} to {high:,}")
