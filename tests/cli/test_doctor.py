from __future__ import annotations

import json

import pytest

from cloud_cron.errors import Permanent
from cloud_cron.local.lock import HostLock, holder

BOB = "bob@example.org"


@pytest.fixture
def served(ground):
    """A stage that somebody serves."""
    here = ground()
    with HostLock(here.path, holder("serve", "now")):
        yield here


def refuse(here):
    """A message that bob refuses; its id."""
    here.senders.answers = {BOB: [Permanent("no such box")]}
    engine = here.engine()
    [published] = engine.run("morning").published
    engine.deliver()
    return published.id


def test_where_all_is_well_it_says_so_and_exits_with_0(served, run):
    shown = run("doctor")

    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout == "✓ nothing needs you  3 tasks, 1 notifier\n"


def test_what_needs_a_person_comes_with_what_to_run_next_and_exit_1(served, run):
    unique = refuse(served)
    shown = run("doctor")

    assert shown.exit_code == 1
    assert shown.stdout.splitlines() == [
        "✗ 1 message of mail did not reach somebody, and will not without a change: no such box",
        f"    cloud-cron dlq show mail {unique[:12]}",
        "    cloud-cron dlq redrive mail",
        f"    cloud-cron dlq resolve mail {unique[:12]} --drop",
    ]


def test_the_json_shape(served, run):
    unique = refuse(served)
    shown = run("doctor", "--json")

    assert shown.exit_code == 1
    assert json.loads(shown.stdout) == {
        "ok": False,
        "findings": [
            {
                "kind": "rejected",
                "severity": "error",
                "name": "mail",
                "message": "1 message of mail did not reach somebody, and will not without a change: no such box",
                "next": [
                    f"cloud-cron dlq show mail {unique[:12]}",
                    "cloud-cron dlq redrive mail",
                    f"cloud-cron dlq resolve mail {unique[:12]} --drop",
                ],
                "count": 1,
            }
        ],
        "unseen": 0,
    }


def test_what_is_only_good_to_know_needs_nobody(served, run):
    served.book.pause(["mail"], 1.0)
    shown = run("doctor")

    assert shown.exit_code == 0
    assert shown.stdout == ("· mail is paused\n    cloud-cron resume mail\n✓ nothing needs you  3 tasks, 1 notifier\n")


def test_commands_are_about_the_place_that_was_asked_about(ground, run):
    here = ground(sends=False)
    unique = refuse(here)
    lines = run("doctor", "--dev", "--stage", "dev").stdout.splitlines()

    assert f"    cloud-cron dlq show mail {unique[:12]} --dev" in lines
    assert "    cloud-cron dev" in lines


def test_a_mended_stage_is_well_again(served, run):
    unique = refuse(served)
    [finding] = json.loads(run("doctor", "--json").stdout)["findings"]
    redrive = next(line for line in finding["next"] if "redrive" in line)
    assert run(*redrive.split()[1:]).exit_code == 0
    served.engine().deliver()

    assert run("doctor").exit_code == 0
    assert run("dlq", "show", "mail", unique).exit_code == 2


def test_control_characters_of_others_do_not_reach_the_terminal(served, run):
    served.senders.answers = {BOB: [Permanent("no\x1b[2J box")]}
    engine = served.engine()
    engine.run("morning")
    engine.deliver()

    assert "\x1b" not in run("doctor").stdout


def test_where_nothing_has_run(project, run):
    folder = project()

    assert "CC740" in run("doctor").stderr
    assert not (folder / ".cloud-cron").exists()
