"""A registry in memory on the loopback interface, as strict as ECR and Lambda are, with quirks and faults to order.

    with Registry(Rules(immutable=True)) as registry:
        registry.play("GET", r"/blobs/", Status(503), Cut(10))
        ...
        assert registry.changes() == ["PUT blob", "PUT blob", "PUT manifest"]

Answers: OCI Distribution Specification 1.1. ECR's own ways (201 for PATCH, later chunks lost) and Lambda's refusals as
users report them.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self

from cloud_cron_cli.deploy.images.oci import Document, digest
from tests.deploy.images.registry_server import Server

if TYPE_CHECKING:
    import ssl


class Basic(NamedTuple):
    """Every request needs this name and password; ECR's name is `AWS`."""

    user: str = "AWS"
    password: str = "hunter2"


class Bearer(NamedTuple):
    """A token per repository and action; without a user anybody gets one that may pull."""

    user: str | None = None
    password: str = "hunter2"
    identity: str | None = None


class Rules(NamedTuple):
    """How a registry behaves.

    `strict` refuses what Lambda refuses; `immutable` a tag that would move; `loses_chunks` keeps the first PATCH alone,
    as ECR does, and `takes_puts` says whether one PUT may bring the blob; `redirects` sends readers to another port;
    `ranges` says whether a part of a blob can be had; `skew` is how many seconds its clock is ahead.
    """

    strict: bool = False
    immutable: bool = False
    loses_chunks: bool = True
    takes_puts: bool = True
    mounts: bool = True
    redirects: bool = False
    ranges: bool = True
    auth: Basic | Bearer | None = None
    skew: float = 0


class Status(NamedTuple):
    """Answer with a status instead of doing what was asked."""

    code: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Cut(NamedTuple):
    """Answer, and end the connection after so many bytes of the body."""

    after: int = 0


class Wrong(NamedTuple):
    """Answer with other bytes of the same length."""


class Silence(NamedTuple):
    """End the connection without an answer, before what comes with the request is read."""


class Lost(NamedTuple):
    """Do what is asked, and end the connection without an answer."""


Fault = Status | Cut | Wrong | Silence | Lost


class Request(NamedTuple):
    """What was asked: `path` with its query, `sent` is the size of what came with it."""

    method: str
    path: str
    status: int
    sent: int
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        """`PUT manifest`, `HEAD blob`, `POST upload`: what was done to what; a finished upload is `PUT blob`."""
        found = re.search(r"/(manifests|blobs/uploads|blobs|storage|token)(?=[/?]|$)", self.path)
        names = {"manifests": "manifest", "blobs": "blob", "blobs/uploads": "upload"}
        what = names.get(found[1], found[1]) if found else "registry"
        return f"{self.method} {'blob' if (self.method, what) == ('PUT', 'upload') else what}"


@dataclass(repr=False)
class Registry:
    """The registry, as a context; `host` is its name, `storage` where redirects lead."""

    rules: Rules = field(default_factory=Rules)
    tls: ssl.SSLContext | None = None
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], Document] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    uploads: dict[str, list[bytes]] = field(default_factory=dict)
    tokens: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self._plays: list[tuple[str, str, list[Fault | None]]] = []

    def __enter__(self) -> Self:
        self._servers = [Server(self, self.tls), Server(self, self.tls)]
        self.host, self.storage = (server.host for server in self._servers)
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.stop()

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    def play(self, method: str, pattern: str, *faults: Fault | None) -> None:
        """What comes of the next requests whose path has the pattern, one each; None for the usual."""
        self._plays.append((method, pattern, list(faults)))

    def fault(self, method: str, path: str) -> Fault | None:
        """What is to come of this request."""
        with self.lock:
            for verb, pattern, faults in self._plays:
                if faults and verb == method and re.search(pattern, path):
                    return faults.pop(0)
        return None

    def add_blob(self, name: str, data: bytes) -> str:
        """A blob that was there before; its digest."""
        self.blobs[name, digest(data)] = data
        return digest(data)

    def add(self, name: str, document: Document, *tags: str) -> str:
        """A manifest or index that was there before; its digest."""
        for reference in (document.digest, *tags):
            self.manifests[name, reference] = document
        return document.digest

    def tags(self, name: str) -> dict[str, str]:
        """Tag -> digest."""
        listed = self.manifests.items()
        return {tag: found.digest for (where, tag), found in listed if where == name and ":" not in tag}

    def expire(self) -> None:
        """Forget every token that was given."""
        self.tokens.clear()

    def forget(self) -> None:
        """Begin a new log."""
        self.requests.clear()

    def kinds(self) -> list[str]:
        """What was asked, in order: `HEAD blob`, `PUT manifest`."""
        return [request.kind for request in list(self.requests)]

    def changes(self) -> list[str]:
        """The requests that changed something, sorted: `PUT blob`, `PUT manifest`."""
        asked = list(self.requests)
        created = 201
        return sorted(each.kind for each in asked if each.method in {"PUT", "POST"} and each.status == created)

    def counted(self) -> Counter[str]:
        """How often each was asked."""
        return Counter(self.kinds())
