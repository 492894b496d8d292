"""A blob on its way into a registry.

One PUT with its length is tried first: it costs the fewest requests and every registry takes it. Where it is refused,
the blob goes in one PATCH, and never in several: ECR loses all but the first. What broke is sent again from its first
byte, in a session of its own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cloud_cron.errors import CloudCronError, ImageError
from cloud_cron_cli.deploy.images.image import Filed
from cloud_cron_cli.deploy.images.registry.refusals import REFUSED, refused, unreachable
from cloud_cron_cli.deploy.images.registry.web import Call
from cloud_cron_cli.deploy.images.verifying import verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud_cron_cli.deploy.images.image import Blob
    from cloud_cron_cli.deploy.images.registry.admission import Scopes
    from cloud_cron_cli.deploy.images.registry.answers import Answer
    from cloud_cron_cli.deploy.images.registry.connection import Connection

BYTES: Final = "application/octet-stream"
_TAKEN: Final = frozenset({200, 201, 202, 204})


class Upload:
    """One blob, into one repository; `told` hears of bytes that were sent, and of fewer when they were in vain."""

    def __init__(self, connection: Connection, name: str, blob: Blob, told: Callable[[int], None]) -> None:
        """Nothing is sent yet."""
        self._connection = connection
        self._name = name
        self._blob = blob
        self._told = told
        self._sent = 0
        self._what = f"the upload of {blob.descriptor.digest}"
        self._scopes: Scopes = (f"repository:{name}:pull,push",)

    def run(self) -> None:
        """Send it, one way or the other.

        `ImageError` CC870 to CC879, whatever the reader of the blob raises, CC876 when its file cannot be read.
        """
        try:
            for way in (self._put, self._patch):
                answer = self._connection.patience.ask(self._connection.host, self._what, partial(self._attempt, way))
                if answer.status in _TAKEN:
                    self._told(self._blob.descriptor.size - self._sent)
                    return
                if answer.status in REFUSED:
                    break
            raise self._refusal(answer)
        except CloudCronError:
            self._forget()
            raise

    def _attempt(self, way: Callable[[], Answer]) -> Answer:
        """Once more; a blob may have arrived although the answer did not."""
        if self._sent:
            self._forget()
            call = Call("HEAD", self._connection.url(f"/v2/{self._name}/blobs/{self._blob.descriptor.digest}"), {})
            there = self._connection.once(call, self._scopes)
            if there.status in _TAKEN:
                return there
        return way()

    def _put(self) -> Answer:
        return self._send("PUT", _finishing(self._session(), self._blob))

    def _patch(self) -> Answer:
        answer = self._send("PATCH", self._session())
        if answer.status not in _TAKEN:
            return answer
        call = Call("PUT", _finishing(self._place(answer), self._blob), {"Content-Length": "0"})
        return self._connection.once(call, self._scopes)

    def _session(self) -> str:
        call = Call("POST", self._connection.url(f"/v2/{self._name}/blobs/uploads/"), {"Content-Length": "0"})
        answer = self._connection.ask(call, self._scopes, self._what)
        if answer.status not in _TAKEN:
            raise self._refusal(answer)
        return self._place(answer)

    def _send(self, method: str, url: str) -> Answer:
        headers = {"Content-Type": BYTES, "Content-Length": str(self._blob.descriptor.size)}
        return self._connection.once(Call(method, url, headers, self._bytes), self._scopes)

    def _bytes(self) -> Iterator[bytes]:
        """The blob from its beginning; a file may have changed since it was made."""
        self._forget()
        chunks = self._blob.source.chunks()
        if isinstance(self._blob.source, Filed):
            chunks = verified(_read(chunks), self._blob.descriptor.digest, str(self._blob.source.path))
        for chunk in chunks:
            self._sent += len(chunk)
            self._told(len(chunk))
            yield chunk

    def _forget(self) -> None:
        if self._sent:
            self._told(-self._sent)
        self._sent = 0

    def _place(self, answer: Answer) -> str:
        place = answer.headers.get("Location")
        if not place:
            raise unreachable(self._connection.host, f"{self._what} was begun, and no place for it was given")
        return self._connection.url(place)

    def _refusal(self, answer: Answer) -> CloudCronError:
        return refused(self._connection.host, self._what, answer, self._connection.patience.now())


def _finishing(url: str, blob: Blob) -> str:
    return f"{url}{'&' if '?' in url else '?'}digest={quote(blob.descriptor.digest, safe='')}"


def _read(chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except OSError as error:
        hint = "it was there when the image was made; make it again"
        raise ImageError("CC876", f"a layer cannot be read: {error}", hint=hint) from error
