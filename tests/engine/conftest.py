"""A store in memory, a place on it, and an empty app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloud_cron import CloudCron
from cloud_cron.local.store import Store
from tests.engine.support import Place

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        yield store


@pytest.fixture
def place(store: Store) -> Place:
    return Place(store)


@pytest.fixture
def app() -> CloudCron:
    return CloudCron("weather")
