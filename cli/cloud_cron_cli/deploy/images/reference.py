"""The name of an image: registry, repository, and a tag or a digest."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cloud_cron.errors import ImageError, shown
from cloud_cron.runtime.redacting import SHOWN

DOCKER_HUB: Final = "registry-1.docker.io"
_LOGIN: Final = r"[^/@\s]*:[^/@\s]*(?=@(?!sha256:))"
_LONGEST: Final = 300  # a name with tag and digest, which a message shows whole
_HUB_NAMES: Final = frozenset({"docker.io", "index.docker.io", "registry.hub.docker.com"})
_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_FORM: Final = re.compile(
    rf"(?P<name>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_HOST: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")


class Reference(NamedTuple):
    """An image of a registry; with a digest, the tag is for people alone."""

    host: str
    name: str
    tag: str | None = None
    digest: str | None = None

    @property
    def version(self) -> str:
        """What a registry is asked for: the digest, else the tag, else `latest`."""
        return self.digest or self.tag or "latest"

    @property
    def repository(self) -> str:
        """Registry and name."""
        return f"{self.host}/{self.name}"

    def __str__(self) -> str:
        """As it is written."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{f'@{self.digest}' if self.digest else ''}"


def parse(text: str) -> Reference:
    """A reference; a name without a registry is Docker Hub's, as Docker reads it. `ImageError` CC877 for no name."""
    first, _, rest = text.removeprefix("docker://").partition("/")
    names_host = bool(rest) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if names_host else (DOCKER_HUB, text.removeprefix("docker://"))
    found = _FORM.fullmatch(path)
    if not found or not _HOST.fullmatch(host):
        hint = "such as public.ecr.aws/lambda/python:3.13, or NAME@sha256:DIGEST; names are in lower case"
        told = re.sub(_LOGIN, SHOWN, text)
        raise ImageError("CC877", f"{shown(told, _LONGEST)} names no image", hint=hint)
    name = found["name"]
    if host in _HUB_NAMES:
        host = DOCKER_HUB
    if host == DOCKER_HUB and "/" not in name:
        name = f"library/{name}"
    return Reference(host, name, found["tag"], found["digest"])
