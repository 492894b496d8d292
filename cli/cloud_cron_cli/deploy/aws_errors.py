"""What AWS and botocore say when a call fails, as errors that say what to do about it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import CloudCronError, DeployError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN: Final = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure", "InvalidToken"}
)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_THROTTLED: Final = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"}
)
_SKEWED: Final = frozenset({"RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException"})
_QUOTA: Final = frozenset({"LimitExceededException", "LimitExceeded", "TooManyBuckets", "QueueDeletedRecently"})
_REGION: Final = frozenset({"OptInRequired", "SubscriptionRequiredException", "InvalidRegion"})
_ALLOWED: Final = r"not authorized to perform: (?P<action>\S+)(?: on resource: (?P<resource>\S+))?"
_LATE: Final = r"[Ss]ignature (?:not yet current|expired)|[Rr]equest time"


@contextmanager
def asking(action: str) -> Iterator[None]:
    """Raise what botocore raises as `UnsupportedError` or `DeployError`, CC801 to CC809; `action` is what was asked."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - whoever asks has it already

    try:
        yield
    except ClientError as error:
        raise refused(action, error.response.get("Error", {})) from error
    except BotoCoreError as error:
        raise not_asked(action, error) from error


def refused(action: str, said: Mapping[str, Any]) -> CloudCronError:
    """An answer of AWS that is a refusal."""
    code, message = str(said.get("Code", "")), str(said.get("Message", "")).strip()
    text = f"AWS refused {action}: {message or code}"
    if code in _EXPIRED:
        hint = "sign in again: aws sso login, or take new credentials"
        return UnsupportedError("CC802", f"the AWS credentials have expired ({code})", hint=hint)
    if code in _SKEWED and (code == "RequestTimeTooSkewed" or re.search(_LATE, message)):
        return UnsupportedError("CC806", text, hint="this machine's clock is wrong: set it, for instance by NTP")
    if code in _UNKNOWN or code in _SKEWED:
        hint = (
            "the credentials are not of this account, or the region is not enabled for it: aws sts get-caller-identity"
        )
        return UnsupportedError("CC801", text, hint=hint)
    if code in _DENIED:
        return denied(action, message)
    if code in _THROTTLED:
        return DeployError("CC804", f"AWS is being asked too often: {text}", hint="wait a minute and try again")
    if code in _REGION:
        return UnsupportedError("CC805", text, hint="choose another --region, or enable this one for the account")
    if code in _QUOTA:
        return DeployError("CC807", text, hint="have the quota raised in Service Quotas, or delete what is not needed")
    hint = "correct what it names and try again; --debug shows the call"
    return DeployError("CC809", f"{text} ({code})" if code else text, hint=hint)


def denied(action: str, message: str) -> CloudCronError:
    """A missing permission, with action and resource where AWS tells them."""
    found = re.search(_ALLOWED, message)
    needed = found["action"] if found else action
    where = f" on {found['resource']}" if found and found["resource"] else ""
    return DeployError(
        "CC803",
        f"the AWS credentials may not do {needed}{where}",
        hint=f"allow {needed} in their policy (docs/howto/rights.md), or use another --profile; AWS said: {message}",
    )


def not_asked(action: str, error: Exception) -> CloudCronError:
    """A call that never came to an answer."""
    match type(error).__name__:
        case "NoCredentialsError" | "PartialCredentialsError" | "ProfileNotFound" | "CredentialRetrievalError":
            hint = "run `aws configure` or `aws sso login`, give --profile, or set AWS_ACCESS_KEY_ID"
            return UnsupportedError("CC801", f"there are no usable AWS credentials: {error}", hint=hint)
        case (
            "TokenRetrievalError" | "SSOTokenLoadError" | "UnauthorizedSSOTokenError" | "RefreshWithMFAUnsupportedError"
        ):
            return UnsupportedError("CC802", f"the AWS credentials have expired: {error}", hint="aws sso login")
        case "NoRegionError" | "InvalidRegionError" | "UnknownRegionError" | "UnknownServiceError":
            return UnsupportedError("CC805", f"{action}: {error}", hint="give --region, for instance eu-central-1")
        case "EndpointConnectionError" | "ConnectTimeoutError" | "ReadTimeoutError" | "ConnectionClosedError":
            hint = "check the network, --region (does the service exist there?) and --endpoint-url"
            return DeployError("CC808", f"{action}: {error}", hint=hint)
        case _:
            hint = "check the network and --endpoint-url, and try again"
            return DeployError("CC808", f"{action}: {type(error).__name__}: {error}", hint=hint)
