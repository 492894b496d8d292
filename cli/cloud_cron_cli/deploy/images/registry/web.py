"""Who may be spoken to how: with TLS, whose certificates are always checked, and on this machine without."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from cloud_cron_cli.deploy.images.registry.proxies import is_loopback
from cloud_cron_cli.deploy.images.registry.refusals import Broken, untrusted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cloud_cron_cli.deploy.images.registry.answers import Answer
    from cloud_cron_cli.deploy.images.registry.lines import Lines

_BAD_REQUEST: Final = 400


class Call(NamedTuple):
    """A request; `body` makes its bytes anew each time, and a `stream` is read piece by piece.

    A URL without a scheme (`//quay.io/v2/`) means TLS, and on this machine whatever is spoken there.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: Callable[[], Iterable[bytes]] | bytes | None = None
    stream: bool = False


class Web:
    """Whoever can be reached from here; safe for threads."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._schemes: dict[str, str] = {}

    def send(self, call: Call) -> Answer:
        """Whatever the answer is; raises `Broken` when there is none, `ImageError` CC875 or CC879 for no trust."""
        try:
            place = urlsplit(call.url)
        except ValueError as error:
            raise Broken(f"it names a place that is none: {error}") from error
        local = is_loopback(place.hostname or "")
        if place.scheme == "http" and not local:
            raise untrusted(place.netloc, "it wants to be spoken to without TLS")
        if place.scheme:
            return self._lines.ask(call, call.url)
        scheme = self._schemes.get(place.netloc) if local else "https"
        if scheme is None:
            return self._first(call)
        return self._lines.ask(call, urlunsplit(place._replace(scheme=scheme)))

    def _first(self, call: Call) -> Answer:
        """The first request to a registry of this machine finds out whether it speaks TLS: one that does breaks off."""
        place = urlsplit(call.url)
        answer: Answer | None = None
        failure = Broken("")
        for scheme in ("http", "https"):
            try:
                found = self._lines.ask(call, urlunsplit(place._replace(scheme=scheme)))
            except Broken as error:
                failure = failure if str(failure) else error
                continue
            if scheme == "http" and found.status == _BAD_REQUEST:
                answer = found
                continue
            self._schemes[place.netloc] = scheme
            return found
        if answer is None:
            raise failure
        self._schemes[place.netloc] = "http"
        return answer

    @cached_property
    def _lines(self) -> Lines:
        from cloud_cron_cli.deploy.images.registry.lines import Lines  # noqa: PLC0415 - `image build` may do without

        return Lines()
