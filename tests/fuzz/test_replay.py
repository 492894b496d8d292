"""What was found once is found no more: every seed and every regression of every target, without the fuzzer."""

from __future__ import annotations

import pytest

from tests.fuzz.target import regressions
from tests.fuzz.targets import TARGETS

INPUTS = [
    pytest.param(target, data, id=f"{name}-{number}")
    for name, target in TARGETS.items()
    for number, data in enumerate([*(seed.encode() for seed in target.seeds), *regressions(name)])
]


@pytest.mark.parametrize(("target", "data"), INPUTS)
def test_what_is_known_holds(target, data):
    target.check(data)
