"""ECR's own API: the login of its registries, and another way in for a blob that they do not take over HTTP."""

from __future__ import annotations

import base64
import time
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.images.registry.credentials import ECR_HOST, Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.images.image import Blob

_MARGIN: Final = 600.0  # seconds before its end in which a login is not used any more


class EcrLogin:
    """Port `RegionalLogin`; each login is asked for once, and kept in memory until shortly before its end.

    A login is for every registry of a region that its owner may use, and lasts twelve hours (ECR API Reference,
    `GetAuthorizationToken`).
    """

    def __init__(self, session: AwsSession, now: Callable[[], float] = time.time) -> None:
        """Nothing is asked yet."""
        self._session = session
        self._now = now
        self._known: dict[str, tuple[Login, float]] = {}
        self._lock = Lock()

    def login(self, region: str) -> Login:
        """Name and password of the moment; raises what `asking` raises, such as CC803 for a missing permission."""
        with self._lock:
            login, until = self._known.get(region, (Login("", ""), 0.0))
            if until - _MARGIN <= self._now():
                login, until = self._asked(region)
                self._known[region] = login, until
            return login

    def _asked(self, region: str) -> tuple[Login, float]:
        with asking("ecr:GetAuthorizationToken"):
            given = self._session.elsewhere(region).client("ecr").get_authorization_token()["authorizationData"][0]
        user, _, password = base64.b64decode(given["authorizationToken"]).decode().partition(":")
        return Login(user, password), given["expiresAt"].timestamp()


class EcrUploader(NamedTuple):
    """Port `Uploader`: a blob in parts of the size that ECR names (ECR API Reference, `UploadLayerPart`)."""

    client: Any
    registry: str

    @classmethod
    def of(cls, session: AwsSession, host: str) -> EcrUploader | None:
        """For a registry by its name, which holds account and region; None for one that is not ECR's."""
        found = ECR_HOST.fullmatch(host)
        return cls(session.elsewhere(found["region"]).client("ecr"), found["account"]) if found else None

    def upload(self, name: str, blob: Blob, told: Callable[[int], None]) -> None:
        """Send a blob to the repository of that name; raises what `asking` raises."""
        place = {"registryId": self.registry, "repositoryName": name}
        with asking("ecr:InitiateLayerUpload"):
            begun = self.client.initiate_layer_upload(**place)
        place = {**place, "uploadId": begun["uploadId"]}
        first = 0
        for part in _parts(blob.source.chunks(), begun["partSize"]):
            last = first + len(part) - 1
            with asking("ecr:UploadLayerPart"):
                self.client.upload_layer_part(**place, partFirstByte=first, partLastByte=last, layerPartBlob=part)
            told(len(part))
            first = last + 1
        self._complete(place, blob.descriptor.digest)

    def _complete(self, place: dict[str, str], digest: str) -> None:
        there = self.client.exceptions.LayerAlreadyExistsException
        with asking("ecr:CompleteLayerUpload"):
            try:
                done = self.client.complete_layer_upload(**place, layerDigests=[digest])
            except there:
                return
        if done["layerDigest"] != digest:
            hint = "something changed the bytes on the way; try again"
            message = f"ECR has the digest {done['layerDigest']} for {digest}"
            raise ImageError("CC874", message, where=place["repositoryName"], hint=hint)


def _parts(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Pieces of that size, the last one of what is left."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)
