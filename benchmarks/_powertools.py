"""Powertools for AWS Lambda around the body of a bare loop, as its documentation puts it together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from _mails import CONTEXT
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.idempotency import (
    BasePersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

    Event = dict[str, Any]


class Store(BasePersistenceLayer):
    """The two writes of a record, in a dict; `clear` forgets them."""

    def __init__(self) -> None:
        """Nothing was processed yet."""
        self._rows: dict[str, DataRecord] = {}
        self.clear = self._rows.clear
        super().__init__()

    def _get_record(self, idempotency_key: str) -> DataRecord:
        return self._rows[idempotency_key]

    def _put_record(self, data_record: DataRecord) -> None:
        if self._rows.setdefault(data_record.idempotency_key, data_record) is not data_record:
            raise IdempotencyItemAlreadyExistsError

    def _update_record(self, data_record: DataRecord) -> None:
        self._rows[data_record.idempotency_key] = data_record

    def _delete_record(self, data_record: DataRecord) -> None:
        del self._rows[data_record.idempotency_key]


def fifo(deliver: Callable[[Event], None]) -> Callable[[Event], object]:
    """Its FIFO processor, which keeps no record of what it did."""
    processor = SqsFifoPartialProcessor()

    def one(record: SQSRecord) -> None:
        deliver(record.raw_event)

    return lambda batch: process_partial_response(event=batch, record_handler=one, processor=processor)


def idempotent(deliver: Callable[[Event], None], store: Store) -> Callable[[Event], object]:
    """The same, with a record of each message by its id: one write before it is handled, and one after."""
    processor = SqsFifoPartialProcessor()
    config = IdempotencyConfig(event_key_jmespath="messageId", lambda_context=CONTEXT)

    @idempotent_function(data_keyword_argument="record", config=config, persistence_store=store)
    def once(record: SQSRecord) -> None:
        deliver(record.raw_event)

    def one(record: SQSRecord) -> None:
        once(record=record)

    return lambda batch: process_partial_response(event=batch, record_handler=one, processor=processor)
