"""What a task returned: checked whole, turned into messages with ids that last."""

from __future__ import annotations

import json
from collections import UserDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from cloud_cron.aws.payloads import NoPayloads
from cloud_cron.errors import EncodingError, ResultError, UnknownTopic
from cloud_cron.model import TaskModel
from cloud_cron.runtime import results
from tests.runtime.support import message

TASK = TaskModel("morning", topics=("reports", "alerts"))


@dataclass
class Reading:
    """A payload as a dataclass."""

    temp_c: float


class Dumping:
    """A payload as a model of pydantic."""

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        return {"mode": mode}


class Pair(NamedTuple):
    """A tuple, so a list of payloads."""

    left: dict[str, Any]
    right: dict[str, Any]


@pytest.mark.parametrize(
    ("result", "payloads"),
    [
        (None, {}),
        ({}, {}),
        ({"reports": None}, {"reports": []}),
        ({"reports": []}, {"reports": []}),
        ({"reports": ()}, {"reports": []}),
        ({"reports": {}}, {"reports": [{}]}),
        ({"reports": {"a": 1}}, {"reports": [{"a": 1}]}),
        ({"reports": [{"a": 1}, Reading(2.5)]}, {"reports": [{"a": 1}, {"temp_c": 2.5}]}),
        ({"alerts": ({"a": 1},), "reports": None}, {"alerts": [{"a": 1}], "reports": []}),
        ({"reports": Dumping()}, {"reports": [{"mode": "json"}]}),
        ({"reports": UserDict(a=1)}, {"reports": [{"a": 1}]}),
        (UserDict(reports={"a": 1}), {"reports": [{"a": 1}]}),
        ({"reports": Pair({"a": 1}, {"b": 2})}, {"reports": [{"a": 1}, {"b": 2}]}),
    ],
)
def test_results_that_are_understood(result, payloads):
    assert results.checked(TASK, result) == payloads


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ("reports", "str"),
        (({"a": 1},), "tuple"),
        ([], "list"),
        (iter(()), "tuple_iterator"),
        (5, "int"),
        (True, "bool"),
    ],
)
def test_results_that_are_no_topics(result, kind):
    with pytest.raises(ResultError) as caught:
        results.checked(TASK, result)

    assert type(caught.value) is ResultError
    assert caught.value.code == "CC201"
    assert caught.value.message == f"task 'morning' returned a {kind}"
    assert caught.value.hint == "return a dict of topic -> payload, or None"


@pytest.mark.parametrize(
    ("topics", "given", "hint"),
    [
        (("reports", "alerts"), "report", "did you mean 'reports'?"),
        (("reports", "alerts"), "weather", "known: alerts, reports"),
        (("reports",), 5, "known: reports"),
        ((), "reports", "declare it: topics=['reports']"),
    ],
)
def test_a_topic_that_was_not_declared(topics, given, hint):
    with pytest.raises(UnknownTopic) as caught:
        results.checked(TaskModel("morning", topics=topics), {given: {}})

    assert caught.value.code == "CC202"
    assert caught.value.message == f"task 'morning' returned a result for topic {given!r}, which it does not declare"
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("payload", "code", "where"),
    [
        ("text", "CC201", "reports"),
        (5, "CC201", "reports"),
        ([{"a": 1}, None], "CC201", "reports[1]"),
        ([[{"a": 1}]], "CC201", "reports[0]"),
        ((x for x in [{"a": 1}]), "CC201", "reports"),
        ({"rows": [{}, {"price": float("nan")}]}, "CC210", "reports.rows[1].price"),
        ([{"a": 1}, {"when": {1, 2}}], "CC210", "reports[1].when"),
        ({1: "a"}, "CC216", "reports"),
    ],
)
def test_a_payload_that_is_none(payload, code, where):
    with pytest.raises(ResultError) as caught:
        results.checked(TASK, {"alerts": {}, "reports": payload})

    assert (caught.value.code, caught.value.where) == (code, where)


def group(order: str, payload: dict[str, Any], number: int = 1, task: str = "morning") -> str:
    model = TaskModel(task, topics=("reports",), order=order)
    return results.ready("weather", "dev", model, message(number, payload=payload), NoPayloads()).outgoing.group


def test_order_by_task_is_one_group():
    assert group("task", {"a": 1}, 1) == group("task", {"b": 2}, 2)
    assert group("task", {}, task="evening") != group("task", {})


def test_order_by_message_is_a_group_each():
    assert group("message", {}, 1) != group("message", {}, 2)
    assert group("message", {}, 1) == group("message", {"a": 1}, 1)


def test_order_by_payload_is_a_group_for_each_value_of_the_task():
    one = group("payload:station", {"station": "KSEA", "n": 1}, 1)

    assert one == group("payload:station", {"station": "KSEA", "n": 2}, 2)
    assert one != group("payload:station", {"station": "KJFK"})
    assert one != group("payload:station", {"station": "KSEA"}, task="evening")
    assert group("payload:station", {"station": 1}) != group("payload:station", {"station": "1"})
    assert group("payload:station", {"station": None}) != group("payload:station", {"station": "null"})
    assert group("payload:a:b", {"a:b": {"x": [1]}}) == group("payload:a:b", {"a:b": {"x": [1]}})


def test_order_by_a_key_that_a_payload_lacks():
    with pytest.raises(ResultError) as caught:
        group("payload:station", {"city": "KSEA"})

    assert caught.value.code == "CC204"
    assert caught.value.message == "a payload for 'reports' has no 'station', which order='payload:station' needs"
    assert caught.value.hint == "add the key, or choose another order"


def test_what_goes_out_carries_id_and_envelope():
    ready = results.ready("weather", "dev", TASK, message(), NoPayloads())

    assert (ready.message, ready.outgoing.id, ready.aside) == (message(), "M1", None)
    assert json.loads(ready.outgoing.body)["payload"] == {"n": 1}


def test_a_message_that_is_too_large_names_its_largest_parts():
    with pytest.raises(EncodingError) as caught:
        results.ready("weather", "dev", TASK, message(payload={"rows": "x" * 17_000_000, "a": 1}), NoPayloads())

    assert caught.value.code == "CC220"
    assert "reports.rows 17,000,002" in caught.value.message
