"""Where a webhook is: `https://hooks.example.org/path` as a value.

Its path and query may be what lets a caller in, so that no error shows more than the host.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final, NamedTuple

from cloud_cron.channels import addresses
from cloud_cron.channels.webhook_network import is_public
from cloud_cron.errors import RecipientError, kind_of

HTTPS: Final = 443
_URL: Final = re.compile(
    r"https://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\\\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?P<target>[/?][!-~]*)?",
    re.IGNORECASE,
)
_HINT: Final = "write the address of a server, such as https://hooks.example.org/reports"
_LONGEST: Final = 2_000
_LAST_PORT: Final = 65_535


class WebhookAddress(NamedTuple):
    """One address; `target` is its path and query."""

    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as a URL and the header `Host` have them (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"

    def __str__(self) -> str:
        """The one spelling."""
        return f"https://{self.authority}{self.target}"


def read(text: object) -> WebhookAddress:
    """The address that a URL names: `RecipientError` CC321 for what is none, CC506 for one with a password.

    Only https, and no place that is not on the public internet.
    """
    if not isinstance(text, str):
        raise _refused(f"must be a string, not {kind_of(text)}")
    if re.match(r"[^/?#]*//[^/?#]*@", text):
        message = "a webhook's address holds a user or password, which does not belong there (it is not shown)"
        raise RecipientError("CC506", message, hint='refer to the whole address: "secretsmanager:shop/hook"')
    if text.lower().startswith("http://"):
        raise _refused("is http://, which everybody on the way can read", "write https://")
    found = _URL.fullmatch(text)
    if found is None or len(text) > _LONGEST or "#" in text or "\\" in text:
        raise _refused("is no https:// address of a server")
    port = int(found["port"] or HTTPS)
    if not 0 < port <= _LAST_PORT:
        raise _refused(f"names port {port}, which there is not")
    target = found["target"] or "/"
    return WebhookAddress(_host(found["host"]), port, target if target.startswith("/") else f"/{target}")


def _host(given: str) -> str:
    """A domain in lower case and Punycode, or the number of a public place."""
    bare = given.strip("[]")
    try:
        number = ip_address(bare)
    except ValueError:
        known = addresses.domain(bare)
        if known is None:
            raise _refused("has no complete domain as its host") from None
        return known
    if not is_public(str(number)):
        raise _refused("leads to a private place")
    return str(number)


def _refused(why: str, hint: str = _HINT) -> RecipientError:
    return RecipientError("CC321", f"a webhook's address {why}", hint=hint)
