"""Calls of topics, queues and functions: what stops one is a `BusError` that says what AWS said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.errors import BusError

if TYPE_CHECKING:
    from collections.abc import Callable


def called(where: str, method: Callable[..., Any], **parameters: Any) -> Any:  # noqa: ANN401 - boto3's own types
    """Make one call; whatever stops it is a `BusError` with the code that AWS gave."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded by whoever made the client

    try:
        return method(**parameters)
    except ClientError as error:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        raise BusError(
            "CC224",
            f"{error.operation_name} was refused: {code}: {message}",
            where=where,
            hint="check the function's role and that the resource exists",
        ) from error
    except BotoCoreError as error:
        raise BusError("CC224", f"AWS could not be reached: {error}", where=where, hint="repeating is safe") from error
