"""Secrets on AWS: Secrets Manager and the parameter store, asked at most once in five minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import NotFound, UnsupportedError
from cloud_cron.runtime.redacting import know

if TYPE_CHECKING:
    from cloud_cron.aws.clients import Clients
    from cloud_cron.ports import Clock

KEPT: Final = 300.0
"""Seconds for which a value is used: so soon a changed one is seen, and so seldom AWS is asked."""

_MISSING: Final = "check its name, region and account"
_OTHERWISE: Final = "AWS did not answer as it should; it is asked again the next time"
_HINTS: Final = {
    "AccessDeniedException": "deploy again if the reference is another one; a key of its own must allow the role",
    "DecryptionFailure": "the key of KMS that the secret is encrypted with must allow the role",
    "InvalidRequestException": "it may be marked for deletion",
    "ParameterNotFound": _MISSING,
    "ParameterVersionNotFound": _MISSING,
    "ResourceNotFoundException": _MISSING,
    "ValidationException": _MISSING,
}


class AwsSecrets:
    """Resolves `secretsmanager:NAME` (or an ARN) and `ssm:/path`, and keeps each value for five minutes."""

    def __init__(self, clients: Clients, clock: Clock) -> None:
        """No client is made before a secret is asked for."""
        self._clients = clients
        self._clock = clock
        self._values: dict[str, tuple[float, str]] = {}

    def get(self, name: str, reference: str) -> str:
        """The value behind the reference: CC507 when it cannot be read, CC508 for a reference of another place."""
        now = self._clock.now().timestamp()
        until, value = self._values.get(reference, (0.0, ""))
        if now < until:
            return value
        value = know(self._read(name, reference))
        self._values[reference] = (now + KEPT, value)
        return value

    def forget(self, reference: str) -> None:
        """Ask AWS the next time."""
        self._values.pop(reference, None)

    def _read(self, name: str, reference: str) -> str:
        store, _, place = reference.partition(":")
        match store:
            case "secretsmanager":
                answer = self._called(name, reference, store, "get_secret_value", SecretId=place)
                return _text(name, answer.get("SecretString"))
            case "ssm":
                answer = self._called(name, reference, store, "get_parameter", Name=place, WithDecryption=True)
                return _text(name, answer["Parameter"]["Value"])
            case _:
                message = f"secret {name!r} is kept in {store}:, which no function on AWS can read"
                raise UnsupportedError("CC508", message, hint="give this stage a secretsmanager: or ssm: reference")

    def _called(self, name: str, reference: str, service: str, method: str, **request: Any) -> Any:  # noqa: ANN401 - boto3's own types
        client = self._clients.get(service)
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded with the client

        try:
            return getattr(client, method)(**request)
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            message = f"secret {name!r}: {reference} cannot be read: {code}"
            raise NotFound("CC507", message, hint=_HINTS.get(code, _OTHERWISE)) from error
        except BotoCoreError as error:
            message = f"secret {name!r}: {reference} cannot be read: {error}"
            raise NotFound("CC507", message, hint=_OTHERWISE) from error


def _text(name: str, value: str | None) -> str:
    if value is None:
        message = f"secret {name!r} is binary"
        raise NotFound("CC507", message, hint="store it as text")
    return value
