"""Builds an image with Docker, for a project that has a Dockerfile of its own, or whose owner asks for it.

The engine is Docker's, or what calls itself `docker`; BuildKit is used where it is there. What comes out of it is read
through `docker save`, and judged like any other image.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import archive, preflight
from cloud_cron_cli.deploy.images.context import context, write
from cloud_cron_cli.deploy.images.docker_command import Docker, failed
from cloud_cron_cli.deploy.images.oci import ARCHITECTURES, Platform
from cloud_cron_cli.deploy.images.options import DOCKERFILE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from cloud_cron_cli.deploy.images.building import Recipe
    from cloud_cron_cli.deploy.images.image import Image
    from cloud_cron_cli.deploy.images.ports import Cache

_NEEDS_BUILDX: Final = 23
"""The first release whose client has no BuildKit of its own (Docker Engine 23.0 release notes)."""


class _Way(NamedTuple):
    """How an engine is asked for an image of one platform and no index."""

    name: str
    command: tuple[str, ...]
    buildkit: str


_BUILDX: Final = _Way("buildx", ("buildx", "build", "--provenance=false", "--sbom=false", "--load"), "1")
_BUILDKIT: Final = _Way("BuildKit", ("build",), "1")
_LEGACY: Final = _Way("the builder of old", ("build",), "0")


def build(recipe: Recipe, cache: Cache, say: Callable[[str], None], docker: Docker | None = None) -> Image:
    """The image of the project's own Dockerfile, with the project as its context, else of the one that we write.

    Raises:
        ImageError: CC876 no room, CC885 Docker is missing, does not run, or failed, CC881 to CC884 what Lambda would
            refuse; and what `context` raises.
    """
    docker = docker or Docker.found()
    own = recipe.folder / DOCKERFILE
    if own.exists():
        return _built(recipe, own, cache, say, docker)
    made = context(recipe)
    for note in made.notes:
        say(note)
    with TemporaryDirectory(prefix="cloud-cron-") as folder, _writable(folder):
        write(made, Path(folder))
        return _built(recipe, Path(folder) / DOCKERFILE, cache, say, docker)


@contextmanager
def _writable(folder: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise ImageError("CC876", message, hint="make room in the folder of temporary files, or set TMPDIR") from error


def _built(recipe: Recipe, dockerfile: Path, cache: Cache, say: Callable[[str], None], docker: Docker) -> Image:
    """The image of a Dockerfile and of the folder it is in."""
    platform = Platform(ARCHITECTURES[recipe.options.architecture])
    way = _way(docker)
    if way is _LEGACY:
        say("docker has no buildx: the builder of old is slower, and takes no RUN --mount")
    tag = f"cloud-cron/{recipe.model.name.rstrip('-')}:{platform.architecture}"
    given = [f"--build-arg={name}={value}" for name, value in recipe.options.build_args.items()]
    say(f"docker builds {dockerfile} for {platform} with {way.name}")
    told = [f"--platform={platform}", f"--tag={tag}", f"--file={dockerfile}", *given, str(dockerfile.parent)]
    docker.having(DOCKER_BUILDKIT=way.buildkit).run([*way.command, *told], say)
    image = _saved(docker, tag, cache, platform)
    preflight.check(image, platform, contents=True, cache=cache)
    return image


def _way(docker: Docker) -> _Way:
    """The best there is; `ImageError` CC885 when no engine answers."""
    version = docker.ask(["version", "--format", "{{json .}}"])
    if version.returncode:
        raise failed("docker does not run", version.stderr.splitlines(), "start it")
    if not docker.ask(["buildx", "version"]).returncode:
        return _BUILDX
    return _LEGACY if _major(version.stdout) >= _NEEDS_BUILDX else _BUILDKIT


def _major(version: str) -> int:
    """Of the client; 0 where something else answers in Docker's name."""
    try:
        return int(json.loads(version)["Client"]["Version"].partition(".")[0])
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0


def _saved(docker: Docker, tag: str, cache: Cache, platform: Platform) -> Image:
    """The image, through a pipe; where half an archive arrives, the one that wrote knows why."""
    with TemporaryFile() as complaints:
        wrong: ImageError | None = None
        with docker.started(["save", tag], stderr=complaints) as process:
            try:
                image = archive.read(_piped(process), cache, platform)
            except ImageError as error:
                wrong = error
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").splitlines()
    if process.returncode and (wrong is None or wrong.code == "CC881"):
        raise failed(f"docker save failed with {process.returncode}", said, "see to what it says") from wrong
    if wrong:
        raise wrong
    return image


def _piped(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        message = "the process has no pipe"
        raise ValueError(message)
    return process.stdout
