"""Sends mail through Amazon SES, one recipient a call: SES refuses a mail whole when one of its addresses is bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import addresses, mime
from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from cloud_cron.channels.email import EmailOptions
    from cloud_cron.errors import Outcome
    from cloud_cron.ports import Ports

TAG: Final = "cc-effect"
QUOTA_PAUSE: Final = 900.0
"""Seconds after which a daily quota is looked at again: it is that of the last 24 hours, so that some comes free."""

_SLOW: Final = frozenset(
    {"LimitExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)
_MESSAGES: Final = frozenset({"BadRequestException", "InvalidParameterValue", "MessageRejected", "ValidationException"})
_CHANNELS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountSendingPausedException",
        "AccountSuspendedException",
        "ConfigurationSetDoesNotExist",
        "ConfigurationSetDoesNotExistException",
        "ConfigurationSetSendingPausedException",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "SendingPausedException",
        "UnrecognizedClientException",
    }
)
_UNAUTHORISED: Final = frozenset({401, 403})
_TOO_MANY: Final = 429
_SERVER: Final = 500


class SesSender:
    """The port `Sender` over a client of SES v2 that tries every call once, and within the channel's call timeout.

    SES takes no key that would make a second call harmless; the key is a tag, `cc-effect`, so that its events can tell
    what became of a delivery (SES API v2 reference, SendEmail).
    """

    def __init__(self, ports: Ports, options: EmailOptions, client: Any) -> None:  # noqa: ANN401 - a client of botocore
        """Nothing is called before the first mail."""
        self._ports = ports
        self._options = options
        self._client = client

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port; the client was made with it
        """Send one mail.

        Raises `Retry` for what was certainly not accepted, `Permanent` for what never will be, `Ambiguous` when the
        answer was lost, `ChannelDown` when SES would take nothing from us.

        The sender stands in the mail alone: `FromEmailAddress` would replace it there, the display name with it, and
        takes no name that is not ASCII (SES API v2 reference, SendEmail).
        """
        request: dict[str, Any] = {
            "Destination": {"ToAddresses": [recipient]},
            "Content": {"Raw": {"Data": self._made(content, recipient, key)}},
            "EmailTags": [{"Name": TAG, "Value": key}],
        }
        if self._options.configuration_set:
            request["ConfigurationSetName"] = self._options.configuration_set
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded by whoever made the client

        try:
            return Receipt(self._client.send_email(**request)["MessageId"])
        except ClientError as error:
            raise refused(error, self._options.sender or "") from error
        except BotoCoreError as error:
            raise unanswered(error) from error

    def _made(self, content: Any, recipient: str, key: str) -> bytes:  # noqa: ANN401 - the channel's content
        date, sender, reply_to = self._ports.clock.now(), self._options.sender or "", self._options.reply_to
        try:
            return mime.message(content, sender, recipient, key=key, date=date, reply_to=reply_to).as_bytes()
        except Exception as error:
            raise Permanent(f"the mail cannot be put together: {type(error).__name__}: {error}") from error


def refused(error: Any, sender: str) -> Outcome:  # noqa: ANN401 - a ClientError
    """What an answer of SES means for the delivery.

    SES API v2 reference, SendEmail, "Errors"; SES Developer Guide, "Errors related to the sending quotas".
    """
    code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    reason = f"SES: {code}: {said}".rstrip(": ")
    if code in _SLOW or status == _TOO_MANY:
        return ChannelDown(reason, after=QUOTA_PAUSE) if "daily" in said.lower() else Retry(reason)
    if code == "MessageRejected" and "not verified" in said and _names(said, sender):
        return ChannelDown(f"{reason} (verify the sender in SES)")
    if code in _MESSAGES:
        return Permanent(reason)
    if code in _CHANNELS or status in _UNAUTHORISED:
        return ChannelDown(reason)
    return Ambiguous(reason) if status >= _SERVER or not status else Permanent(reason)


def unanswered(error: Exception) -> Outcome:
    """What it means for the delivery that there is no answer: a call that never left was certainly not accepted."""
    from botocore import exceptions as known  # noqa: PLC0415 - loaded by whoever made the client

    match error:
        case known.ParamValidationError():
            return Permanent(f"SES takes no such mail: {error}")
        case known.ConnectTimeoutError() | known.EndpointConnectionError() | known.ProxyConnectionError():
            return Retry(f"SES cannot be reached: {error}")
        case known.HTTPClientError() | known.ConnectionError():
            return Ambiguous(f"the answer of SES was lost: {error}")
        case (
            known.NoCredentialsError()
            | known.PartialCredentialsError()
            | known.CredentialRetrievalError()
            | known.MetadataRetrievalError()
            | known.TokenRetrievalError()
        ):
            return ChannelDown(f"there are no credentials for SES: {error}")
        case _:
            return Ambiguous(f"the answer of SES was lost: {error}")


def _names(said: str, sender: str) -> bool:
    """Whether a refusal is about the sender, by its address or its domain."""
    address = addresses.bare(sender.rpartition("<")[2].rstrip(">"))
    identities = {word.strip(",").lower() for word in said.rpartition(":")[2].split()}
    return bool(identities & {address.lower(), address.rpartition("@")[2].lower()})
