"""Sends webhooks: one POST of JSON each, signed, to a place that was looked at before anything is said to it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import cloud_cron
from cloud_cron.channels import referring, webhook_address
from cloud_cron.channels.webhook_answers import meaning
from cloud_cron.channels.webhook_exchange import exchange
from cloud_cron.channels.webhook_network import Internet, Network
from cloud_cron.channels.webhook_signature import signature
from cloud_cron.encoding import dumps
from cloud_cron.errors import ChannelDown, CloudCronError, Permanent, RecipientError
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from cloud_cron.channels.webhook import WebhookOptions
    from cloud_cron.channels.webhook_address import WebhookAddress
    from cloud_cron.ports import Ports

_ANY_BELOW: Final = "*."


class WebhookSender:
    """The port `Sender`; every request has a connection of its own, so that several threads may send at a time."""

    def __init__(self, ports: Ports, options: WebhookOptions, network: Network | None = None) -> None:
        """Nothing is looked up, and no secret is read, before the first message."""
        self._ports = ports
        self._options = options
        self._network = network or Internet()

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Send to one address within `timeout` seconds; a redirect is not followed, and no more than a status is read.

        Raises `Retry` for what was certainly not accepted, `Permanent` for what never will be, `Ambiguous` when it may
        have been, `ChannelDown` when the server does not let us in or there is no secret to sign with.
        """
        end = monotonic() + timeout
        to = self._address(recipient)
        body = dumps(content.body).encode()
        answer = exchange(self._network, to, body, content.headers | self._headers(key, body), end)
        outcome = meaning(answer, to.authority, self._ports.clock.now())
        if outcome is not None:
            raise outcome
        return Receipt(key)

    def _address(self, recipient: str) -> WebhookAddress:
        followed = referring.followed(self._ports, recipient)
        try:
            to = webhook_address.read(followed)
        except RecipientError as error:
            where = f" (behind {recipient})" if followed != recipient else ""
            raise Permanent(f"{error.message}{where}") from None
        if self._options.hosts and not any(_covers(host, to.host) for host in self._options.hosts):
            raise Permanent(f"the server {to.authority} is none of hosts, where alone something is sent to")
        return to

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        timestamp = int(self._ports.clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"cloud-cron/{cloud_cron.__version__}",
            "Connection": "close",
            "Idempotency-Key": key,
            "Webhook-Id": key,
            "Webhook-Timestamp": str(timestamp),
        }
        if self._options.secret:
            headers["Webhook-Signature"] = self._signature(self._options.secret, key, timestamp, body)
        return headers

    def _signature(self, reference: str, key: str, timestamp: int, body: bytes) -> str:
        try:
            return signature(self._ports.secrets.get("webhook", reference), key, timestamp, body)
        except Exception as error:  # noqa: BLE001 - whatever keeps secrets may raise; nothing was sent
            known = isinstance(error, (CloudCronError, ValueError))
            why = getattr(error, "message", str(error)) if known else type(error).__name__
            raise ChannelDown(f"the secret that webhooks are signed with cannot be used: {why}") from None


def _covers(entry: str, host: str) -> bool:
    """Whether an entry of `hosts` is that host, or `*.` and a domain above it."""
    return host.endswith(entry[1:]) if entry.startswith(_ANY_BELOW) else host == entry
