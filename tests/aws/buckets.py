"""A bucket as the template makes it, in the emulator moto; each one is new."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = count()


@contextmanager
def bucket() -> Iterator[tuple[Any, str]]:
    """A client and the name of an empty bucket."""
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        client, name = _client(), f"payloads-{next(NUMBERS)}"
        client.create_bucket(Bucket=name)
        yield client, name


@cache
def _client() -> Any:
    """One client for the process: making one costs more than all its calls."""
    import boto3  # noqa: PLC0415 - beside its one use

    return boto3.session.Session("testing", "testing", region_name="us-east-1").client("s3")
