"""Calls of the ledger's table: what stops one is a `StoreError` that says what AWS said, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.aws.items import Item

_HINTS: Final = {
    "AccessDeniedException": "deploy again: the role of this function is written by the template",
    "ResourceNotFoundException": "deploy again: the table is gone",
    "ProvisionedThroughputExceededException": "nothing was written; it is tried again",
    "ThrottlingException": "nothing was written; it is tried again",
    "RequestLimitExceeded": "nothing was written; it is tried again",
}
_CONFLICT: Final = frozenset({"TransactionConflict", "None"})


def called(table: str, method: Callable[..., Any], **request: Any) -> Any:  # noqa: ANN401 - boto3's own types
    """Make one call; raises `StoreError` for whatever stops it."""
    try:
        return method(**request)
    except Exception as error:
        raise refused(error, table) from error


def refused(error: Exception, table: str) -> Exception:
    """The `StoreError` of what a client raised (CC908); whatever is no answer of a client's stays as it is."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded by whoever made the client

    match error:
        case ClientError():
            code, said = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
            message = f"{error.operation_name} on the ledger was refused: {code}: {said}"
            hint = _HINTS.get(code, "nothing was decided by it; it is tried again")
            return StoreError("CC908", message, where=table, hint=hint)
        case BotoCoreError():
            hint = "the record may or may not be written; it is tried again"
            return StoreError("CC908", f"the ledger cannot be reached: {error}", where=table, hint=hint)
        case _:
            return error


def cancelled(error: Exception) -> Item | None:
    """What stood where a transaction's condition failed; None when nothing did but another transaction.

    DynamoDB API reference, TransactWriteItems, "CancellationReasons". Raises `StoreError` (CC908) for other reasons.
    """
    response: Any = getattr(error, "response", {})
    reasons = response.get("CancellationReasons", [])
    for reason in reasons:
        if reason.get("Code") == "ConditionalCheckFailed":
            found: Item = reason.get("Item", {})
            return found
    others = [reason.get("Code", "") for reason in reasons if reason.get("Code") not in _CONFLICT]
    if others or not reasons:
        message = f"the transaction was cancelled: {', '.join(others) or 'no reason was given'}"
        raise StoreError("CC908", message, hint="nothing was written; it is tried again") from error
    return None
