"""From what a project asks for to the packages of its image: pinned, with hashes, for one target."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import asking
from cloud_cron_cli.deploy.images.lockfile import Pinned
from cloud_cron_cli.deploy.images.packages import OWN, Locked, Package, name_of, parsed, text_of
from cloud_cron_cli.deploy.images.targets import Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cloud_cron_cli.deploy.images.asking import Asked
    from cloud_cron_cli.deploy.images.lockfile import Lock
    from cloud_cron_cli.deploy.images.options import ImageOptions
    from cloud_cron_cli.deploy.images.tools import Tool, Tools

__all__ = ["Locked", "Package", "Target", "locked", "tool"]

_FORMAT: Final = "1"
"""Grows when the same question is answered otherwise."""


def locked(  # noqa: PLR0913 - what an image asks for, how strictly, and by which tools
    folder: Path,
    wanted: Sequence[str],
    options: ImageOptions,
    lock: Lock,
    *,
    upgrade: bool = False,
    frozen: bool = False,
    tools: Tools | None = None,
) -> tuple[Locked, Lock]:
    """The packages of the project's image, and the lock with them; unchanged inputs are answered by the lock alone.

    `wanted` is what the runtime and its channels need. Raises `ImageError`: CC862 to CC864; CC869 when `frozen` and
    the lock does not answer what is asked for.
    """
    target = Target(options.python, options.architecture)
    asked = asking.asked(folder, options.requirements)
    names = asked.names
    inputs, before = _inputs(asked, wanted, target), lock.dependencies.get(str(target))
    if before and before.inputs == inputs and not upgrade:
        return Locked(before.text, target, asked.options, names), lock
    if frozen:
        message = f"cloud-cron.lock does not answer {asked.source} for {target}"
        raise ImageError("CC869", message, hint="build once without --frozen, and keep the lock that it writes")
    from cloud_cron_cli.deploy.images.tools import Question  # noqa: PLC0415 - the lock answers most of the time

    resolver = tool(target, tools)
    asked = resolver.read(folder, asked)
    found = resolver.resolve(
        Question(folder, asked, tuple(wanted), target, before.text if before and not upgrade else "")
    )
    text = text_of(_trusted(package, asked) for package in found if package.name != OWN)
    return Locked(text, target, asked.options, names), _with(lock, target, Pinned(inputs, text))


def tool(target: Target, tools: Tools | None = None) -> Tool:
    """uv, else pip where it is good enough; `ImageError` CC864 when there is neither."""
    from cloud_cron_cli.deploy.images import tools as programs  # noqa: PLC0415 - the same
    from cloud_cron_cli.deploy.images.pip import Pip  # noqa: PLC0415 - the same
    from cloud_cron_cli.deploy.images.uv import Uv  # noqa: PLC0415 - the same

    there = tools or programs.Tools.found()
    if there.uv:
        return Uv(there.uv)
    if there.pip and target.is_here:
        return Pip(there.pip)
    why = "pip resolves for its own Python and platform alone" if there.pip else "pip is not there either"
    raise ImageError("CC864", f"packages for {target} need uv, which is not there; {why}", hint=programs.INSTALL_UV)


def _inputs(asked: Asked, wanted: Sequence[str], target: Target) -> str:
    """One name for everything that was asked; where packages are looked for is not part of it."""
    parts = [asked.requirements, asked.constraints, (asked.told,), sorted(wanted)]
    told = "\n\n".join([_FORMAT, str(target), *("\n".join(part) for part in parts)])
    return f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def _trusted(package: Package, asked: Asked) -> Package:
    """The package with no other hashes than those that the project gives, if it gives any: `ImageError` CC864."""
    lines = (line for line in (*asked.requirements, *asked.constraints) if name_of(line) == package.name)
    given = {sha256 for line in lines for said in parsed(line) for sha256 in said.hashes}
    if not given:
        return package
    good = tuple(sha256 for sha256 in package.hashes if sha256 in given)
    if not good:
        message = f"the index has other files of {package.name} {package.version} than {asked.source} says"
        raise ImageError("CC864", message, hint="somebody has changed one of them: find out who, before you go on")
    return package._replace(hashes=good)


def _with(lock: Lock, target: Target, pinned: Pinned) -> Lock:
    """The lock with these packages; those of other versions of Python leave it."""
    same = {name: each for name, each in lock.dependencies.items() if name.startswith(f"{target.python}-")}
    return lock._replace(python=target.python, dependencies={**same, str(target): pinned})
