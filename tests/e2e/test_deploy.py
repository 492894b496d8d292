"""A stage from its first deploy to its end, on the emulator."""

from __future__ import annotations

import pytest

from tests.e2e.inventory import inventory
from tests.e2e.project import Project
from tests.e2e.stage import Stage, described
from tests.loopback import until

pytestmark = pytest.mark.e2e


def function(project, stage, name):
    client = project.account.client("lambda")
    return client.get_function_configuration(FunctionName=stage.parts["task", name]["function_name"])


def events(project):
    pages = project.account.client("cloudformation").get_paginator("describe_stack_events")
    return [event for page in pages.paginate(StackName="basic-e2e") for event in page["StackEvents"]]


def test_an_unchanged_deploy_changes_nothing(project, stage):
    before = events(project)

    done = project.deploy()

    assert done["changed"] == []
    assert events(project) == before


def test_a_changed_memory_size_is_applied(project, stage):
    project.edit(
        "cloud-cron.toml",
        "[stages.e2e.notifiers.alert]",
        "[stages.e2e.tasks.slow]\nmemory = 512\n\n[stages.e2e.notifiers.alert]",
    )
    project.plan(code=2)

    project.deploy()

    assert function(project, stage, "slow")["MemorySize"] == 512
    assert function(project, stage, "large")["MemorySize"] != 512
    project.plan()


def test_changed_code_is_what_runs_next(project, stage, localstack):
    assert stage.invoke("hourly", {})["published"]
    project.edit("app.py", '"name": "memory", "percent": 8', '"name": "memory", "percent": 9')

    project.deploy()
    stage.invoke("large", {})

    until("the message", lambda: b"late: db-3 has memory 9 %" in localstack.log.read_bytes())


def test_outputs_are_those_of_the_stack(project, stage):
    told = project.cli("outputs")

    assert stage.parts["task", "hourly"] in told["tasks"]
    assert stage.parts["notifier", "report"] in told["notifiers"]
    assert stage.parts["topic", "alerts"] in told["topics"]
    assert told["outputs"]["Ledger"] == stage.outputs["Ledger"]


def test_status_tells_what_was_due_last_and_what_waits(project, stage):
    event = {**stage.scheduled("hourly", "2026-01-01T08:00:00Z"), "input": {"disk": -1}}
    run = stage.invoke("hourly", event)["run"]
    url = stage.parts["notifier", "alert"]["queue_url"]
    until("the message that nobody takes", lambda: stage.waiting(url))

    told = project.cli("status", "--remote")

    tasks = {each["name"]: each for each in told["tasks"]}
    assert (tasks["hourly"]["last"]["run_id"], tasks["hourly"]["last"]["state"]) == (run, "done")
    assert tasks["hourly"]["next"]
    assert next(each for each in told["notifiers"] if each["name"] == "alert")["queued"] == stage.waiting(url)


def test_destroy_refuses_to_lose_a_message_and_then_leaves_nothing(localstack, mail, tmp_path):
    project = Project(tmp_path / "basic", localstack, mail.port)
    before = inventory(project.account)
    project.deploy()
    stage = Stage(project.account, described(project.account, "basic-e2e"))
    stage.invoke("hourly", {"input": {"disk": -1}})
    until("a message that nobody takes", lambda: stage.waiting(stage.parts["notifier", "alert"]["queue_url"]))
    there = inventory(project.account)

    project.refused("CC824", "destroy", "--yes")
    assert inventory(project.account) == there

    assert project.cli("destroy", "--yes", "--discard")["stacks"]
    assert inventory(project.account) - before == set()
    assert project.cli("destroy", "--yes")["stacks"] == []


def test_a_notifier_is_removed_with_its_queues(project, stage):
    project.edit("app.py", '@app.notifier("print", topics=["trouble"])', "")
    project.edit("cloud-cron.toml", '[stages.e2e.watch]\ntopic = "trouble"\n', "")

    project.deploy()

    done = {event["ResourceStatus"] for event in events(project) if event["LogicalResourceId"].endswith("Queue")}
    assert "DELETE_SKIPPED" in done  # by CloudFormation: it is the deploy that deletes a queue, once it is empty
    assert not [each for each in inventory(project.account) if "watcher" in each[1].lower()]
