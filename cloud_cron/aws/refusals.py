"""What stops a call of the ledger's table, told apart: a condition, another transaction, or a `StoreError`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.aws.items import Item

_AGAIN: Final = "nothing was written; it is tried again"
_HINTS: Final = {
    "AccessDeniedException": "deploy again: the role of this function is written by the template",
    "ResourceNotFoundException": "deploy again: the table is gone",
    "ProvisionedThroughputExceededException": _AGAIN,
    "RequestLimitExceeded": _AGAIN,
    "ThrottlingException": _AGAIN,
    "TransactionConflictException": _AGAIN,
}
_CONFLICT: Final = frozenset({"TransactionConflict", "None"})


class Stood(NamedTuple):
    """What stood where a condition failed: the item, or an empty one where there was none.

    `retried`: the client had asked before and got no answer, so that the item may be what it had written itself.
    """

    item: Item
    retried: bool


@contextmanager
def telling(table: str) -> Iterator[None]:
    """Raise `StoreError` (CC908) for whatever stops a call; repeating any call of the ledger is safe."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded by whoever made the client

    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        message = f"{error.operation_name} on the ledger was refused: {code}: {said}"
        hint = _HINTS.get(code, "nothing was decided by it; it is tried again")
        raise StoreError("CC908", message, where=table, hint=hint) from error
    except BotoCoreError as error:
        hint = "the record may or may not be written; it is tried again"
        raise StoreError("CC908", f"the ledger cannot be reached: {error}", where=table, hint=hint) from error


def stood(error: Exception) -> Stood | None:
    """What stood in the way of a conditional write, alone or within a transaction; None when it was something else.

    DynamoDB API reference, PutItem and TransactWriteItems ("CancellationReasons").
    """
    response: Any = getattr(error, "response", {})
    failed = response if _code(response) == "ConditionalCheckFailedException" else None
    for reason in response.get("CancellationReasons", ()):
        if reason.get("Code") == "ConditionalCheckFailed":
            failed = reason
    if failed is None:
        return None
    return Stood(failed.get("Item", {}), response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0)


def is_conflict(error: Exception) -> bool:
    """Whether nothing but another transaction stood in the way, which is over in an instant."""
    response: Any = getattr(error, "response", {})
    reasons = {reason.get("Code") for reason in response.get("CancellationReasons", ())}
    return _code(response) == "TransactionConflictException" or (bool(reasons) and reasons <= _CONFLICT)


def _code(response: Any) -> str:  # noqa: ANN401 - boto3's own types
    code: str = response.get("Error", {}).get("Code", "")
    return code
