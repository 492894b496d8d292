"""One request at a time over urllib3: certificates are always checked, and proxies are those of the environment."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.registry.refusals import Broken, untrusted
from cloud_cron_cli.deploy.images.registry.trust import context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from urllib3 import BaseHTTPResponse, PoolManager

CONNECT: Final = 10.0
READ: Final = 120.0
_CONNECTIONS: Final = 8
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
    """Whoever can be reached from here; safe for threads. Connections are kept, and used again."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._managers: dict[tuple[str, str | None], PoolManager] = {}
        self._schemes: dict[str, str] = {}

    def send(self, call: Call) -> BaseHTTPResponse:
        """Whatever the answer is; raises `Broken` when there is none, `ImageError` CC875 or CC879 for no trust."""
        place = urlsplit(call.url)
        local = _is_loopback(place.hostname or "")
        if place.scheme == "http" and not local:
            raise untrusted(place.netloc, "it wants to be spoken to without TLS")
        if place.scheme:
            return self._ask(call, call.url)
        scheme = self._schemes.get(place.netloc) if local else "https"
        return self._ask(call, urlunsplit(place._replace(scheme=scheme))) if scheme else self._first(call)

    def _first(self, call: Call) -> BaseHTTPResponse:
        """The first request to a registry of this machine finds out whether it speaks TLS: one that does breaks off."""
        place = urlsplit(call.url)
        answer: BaseHTTPResponse | None = None
        failure = Broken("")
        for scheme in ("http", "https"):
            try:
                found = self._ask(call, urlunsplit(place._replace(scheme=scheme)))
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

    def _ask(self, call: Call, url: str) -> BaseHTTPResponse:
        import urllib3  # noqa: PLC0415 - a command that needs no registry does without

        try:
            return self._manager(url).request(
                call.method,
                url,
                body=call.body() if callable(call.body) else call.body,
                headers={"Accept-Encoding": "identity", "User-Agent": "cloud-cron", **call.headers},
                timeout=urllib3.Timeout(connect=CONNECT, read=READ),
                retries=False,
                redirect=False,
                preload_content=not call.stream,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise _explained(urlsplit(url).netloc, error) from error

    def _manager(self, url: str) -> PoolManager:
        scheme, proxy = urlsplit(url).scheme, _proxy(url)
        if (scheme, proxy) not in self._managers:
            self._managers[scheme, proxy] = _made(scheme, proxy)
        return self._managers[scheme, proxy]


def _made(scheme: str, proxy: str | None) -> PoolManager:
    import urllib3  # noqa: PLC0415 - the same

    more: Any = {"num_pools": 16, "maxsize": _CONNECTIONS}
    if scheme == "https":
        more["ssl_context"] = context()
    if proxy is None:
        return urllib3.PoolManager(**more)
    place = urllib3.util.parse_url(proxy)
    try:
        headers = urllib3.make_headers(proxy_basic_auth=place.auth) if place.auth else {}
        return urllib3.ProxyManager(place._replace(auth=None).url, proxy_headers=headers, **more)
    except urllib3.exceptions.ProxySchemeUnknown as error:
        hint = "HTTPS_PROXY must begin with http:// or https://"
        raise ImageError("CC870", f"the proxy cannot be used: {error}", where=str(place.host), hint=hint) from error


def _proxy(url: str) -> str | None:
    """The proxy of the environment for a URL, none for this machine."""
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined] # noqa: PLC0415 - the same

    place = urlsplit(url)
    proxies = getproxies_environment()
    proxy = proxies.get(place.scheme) or proxies.get("all")
    if not proxy or _is_loopback(place.hostname or "") or proxy_bypass_environment(place.netloc, proxies):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _explained(host: str, error: Exception) -> Exception:
    """What went wrong below: trust is for a person to settle, anything else may be over in a moment."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return untrusted(host, cause.verify_message or str(cause), cause.verify_code)
        inner = next((each for each in cause.args if isinstance(each, BaseException)), None)
        cause = inner or cause.__cause__
    return Broken(str(error))
