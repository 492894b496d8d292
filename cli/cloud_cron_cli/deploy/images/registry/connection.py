"""One registry: its answers, after it has let us in, and wherever it sends us for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from cloud_cron_cli.deploy.images.registry.admission import Admission
from cloud_cron_cli.deploy.images.registry.refusals import UNAUTHORIZED, Broken

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.ports import Cache
    from cloud_cron_cli.deploy.images.registry.admission import Scopes
    from cloud_cron_cli.deploy.images.registry.answers import Answer
    from cloud_cron_cli.deploy.images.registry.credentials import Credentials
    from cloud_cron_cli.deploy.images.registry.patience import Patience
    from cloud_cron_cli.deploy.images.registry.web import Call, Web

_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_HOPS: Final = 5


class Connection:
    """A registry by its name, and as which of us; safe for threads."""

    def __init__(self, host: str, web: Web, patience: Patience, credentials: Credentials, cache: Cache | None) -> None:
        """Nothing is asked yet."""
        self.host = host
        self.patience = patience
        self._web = web
        self._admission = Admission(host, web, patience, credentials, cache)

    def url(self, place: str, seen_from: str = "") -> str:
        """A path or URL of the registry, with the scheme that it is spoken to with; `Broken` for a place that is none.

        A relative one is meant as it is `seen_from` a URL, else from the registry's first page.
        """
        try:
            url = urljoin(f"//{self.host}/", urljoin(seen_from, place))
            parts = urlsplit(url)
        except ValueError as error:
            raise Broken(f"it sends us to a place that is none: {error}") from error
        return parts._replace(scheme="").geturl() if parts.netloc == self.host else url

    def ask(self, call: Call, scopes: Scopes, what: str) -> Answer:
        """The answer, once passing trouble is over; `ImageError` CC870 or CC873 when it does not pass."""
        return self.patience.ask(self.host, what, lambda: self.once(call, scopes))

    def once(self, call: Call, scopes: Scopes) -> Answer:
        """The answer of one attempt; a token that has expired is renewed once. Raises `Broken` for none."""
        used = self._admission.word(scopes)
        answer = self._send(call, used)
        if answer.status != UNAUTHORIZED:
            return answer
        word = self._admission.renew(answer.headers.get("WWW-Authenticate", ""), used, scopes)
        return answer if word is None else self._send(call, word)

    def _send(self, call: Call, word: str | None) -> Answer:
        """Follow where a reader is sent: storage that is not the registry's own signs its URLs, and is told nothing."""
        for _ in range(_HOPS):
            ours = urlsplit(call.url).netloc == self.host
            headers = {**call.headers, "Authorization": word} if word and ours else call.headers
            answer = self._web.send(call._replace(headers=headers))
            place = answer.headers.get("Location")
            if answer.status not in _MOVED or call.method not in {"GET", "HEAD"} or not place:
                return answer
            call = call._replace(url=self.url(place, call.url))
        raise Broken("it sends readers around in circles")
