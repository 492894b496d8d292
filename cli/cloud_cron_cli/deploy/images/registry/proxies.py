"""How a host is reached: this machine at once, others over the proxies of the environment (RFC 9110, 9.3.6)."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Mapping


_PORT: Final = 80


class Proxy(NamedTuple):
    """Where it is, and what it is told of us."""

    host: str
    port: int
    headers: Mapping[str, str]


def is_loopback(name: str) -> bool:
    """Whether it is this machine."""
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def of(place: SplitResult) -> Proxy | None:
    """The one for a URL, None for none; `ImageError` CC870 when it is no proxy that makes tunnels."""
    if is_loopback(place.hostname or ""):
        return None
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined] # noqa: PLC0415 - this machine does without

    named = getproxies_environment()
    url = named.get(place.scheme) or named.get("all")
    if not url or proxy_bypass_environment(place.netloc, named):
        return None
    return _parsed(url if "://" in url else f"http://{url}")


def _parsed(url: str) -> Proxy:
    """The proxy; a password in its address is told to nobody else."""
    try:
        place = urlsplit(url)
        host, port = place.hostname, place.port or _PORT
    except ValueError as error:
        raise _unusable("its address is none", None) from error
    if place.scheme != "http" or not host:
        raise _unusable(place.scheme, host)
    if place.username is None:
        return Proxy(host, port, {})
    from cloud_cron_cli.deploy.images.registry.credentials import Login  # noqa: PLC0415 - few ask who is there

    login = Login(unquote(place.username), unquote(place.password or ""))
    return Proxy(host, port, {"Proxy-Authorization": login.basic})


def _unusable(why: str, host: str | None) -> ImageError:
    hint = "HTTPS_PROXY must begin with http://, as in http://proxy.example:3128"
    return ImageError("CC870", f"the proxy cannot be used: {why}", where=host, hint=hint)
