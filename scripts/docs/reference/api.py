"""The public names of the library, from their signatures and docstrings."""

from __future__ import annotations

import inspect
from datetime import datetime
from typing import TYPE_CHECKING, Any

import cloud_cron
from cloud_cron import errors, schedules, testing
from scripts.docs.reference import codes, plugin
from scripts.docs.reference.writing import block, docstring, joined, sentence, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def page() -> str:
    """The page of the API."""
    return joined(
        "# API",
        "The public names. What begins with `_`, or stands in no list here, may change without notice.",
        _module(cloud_cron),
        _module(testing),
        plugin.section(),
        _module(schedules),
        _errors(),
    )


def _module(module: ModuleType) -> str:
    return joined(
        f"## {module.__name__}",
        docstring(module).split("\n\n")[0],
        *(_name(name, getattr(module, name)) for name in module.__all__),
    ).rstrip()


def _name(name: str, thing: Any) -> str:  # noqa: ANN401 - whatever is public
    if not inspect.isclass(thing):
        is_call = inspect.isroutine(thing)
        said = docstring(thing if is_call else type(thing))
        return joined(f"### {name}", block(_signature(name, thing), "python") if is_call else "", said).rstrip()
    return joined(
        f"### {name}",
        block(_signature(name, thing), "python") if _is_made_by_users(thing) else "",
        docstring(thing),
        *(_member(name, *member) for member in _members(thing)),
    ).rstrip()


def _is_made_by_users(kind: type) -> bool:
    """Whether calling it means something: a protocol, and a class to inherit from, are not made."""
    return bool(inspect.signature(kind).parameters) and not getattr(kind, "_is_protocol", False)


def _member(owner: str, name: str, thing: object) -> str:
    """A method or property; a short signature stands in the line of its meaning."""
    if isinstance(thing, property):
        return f"**`{name}`**: {docstring(thing)}"
    call = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
    signature = _signature(name, call)
    if "\n" in signature:
        return joined(f"**`{owner}.{name}`**", block(signature, "python"), docstring(call)).rstrip()
    return f"**`{signature}`**: {docstring(call)}"


def _members(kind: type) -> Iterator[tuple[str, object]]:
    """What a class defines itself, and says what it is."""
    for name, thing in vars(kind).items():
        is_told = isinstance(thing, property | classmethod | staticmethod) or inspect.isfunction(thing)
        if is_told and not name.startswith("_") and docstring(thing):
            yield name, thing


def _signature(name: str, thing: Any) -> str:  # noqa: ANN401 - anything that can be called
    """Its parameters, on one line when they fit."""
    signature = inspect.signature(thing)
    if [*signature.parameters] == ["args", "given"]:  # a value of ours, whose fields stand in its class
        return _fitted(name, [f"{field}: {kind}" for field, kind in _fields(thing)], "")
    given = [
        each
        for each in signature.parameters.values()
        if each.name not in {"self", "cls"} and each.annotation != "Never"
    ]
    named = [number for number, each in enumerate(given) if each.kind is each.KEYWORD_ONLY]
    is_open = any(each.kind is each.VAR_POSITIONAL for each in given)
    shown = [_parameter(each) for each in given]
    starred = shown if not named or is_open else [*shown[: named[0]], "*", *shown[named[0] :]]
    result = "" if inspect.isclass(thing) else f" -> {_type(signature.return_annotation)}"
    return _fitted(name, starred, result)


def _fields(kind: type) -> Iterator[tuple[str, str]]:
    """The public fields of a value, with their types."""
    for name, annotation in kind.__annotations__.items():
        if not name.startswith("_"):
            yield name, str(annotation)


def _parameter(given: inspect.Parameter) -> str:
    """One parameter as it is written."""
    mark = "*" if given.kind is given.VAR_POSITIONAL else "**" if given.kind is given.VAR_KEYWORD else ""
    default = "" if given.default is given.empty else f" = {_default(given.default)}"
    return f"{mark}{given.name}: {_type(given.annotation)}{default}"


def _default(value: object) -> str:
    """A default; one that is made anew each time is left open."""
    return "..." if "factory" in repr(value) or isinstance(value, datetime) else repr(value)


def _fitted(name: str, parameters: list[str], result: str) -> str:
    line = f"{name}({', '.join(parameters)}){result}"
    if len(line) <= 88:  # noqa: PLR2004 - what fits on a page
        return line
    return f"{name}(\n" + "".join(f"    {each},\n" for each in parameters) + f"){result}"


def _type(given: Any) -> str:  # noqa: ANN401 - whatever stands in an annotation
    return given if isinstance(given, str) else getattr(given, "__forward_arg__", None) or given.__name__


def _errors() -> str:
    kinds = [thing for thing in vars(errors).values() if inspect.isclass(thing) and issubclass(thing, BaseException)]
    carried = codes.by_class()
    rows = [
        (
            f"`{kind.__name__}`",
            ", ".join(f"`{base.__name__}`" for base in kind.__bases__),
            sentence(kind),
            codes.spans(carried.get(kind.__name__, ())),
        )
        for kind in kinds
        if kind.__module__ == errors.__name__
    ]
    return joined(
        "## cloud_cron.errors",
        "A `CloudCronError` has `code`, `message`, `where` and `hint`. Its codes are those that are named where one is "
        "made, [listed by number](../errors.md). What functions of yours raise is never wrapped in one.",
        table(["error", "is", "meaning", "codes"], rows),
    ).rstrip()
