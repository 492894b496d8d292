"""Every public name says what it is, and which of our errors it raises itself."""

from __future__ import annotations

import ast
import inspect
import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import cloud_cron
from cloud_cron import errors, schedules, testing
from tests.test_docs import in_page

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = r"CC\d{3}"
CONSTRUCTORS = ("__init__", "__post_init__")
OURS = {name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, Exception)}


class Public(NamedTuple):
    """A function, method or property that users may call; a constructor is told of by its class, too."""

    name: str
    function: Any
    said: str


def public() -> Iterator[Public]:
    for module in (cloud_cron, testing, schedules):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing):
                yield from of_class(thing)
            elif inspect.isroutine(thing):
                yield Public(name, thing, thing.__doc__ or "")


def of_class(kind: type) -> Iterator[Public]:
    for name, thing in vars(kind).items():
        found: Any = getattr(thing, "fget", None) or getattr(thing, "__func__", None) or thing
        if not inspect.isfunction(found) or not found.__code__.co_filename.endswith(".py"):
            continue  # dataclasses write constructors of their own
        if name in CONSTRUCTORS:
            yield Public(f"{kind.__name__}.{name}", found, f"{found.__doc__ or ''} {kind.__doc__}")
        elif not name.startswith("_"):
            yield Public(f"{kind.__name__}.{name}", found, found.__doc__ or "")


PUBLIC = list(public())


def raised(function: Any) -> Iterator[tuple[str, str]]:
    """Class and code of every error of ours that the body of a function makes."""
    yield from made(ast.parse(dedent(inspect.getsource(function))))


def made(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(code)), *_]) if kind in OURS:
                if re.fullmatch(CODE, code):
                    yield kind, code


@pytest.mark.parametrize("found", PUBLIC, ids=lambda found: found.name)
def test_what_is_public_begins_with_a_sentence(found):
    first = inspect.cleandoc(found.said).split("\n\n")[0]

    assert re.match(r"[A-Z`]", first), found.name
    assert first.rstrip().endswith("."), found.name


@pytest.mark.parametrize("found", PUBLIC, ids=lambda found: found.name)
def test_what_is_public_names_the_errors_that_it_raises_itself(found):
    """Name each error of ours, and its code, in the docstring."""
    missing = {part for pair in raised(found.function) for part in pair if part not in found.said}

    assert missing == set()


def test_an_error_that_is_not_named_would_be_found():
    body = 'def f():\n    def g():\n        raise DeclarationError("CC113", "no")\n    raise ValueError("CC999")\n'

    assert list(made(ast.parse(body))) == [("DeclarationError", "CC113")]


def test_codes_that_docstrings_name_exist():
    known = {code for code, _ in in_page()}
    texts = {found.name: found.said for found in PUBLIC} | {
        name: getattr(module, name).__doc__ or ""
        for module in (cloud_cron, testing, schedules)
        for name in module.__all__
    }

    assert {
        (name, code) for name, text in texts.items() for code in re.findall(CODE, text) if code not in known
    } == set()


def test_constructors_and_methods_are_among_what_is_public():
    assert {"CloudCron.__init__", "CloudCron.schedule", "Schedule.next", "CronRunner.outbox", "describe"} <= {
        found.name for found in PUBLIC
    }
