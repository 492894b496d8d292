"""A table as the template makes it, in the emulator moto; each one is new."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = count()
KEYS = [("pk", "HASH"), ("sk", "RANGE")]


@contextmanager
def table() -> Iterator[tuple[Any, str]]:
    """A client and the name of an empty table."""
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        client, name = _client(), f"ledger-{next(NUMBERS)}"
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in KEYS],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEYS],
        )
        yield client, name


@cache
def _client() -> Any:
    """One client for the process: making one costs more than all its calls."""
    import boto3  # noqa: PLC0415 - beside its one use

    return boto3.session.Session("testing", "testing", region_name="us-east-1").client("dynamodb")
