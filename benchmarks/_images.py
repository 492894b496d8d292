"""What images are measured with: two registries, an engine, a base of 150 MB, and an app that is built two ways."""

from __future__ import annotations

import compileall
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Self

import trustme

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cloud_cron  # noqa: E402 - of this checkout
import cloud_cron_cli  # noqa: E402 - the same
from tests.images import base, publishing  # noqa: E402 - in the folder above
from tests.images.docker_engine import Engine  # noqa: E402 - the same
from tests.images.project import APP, Project, machine  # noqa: E402 - the same
from tests.images.registries import Registry  # noqa: E402 - the same
from tests.images.skopeo import Skopeo  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable

PADDING = 140 << 20
PACKAGES = "requests==2.32.5\npydantic==2.12.4\nboto3==1.41.5\njinja2==3.1.6\ntzdata==2025.2\niniconfig==2.0.0\n"
DOCKERFILE = """FROM {base}
COPY requirements.txt .
RUN pip install --no-cache-dir --quiet -r requirements.txt
COPY cloud_cron cloud_cron
RUN python -m compileall -q cloud_cron
COPY app.py cloud-cron.toml ./
COPY templates templates
CMD ["cloud_cron.runtime.entrypoint.handler"]
"""
"""What a person writes who knows Docker well: layers in the order in which they change, and bytecode."""


class Bench:
    """A registry for the base that stays, an engine, and a target registry that is new for each round."""

    def __enter__(self) -> Self:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for package in (cloud_cron, cloud_cron_cli):
            compileall.compile_dir(package.__path__[0], quiet=1)
        self.open = ExitStack()
        self.folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        self.authority = trustme.CA()
        public = self.folder / "public"
        public.mkdir()
        self.public = self.open.enter_context(Registry(public))
        self.image = f"{self.public.host}/lambda/python:{base.MINOR}"
        publishing.publish(self.public, "lambda/python", base.MINOR, self._layers(), base.CONFIG)
        self.certificates = self.folder / "authority.pem"
        self.certificates.write_bytes(self.authority.cert_pem.bytes())
        self.login = self.folder / "login"
        self.engine = self.open.enter_context(Engine(self.login, self.certificates))
        self.homes = self.targets = 0
        return self

    def __exit__(self, *_: object) -> None:
        self.open.close()

    def _layers(self) -> list[publishing.Packed]:
        """The base, and random bytes that make it as large as AWS's."""
        root, padding = self.folder / "root", self.folder / "padding"
        root.mkdir()
        base.make(root)
        (padding / "opt").mkdir(parents=True)
        with (padding / "opt/padding").open("wb") as file:
            for _ in range(PADDING >> 20):
                file.write(os.urandom(1 << 20))
        return [publishing.packed(folder, folder.with_suffix(".tar.gz")) for folder in (root, padding)]

    def target(self) -> Registry:
        """A registry as ECR is, in which nothing is and of which nobody knows anything."""
        self.targets += 1
        folder = self.folder / f"target{self.targets}"
        folder.mkdir()
        registry = Registry(folder, self.authority)
        registry.docker_config(self.login)
        return registry


class Side:
    """A way to the registry, with a project of its own."""

    name = ""

    def __init__(self, bench: Bench, registry: Registry) -> None:
        self.bench, self.registry = bench, registry
        self.reference = f"{registry.host}/{self.name}:1"
        self.project = Project(bench.folder / f"{self.name}-{registry.folder.name}", bench.image, {})
        self.project.begin()
        self.project.write({"requirements.txt": PACKAGES})

    def change(self, word: str) -> None:
        """Another line in the app."""
        self.project.write({"app.py": APP.replace('"compiled"', f'"compiled {word}"')})

    def forget(self) -> None:
        """Be a fresh machine."""

    def push(self) -> None:
        """Build and push."""


class Docker(Side):
    """The app as a Dockerfile: `docker build` under BuildKit, and `docker push`."""

    name = "docker"

    def __init__(self, bench: Bench, registry: Registry) -> None:
        super().__init__(bench, registry)
        self.project.write({"Dockerfile": DOCKERFILE.format(base=bench.image)})
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(cloud_cron.__path__[0], self.project.folder / "cloud_cron", ignore=ignored)

    def forget(self) -> None:
        self.bench.engine.docker("image", "prune", "--all", "--force")
        self.bench.engine.docker("builder", "prune", "--all", "--force")

    def push(self) -> None:
        self._build_and_push(".")

    def _build_and_push(self, *what: str) -> None:
        self.bench.engine.docker("build", "--quiet", "--tag", self.reference, *what, folder=self.project.folder)
        self.bench.engine.docker("push", "--quiet", self.reference)


class Packaged(Docker):
    """The Dockerfile that `cloud-cron package` writes: what it makes holds what ours holds, the app's bytecode too."""

    name = "package"

    def __init__(self, bench: Bench, registry: Registry) -> None:
        super().__init__(bench, registry)
        (self.project.folder / "Dockerfile").unlink()
        shutil.rmtree(self.project.folder / "cloud_cron")
        self._package()

    def change(self, word: str) -> None:
        super().change(word)
        self._package()

    def push(self) -> None:
        base = f"BASE={self.bench.image}"
        self._build_and_push("--build-arg", base, "out")

    def _package(self) -> None:
        self.project.cli("package", "out")


class Ours(Side):
    """The app with `cloud-cron image push`."""

    name = "cloud-cron"

    def forget(self) -> None:
        self.bench.homes += 1
        self.project.environment = machine(self.bench.folder / f"home{self.bench.homes}", self.registry)

    def push(self) -> None:
        self.project.cli("image", "push", self.reference)


def seconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    began = perf_counter()
    action()
    return perf_counter() - began


def skopeo(bench: Bench, registry: Registry) -> Skopeo:
    """Somebody else's tool, for a target."""
    folder = bench.folder / f"skopeo-{registry.folder.name}"
    folder.mkdir()
    return Skopeo(registry, folder)
