"""Where an image runs as on Lambda: nothing can be written but /tmp, and nobody is root.

Either under a Runtime API of the tests' own, or under AWS's emulator, which brings one and is asked by HTTP.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from tests.lambda_runtime.runtime_api import SAID, Function
from tests.loopback import free_port, until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.images.docker_engine import Engine
    from tests.images.skopeo import Unpacked

EMULATOR: Final = Path(__file__).resolve().parents[2] / ".venv-images/aws-lambda-rie"
INSIDE: Final = "/usr/local/bin/aws-lambda-rie"
NOBODY: Final = "993:990"
_NUMBERS: Final = count(1)


class Place(Protocol):
    """An image, ready to run."""

    def start(self, environment: Mapping[str, str], emulator: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Its entrypoint and command, under the emulator when that has options."""

    def stop(self) -> None:
        """Whatever of it a killed process would leave."""


class Container:
    """In an engine: a read-only root, no capabilities."""

    def __init__(self, engine: Engine, image: str) -> None:
        self.engine = engine
        self.image = image
        self.name = f"function-{next(_NUMBERS)}"

    def start(self, environment: Mapping[str, str], emulator: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        options = ["--network=host", "--read-only", "--tmpfs=/tmp", f"--user={NOBODY}", "--cap-drop=ALL"]
        options += [f"--env={name}={value}" for name, value in environment.items()]
        words: list[str] = []
        if emulator:
            self.engine.docker("pull", "--quiet", self.image)
            config = json.loads(self.engine.docker("inspect", "--format={{json .Config}}", self.image))
            mount = f"--mount=type=bind,src={EMULATOR},dst={INSIDE},readonly"
            options += [mount, f"--entrypoint={INSIDE}"]
            words = [*emulator, *config["Entrypoint"], *config["Cmd"]]
        return self.engine.started("run", "--rm", f"--name={self.name}", *options, self.image, *words)

    def stop(self) -> None:
        self.engine.started("rm", "--force", self.name).communicate()  # it may be gone


class Chroot:
    """In a folder with the layers of the image, which belong to root."""

    def __init__(self, image: Unpacked) -> None:
        self.root = image.root
        self.config = image.config["config"]
        null = self.root / "dev/null"
        if not null.exists():
            os.mknod(null, stat.S_IFCHR, os.makedev(1, 3))
            null.chmod(0o666)

    def start(self, environment: Mapping[str, str], emulator: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        if emulator:
            shutil.copy(EMULATOR, self.root / INSIDE.lstrip("/"))
            emulator = [INSIDE, *emulator]
        variables = [*self.config["Env"], *(f"{name}={value}" for name, value in environment.items())]
        command = [*emulator, *self.config["Entrypoint"], *self.config["Cmd"]]
        there = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', self.config["WorkingDir"], *command]
        return subprocess.Popen(
            ["chroot", f"--userspec={NOBODY}", str(self.root), "/usr/bin/env", "-i", *variables, *there],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def stop(self) -> None:
        """Nothing: the process is all there is."""


class Placed(Function):
    """An image under the Runtime API of the tests."""

    def __init__(self, place: Place, environment: Mapping[str, str]) -> None:
        super().__init__(Path("/var/task"), environment)
        self.place = place

    def _begun(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return self.place.start(environment)

    def _end(self) -> None:
        self.place.stop()
        super()._end()


class Emulated:
    """An image under AWS's emulator; `log` is what both printed."""

    def __init__(self, place: Place, environment: Mapping[str, str]) -> None:
        self.place = place
        self.environment = environment
        self.log = b""

    def __enter__(self) -> Self:
        self.port = free_port()
        addresses = {"runtime-interface-emulator": self.port, "runtime-api": free_port()}  # else on every interface
        options = [f"--{name}-address=127.0.0.1:{port}" for name, port in addresses.items()]
        self.process = self.place.start({**SAID, **self.environment}, ["--log-level=error", *options])
        return self

    def __exit__(self, *_: object) -> None:
        self.place.stop()
        self.process.kill()
        if self.process.stdout and not self.process.stdout.closed:
            self.log += self.process.communicate()[0]

    def call(self, event: Any) -> Any:
        """One invocation, once the emulator listens; what the function answered."""
        until("the emulator is ready", self._ready)
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        try:
            with urllib.request.urlopen(url, json.dumps(event).encode(), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            self.__exit__()
            raise AssertionError(f"{error}: {error.read().decode()}\n{self.log.decode()}") from None

    def _ready(self) -> bool:
        if self.process.poll() is not None:
            self.__exit__()
            raise AssertionError(f"the emulator ended:\n{self.log.decode()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True
