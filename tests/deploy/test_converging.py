"""Every status of a stack, every ending of a change, and a deploy that is killed at every call: the next converges."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from cloud_cron.config import Settings, resolve
from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy import causes
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy.causes import PROPAGATING
from cloud_cron_cli.deploy.desired import App
from cloud_cron_cli.deploy.engine import Order, deploy
from cloud_cron_cli.deploy.ports import Tools
from cloud_cron_cli.deploy.stacks import Event
from cloud_cron_cli.deploy.statuses import Action, action
from tests.deploy.clouds import OK, STUCK, Cloud, Killed
from tests.deploy.stages import (
    FEWER,
    LOOKS,
    MAIN,
    MORE,
    ORDER,
    SMALL,
    WIDE,
    assert_converged,
    deaths,
    deployed,
    finish,
    made,
    spread,
)
from tests.deploy.template.apps import GIVEN, IMAGE, app

BAD = "Resource handler returned message: no such thing"


def endings():
    """A cloud before the deploy, and how its changes end, by name."""
    slow = PROPAGATING[0]
    return {
        "a first deploy": (Cloud, []),
        "a first deploy that fails": (Cloud, [OK, BAD]),
        "a first deploy whose artifacts fail": (Cloud, [BAD]),
        "a first deploy whose role is too young": (Cloud, [OK, slow, slow]),
        "a first deploy that fails and cannot be deleted": (Cloud, [OK, BAD, STUCK, STUCK]),
        "an update": (lambda: deployed(FEWER), []),
        "an update that fails": (lambda: deployed(FEWER), [BAD]),
        "an update whose rollback fails": (lambda: deployed(FEWER), [STUCK]),
        "an update whose rollback fails for good": (lambda: deployed(FEWER), [STUCK, STUCK]),
        "an update that removes queues": (lambda: deployed(MORE), []),
        "an update that removes queues and fails": (lambda: deployed(MORE), [BAD]),
    }


@pytest.mark.parametrize("name", endings())
def test_a_deploy_killed_at_any_call_is_finished_by_the_next(name):
    begin, script = endings()[name]
    wanted = made(SMALL)
    cloud = begin()
    cloud.script = list(script)
    with suppress(DeployError):
        deploy(cloud.tools, wanted, ORDER)
    calls = list(cloud.calls)
    if script.count(STUCK) == 2 and "delete" in calls:  # what the stack leaves is known to the deploy that deletes it
        calls = calls[: calls.index("delete")]
    cloud.script.clear()
    deploy(cloud.tools, wanted, ORDER)
    assert_converged(cloud, wanted)

    for step in deaths(calls):
        cloud = begin()
        cloud.script = list(script)
        cloud.kill(step)
        finish(cloud, wanted)
        assert_converged(cloud, wanted)


@pytest.mark.parametrize("declared", [WIDE, SMALL], ids=["the image changes", "a stack becomes empty"])
def test_a_deploy_of_several_stacks_killed_at_any_call_is_finished_by_the_next(declared):
    wanted = made(declared, tags={"team": "ops"})
    cloud = spread()
    deploy(cloud.tools, wanted, ORDER)
    calls = list(cloud.calls)
    assert_converged(cloud, wanted)
    assert (cloud.find(f"{MAIN}-p1") is None) is (declared is SMALL)

    for step in deaths(calls):
        cloud = spread()
        cloud.kill(step)
        finish(cloud, wanted)
        assert_converged(cloud, wanted)


class Witness:
    """Every port of a cloud; nothing is another after a look, but what was said and the numbers that were used."""

    def __init__(self, cloud):
        self._cloud = cloud
        self.looks = set()

    def __getattr__(self, name):
        def call(*given, **named):
            self._cloud._advance()
            before = self._state()
            answer = getattr(self._cloud, name)(*given, **named)
            if name in LOOKS:
                self.looks.add(name)
                assert self._state() == before, name
            return answer

        return call

    def _state(self):
        return repr({name: value for name, value in vars(self._cloud).items() if name not in {"said", "serial"}})


def test_a_look_leaves_the_cloud_as_it_was():
    cloud = deployed(MORE)
    witness = Witness(cloud)

    deploy(Tools(*[witness] * len(Tools._fields)), made(SMALL), ORDER)

    assert_converged(cloud, made(SMALL))
    assert witness.looks > {"change_set", "events", "find", "queues", "resources"}


def test_a_topic_that_is_given_in_place_of_ours_is_heard_until_the_last_run_has_ended():
    cloud = deployed()
    wanted = made(SMALL, topics={"orders0": GIVEN})

    first = deploy(cloud.tools, wanted, ORDER)
    assert any("TopicOrders0" in name for name in cloud.the(MAIN).resources)
    assert "deploy again in" in (first.later or "")
    assert deploy(cloud.tools, wanted, ORDER).changed == ()
    cloud.sleep(3_600)
    second = deploy(cloud.tools, wanted, ORDER)

    assert second.later is None
    assert not any("TopicOrders0" in name for name in cloud.the(MAIN).resources)
    assert_converged(cloud, wanted)


STATUSES = [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_FAILED",
    "DELETE_FAILED",
]


@pytest.mark.parametrize("status", STATUSES)
def test_a_stack_that_was_well_once_is_brought_on_from_any_status(status):
    cloud = deployed(FEWER)
    cloud.the(MAIN).status = status

    deploy(cloud.tools, made(SMALL), ORDER)

    cloud.retained.clear()  # what a stack leaves behind that somebody deletes is theirs
    assert_converged(cloud, made(SMALL))


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_first_creation_is_brought_on_from_any_status(status):
    cloud = Cloud()
    cloud.script = [OK, BAD, STUCK]
    with pytest.raises(DeployError, match="CC820"):
        deploy(cloud.tools, made(SMALL), ORDER)
    record = next(each for each in cloud.records if each.name == MAIN)
    record.status = status

    deploy(cloud.tools, made(SMALL), ORDER)

    assert_converged(cloud, made(SMALL))


@pytest.mark.parametrize("kind", ["UPDATE", "DELETE", "UPDATE_ROLLBACK"])
def test_what_is_under_way_is_waited_for(kind):
    cloud = deployed(FEWER)
    record = cloud.the(MAIN)
    cloud._begin(record, kind, **({"template": record.template, "tags": record.tags} if kind == "UPDATE" else {}))

    deploy(cloud.tools, made(SMALL), ORDER)

    cloud.retained.clear()  # what a stack leaves behind that somebody deletes is theirs
    assert_converged(cloud, made(SMALL))


def test_a_failed_creation_that_cannot_go_on_is_cleaned_up_and_made_anew():
    cloud = Cloud()
    cloud.script = [OK, BAD]
    cloud.kill(None)
    with pytest.raises(Killed):
        die_before(cloud, "roll_back")
    assert cloud.the(MAIN).status == "CREATE_FAILED"
    cloud.stale = True

    deploy(cloud.tools, made(SMALL), ORDER)

    assert_converged(cloud, made(SMALL))


def die_before(cloud, call):
    """Deploy as far as that call."""
    trial = deepcopy(cloud)
    with suppress(DeployError):
        deploy(trial.tools, made(SMALL), ORDER)
    cloud.kill(trial.calls.index(call))
    try:
        deploy(cloud.tools, made(SMALL), ORDER)
    finally:
        cloud.kill(None)


def test_what_a_failed_stack_began_to_make_stays_there():
    cloud = spread()
    record = cloud.the(f"{MAIN}-p1")
    record.status, record.attempted, record.outputs = "CREATE_FAILED", record.template, {}

    assert stage_of.read(cloud, "shop", "dev", made(WIDE).tags).placement["task:task1"] == "p1"


@pytest.mark.parametrize("main", ["deployed by another tool", "gone"])
def test_stacks_beside_the_main_one_are_found_without_its_help(main):
    cloud = spread()
    if main == "gone":
        cloud.records = [record for record in cloud.records if record.name != MAIN]
    else:
        del cloud.the(MAIN).outputs[stage_of.PARTS]

    assert stage_of.read(cloud, "shop", "dev", made(WIDE).tags).parts == ["p1"]


@pytest.mark.parametrize("name", endings())
def test_changes_that_begin_a_moment_later_are_waited_for(name):
    begin, script = endings()[name]
    cloud = begin()
    cloud.script, cloud.lag = list(script), 2.0

    finish(cloud, made(SMALL))

    assert_converged(cloud, made(SMALL))


def test_an_unchanged_stage_costs_one_look_at_each_stack():
    given = made(SMALL, topics={"orders0": GIVEN})
    cloud = Cloud()
    deploy(cloud.tools, given, ORDER)
    cloud.kill(None)

    assert deploy(cloud.tools, given, Order()).changed == ()
    assert deploy(cloud.tools, given, Order(IMAGE)).changed == ()
    assert [call for call in cloud.calls if call != "now"] == ["find", "find", "prepared", "find", "find", "resolve"]


def test_a_role_that_stays_unknown_is_waited_for_three_times_only():
    cloud = Cloud()
    cloud.script = [OK, *[PROPAGATING[1]] * 4]

    with pytest.raises(DeployError, match=r"CC820 .*cannot be assumed by Lambda"):
        deploy(cloud.tools, made(SMALL), ORDER)

    assert cloud.find(MAIN) is None
    assert not cloud.retained
    assert sum("trying again" in text for text in cloud.said) == 3


@pytest.mark.parametrize("tokens", [True, False], ids=["events carry tokens", "events carry none"])
def test_a_first_deploy_that_fails_says_the_first_cause_and_leaves_nothing_of_it(tokens):
    cloud = Cloud()
    cloud.script, cloud.tokens = [OK, BAD], tokens

    with pytest.raises(DeployError) as failure:
        deploy(cloud.tools, made(SMALL), ORDER)

    assert BAD in failure.value.message
    assert "cancelled" not in failure.value.message
    assert cloud.find(MAIN) is None
    assert not cloud.retained


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("User: x is not authorized to perform: sqs:CreateQueue on resource: y", "docs/howto/rights.md"),
        (BAD, "correct the cause"),
    ],
)
def test_a_right_that_is_missing_leads_to_the_page_of_rights(reason, words):
    cloud = Cloud()
    cloud.script = [reason]

    with pytest.raises(DeployError) as failure:
        deploy(cloud.tools, made(SMALL), ORDER)

    assert words in str(failure.value)


def somebody_else(cloud, once, token, template):
    """Begin another update of the main stack as soon as it has that status."""
    sleep = cloud.sleep

    def slept(seconds):
        sleep(seconds)
        record = cloud.the(MAIN)
        if record.status == once:
            cloud.sleep = sleep
            cloud._begin(record, "UPDATE", template=template or record.template, tags=record.tags, token=token)

    cloud.sleep = slept


@pytest.mark.parametrize("token", ["", "Console-UpdateStack-1"], ids=["by a tool", "in the console"])
@pytest.mark.parametrize("theirs", [OK, "another cause"])
def test_a_change_that_failed_is_told_by_its_own_cause_whatever_somebody_began_meanwhile(token, theirs):
    cloud = deployed(FEWER)
    cloud.script = [BAD, theirs]
    somebody_else(cloud, "UPDATE_ROLLBACK_COMPLETE", token, None)

    with pytest.raises(DeployError, match=rf"CC820 .*is UPDATE_ROLLBACK_COMPLETE: .*{BAD}") as failure:
        deploy(cloud.tools, made(SMALL), ORDER)

    assert "another cause" not in failure.value.message


def test_a_change_that_was_well_stays_so_when_another_fails_right_after():
    cloud = deployed(FEWER)
    cloud.script = [OK, BAD]
    somebody_else(cloud, "UPDATE_COMPLETE", "", None)

    assert deploy(cloud.tools, made(SMALL), ORDER).changed == (MAIN,)


def test_a_change_that_somebody_undid_right_away_is_not_taken_for_done():
    cloud = deployed(FEWER)
    somebody_else(cloud, "UPDATE_COMPLETE", "", cloud.the(MAIN).template)

    with pytest.raises(DeployError, match=r"CC820 .*somebody else"):
        deploy(cloud.tools, made(SMALL), ORDER)


def test_events_of_another_operation_are_not_ours():
    events = [Event("2", MAIN, "arn:x:stack/y", "AWS::CloudFormation::Stack", "UPDATE_IN_PROGRESS", "", "theirs")]

    assert causes.of(causes.Operation("1", "ours"), events) == []


def test_a_change_that_takes_too_long_says_how_to_go_on():
    cloud = Cloud()

    with pytest.raises(DeployError, match=r"CC821 .* goes on by itself"):
        deploy(cloud.tools, made(SMALL), Order(IMAGE, timeout=3))

    deploy(cloud.tools, made(SMALL), ORDER)
    assert_converged(cloud, made(SMALL))


def test_a_stack_that_is_not_ours_is_refused_before_the_first_change():
    cloud = deployed()
    cloud.the(MAIN).tags = {"managed_by": "somebody"}
    before = [record.status for record in cloud.records]

    with pytest.raises(ConfigError, match=r"CC810 .*managed_by=somebody"):
        deploy(cloud.tools, made(app(3)), ORDER)

    assert [record.status for record in cloud.records] == before
    assert set(cloud.calls) <= {"find", "now"}


def test_a_topic_that_is_not_ours_is_refused_before_the_first_change():
    cloud = Cloud()
    cloud.topics["shop-dev-orders0.fifo"] = {"managed_by": "cloud-cron", "app": "shop", "stage": "dev2"}

    with pytest.raises(ConfigError, match=r"CC811 .*orders0"):
        deploy(cloud.tools, made(SMALL), ORDER)

    assert cloud.records == []


@pytest.mark.parametrize(("absent", "said"), [(IMAGE, r"CC813 .*ECR"), (GIVEN, r"CC814 .*'orders0'.* \[topics\]")])
def test_a_given_image_or_topic_that_is_not_there_is_refused_before_the_first_change(absent, said):
    cloud = Cloud()
    cloud.absent = {absent}

    with pytest.raises(ConfigError, match=said):
        deploy(cloud.tools, made(SMALL, topics={"orders0": GIVEN}), ORDER)

    assert cloud.records == []


def test_an_image_that_was_named_by_its_tag_is_not_looked_for_twice():
    cloud: Any = Cloud()
    cloud.resolve = lambda _: IMAGE

    deploy(cloud.tools, made(SMALL), Order("shop:v1"))

    assert "has_image" not in cloud.calls


def test_an_image_that_is_made_is_not_looked_for():
    cloud = Cloud()
    cloud.absent = {IMAGE}

    assert deploy(cloud.tools, made(SMALL), Order()).image == IMAGE

    assert "has_image" not in cloud.calls


def test_a_first_deploy_names_the_stages_that_are_deployed():
    cloud = deployed()
    settings = Settings(stage="dve")

    deploy(cloud.tools, App(resolve(SMALL.model(), settings), settings), ORDER)

    assert any("deployed of shop: dev" in text for text in cloud.said)


def test_protection_is_switched_on_and_off():
    cloud = deployed()

    deploy(cloud.tools, made(SMALL, protect=True), ORDER)
    assert all(record.protected for record in cloud.records)
    deploy(cloud.tools, made(SMALL), ORDER)
    assert not any(record.protected for record in cloud.records)


def test_every_status_of_cloudformation_has_a_step():
    assert action(None) is Action.CREATE
    assert action("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") is Action.WAIT
    with pytest.raises(ValueError, match="GONE"):
        action("GONE")
