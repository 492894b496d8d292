"""A blob as a registry sends it; what breaks off is taken up where it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.images.image import CHUNK
from cloud_cron_cli.deploy.images.registry.patience import ATTEMPTS
from cloud_cron_cli.deploy.images.registry.refusals import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from urllib3 import BaseHTTPResponse

    from cloud_cron_cli.deploy.images.registry.patience import Patience

_PARTIAL: Final = 206


def pieces(host: str, begin: Callable[[int], BaseHTTPResponse], patience: Patience, start: int) -> Iterator[bytes]:
    """The bytes from `start` on; `begin` asks for those from a position on.

    `ImageError` CC870 when nothing more comes at several attempts.
    """
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as in `web`

    position, failures = start, 0
    while True:
        answer = begin(position)
        try:
            for piece in _from(answer, position):
                position += len(piece)
                failures = 0
                yield piece
        except HTTPError as error:
            failures += 1
            if failures == ATTEMPTS:
                raise unreachable(host, error) from error
            patience.pause(failures - 1)
        else:
            return
        finally:
            answer.close()


def _from(answer: BaseHTTPResponse, position: int) -> Iterator[bytes]:
    """The bytes from the position on, although a server that knows no ranges sends them all."""
    skipped = position if answer.status != _PARTIAL else 0
    for piece in answer.stream(CHUNK):
        rest = piece[skipped:]
        skipped -= len(piece) - len(rest)
        if rest:
            yield rest
