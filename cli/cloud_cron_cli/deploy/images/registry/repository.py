"""Port `Repository` over HTTP."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.oci import INDEXES, MANIFESTS, SCHEMA_1, Document
from cloud_cron_cli.deploy.images.registry.reading import pieces
from cloud_cron_cli.deploy.images.registry.refusals import MISSING, outdated, refused, unreachable
from cloud_cron_cli.deploy.images.registry.uploading import Upload
from cloud_cron_cli.deploy.images.registry.web import Call
from cloud_cron_cli.deploy.images.verifying import verified, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud_cron.errors import CloudCronError
    from cloud_cron_cli.deploy.images.image import Blob
    from cloud_cron_cli.deploy.images.registry.answers import Answer
    from cloud_cron_cli.deploy.images.registry.connection import Connection

_ACCEPT: Final = {"Accept": ", ".join((*MANIFESTS, *INDEXES))}
_DIGEST: Final = "Docker-Content-Digest"
_OK: Final = frozenset({200, 206})
_CREATED: Final = 201
_CONFLICTS: Final = frozenset({400, 403, 409, 412})


class HttpRepository:
    """One repository of a registry; safe for threads."""

    def __init__(self, connection: Connection, name: str) -> None:
        """Nothing is asked yet."""
        self._connection = connection
        self._name = name
        self._pull = (f"repository:{name}:pull",)
        self._push = (f"repository:{name}:pull,push",)

    @property
    def host(self) -> str:
        """The registry, with its port if it has one."""
        return self._connection.host

    @property
    def name(self) -> str:
        """The repository within it."""
        return self._name

    def document(self, reference: str) -> Document:
        """The manifest or index of a tag or digest; `NotFound` CC872 when there is none, CC881 one of before 2016."""
        answer = self._ask("GET", f"manifests/{reference}", _ACCEPT)
        if answer.status not in _OK:
            raise self._refusal(self._shown(reference), answer)
        found = Document(_media_type(answer, self.host), answer.data)
        if found.media_type.startswith(SCHEMA_1):
            raise outdated(self.host, self._shown(reference))
        said = answer.headers.get(_DIGEST, "")
        expected = next((each for each in (reference, said) if each.startswith("sha256:")), found.digest)
        if found.digest != expected:
            raise wrong(expected, found.digest, self.host)
        return found

    def holds(self, reference: str) -> str | None:
        """The digest of the manifest of a tag or digest, without reading it; None when there is none."""
        answer = self._ask("HEAD", f"manifests/{reference}", _ACCEPT)
        if answer.status == MISSING:
            return None
        if answer.status not in _OK:
            raise self._refusal(self._shown(reference), answer)
        return answer.headers.get(_DIGEST) or self.document(reference).digest

    def has(self, digest: str) -> bool:
        """Whether a blob is there."""
        answer = self._ask("HEAD", f"blobs/{digest}")
        if answer.status not in {*_OK, MISSING}:
            raise self._refusal(f"{self._name} {digest}", answer)
        return answer.status in _OK

    def read(self, digest: str, start: int = 0) -> Iterator[bytes]:
        """A blob, from that byte on; a connection that breaks is taken up where it broke.

        Who begins later than at its first byte has the bytes before it, and checks the whole.
        """
        found = pieces(self.host, partial(self._begin, digest), self._connection.patience, start)
        return found if start else verified(found, digest, self.host)

    def mount(self, digest: str, other: str) -> bool:
        """Take a blob over from another repository of the registry; False when the registry does not do it.

        ECR does it where the account setting BLOB_MOUNTING is on (ECR User Guide, "Blob mounting").
        """
        query = urlencode({"mount": digest, "from": other})
        call = Call("POST", self._url(f"blobs/uploads/?{query}"), {"Content-Length": "0"})
        try:
            answer = self._connection.ask(call, (*self._push, f"repository:{other}:pull"), f"the mount of {digest}")
        except ImageError:
            return False
        return answer.status == _CREATED

    def upload(self, blob: Blob, told: Callable[[int], None]) -> None:
        """Send a blob; `told` hears of every so many bytes that were sent, and of fewer when they were in vain."""
        Upload(self._connection, self._name, blob, told).run()

    def put(self, reference: str, document: Document) -> None:
        """Put a manifest, whose blobs are there, under a tag or its digest; `ImageError` CC886 for a fixed tag."""
        headers = {"Content-Type": document.media_type, "Content-Length": str(len(document.raw))}
        call = Call("PUT", self._url(f"manifests/{reference}"), headers, document.raw)
        answer = self._connection.ask(call, self._push, self._shown(reference))
        if answer.status == _CREATED:
            return
        there = self.holds(reference) if answer.status in _CONFLICTS else None
        if there == document.digest:
            return
        if there is not None:
            hint = "the tags of this repository are immutable: choose another tag, or allow it to change"
            raise ImageError("CC886", f"{self._shown(reference)} is another image already", where=self.host, hint=hint)
        raise self._refusal(self._shown(reference), answer)

    def _begin(self, digest: str, position: int) -> Answer:
        headers = {"Range": f"bytes={position}-"} if position else {}
        call = Call("GET", self._url(f"blobs/{digest}"), headers, stream=True)
        answer = self._connection.ask(call, self._pull, digest)
        if answer.status not in _OK:
            raise self._refusal(f"{self._name} {digest}", answer)
        return answer

    def _ask(self, method: str, place: str, headers: dict[str, str] | None = None) -> Answer:
        return self._connection.ask(Call(method, self._url(place), headers or {}), self._pull, f"{self._name} {place}")

    def _url(self, place: str) -> str:
        return self._connection.url(f"/v2/{self._name}/{place}")

    def _shown(self, reference: str) -> str:
        return f"{self._name}{'@' if ':' in reference else ':'}{reference}"

    def _refusal(self, what: str, answer: Answer) -> CloudCronError:
        return refused(self.host, what, answer, self._connection.patience.now())


def _media_type(answer: Answer, host: str) -> str:
    """What the document says it is, else what the answer says; `ImageError` CC870 when it is no document at all."""
    try:
        plain = json.loads(answer.data)
        said = plain.get("mediaType") or answer.headers.get("Content-Type", "")
        return str(said).partition(";")[0].strip()
    except (ValueError, AttributeError) as error:
        raise unreachable(host, "its answer is no manifest; is this a registry, or a page to sign in?") from error
