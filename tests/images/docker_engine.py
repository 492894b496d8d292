"""A Docker engine of the session's own: without bridge or firewall rules, on a socket in a short-lived folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tests.loopback import until

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALONE: Final = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--log-level=warn")
_KEY: Final = Path("/etc/docker/key.json")
"""What engines before 24 write beside their configuration, wherever that is."""
_CGROUPS: Final = Path("/sys/fs/cgroup")
_WRAPPER: Final = """#!/bin/sh
case "$1 $2" in
"buildx build") shift 2; set -- buildx build --network=host "$@" ;;
"build "*) shift; set -- build --network=host "$@" ;;
esac
exec {client} "$@"
"""
"""The engine has no bridge, which is where builds would run."""


class Engine:
    """The process, and its client; `config` is a folder with the credentials of registries."""

    def __init__(self, config: Path, certificates: Path) -> None:
        self.config = config
        self.certificates = certificates
        self.folder = Path(tempfile.mkdtemp(prefix="cc"))  # a socket's path has 107 characters at most

    def __enter__(self) -> Self:
        self.path = self.folder / "bin"
        self.path.mkdir()
        wrapper = self.path / "docker"
        wrapper.write_text(_WRAPPER.format(client=client()), encoding="utf-8")
        wrapper.chmod(0o755)
        (self.folder / "daemon.json").write_text("{}", encoding="utf-8")  # not this machine's
        places = {"config-file": "daemon.json", "data-root": "root", "exec-root": "exec", "pidfile": "pid"}
        options = [f"--{option}={self.folder / name}" for option, name in places.items()]
        options.append(f"--cgroup-parent=/{self.folder.name}")
        self.has_key = _KEY.exists()
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["dockerd", *options, f"--host={self.host}", *_ALONE],
                env={**os.environ, "SSL_CERT_FILE": str(self.certificates)},
                stdout=log,
                stderr=log,
            )
        try:
            until("the engine is ready", self._ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        namespace = self.folder / "exec/netns/default"
        if namespace.exists():
            subprocess.run(["umount", str(namespace)], capture_output=True, check=False)
        for mine in _CGROUPS.glob(f"**/{self.folder.name}"):
            for group in (*sorted(mine.glob("**/*/"), reverse=True), mine):
                group.rmdir()
        if not self.has_key:
            _KEY.unlink(missing_ok=True)
        shutil.rmtree(self.folder)

    @property
    def host(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to find this engine, and BuildKit in it."""
        return {
            "PATH": f"{self.path}:{os.environ['PATH']}",
            "DOCKER_HOST": self.host,
            "DOCKER_CONFIG": str(self.config),
            "DOCKER_BUILDKIT": "1",
        }

    def docker(self, *words: str, folder: Path | None = None) -> str:
        """Run the client; what it prints. AssertionError with all that it said when it fails."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(
            ["docker", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert not done.returncode, f"docker {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def started(self, *words: str) -> subprocess.Popen[bytes]:
        """The client as a process beside the test."""
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(["docker", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
        environment = {**os.environ, **self.environment}
        return not subprocess.run(["docker", "info"], env=environment, capture_output=True, check=False).returncode


def client() -> str:
    """A client that builds with BuildKit: with buildx, or Debian's, which needs none."""
    every = [str(Path(folder, "docker")) for folder in os.environ["PATH"].split(os.pathsep)]
    found = [name for name in every if os.access(name, os.X_OK)]
    return next((name for name in found if _builds(name)), found[-1])


def _builds(name: str) -> bool:
    """Whether it is older than 23, which has BuildKit within, or has buildx."""
    version = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
    old = version.removeprefix("Docker version ").split(".")[0]
    if old.isdigit() and int(old) < 23:
        return True
    return not subprocess.run([name, "buildx", "version"], capture_output=True, check=False).returncode
