"""Who we are to a registry: what `docker login` left behind, the helpers that it names, and AWS for ECR."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.reference import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Mapping

_HUB: Final = "https://index.docker.io/v1/"
_HELPER: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_NOBODY: Final = "credentials not found"
_IDENTITY: Final = "<token>"  # the user of a secret that is an identity token (docker-credential-helpers)
_SECONDS: Final = 60
_TABLES: Final = ("auths", "credHelpers")
ECR_HOST: Final = re.compile(r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+")
"""The registry of an account in a region, over IPv4 (`.dkr.ecr.`) or over both (`.dkr-ecr.`)."""

_ANONYMOUS: Final = frozenset({"public.ecr.aws"})


class Login(NamedTuple):
    """A name and a password."""

    user: str
    password: str

    @property
    def basic(self) -> str:
        """As a header says it (RFC 7617)."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


class Identity(NamedTuple):
    """A token that other tokens are got with."""

    token: str


class Credentials(Protocol):
    """Whom a registry is told that we are."""

    def of(self, host: str) -> Login | Identity | None:
        """For a registry; None for nobody. `ImageError` CC878 when they cannot be read."""


class RegionalLogin(Protocol):
    """The login that AWS gives for the registries of a region."""

    def login(self, region: str) -> Login:
        """Name and password of the moment."""


class Keyring(NamedTuple):
    """AWS for ECR, nobody for the public ECR, Docker's for the others."""

    docker: Credentials
    ecr: RegionalLogin | None = None

    def of(self, host: str) -> Login | Identity | None:
        """For a registry; raises what the one who is asked raises."""
        found = ECR_HOST.fullmatch(host)
        if found and self.ecr:
            return self.ecr.login(found["region"])
        return None if host in _ANONYMOUS else self.docker.of(host)


class DockerCredentials(NamedTuple):
    """`config.json` of Docker, in the folder DOCKER_CONFIG or `~/.docker`; read each time, as it may change."""

    environ: Mapping[str, str] = os.environ

    def of(self, host: str) -> Login | Identity | None:
        """For a registry; None for nobody. `ImageError` CC878 for a file or helper that cannot be used."""
        config = self._config()
        server = _HUB if host == DOCKER_HUB else host
        named = config.get("credHelpers", {}).get(server)
        helper = named or config.get("credsStore")
        found = _helped(helper, server, self.environ) if helper else None
        return found or _written(config.get("auths", {}), server, self._file)

    @property
    def _file(self) -> Path:
        folder = self.environ.get("DOCKER_CONFIG")
        return (Path(folder) if folder else Path.home() / ".docker") / "config.json"

    def _config(self) -> dict[str, Any]:
        try:
            config = json.loads(self._file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError) as error:
            raise _unusable(f"{self._file} cannot be read: {error}") from error
        if not isinstance(config, dict) or not all(isinstance(config.get(k, {}), dict) for k in _TABLES):
            raise _unusable(f"{self._file} is no configuration of Docker")
        helpers = (config.get("credsStore", ""), *config.get("credHelpers", {}).values())
        if not all(isinstance(each, str) for each in helpers):
            raise _unusable(f"{self._file} names a helper that is no name")
        return config


def _written(auths: dict[str, Any], server: str, file: Path) -> Login | Identity | None:
    """What stands in the file itself; its keys may be names or URLs."""
    for key, entry in auths.items():
        if _plain(key) != _plain(server) or not isinstance(entry, dict):
            continue
        if token := entry.get("identitytoken"):
            return Identity(str(token))
        if entry.get("auth"):
            try:
                user, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
            except (ValueError, TypeError) as error:
                raise _unusable(f"{file} has no valid `auth` for {key}") from error
            return Login(user, password.strip("\x00"))
    return None


def _helped(helper: str, server: str, environ: Mapping[str, str]) -> Login | Identity | None:
    """What a helper says (docker/docker-credential-helpers, "Development")."""
    import shutil  # noqa: PLC0415 - few have helpers
    import subprocess  # noqa: PLC0415 - the same

    program = f"docker-credential-{helper}"
    path = shutil.which(program, path=environ.get("PATH")) if re.fullmatch(_HELPER, helper) else None
    if path is None:
        raise _unusable(f"{program} is not installed")
    try:
        done = subprocess.run(
            [path, "get"], input=server.encode(), capture_output=True, check=False, timeout=_SECONDS, env=dict(environ)
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unusable(f"{program} failed: {error}") from error
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    if done.returncode:
        if _NOBODY in said:
            return None
        raise _unusable(f"{program} failed: {said[:300] or done.returncode}")
    try:
        answer = json.loads(done.stdout)
        user, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, LookupError, TypeError) as error:
        raise _unusable(f"{program} gave no credentials") from error
    return Identity(secret) if user == _IDENTITY else Login(user, secret)


def _plain(server: str) -> str:
    """The registry's name alone."""
    return server.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _unusable(what: str) -> ImageError:
    hint = "repair it, sign in again (docker login), or name another folder by DOCKER_CONFIG; an empty one means nobody"
    return ImageError("CC878", f"the credentials of Docker cannot be used: {what}", hint=hint)
