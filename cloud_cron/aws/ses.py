"""Sends mail through Amazon SES, one recipient a call: SES refuses a mail whole when one of its addresses is bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from cloud_cron.channels import addresses, mime
from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from cloud_cron.channels.email import EmailOptions
    from cloud_cron.ports import Ports

TAG: Final = "cc-effect"
_SLOW: Final = frozenset(
    {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException", "RequestLimitExceeded"}
)
_OURS: Final = frozenset({"MessageRejected", "BadRequestException", "InvalidParameterValue"})
_CHANNELS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountSuspendedException",
        "ConfigurationSetDoesNotExist",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "SendingPausedException",
        "UnrecognizedClientException",
    }
)
_DAILY: Final = 900.0
_SERVER: Final = 500


class SesSender:
    """The port `Sender` over a client of SES v2 that tries every call once.

    SES takes no key that would make a second call harmless; the key is a tag, `cc-effect`, so that its events can tell
    what became of a delivery (SES API v2 reference, SendEmail).
    """

    def __init__(self, ports: Ports, options: EmailOptions, client: Any) -> None:  # noqa: ANN401 - a client of botocore
        """Nothing is called before the first mail."""
        self._ports = ports
        self._options = options
        self._client = client

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port; the client's own timeouts are within it
        """Send one mail; raises `Retry`, `Permanent`, `Ambiguous` or `ChannelDown`."""
        from botocore.exceptions import (  # noqa: PLC0415 - loaded by whoever made the client
            BotoCoreError,
            ClientError,
            ConnectTimeoutError,
            EndpointConnectionError,
        )

        request: dict[str, Any] = {
            "FromEmailAddress": self._options.sender,
            "Destination": {"ToAddresses": [recipient]},
            "Content": {"Raw": {"Data": self._made(content, recipient, key)}},
            "EmailTags": [{"Name": TAG, "Value": key}],
        }
        if self._options.configuration_set:
            request["ConfigurationSetName"] = self._options.configuration_set
        try:
            return Receipt(self._client.send_email(**request)["MessageId"])
        except ClientError as error:
            _judged(error, self._options.sender or "")
        except (ConnectTimeoutError, EndpointConnectionError) as error:
            raise Retry(f"SES cannot be reached: {error}") from error
        except BotoCoreError as error:
            raise Ambiguous(f"the answer of SES was lost: {error}") from error

    def _made(self, content: Any, recipient: str, key: str) -> bytes:  # noqa: ANN401 - the channel's content
        date, sender, reply_to = self._ports.clock.now(), self._options.sender or "", self._options.reply_to
        try:
            return mime.message(content, sender, recipient, key=key, date=date, reply_to=reply_to).as_bytes()
        except Exception as error:
            raise Permanent(f"the mail cannot be put together: {type(error).__name__}: {error}") from error


def _address(mailbox: str) -> str:
    """The address of `Weather <weather@example.org>`."""
    return mailbox.rpartition("<")[2].rstrip(">")


def _judged(error: Any, sender: str) -> NoReturn:  # noqa: ANN401 - a ClientError
    """What an answer of SES means for the delivery.

    SES API v2 reference, SendEmail, "Errors"; SES Developer Guide, "Errors related to the sending quotas".
    """
    code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    reason = f"SES: {code}: {said}"
    if code in _SLOW and "daily" in said.lower():
        raise ChannelDown(reason, after=_DAILY) from error
    if code in _SLOW:
        raise Retry(reason) from error
    if code == "MessageRejected" and "not verified" in said and addresses.bare(_address(sender)) in said:
        raise ChannelDown(f"{reason} (verify the sender in SES)") from error
    if code in _OURS:
        raise Permanent(reason) from error
    if code in _CHANNELS:
        raise ChannelDown(reason) from error
    if status >= _SERVER or not status:
        raise Ambiguous(reason) from error
    raise Permanent(reason) from error
