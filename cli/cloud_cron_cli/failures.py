"""What a failure says: what and where and what to do, in two or three lines, and the exit code.

A traceback of ours is shown only with `--debug`; the user's own is shown always, without our frames.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cloud_cron_cli.diagnostics import ERROR, Diagnostic, from_error, tell
from cloud_cron_cli.output import emit, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron.errors import CloudCronError
    from cloud_cron_cli.options import Choices

DONE: Final = 0
FAILED: Final = 1
MISUSED: Final = 2
_ON_THE_WAY: Final = frozenset({"CC864", "CC870", "CC871", "CC873", "CC874", "CC875", "CC876", "CC879", "CC885"})
"""Codes of an `ImageError` that another time or another network may not have."""


def report(error: Exception, choices: Choices) -> int:
    """Tell a failure on stderr; the exit code that it stands for."""
    from cloud_cron.errors import CloudCronError, LoadError  # noqa: PLC0415 - only a failure pays for it

    if choices.debug:
        emit("".join(traceback.format_exception(error)).rstrip(), sys.stderr)
    match error:
        case CloudCronError():
            if isinstance(error, LoadError) and error.__cause__:
                tell_user_traceback(error.__cause__)
            tell(from_error(error), sys.stderr)
            return _code(error)
        case click.ClickException():
            tell(Diagnostic(ERROR, None, error.format_message(), hint=_usage_hint(error)), sys.stderr)
            return MISUSED
        case _:
            message = f"unexpected {type(error).__name__}: {error}"
            hint = None if choices.debug else "this is a fault of cloud-cron itself; --debug shows where"
            tell(Diagnostic(ERROR, None, message, hint=hint), sys.stderr)
            return FAILED


def unknown_command(name: str, known: Iterable[str], ctx: click.Context) -> click.UsageError:
    """A command that does not exist, with the closest one."""
    from cloud_cron.errors import closest  # noqa: PLC0415 - only a mistake pays for it

    near = closest(name, known)
    error = click.UsageError(f"there is no command {name!r}", ctx)
    error.hint = f"did you mean `{ctx.command_path} {near}`?" if near else None  # type: ignore[attr-defined]
    return error


def tell_user_traceback(error: BaseException) -> None:
    """The traceback of what a user's code raised, as Python shows it, without our own frames and Python's importer."""
    for line in user_traceback(error):
        emit(line, sys.stderr)


def user_traceback(error: BaseException) -> list[str]:
    """The lines of that traceback."""
    from cloud_cron.runtime.redacting import redacted  # noqa: PLC0415 - only a failure pays for it

    told = traceback.TracebackException.from_exception(error)
    links: list[traceback.TracebackException | None] = [told]
    for link in links:
        if link is not None:
            link.stack[:] = [frame for frame in link.stack if not is_ours(frame.filename)]
            links += [link.__cause__, link.__context__, *(link.exceptions or [])]
    return [visible(line) for line in redacted("".join(told.format())).rstrip().splitlines()]


def is_ours(file: str) -> bool:
    """Whether a frame in that file is ours, or Python's importer's between us and the user's module."""
    import cloud_cron  # noqa: PLC0415 - only a failure pays for it

    ours = (Path(cloud_cron.__file__).parent, Path(__file__).parent)
    path = Path(file)
    return (
        file.startswith("<frozen importlib") or path == Path(_importer()) or any(home in path.parents for home in ours)
    )


def _importer() -> str:
    """The file of `import_module`, which stands between us and the user's module."""
    import importlib  # noqa: PLC0415 - beside its one use

    return importlib.__file__


def _code(error: CloudCronError) -> int:
    """1 for what went wrong on the way, 2 for what could not have gone well."""
    from cloud_cron import errors  # noqa: PLC0415 - only a failure pays for it

    failed = (errors.BusError, errors.DeployError, errors.RenderError, errors.ResultError, errors.StoreError)
    on_the_way = isinstance(error, errors.ImageError) and error.code in _ON_THE_WAY
    return FAILED if on_the_way or isinstance(error, failed) else MISUSED


def _usage_hint(error: click.ClickException) -> str:
    """The remedy of a mistake on the command line: our own, else click's suggestion, else the command's help."""
    own = getattr(error, "hint", None)
    if own:
        return str(own)
    ctx = getattr(error, "ctx", None)
    return f"see `{ctx.command_path if ctx else 'cloud-cron'} --help`"
