"""uv: resolves and installs for any Python and platform."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.asking import wheel
from cloud_cron_cli.deploy.images.packages import OWN, lines, parsed
from cloud_cron_cli.deploy.images.tools import no_room, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloud_cron_cli.deploy.images.asking import Asked
    from cloud_cron_cli.deploy.images.packages import Locked, Package
    from cloud_cron_cli.deploy.images.targets import Target
    from cloud_cron_cli.deploy.images.tools import Question

_EXPORT: Final = ("export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-header", "--no-annotate")
_COMPILE: Final = ("pip", "compile", "--generate-hashes", "--no-header", "--no-annotate")
_INSTALL: Final = ("pip", "install", "--require-hashes", "--no-deps", "--no-compile", "--link-mode", "copy")
_NO_WHEEL: Final = re.compile(r"has no usable wheels|has no wheels with a matching|building from source is disabled")
_WHICH: Final = re.compile(r"([A-Za-z0-9._-]+?)(?:==\S+)? has no (?:usable )?wheels|Wheels are required for `([^`]+)`")
_NO_REQUIREMENT: Final = re.compile(r"Couldn't parse|: Unexpected '")
_NO_NETWORK: Final = "network was disabled"


class Uv(NamedTuple):
    """uv, by the command that starts it."""

    command: tuple[str, ...]

    def read(self, folder: Path, asked: Asked) -> Asked:
        """What uv's own lock says: without what only cloud-cron needs, whose versions stay as constraints."""
        if not asked.exported:
            return asked
        wanted = self._exported(folder, asked.source, "--prune", OWN)
        versions = self._exported(folder, asked.source, "--no-emit-package", OWN)
        return asked._replace(requirements=wanted, constraints=versions)

    def resolve(self, question: Question) -> tuple[Package, ...]:
        """A version and every hash of each package; versions chosen before are kept while they fit."""
        asked, target = question.asked, question.target
        with TemporaryDirectory(prefix="cloud-cron-") as name:
            room = Path(name)
            _write(room / "wanted.txt", [*asked.options, *asked.requirements, *question.wanted])
            _write(room / "constraints", asked.constraints)
            _write(room / "left-out", [OWN])
            (room / "chosen.txt").write_text(question.before, encoding="utf-8")
            command = [*self.command, *_COMPILE, *_target(target), str(room / "wanted.txt")]
            command += ["--constraints", str(room / "constraints"), "--excludes", str(room / "left-out")]
            command += ["--output-file", str(room / "chosen.txt"), "--quiet"]
            self._run(command, question.folder, f"{asked.source} for {target}", room)
            return parsed((room / "chosen.txt").read_text(encoding="utf-8"))

    def install(self, locked: Locked, folder: Path, into: Path) -> None:
        """The files as uv lays them."""
        with TemporaryDirectory(prefix="cloud-cron-") as name:
            room = Path(name)
            _write(room / "locked.txt", [*locked.options, locked.text])
            command = [*self.command, *_INSTALL, *_target(locked.target), "--target", str(into), "--quiet"]
            self._run([*command, "--requirements", str(room / "locked.txt")], folder, str(locked.target), room)

    def _exported(self, folder: Path, source: str, *which: str) -> tuple[str, ...]:
        """The lock of uv as lines of a requirements file."""
        project = str((folder / source).parent)
        command = [*self.command, *_EXPORT, "--quiet", "--python", sys.executable, "--project", project, *which]
        return tuple(wheel(line, source) for line in lines(self._run(command, folder, source, folder)))

    def _run(self, command: Sequence[str], folder: Path, what: str, room: Path) -> str:
        done = run(command, folder)
        if done.status == 0:
            return done.out
        raise _failure(what, _readable(done.err, room))


def _readable(told: str, room: Path) -> str:
    """What uv says, without the names of our own files; a line of theirs is none of the project's."""
    return re.sub(r"`wanted\.txt`|\bwanted\.txt(:\d+)+", "what is wanted", told.replace(f"{room}/", ""))


def _target(target: Target) -> list[str]:
    return [
        *("--python", sys.executable, "--only-binary", ":all:"),
        *("--python-version", target.python, "--python-platform", target.platform),
    ]


def _write(path: Path, texts: Iterable[str]) -> None:
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


def _failure(what: str, told: str) -> ImageError:
    """What uv says, under the code that it belongs to."""
    explained = "\n".join(line for line in told.splitlines() if not line.startswith("warning:"))
    if full := no_room(explained):
        return full
    if _NO_WHEEL.search(told):
        names = sorted({first or second for first, second in _WHICH.findall(told)})
        hint = "choose a version that has one, or another package: nothing is compiled for an image"
        message = f"there is no wheel of {', '.join(names) or 'a dependency'} for {what}:\n{explained}"
        return ImageError("CC862", message, hint=hint)
    if _NO_NETWORK in told:
        return ImageError("CC864", f"uv may not use the network:\n{explained}", hint="allow it, or keep the lock")
    if _NO_REQUIREMENT.search(told):
        return ImageError("CC863", f"what {what} asks for cannot be read:\n{explained}", hint="correct it")
    if "No solution found" in told:
        message = f"the dependencies of {what} cannot be had together:\n{explained}"
        return ImageError("CC863", message, hint="change one of them, or look for a mistyped name")
    if "unexpected argument" in told:
        return ImageError("CC864", f"this uv is too old:\n{explained}", hint="`uv self update`, or `pip install -U uv`")
    hint = "look at the index and its credentials, which uv takes from UV_INDEX_URL and its own settings"
    return ImageError("CC864", f"uv failed for {what}:\n{explained}", hint=hint)
