"""A blob as a registry sends it; what breaks off is taken up where it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.images.registry.patience import ATTEMPTS
from cloud_cron_cli.deploy.images.registry.refusals import Broken, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud_cron_cli.deploy.images.registry.answers import Answer
    from cloud_cron_cli.deploy.images.registry.patience import Patience

_PARTIAL: Final = 206


def pieces(host: str, begin: Callable[[int], Answer], patience: Patience, start: int) -> Iterator[bytes]:
    """The bytes from `start` on; `begin` asks for those from a position on.

    `ImageError` CC870 when nothing more comes at several attempts.
    """
    position, failures = start, 0
    while True:
        answer = begin(position)
        try:
            for piece in _from(answer, position):
                position += len(piece)
                failures = 0
                yield piece
        except Broken as error:
            failures += 1
            if failures == ATTEMPTS:
                raise unreachable(host, error) from error
            patience.pause(failures - 1)
        else:
            return


def _from(answer: Answer, position: int) -> Iterator[bytes]:
    """The bytes from the position on, although a server that knows no ranges sends them all."""
    skipped = position if answer.status != _PARTIAL else 0
    for piece in answer.pieces:
        rest = piece[skipped:]
        skipped -= len(piece) - len(rest)
        if rest:
            yield rest
