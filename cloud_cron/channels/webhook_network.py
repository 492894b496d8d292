"""The network as a webhook may use it: public places only, by addresses that were looked up once.

What is looked at must be what is connected to, else a name could answer twice, and differently (DNS rebinding).
"""

from __future__ import annotations

import socket
import ssl
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Final, Protocol

from cloud_cron.channels.patience import Late, within

if TYPE_CHECKING:
    from collections.abc import Callable

_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052, 2.1


class Network(Protocol):
    """What a webhook needs of the network. Each raises OSError."""

    def look_up(self, host: str, port: int, seconds: float) -> list[str]:
        """Every address of the host, in the order in which they are to be tried."""
        ...

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        """A connection to that very address."""
        ...

    def secure(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        """TLS with whoever has a certificate for the host."""
        ...


class Internet:
    """The real one; `resolve` is what asks the resolver of this machine, which may take longer than there is time."""

    def __init__(self, resolve: Callable[..., Any] = socket.getaddrinfo) -> None:
        """Nothing is asked yet."""
        self._resolve = resolve

    def look_up(self, host: str, port: int, seconds: float) -> list[str]:
        """Ask once, and wait no longer than that."""
        try:
            found = within(seconds, lambda: self._resolve(host, port, type=socket.SOCK_STREAM))
        except Late:
            raise TimeoutError("its name was not looked up in time") from None
        return list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        """Nothing is looked up: the address is a number."""
        return socket.create_connection((address, port), timeout=seconds)

    def secure(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        """With the authorities that this machine trusts."""
        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def is_public(address: str) -> bool:
    """Whether an address is on the public internet, whichever way it is written inside of another one."""
    number = ip_address(address)
    inner = _inside(number)
    if inner is not None:
        return is_public(str(inner))
    if isinstance(number, IPv6Address) and (number.is_site_local or number.teredo):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)


def _inside(number: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4 (RFC 3056), or behind NAT64."""
    if isinstance(number, IPv4Address):
        return None
    if number in _NAT64:
        return IPv4Address(int(number) & 0xFFFF_FFFF)
    return number.ipv4_mapped or number.sixtofour
