from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.aws.names import LIMIT, check_names, resource_name
from cloud_cron.errors import DeclarationError
from cloud_cron.model import AppModel, TaskModel

APP = "a" * 31
STAGE = "s" * 16


def twins() -> tuple[str, str]:
    """Two long names whose cut forms and hashes are the same: with six hex digits, a few thousand tries find them."""
    seen: dict[str, str] = {}
    for number in count():
        name = f"{'n' * 30}{number}"
        deployed = resource_name(APP, STAGE, "task", name)
        if deployed in seen:
            return seen[deployed], name
        seen[deployed] = name
    raise AssertionError


def test_names_that_would_be_deployed_as_one_are_refused_with_both_lines():
    first, second = twins()
    model = AppModel(APP, tasks=(TaskModel(first, where="app.py:3"), TaskModel(second, where="app.py:9")))
    with pytest.raises(DeclarationError) as caught:
        check_names(model, STAGE)
    assert caught.value.code == "CC111"
    assert caught.value.where == "app.py:9"
    assert "app.py:3" in caught.value.message
    assert first in caught.value.message
    assert second in caught.value.message
    check_names(AppModel(APP, tasks=model.tasks[:1]), STAGE)


@given(name=st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,39}", fullmatch=True))
def test_a_name_fits_and_can_be_read(name: str):
    deployed = resource_name(APP, STAGE, "task", name)
    assert len(deployed) <= LIMIT
    assert resource_name("shop", "dev", "task", name).startswith(f"shop-dev-{name}-")
    assert deployed != resource_name(APP, STAGE, "notifier", name)
