"""What the class of a plug-in must say, looked at once, when the channel is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, NamedTuple

from cloud_cron.channels.base import Channel
from cloud_cron.errors import DeclarationError, kind_of
from cloud_cron.notifier_model import NotifierModel

TAKEN: Final = frozenset(NotifierModel.__match_args__) - {"options", "where"} | {"delivery", "max_concurrency"}
"""What every notifier takes, in its decorator or under its name in the configuration, whatever its channel is."""

_PARTS: Final = frozenset({"subject", "text", "html"})
_REQUIREMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*( ?[\[<>=!~@;( ][ -~]*)?")
_LONGEST_CALL: Final = 900


class _Rule(NamedTuple):
    """One attribute of the class: which values it takes, in code and in words."""

    attribute: str
    is_met: Callable[[Any], bool]
    meaning: str


def check(kind: object, name: str, source: str) -> type[Channel]:
    """The class that an entry point called `name` leads to: `DeclarationError` (CC133) unless it is a channel."""
    if not (isinstance(kind, type) and issubclass(kind, Channel)):
        raise _broken(f"{source} is no subclass of Channel", "name the class in the entry point")
    given = getattr(kind, "name", None)
    if given != name:
        raise _broken(f"{source} calls itself {given!r}", f"set name = {name!r} on the class")
    if not hasattr(kind, "content"):
        raise _broken(f"{source} does not name its content", "set content to the class that render() returns")
    for method in ("render", "sender"):
        if getattr(kind, method) is getattr(Channel, method):
            raise _broken(f"{source} has no {method}()", "define it on the class")
    for rule in _RULES:
        value = getattr(kind, rule.attribute)
        if not rule.is_met(value):
            message = f"{source} has {rule.attribute} = {value!r:.60}, which must be {rule.meaning}"
            raise _broken(message, "correct it on the class")
    _check_names(kind, source)
    return kind


def _check_names(kind: type[Channel], source: str) -> None:
    """Options of a channel share a table, and a decorator, with those of every notifier."""
    for field in fields(kind.options):
        if field.name in TAKEN:
            raise _broken(f"{source} has an option {field.name!r}, which every notifier has", "call it something else")


def _broken(message: str, hint: str) -> DeclarationError:
    return DeclarationError("CC133", message, hint=hint)


def nonsense(value: object, wanted: str) -> str:
    """What was returned, by its type alone, and what should have been."""
    return f"returned {kind_of(value)}, not {wanted}"


def _is_options(value: object) -> bool:
    parameters = getattr(value, "__dataclass_params__", None)
    return isinstance(value, type) and is_dataclass(value) and bool(getattr(parameters, "frozen", False))


def _is_content(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, (Mapping, str))


def _are(each: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A tuple or list of strings, each of which will do; a bare string is a list of letters."""
    return lambda value: isinstance(value, (tuple, list)) and all(isinstance(x, str) and each(x) for x in value)


def _is_module(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= _LONGEST_CALL


_RULES: Final = (
    _Rule("options", _is_options, "a frozen dataclass"),
    _Rule("content", _is_content, "a class, best a frozen dataclass on Content"),
    _Rule("requirements", _are(lambda each: bool(_REQUIREMENT.fullmatch(each))), 'such as ("pager>=1.2",)'),
    _Rule("modules", _are(_is_module), 'such as ("pager.client",)'),
    _Rule("recipients", _are(bool), "a tuple of addresses"),
    _Rule("parts", _are(_PARTS.__contains__), "a tuple out of 'subject', 'text' and 'html'"),
    _Rule("max_ambiguous", _is_count, "a whole number of at least 0"),
    _Rule("call_timeout", _is_time, f"seconds, at most {_LONGEST_CALL}"),
)
