"""What every answer of Amazon SES means for a delivery, and what a call without one does: the one place for both.

SES API v2 reference, SendEmail, "Errors"; SES Developer Guide, "Errors related to the sending quotas".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.channels import addresses
from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry

if TYPE_CHECKING:
    from cloud_cron.errors import Outcome

QUOTA_PAUSE: Final = 900.0
"""Seconds after which a daily quota is looked at again: it is that of the last 24 hours, so that some comes free."""

_SENDER: Final = "<sender>"
"""Stands in `says` for the sender's address or domain."""
_UNVERIFIED: Final = "not verified"
_ABSENT: Final = "create the configuration set or template in this region, or correct its name"


class Row(NamedTuple):
    """One row: answers with one of these codes, or this status, whose message contains `says`, and what they mean."""

    codes: tuple[str, ...]
    says: tuple[str, ...]
    outcome: type[Outcome]
    hint: str
    after: float | None = None


_SLOW: Final = (
    "TooManyRequestsException",
    "ThrottlingException",
    "Throttling",
    "LimitExceededException",
    "RequestLimitExceeded",
    "429",
)

ANSWERS: Final = (
    Row(
        _SLOW,
        ("daily",),
        ChannelDown,
        "the quota of 24 hours is used up: ask for a higher one under SES, Account dashboard",
        QUOTA_PAUSE,
    ),
    Row(_SLOW, (), Retry, "the account may send fewer a second"),
    Row(("MessageRejected",), (_UNVERIFIED, _SENDER), ChannelDown, "verify the sender's address or domain in SES"),
    Row(
        ("MessageRejected",),
        (_UNVERIFIED,),
        Permanent,
        "the account is in the sandbox of SES, which mails verified recipients alone: ask for production access",
    ),
    Row(("BadRequestException",), ("does not exist",), ChannelDown, _ABSENT),
    Row(
        ("MessageRejected", "BadRequestException", "InvalidParameterValue", "ValidationException"),
        (),
        Permanent,
        "SES takes this mail never: its content or recipient is at fault",
    ),
    Row(
        ("SendingPausedException", "AccountSendingPausedException", "ConfigurationSetSendingPausedException"),
        (),
        ChannelDown,
        "sending is paused, for the account or the configuration set: resume it in SES",
    ),
    Row(("AccountSuspendedException",), (), ChannelDown, "SES has suspended the account: answer its case in Support"),
    Row(
        ("MailFromDomainNotVerifiedException",),
        (),
        ChannelDown,
        "the MAIL FROM domain of the identity lacks its MX record: add it, or let SES fall back to its own",
    ),
    Row(
        (
            "NotFoundException",
            "ConfigurationSetDoesNotExist",
            "ConfigurationSetDoesNotExistException",
            "TemplateDoesNotExist",
        ),
        (),
        ChannelDown,
        _ABSENT,
    ),
    Row(
        ("AccessDeniedException", "AccessDenied"),
        (),
        ChannelDown,
        "allow ses:SendEmail and ses:SendRawEmail on the resource that is named",
    ),
    Row(
        ("ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException", "401", "403"),
        (),
        ChannelDown,
        "the credentials are not good, or not any more",
    ),
    Row(("5xx",), (), Ambiguous, "SES failed, perhaps after it had accepted the mail"),
    Row(("4xx",), (), Permanent, "SES refuses the request for a reason that we do not know"),
)
"""The first row that fits counts. Codes are those of SES v2, and of v1, which older endpoints still give."""


def refused(error: Any, sender: str) -> Outcome:  # noqa: ANN401 - a ClientError
    """What an answer of SES that is an error means for the delivery."""
    code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    reason = f"SES: {code}: {said}".rstrip(": ")
    known = {code, str(status), f"{status // 100}xx"}
    for row in ANSWERS:
        if known & set(row.codes) and all(_says(said, word, sender) for word in row.says):
            return _outcome(row, f"{reason} ({row.hint})")
    return Ambiguous(reason)


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


def _outcome(row: Row, reason: str) -> Outcome:
    return row.outcome(reason) if row.after is None else ChannelDown(reason, after=row.after)


def _says(said: str, word: str, sender: str) -> bool:
    return _names(said, sender) if word == _SENDER else word in said.lower()


def _names(said: str, sender: str) -> bool:
    """Whether a refusal is about the sender, by its address or its domain."""
    address = addresses.bare(sender.rpartition("<")[2].rstrip(">"))
    identities = {word.strip(",").lower() for word in said.rpartition(":")[2].split()}
    return bool(identities & {address.lower(), address.rpartition("@")[2].lower()})
