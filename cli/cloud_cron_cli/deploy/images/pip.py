"""pip: where there is no uv, for the Python and the platform that run this, and for no other.

pip decides conditions such as `python_version < "3.13"` by the interpreter that runs it, whatever it is told to
install for.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.packages import OWN, Package, canonical
from cloud_cron_cli.deploy.images.tools import INSTALL_UV, no_room, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.images.asking import Asked
    from cloud_cron_cli.deploy.images.packages import Locked
    from cloud_cron_cli.deploy.images.targets import Target
    from cloud_cron_cli.deploy.images.tools import Question

_INSTALL: Final = ("install", "--quiet", "--disable-pip-version-check", "--ignore-installed", "--only-binary", ":all:")
_UNREACHABLE: Final = ("Connection", "Could not fetch URL", "Max retries", "timed out", "HTTP error")
_OLD_LINUX: Final = ("manylinux2014", "manylinux2010", "manylinux1")


class Pip(NamedTuple):
    """pip, by the command that starts it."""

    command: tuple[str, ...]

    def read(self, folder: Path, asked: Asked) -> Asked:  # noqa: ARG002 - the port's signature
        """What files say that pip can read."""
        if asked.exported:
            raise ImageError("CC864", f"{asked.source} is read by uv, which is not there", hint=INSTALL_UV)
        return asked

    def resolve(self, question: Question) -> tuple[Package, ...]:
        """A version and the one hash that was looked at, of each package."""
        asked = question.asked
        with TemporaryDirectory(prefix="cloud-cron-") as name:
            room = Path(name)
            wanted, constraints = room / "wanted.txt", room / "constraints.txt"
            # With one hash among them, pip would want one of each; the answer is held against them afterwards.
            bare = [line.partition(" --hash")[0] for line in (*asked.requirements, *question.wanted)]
            wanted.write_text("\n".join([*asked.options, *bare]), encoding="utf-8")
            constraints.write_text(
                "\n".join(line.partition(" --hash")[0] for line in asked.constraints), encoding="utf-8"
            )
            command = [*self.command, *_INSTALL, *_platforms(question.target), "--target", str(room / "none")]
            command += ["--dry-run", "--report", "-", "--constraint", str(constraints), "--requirement", str(wanted)]
            report = json.loads(self._run(command, question.folder, str(question.target), room))
        return tuple(package for each in report["install"] if (package := _package(each)).name != OWN)

    def install(self, locked: Locked, folder: Path, into: Path) -> None:
        """The files as pip lays them."""
        with TemporaryDirectory(prefix="cloud-cron-") as name:
            room = Path(name)
            wanted = room / "locked.txt"
            wanted.write_text("\n".join([*locked.options, locked.text]), encoding="utf-8")
            command = [*self.command, *_INSTALL, *_platforms(locked.target), "--target", str(into), "--no-deps"]
            command += ["--no-compile", "--require-hashes", "--requirement", str(wanted)]
            self._run(command, folder, str(locked.target), room)

    def _run(self, command: Sequence[str], folder: Path, what: str, room: Path) -> str:
        done = run(command, folder)
        if done.status == 0:
            return done.out
        raise _failure(what, done.err.replace(f"{room}/", ""))


def _platforms(target: Target) -> list[str]:
    """Every level of wheels that the target takes: pip accepts no older one by itself."""
    newest = target.glibc
    levels = [f"manylinux_2_{minor}" for minor in range(newest, 4, -1)]
    told = [f"--platform={level}_{target.machine}" for level in (*levels, *_OLD_LINUX)]
    return [*told, f"--python-version={target.python}", "--implementation=cp"]


def _package(installed: dict[str, Any]) -> Package:
    metadata, info = installed["metadata"], installed["download_info"]
    digest = info["archive_info"]["hashes"]["sha256"]
    url = info["url"] if installed.get("is_direct") else None
    return Package(canonical(metadata["name"]), metadata["version"], (f"sha256:{digest}",), url)


def _failure(what: str, told: str) -> ImageError:
    if full := no_room(told):
        return full
    if "conflict" in told or "ResolutionImpossible" in told:
        message = f"the dependencies cannot be had together for {what}:\n{told}"
        return ImageError("CC863", message, hint="change one of them")
    if "No matching distribution" in told and not any(sign in told for sign in _UNREACHABLE):
        hint = "choose a version that has one, or look for a mistyped name; uv explains more: `pip install uv`"
        return ImageError("CC862", f"there is no wheel of a dependency for {what}:\n{told}", hint=hint)
    return ImageError("CC864", f"pip failed for {what}:\n{told}", hint="look at the index and its credentials")
