"""The reference loads an example, which no other test may find."""

from __future__ import annotations

import pytest

from tests.cli.conftest import own_imports


@pytest.fixture(autouse=True, scope="module")
def untouched_imports():
    """Those of a module are gone with it: what it shares is made of them."""
    with own_imports():
        yield
