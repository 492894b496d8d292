"""Recipients that are references: the address itself is a secret, and its reference is the name it is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.channels.characters import breaking
from cloud_cron.checks import SECRET_SCHEMES
from cloud_cron.errors import CloudCronError, Retry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron.ports import Ports


def is_reference(address: object) -> bool:
    """Whether it says where an address is kept: `secretsmanager:NAME`, `ssm:/path`, `env:NAME` or `file:PATH`."""
    return (
        isinstance(address, str)
        and address.startswith(SECRET_SCHEMES)
        and address not in SECRET_SCHEMES
        and breaking(address) is None
    )


def references(recipients: Iterable[str]) -> tuple[str, ...]:
    """Those that are references."""
    return tuple(address for address in recipients if is_reference(address))


def followed(ports: Ports, address: str) -> str:
    """The address itself; raises `Retry` when the place where it is kept cannot be read: nothing was sent."""
    if not is_reference(address):
        return address
    try:
        return ports.secrets.get("recipient", address).strip()
    except Exception as error:  # noqa: BLE001 - whatever keeps secrets may raise
        why = error.message if isinstance(error, CloudCronError) else type(error).__name__
        raise Retry(f"the address that {address} refers to cannot be had: {why}") from None
