"""Which stack everything stands in, and that it stays there."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.template import Part, check_size, digest, dumps, notifiers, sealed, tasks
from cloud_cron_cli.deploy.template.placement import RESOURCES, number, placed
from cloud_cron_cli.deploy.template.scope import logical
from tests.deploy.template.apps import FULL, app, everything, nothing, parts, resolved, settings
from tests.trying import examples


def homes(found: list[Part]) -> dict[str, tuple[str, str]]:
    """The stack and the resource of everything that may not move."""
    return {
        identity: (part.key, json.dumps(resource))
        for part in found
        for identity, resource in part.template["Resources"].items()
    }


def placement(found: list[Part]) -> dict[str, str]:
    """As the engine reads it from the outputs of deployed stacks."""
    places = {}
    for part in found:
        for output in part.template["Outputs"].values():
            value = output["Value"]
            text = value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value
            if isinstance(text, str) and text.startswith("{"):
                said = json.loads(text)
                places[f"{said['kind']}:{said.get('name')}"] = part.key
    return {key: part for key, part in places.items() if not key.startswith("maintenance")}


def test_a_small_app_is_one_stack():
    assert [part.key for part in parts(app(40))] == ["main"]


@pytest.mark.parametrize("count", [1, 50, 500, 2000])
def test_an_app_of_any_size_fits(count):
    found = parts(app(count, topics=5, notifiers=2))
    assert [part.key for part in found] == ["main", *(f"p{n}" for n in range(1, len(found)))]
    assert [part.stack for part in found[:2]] == ["shop-dev", "shop-dev-p1"][: len(found)]
    assert all(len(part.template["Resources"]) <= RESOURCES for part in found)
    functions = Counter(
        resource["Type"] for part in found for resource in part.template["Resources"].values()
    )["AWS::Lambda::Function"]  # fmt: skip
    assert functions == count + 2 + 1
    assert len(found) <= 1 + count // 70


def test_growing_from_forty_to_four_hundred_tasks_and_back_moves_nothing():
    small = parts(app(40, topics=2))
    large = parts(app(400, topics=2), placement=placement(small))
    again = parts(app(40, topics=2), placement=placement(large))
    before, after = homes(small), homes(large)
    moved = {name for name in before if before[name] != after[name]}
    assert moved <= {"SchedulerRole", "MaintenancePolicy"}
    assert len(large) > 1
    assert homes(again) == before


def test_what_is_deployed_stays_where_it_is_whatever_comes_before_it():
    first = parts(app(150))
    reordered = app(150)
    reordered.notifier("print", topics=["orders0"], name="another")(lambda message: "x")
    second = parts(reordered, placement=placement(first))
    assert placement(first).items() <= placement(second).items()


def test_a_task_is_never_deployed_before_those_who_hear_it():
    found = parts(app(60, topics=40, notifiers=12))
    places = placement(found)
    last = max(number(part) for key, part in places.items() if key.startswith("notifier:"))
    assert last > 0
    assert min(number(part) for key, part in places.items() if key.startswith("task:")) >= last
    assert max(number(part) for key, part in places.items() if key.startswith("topic:")) <= last


def test_more_topics_than_a_stack_has_outputs_for_are_spread():
    assert len(parts(app(400, topics=400, notifiers=0))) > 2


@pytest.mark.parametrize("given", [settings(), settings(**FULL)])
def test_a_place_is_reckoned_by_what_really_stands_in_it(given):
    model = resolved(everything(), given)
    [part] = parts(everything(), given)
    names = part.template["Resources"]
    for task in model.tasks:
        own = [name for name in names if name.startswith(logical("Task", task.name))]
        assert tasks.weight(task, given) == len(own)
    for notifier in model.notifiers:
        own = [name for name in names if name.startswith(logical("Notifier", notifier.name))]
        assert notifiers.weight(notifier, given) == len(own)


@hypothesis_settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 30), st.integers(0, 6)), min_size=2, max_size=4))
def test_whatever_an_app_becomes_nothing_moves_and_a_stack_fits_or_is_refused(steps):
    known: dict[str, str] = {}
    for count, topics, hearers in steps:
        made = app(count, topics=topics, notifiers=hearers)
        before, known = known, placed(resolved(made, settings()), settings(), known)
        assert all(known[key] == part for key, part in before.items() if key in known)
    for part in parts(made, placement=known):
        large = len(part.template["Resources"]) > 500
        with pytest.raises(ConfigError, match="CC857") if large else nullcontext():
            check_size(part.stack, part.template, "")


def test_a_template_of_more_than_a_megabyte_names_its_largest_resource():
    wordy = app(2)
    wordy.schedule(name="wordy", permissions=[{"Action": "s3:GetObject", "Resource": "x" * 1_000_000}])(nothing)
    [part] = parts(wordy)
    with pytest.raises(ConfigError, match="CC857") as caught:
        check_size(part.stack, part.template, dumps(part.template))
    assert "TaskWordy" in str(caught.value.hint)


def test_a_digest_is_that_of_template_parameters_and_tags():
    [part] = parts(app())
    own = digest(part.template, {}, {})
    assert sealed(part.template, own)["Outputs"]["TemplateDigest"] == {"Value": own}
    assert digest(sealed(part.template, own), {}, {}) == own
    [other] = parts(app(2))
    assert len({own, digest(part.template, {"Ledger": "x"}, {}), digest(part.template, {}, {"a": "b"}),
                digest(other.template, {}, {})}) == 4  # fmt: skip


def test_a_template_is_json_with_a_line_for_each_resource():
    [part] = parts(app())
    text = dumps(part.template)
    assert json.loads(text) == part.template
    names = [line.split('"')[1] for line in text.splitlines() if line.startswith("  ")]
    assert names == [*part.template["Resources"], *part.template["Outputs"]]
