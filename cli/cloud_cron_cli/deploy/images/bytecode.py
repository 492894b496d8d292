"""Compiles the files of a layer: without bytecode every cold start would compile them anew, on a disk for reading only.

`.pyc` files of the kind that is never compared with its source, since nothing in an image changes (PEP 552).
"""

from __future__ import annotations

import marshal
import os
import subprocess
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import compiler
from cloud_cron_cli.deploy.images.interpreters import interpreter
from cloud_cron_cli.deploy.images.layers import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORTH_TWO: Final = 1 << 20
"""Bytes of source from which a second process is ready before the first one would be."""


class Failure(NamedTuple):
    """A file that does not compile, by its path in the image, and why."""

    path: str
    error: SyntaxError


class Compiled(NamedTuple):
    """The bytecode as files to lay beside the others, and what is no Python of this version."""

    entries: tuple[Entry, ...]
    failures: tuple[Failure, ...]


def compiled(entries: Sequence[Entry], python: str) -> Compiled:
    """The bytecode of those that are Python, for a version such as 3.13.

    `ImageError` CC868 without an interpreter of that version, or when it breaks off.
    """
    sources = [entry for entry in entries if entry.path.endswith(".py")]
    if not sources:
        return Compiled((), ())
    tag = f"cpython-{python.replace('.', '')}"
    done, failed = [], []
    for source, result in zip(sources, _results(sources, interpreter(python)), strict=True):
        if isinstance(result, bytes):
            done.append(Entry(_beside(source.path, tag), result))
        else:
            failed.append(Failure(source.path, _syntax_error(source.path, *result)))
    return Compiled(tuple(done), tuple(failed))


def _beside(path: str, tag: str) -> str:
    """Where Python looks for the bytecode of a file (PEP 3147)."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def _results(sources: Sequence[Entry], program: str) -> list[Any]:
    """What became of each, in their order; every processor takes its share of what is much."""
    shares = (os.cpu_count() or 1) if sum(map(_size, sources)) > _WORTH_TWO else 1
    if shares == 1:
        return _run(program, sources)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - an app is rarely so large

    with ThreadPoolExecutor(shares) as pool:
        parts = list(pool.map(lambda share: _run(program, sources[share::shares]), range(shares)))
    return [parts[at % shares][at // shares] for at in range(len(sources))]


def _run(program: str, sources: Sequence[Entry]) -> list[Any]:
    wanted = [(f"/{each.path}", each.data if isinstance(each.data, bytes) else str(each.data)) for each in sources]
    command = [program, "-I", "-S", "-W", "ignore", compiler.__file__]
    done = subprocess.run(command, input=marshal.dumps(wanted, 2), capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        message = f"{program} broke off while it compiled: {last or f'exit code {done.returncode}'}"
        raise ImageError("CC868", message, hint="see that it runs by itself, and that memory and disk have room")
    results: list[Any] = marshal.loads(done.stdout)  # noqa: S302 - from a program that we started
    return results


def _size(entry: Entry) -> int:
    return len(entry.data) if isinstance(entry.data, bytes) else entry.data.stat().st_size


def _syntax_error(path: str, message: str, line: int, column: int, text: str) -> SyntaxError:
    return SyntaxError(message, (path, line or None, column or None, text or None))
