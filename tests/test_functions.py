"""Functions of users: which shapes are taken, and how they are called."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest

from cloud_cron.errors import DeclarationError, ResultError
from cloud_cron.functions import caller, checked, named


def call(function: Any, argument: object = "run") -> Any:
    return checked(function, "task", "Run")(argument)


class Waiting:
    """An object whose call is a coroutine."""

    async def __call__(self, run):
        await asyncio.sleep(0)
        return run


class Yielding:
    """An object whose call is a generator."""

    def __call__(self, run):
        yield run


async def waits(run):
    await asyncio.sleep(0)
    return run


def test_a_function_is_given_its_argument_when_it_takes_one():
    assert call(lambda run: run) == "run"
    assert call(lambda: "nothing") == "nothing"
    assert call(lambda run=None: run) == "run"
    assert call(lambda *runs: runs) == ("run",)
    assert call(lambda run, /: run) == "run"
    assert call(lambda *, limit=5: limit) == 5
    assert call(lambda **options: options) == {}
    assert call(lambda run, limit=5: (run, limit)) == ("run", 5)
    assert call(functools.partial(lambda first, run: (first, run), 1)) == (1, "run")


@pytest.mark.parametrize("function", [waits, Waiting(), functools.partial(waits)])
def test_a_coroutine_is_run_to_its_end(function):
    assert call(function) == "run"


def test_a_coroutine_is_run_inside_a_running_loop_too():
    async def outer():
        return call(waits)

    assert asyncio.run(outer()) == "run"


def test_the_exception_of_a_coroutine_comes_through():
    async def fails():
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        call(fails)


@pytest.mark.parametrize("given", [None, 5, "f", staticmethod(waits), classmethod(waits)])
def test_what_is_no_function(given):
    with pytest.raises(DeclarationError) as caught:
        checked(given, "task", "Run")

    assert caught.value.code == "CC711"
    assert f"a task must be a function, not {type(given).__name__}" in caught.value.message
    assert caught.value.hint


def test_a_decorator_in_the_wrong_order_is_told_where_to_stand():
    with pytest.raises(DeclarationError) as caught:
        checked(staticmethod(waits), "task", "Run")

    assert caught.value.hint == "put this decorator below the others, next to the def"


async def _yields_later(run):
    yield run


def _yields(run):
    yield run


@pytest.mark.parametrize("generator", [_yields, _yields_later, functools.partial(_yields), Yielding()])
def test_a_generator_is_refused(generator):
    with pytest.raises(DeclarationError) as caught:
        checked(generator, "task", "Run")

    assert caught.value.code == "CC710"
    assert "is a generator" in caught.value.message
    assert caught.value.hint == "return one value instead of yielding"


class Holder:
    """A class with methods."""

    def method(self, run):
        return run

    @classmethod
    def of_class(cls, run):
        return run


def test_a_method_is_a_function_once_it_is_bound():
    assert call(Holder().method) == "run"
    assert call(Holder.of_class) == "run"
    with pytest.raises(DeclarationError, match=r"CC711 Holder\.method is a method"):
        checked(Holder.method, "task", "Run")


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda run, limit: None, "needs 2 arguments (run, limit); it is given one Run, or nothing"),
        (lambda *, run: None, "needs 1 arguments (run)"),
        (lambda run, *, limit: None, "needs 2 arguments (run, limit)"),
    ],
)
def test_arguments_that_nobody_would_give(function, text):
    with pytest.raises(DeclarationError) as caught:
        checked(function, "task", "Run")

    assert caught.value.code == "CC711"
    assert text in caught.value.message
    assert caught.value.hint == "write def name(run: Run)"


def test_the_hint_is_that_of_the_kind():
    with pytest.raises(DeclarationError) as caught:
        checked(lambda a, b: None, "notifier", "Message")

    assert caught.value.hint == "write def name(message: Message)"


def test_a_class_is_not_a_function():
    with pytest.raises(DeclarationError, match="CC711 a task must be a function, not the class Holder"):
        checked(Holder, "task", "Run")


def test_a_function_of_c_that_hides_its_arguments():
    with pytest.raises(DeclarationError, match="CC711 a task must be a function, and max does not say"):
        checked(max, "task", "Run")


def test_names():
    def task():
        return None

    assert named(task) == "task"
    assert named(functools.wraps(task)(lambda run: None)) == "task"
    for nameless in (lambda: None, functools.partial(task), Waiting()):
        with pytest.raises(DeclarationError, match="CC110"):
            named(nameless)


@pytest.mark.parametrize(
    ("package", "name", "file", "place"),
    [
        ("jobs.weather", "jobs.weather.app", "/home/ada/jobs/weather/app.py", "jobs/weather/app.py:1"),
        ("", "app", "/home/ada/app.py", "app.py:1"),
        (None, "__main__", "/home/ada/app.py", "app.py:1"),
        ("jobs", "__main__", "/home/ada/jobs/__main__.py", "__main__.py:1"),
        ("jobs", "jobs.app", "C:\\Users\\ada\\jobs\\app.py", "jobs/app.py:1"),
        (None, "x", "<string>", "<string>:1"),
    ],
)
def test_a_place_is_spelt_the_same_on_every_machine(package, name, file, place):
    scope = {"__package__": package, "__name__": name, "caller": caller}
    exec(compile("place = caller(1)", file, "exec"), scope)  # noqa: S102 - a file of that name is pretended

    assert scope["place"] == place


@pytest.mark.parametrize("code", [0, 3, "no such table"])
def test_a_function_that_would_end_the_program_is_refused(code):
    def leave():
        raise SystemExit(code)

    with pytest.raises(ResultError) as caught:
        checked(leave, "task", "Run")(None)

    assert caught.value.code == "CC205"
    assert f"sys.exit({code!r})" in caught.value.message
    assert caught.value.hint
