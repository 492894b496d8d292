"""AWS's services in the emulator moto, inside the process, behind the clients of a function."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.aws.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "123456789012"


class Backends:
    """moto's own objects of the account, by service and region."""

    def __getitem__(self, service: str) -> Any:
        from moto.backends import get_backend  # noqa: PLC0415 - only who looks needs it

        return get_backend(service)[ACCOUNT]  # type: ignore[call-overload]


@contextmanager
def clients() -> Iterator[tuple[Clients, Backends]]:
    """Clients of an empty account in us-east-1."""
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    with moto.mock_aws():
        yield Clients(boto3.session.Session("testing", "testing", region_name="us-east-1")), Backends()
