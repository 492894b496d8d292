"""The user's functions: what shape they may have, where they stand, and how they are called."""

from __future__ import annotations

import sys
from types import CoroutineType, FunctionType

from cloud_cron.errors import DeclarationError, ResultError

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Parameter
    from types import FrameType
    from typing import Any, Final, TypeGuard

_UNUSUAL: Final = 0x04 | 0x08 | 0x20 | 0x200
"""Flags of code with *args, with **kwargs, of a generator and of an asynchronous one (inspect, "Code Objects")."""


class Function:
    """A declared function and whether it wants its argument."""

    def __init__(self, call: Callable[..., Any], *, takes_argument: bool) -> None:
        """Keep both."""
        self.call = call
        self.takes_argument = takes_argument

    def __call__(self, argument: object) -> Any:  # noqa: ANN401 - whatever the user returns
        """The function's result; a coroutine is run to its end in an event loop of its own.

        Raises what the function raises; that it would end the program is a `ResultError` (CC205).
        """
        try:
            result = self.call(argument) if self.takes_argument else self.call()
            return _completed(result) if isinstance(result, CoroutineType) else result
        except SystemExit as end:
            message = f"{_name(self.call)} called sys.exit({end.code!r})"
            raise ResultError(
                "CC205", message, hint="return when there is no more to do, raise when it failed"
            ) from end


def checked(function: object, kind: str, argument: str) -> Function:
    """The function, once its shape is known to be callable by the runtime: CC710, CC711.

    `kind` is `task` or `notifier`, `argument` the type it is given (`Run`, `Message`).
    """
    if _is_plain(function):
        return Function(function, takes_argument=function.__code__.co_argcount == 1)
    wanted = f"write def name({argument.lower()}: {argument})"
    if isinstance(function, (staticmethod, classmethod)) or not callable(function):
        message = f"a {kind} must be a function, not {type(function).__name__}"
        hint = "put this decorator below the others, next to the def" if function is not None else wanted
        raise DeclarationError("CC711", message, hint=hint)
    if _is_generator(function) or _is_generator(getattr(function, "__call__", None)):  # noqa: B004 - looked into
        raise DeclarationError(
            "CC710", f"{_name(function)} is a generator", hint="return one value instead of yielding"
        )
    if isinstance(function, type):
        raise DeclarationError("CC711", f"a {kind} must be a function, not the class {function.__name__}", hint=wanted)
    parameters = _parameters(function, kind, wanted)
    if parameters and parameters[0].name in {"self", "cls"}:
        message = f"{_name(function)} is a method; a {kind} must be a function at module level"
        raise DeclarationError("CC711", message, hint=wanted)
    positional = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    needed = [p for p in parameters if p.default is p.empty and p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}]
    if len(needed) > 1 or any(p.kind is p.KEYWORD_ONLY for p in needed):
        names = ", ".join(p.name for p in needed)
        message = f"{_name(function)} needs {len(needed)} arguments ({names}); it is given one {argument}, or nothing"
        raise DeclarationError("CC711", message, hint=wanted)
    takes = bool(positional) or any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return Function(function, takes_argument=takes)


def _is_plain(function: object) -> TypeGuard[FunctionType]:
    """Whether it is a def with at most one argument and nothing else to it, as nearly all are: no need to `inspect`."""
    if type(function) is not FunctionType or function.__dict__ or function.__defaults__:
        return False
    code = function.__code__
    bare = not code.co_kwonlyargcount and not code.co_flags & _UNUSUAL
    return bare and code.co_argcount <= 1 and code.co_varnames[: code.co_argcount] not in {("self",), ("cls",)}


def named(function: object) -> str:
    """The function's own name, which is its identity unless `name=` says otherwise: CC110 when it has none."""
    name = getattr(function, "__name__", None)
    if not isinstance(name, str) or name == "<lambda>":
        message = f"{type(function).__name__ if name is None else 'a lambda'} has no name to be known by"
        raise DeclarationError("CC110", message, hint="give one with name=")
    return name


def caller(depth: int) -> str:
    """Where the code `depth` frames up stands: `jobs/weather.py:12`, the same on every machine."""
    frame: FrameType = sys._getframe(depth)  # noqa: SLF001 - the documented way to a caller's line
    file = frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    package = frame.f_globals.get("__package__") or ""
    folders = package.split(".") if package and frame.f_globals.get("__name__") != "__main__" else []
    return f"{'/'.join([*folders, file])}:{frame.f_lineno}"


def _parameters(function: Callable[..., Any], kind: str, wanted: str) -> list[Parameter]:
    import inspect  # noqa: PLC0415 - only what is unusual pays for it

    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        message = f"a {kind} must be a function, and {_name(function)} does not say what arguments it takes"
        raise DeclarationError("CC711", message, hint=wanted) from None


def _is_generator(function: object) -> bool:
    import inspect  # noqa: PLC0415 - only what is unusual pays for it

    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def _name(function: object) -> str:
    return getattr(function, "__qualname__", None) or type(function).__name__


def _completed(coroutine: Any) -> Any:  # noqa: ANN401 - whatever the user returns
    """Run the coroutine to its end, in another thread when this one is inside an event loop already."""
    import asyncio  # noqa: PLC0415 - only async functions pay for it

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
