"""The catalogue of bad inputs: each is met for real, and what is said of it is in docs/bad-input.md."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.bad_input.meeting import impossible, met
from tests.bad_input.page import COMMAND, PAGE, text
from tests.bad_input.row import Row, Told, faults
from tests.bad_input.whole import CATALOGUE, LAST


@pytest.mark.parametrize("row", [pytest.param(row, id=row.number) for row in CATALOGUE])
def test_a_bad_input_is_told_with_its_place_and_its_remedy(row):
    if why := impossible(row):
        pytest.skip(why)
    assert faults(row, met(row)) == []


def test_every_number_has_its_row():
    numbers = {int(re.sub(r"\D", "", row.number)) for row in CATALOGUE}
    assert sorted(set(range(1, LAST + 1)) - numbers) == []
    assert max(numbers) == LAST


def test_no_row_is_there_twice():
    for field in ("number", "given"):
        assert [each for each, count in Counter(getattr(row, field) for row in CATALOGUE).items() if count > 1] == []


def test_the_page_is_what_the_catalogue_says():
    assert PAGE.read_text(encoding="utf-8") == text(), f"make it anew: {COMMAND}"


TOLD = Told(2, "CC101", "no x here", "app.py:3", "use `y` instead")
ROW = Row("1", "x", lambda folder: TOLD, "CC101", "no … here", "app.py:3", "use `y`")


def test_a_row_that_is_right_has_no_fault():
    assert faults(ROW, TOLD) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"exit": 1}, "exit is 1, not 2"),
        ({"code": None}, "code is None"),
        ({"says": "no x there"}, "says is"),
        ({"at": "app.py:4"}, "at is 'app.py:4'"),
        ({"fix": "think"}, "the remedy is 'think'"),
        ({"text": 'File "/x/site-packages/cloud_cron/app.py", line 3'}, "a traceback of ours"),
        ({"left": (".cloud-cron",)}, ".cloud-cron was left behind"),
    ],
)
def test_whatever_differs_is_a_fault(changes, says):
    [fault] = faults(ROW, TOLD._replace(**changes))
    assert fault.startswith(says)


def test_a_mistake_without_a_remedy_is_a_fault():
    assert faults(ROW._replace(fix=""), TOLD._replace(fix="")) == ["the remedy is '', not ''"]
