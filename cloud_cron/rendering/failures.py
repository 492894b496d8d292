"""What went wrong in a template, with its place: every error of Jinja becomes a `RenderError`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from cloud_cron.errors import RenderError, closest
from cloud_cron.rendering.budget import TooMuch
from cloud_cron.rendering.sandbox import UndefinedNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOTHING: Final[Mapping[str, Any]] = {}
_LISTED: Final = 20


@contextmanager
def told(label: str, where: str | None = None, variables: Mapping[str, Any] = _NOTHING) -> Iterator[None]:
    """Turn whatever is raised in here into a `RenderError`.

    `where` is the place of an inline template, whose own lines are told in the message; a file tells its place itself.
    """
    try:
        yield
    except RenderError:
        raise
    except (Exception, RecursionError) as error:
        file, line = _place(error)
        inline = where is not None and file in {None, label}
        source = f"{label} line {line}" if inline and line else label
        place = where if inline else f"{file}:{line}" if file else where
        raise _translated(error, source, place, variables) from error


def not_found(name: str, place: str | None) -> RenderError:
    """A template that is not there: CC401."""
    hint = "templates are read from the app's own folder of templates, and from nowhere else"
    return RenderError("CC401", f"there is no template {name!r}", where=place, hint=hint)


def _translated(error: Exception, source: str, place: str | None, variables: Mapping[str, Any]) -> RenderError:
    match error:
        case TemplateNotFound():
            return not_found(str(error.name or error), place)
        case TemplateSyntaxError():
            message = f"{source}: {error.message or 'cannot be read'}"
            return RenderError("CC402", message, where=place, hint=_syntax_hint(error.message or ""))
        case UndefinedNameError(name=str()):
            return _undefined(error, source, place, variables)
        case UndefinedError():
            hint = "test it first, such as with {% if rows %}"
            return RenderError("CC403", f"{source}: {error.message}", where=place, hint=hint)
        case SecurityError():
            hint = "templates show values; do the work in the notifier and pass its result"
            return RenderError("CC404", f"{source}: {error.message}", where=place, hint=hint)
        case TooMuch() | OverflowError() | MemoryError() | RecursionError():
            what = str(error) if isinstance(error, TooMuch) else "it repeats or nests without end"
            hint = "templates show values; do the work in the notifier and pass its result"
            return RenderError("CC405", f"{source} goes too far: {what}", where=place, hint=hint)
        case SyntaxError():
            message = f"{source} is nested too deeply"
            return RenderError("CC402", message, where=place, hint="divide it with include")
        case _:
            kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
            hint = "test the value first, such as {% if value is number %}"
            return RenderError("CC406", f"{source} fails: {kind}{error}", where=place, hint=hint)


def _undefined(error: UndefinedNameError, source: str, place: str | None, variables: Mapping[str, Any]) -> RenderError:
    """An undefined name, with those that are there: CC403."""
    name, owner = str(error.name), error.owner
    if owner is None:
        known, what = sorted(map(str, variables)), f"{name!r} is undefined"
    elif isinstance(owner, Mapping):
        known, what = sorted(map(str, owner)), f"there is no key {name!r}"
    else:
        known, what = [], f"{type(owner).__name__} has no {name!r}"
    near = closest(name, known)
    listed = f"known: {', '.join(known[:_LISTED])}{', ...' if len(known) > _LISTED else ''}" if known else None
    hint = f"did you mean {near!r}? {listed}" if near else listed
    absent = "write {{ name|default('') }} if it may be absent"
    return RenderError("CC403", f"{source}: {what}", where=place, hint=hint or absent)


def _syntax_hint(message: str) -> str:
    """The closest filter or test when one is unknown, else what the language looks like."""
    found = re.match(r"No (filter|test) named '([^']*)'", message)
    if not found:
        return "a value stands in {{ }}, a statement in {% %}, and each {% for %} or {% if %} has its end"
    near = closest(found[2], FILTERS if found[1] == "filter" else TESTS)
    return f"did you mean {near!r}?" if near else f"the known {found[1]}s are those of Jinja, and safe_url"


def _place(error: BaseException) -> tuple[str | None, int]:
    """File and line of a mistake: a syntax error says so, any other is found in the last frame of a template."""
    if isinstance(error, TemplateSyntaxError):
        return error.filename or error.name, error.lineno
    found: tuple[str | None, int] = (None, 0)
    trace = error.__traceback__
    while trace:
        # Jinja puts frames of the template's own lines into the traceback, and marks them so.
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return found
