"""The model: frozen, complete, and the same after a journey through JSON."""

from __future__ import annotations

import json
import string
from collections import ChainMap
from dataclasses import FrozenInstanceError, fields
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import AppModel, CloudCron
from cloud_cron.errors import DeclarationError
from cloud_cron.model import NotifierModel, TaskModel, frozen, thawed


def names(longest: int = 40) -> st.SearchStrategy[str]:
    return st.builds(
        lambda first, rest: first + rest,
        st.sampled_from(string.ascii_letters),
        st.text(string.ascii_letters + string.digits + "_-", max_size=longest - 1),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TOPICS = st.lists(names(), unique=True, max_size=3).map(tuple)
TABLES = st.dictionaries(names(8).filter(lambda name: len(name) > 1 and "-" not in name), st.text(), max_size=2)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "name": names(),
    "topics": TOPICS,
    "timeout": st.integers(1, 2000),
    "memory": st.integers(128, 10_240),
    "env": TABLES.map(lambda table: frozen({f"X{name}": value for name, value in table.items()})),
    "secrets": TABLES.map(lambda table: frozen({name: f"env:X{value}" for name, value in table.items()})),
    "permissions": st.lists(st.fixed_dictionaries({"Action": st.text(), "Resource": JSON}), max_size=2).map(frozen),
    "function": st.dictionaries(st.sampled_from(["architecture", "tracing"]), JSON, max_size=2).map(frozen),
    "enabled": st.booleans(),
    "where": st.text(),
}
TASKS = st.builds(
    TaskModel,
    **COMMON,
    schedules=st.lists(st.sampled_from(["rate(1 day)", "cron(0 8 * * ? *)"]), max_size=2).map(tuple),
    start=st.none() | st.just("2030-01-01T00:00:00+00:00"),
    window=st.none() | st.integers(1, 1440),
    overlap=st.none() | st.sampled_from(["skip", "queue", "allow"]),
    order=st.sampled_from(["task", "message", "payload:x"]),
    input=JSON.map(frozen),
    description=st.none() | st.text(max_size=512),
)
NOTIFIERS = st.builds(
    NotifierModel,
    **COMMON,
    channel=names(),
    subject=st.none() | st.text(),
    recipients=st.lists(st.text(), max_size=2).map(tuple),
    allow_recipients=st.lists(st.text(), max_size=2).map(tuple),
    max_ambiguous=st.integers(0, 9),
    options=st.dictionaries(st.text(), JSON, max_size=2).map(frozen),
)
APPS = st.builds(
    AppModel, names(), names(), st.lists(TASKS, max_size=2).map(tuple), st.lists(NOTIFIERS, max_size=2).map(tuple)
)


@given(APPS)
def test_json_and_back(model):
    text = json.dumps(model.to_json())

    assert AppModel.from_json(json.loads(text)) == model
    assert json.dumps(AppModel.from_json(json.loads(text)).to_json()) == text


def test_json_has_every_field_by_its_name():
    model = AppModel("a", tasks=(TaskModel("t"),), notifiers=(NotifierModel("n", "email"),))
    data = model.to_json()

    assert list(data) == [field.name for field in fields(AppModel)]
    assert list(data["tasks"][0]) == [field.name for field in fields(TaskModel)]
    assert list(data["notifiers"][0]) == [field.name for field in fields(NotifierModel)]
    assert data["version"] == 1


def test_a_declared_app_survives_the_journey():
    app = CloudCron("weather")
    app.schedule("rate(1 day)", topics=["a"], input={"x": [1, {"y": None}]}, env={"AB": "c"})(lambda_named("task"))
    app.notifier("email", sender="ada@example.org", recipients="ada@example.org")(lambda_named("mail"))
    model = app.model()

    assert AppModel.from_json(json.loads(json.dumps(model.to_json()))) == model


def lambda_named(name: str) -> Any:
    """A function of that name."""

    def function():
        return None

    function.__name__ = name
    return function


def test_another_version_is_refused():
    with pytest.raises(ValueError, match="model version 2 is not 1"):
        AppModel.from_json({**AppModel("a").to_json(), "version": 2})
    with pytest.raises(ValueError, match="model version None is not 1"):
        AppModel.from_json({})


def test_nothing_in_a_model_can_be_changed():
    task = TaskModel("t", input=frozen({"a": [1]}), env=frozen({"AB": "c"}))

    with pytest.raises(FrozenInstanceError):
        task.name = "other"  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError):
        task.env["AB"] = "d"  # type: ignore[index]  # that is the point
    with pytest.raises(TypeError):
        task.input["a"] = 2
    assert isinstance(task.input["a"], tuple)


def test_freezing_copies_and_thawing_gives_what_can_be_changed():
    given_: dict[str, Any] = {"a": [1, {"b": 2}], "c": ChainMap({"d": [3]})}
    value = frozen(given_)
    given_["a"].append(9)
    again: Any = thawed(value)
    again["a"].append(4)

    assert value == {"a": (1, {"b": 2}), "c": {"d": (3,)}}
    assert again == {"a": [1, {"b": 2}, 4], "c": {"d": [3]}}
    assert isinstance(value, MappingProxyType)
    assert (type(again), type(again["a"][1]), type(again["c"])) == (dict, dict, dict)


def test_topics_are_listed_once_in_the_order_of_first_mention():
    model = AppModel(
        "a",
        tasks=(TaskModel("t", topics=("b", "a")), TaskModel("u", topics=("a", "c"))),
        notifiers=(NotifierModel("n", "email", topics=("d", "b")),),
    )

    assert model.topics == ("b", "a", "c", "d")


def test_parts_are_found_by_name():
    task, notifier = TaskModel("t"), NotifierModel("n", "email")
    model = AppModel("a", tasks=(task,), notifiers=(notifier,))

    assert (model.task("t"), model.notifier("n")) == (task, notifier)
    assert (model.task("n"), model.notifier("t")) == (None, None)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "_x"}, "CC110"),
        ({"topics": ("a", "a")}, "CC120"),
        ({"timeout": 0}, "CC113"),
        ({"memory": 0}, "CC113"),
        ({"enabled": None}, "CC113"),
        ({"env": {"A B": "x"}}, "CC113"),
        ({"secrets": {"a": "b"}}, "CC506"),
        ({"permissions": ({},)}, "CC115"),
        ({"function": {"nothing": 1}}, "CC114"),
    ],
)
def test_whoever_makes_a_model_is_checked(options, code):
    for kind, more in ((TaskModel, {}), (NotifierModel, {"channel": "email"})):
        with pytest.raises(DeclarationError, match=code):
            kind(**{"name": "good", **more, **options})
