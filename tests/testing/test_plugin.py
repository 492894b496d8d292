"""The plug-in in sessions of its own, which find it by its entry point, as a user's do."""

from __future__ import annotations

import json
import textwrap

import pytest

APP = """
from cloud_cron import CloudCron

app = CloudCron("shop")

@app.schedule("cron(0 8 * * ? *)", topics=["orders"])
def export(run):
    return {"orders": {"n": 1}}

@app.notifier("print")
def tell(message):
    return f"order {message.payload['n']}"
"""
OTHER = APP.replace('"shop"', '"other"').replace("order {", "other order {")


@pytest.fixture
def project(pytester):
    """Writes files, and runs pytest on them in this process."""

    def run(files, *arguments):
        for name, text in {"app.py": APP, **files}.items():
            path = pytester.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)

    return run


TEST = """
def test_it(cron):
    cron.run("export")
    assert [sent.content.text for sent in cron.deliver()] == ["order 1"]
"""


def test_the_fixture_drives_the_app_of_the_project(project):
    project({"test_it.py": TEST}).assert_outcomes(passed=1)


def test_a_test_module_in_a_folder_of_its_own_may_import_from_the_app(project):
    test = """
        from app import app, export

        def test_it(cron):
            assert cron.run("export").published[0].payload == {"n": 1}
            assert app.tasks["export"].function.call is export
    """
    project({"tests/test_it.py": test}).assert_outcomes(passed=1)


def test_every_test_has_a_runner_of_its_own(project):
    test = f"{TEST}\ndef test_again(cron):\n    assert cron.deliver() == cron.outbox == []\n"
    project({"test_it.py": test}).assert_outcomes(passed=2)


def test_the_app_and_the_clock_come_from_the_configuration(project):
    ini = "[pytest]\ncloud_cron_app = shop.main:second\ncloud_cron_now = 2031-02-03T04:05:06+01:00\n"
    test = """
        from datetime import UTC, datetime

        def test_it(cron):
            assert cron.now == datetime(2031, 2, 3, 3, 5, 6, tzinfo=UTC)
            cron.run("export")
            assert cron.deliver()[0].content.text == "other order 1"
    """
    other = OTHER.replace("app = ", "second = ").replace("@app", "@second")
    files = {"pytest.ini": ini, "test_it.py": test, "shop/main.py": other, "shop/__init__.py": ""}
    project(files).assert_outcomes(passed=1)


def test_the_entry_may_stand_in_the_projects_own_configuration(project):
    files = {
        "cloud-cron.toml": 'entry = "jobs"\n',
        "jobs.py": OTHER,
        "test_it.py": TEST.replace("order 1", "other order 1"),
    }
    project(files).assert_outcomes(passed=1)


def test_the_marker_names_app_and_stage(project):
    toml = "[stages.prod.tasks.export]\nenabled = false\n"
    test = """
        import pytest

        pytestmark = pytest.mark.cloud_cron(app="jobs:app", stage="prod")

        def test_module(cron):
            cron.advance("1 day")
            assert cron.outbox == []
            cron.run("export")
            assert cron.deliver()[0].content.text == "other order 1"

        @pytest.mark.cloud_cron(stage="test")
        def test_nearer(cron):
            cron.advance("1 day")
            assert len(cron.outbox) == 1
    """
    project({"test_it.py": test, "jobs.py": OTHER, "cloud-cron.toml": toml}, "--strict-markers").assert_outcomes(
        passed=2
    )


def test_the_marker_takes_an_app_itself(project):
    test = """
        import pytest
        from cloud_cron import CloudCron

        own = CloudCron("own")

        @own.schedule()
        def mine(run):
            return None

        @pytest.mark.cloud_cron(app=own)
        def test_it(cron):
            assert cron.run("mine").run.task == "mine"
    """
    project({"test_it.py": test}).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("cloud_cron(ap='x')", "marker cloud_cron takes no 'ap'; did you mean 'app'?"),
        ("cloud_cron('x')", "marker cloud_cron takes arguments by name only: app=..., stage=..."),
        ("cloud_cron(app='jbs')", "CC701 there is no module 'jbs'"),
        ("cloud_cron(stage='no stage')", "CC110 stage name 'no stage' must match"),
    ],
)
def test_a_wrong_marker_is_told_in_one_line(project, marker, text):
    result = project({"test_it.py": f"import pytest\n@pytest.mark.{marker}\ndef test_it(cron):\n    pass\n"})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{text}*"])
    result.stdout.no_fnmatch_line("*fixtures.py*")


def test_an_app_that_cannot_be_loaded_shows_the_users_line_and_none_of_ours(project):
    broken = "import helper\n"
    helper = "def level():\n    return 1 / 0\n\nlevel()\n"
    result = project({"app.py": broken, "helper.py": helper, "test_it.py": TEST})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "CC702 helper.py raised ZeroDivisionError: division by zero (helper.py:2); correct that line",
            '  File "*helper.py", line 2, in level',
            "    return 1 / 0",
            "ZeroDivisionError: division by zero",
        ]
    )
    for ours in ("*loader.py*", "*fixtures.py*", "*plugin.py*", "*exception*"):
        result.stdout.no_fnmatch_line(ours)


def test_a_wrong_declaration_shows_the_users_line(project):
    broken = APP.replace("cron(0 8 * * ? *)", "rate(1 hours)")
    result = project({"app.py": broken, "test_it.py": TEST})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["CC10*(app.py:6)*", '  File "*app.py", line 6, in <module>'])
    result.stdout.no_fnmatch_line("*schedules*")


def test_a_project_without_an_app_is_told_what_to_do(pytester):
    pytester.makepyfile(TEST)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["CC701 there is no module 'app' in *"])


def test_a_wrong_time_is_told(project):
    result = project({"pytest.ini": "[pytest]\ncloud_cron_now = soon\n", "test_it.py": TEST})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["CC731 cloud_cron_now='soon' is no date and time*"])


def test_two_projects_of_one_session_keep_their_modules_apart(project):
    test = """
        import app

        def test_it(cron):
            cron.run("export")
            assert [sent.content.text for sent in cron.deliver()] == ["{text}"]
            assert len(app.ran) == 1
            from app import ran
            assert ran is app.ran
    """
    counting = "\nran = []\n"
    files = {
        "app.py": "raise RuntimeError('not this one')",
        "one/app.py": counting + APP.replace("    return {", "    ran.append(run.id)\n    return {"),
        "one/tests/test_one.py": test.replace("{text}", "order 1"),
        "two/app.py": counting + OTHER.replace("    return {", "    ran.append(run.id)\n    return {"),
        "two/tests/test_two.py": test.replace("{text}", "other order 1"),
    }
    project(files).assert_outcomes(passed=2)
    project(files, "two", "one").assert_outcomes(passed=2)


@pytest.fixture
def alone(pytester, monkeypatch):
    """Runs pytest in a process of its own, where no other plug-in loads anything."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*arguments):
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "cloud_cron.testing.plugin", *arguments)

    return run


def test_a_session_that_does_not_ask_loads_nothing_and_leaves_the_path_alone(pytester, alone):
    pytester.makeconftest(
        """
        import json, pathlib, sys

        before = list(sys.path)

        def pytest_sessionfinish():
            loaded = {"modules": sorted(sys.modules), "path": sys.path == before}
            pathlib.Path("loaded.json").write_text(json.dumps(loaded))
        """
    )
    pytester.makepyfile("def test_nothing():\n    pass\n")
    alone("--import-mode=importlib").assert_outcomes(passed=1)
    loaded = json.loads((pytester.path / "loaded.json").read_text(encoding="utf-8"))
    own = [name for name in loaded["modules"] if name.startswith("cloud_cron")]
    assert own == ["cloud_cron", "cloud_cron.testing", "cloud_cron.testing.plugin", "cloud_cron.testing.projects"]
    refused = {
        "app",
        "asyncio",
        "boto3",
        "botocore",
        "jinja2",
        "moto",
        "sqlite3",
        "time_machine",
        "tomllib",
        "zoneinfo",
    }
    assert not refused.intersection(loaded["modules"])
    assert loaded["path"]


def test_a_test_that_asks_loads_neither_boto3_nor_a_template_engine(pytester, alone):
    pytester.makepyfile(
        app=APP,
        test_it=f"import sys\n{TEST}    assert {{'boto3', 'jinja2', 'moto', 'asyncio'}}.isdisjoint(sys.modules)\n",
    )
    alone().assert_outcomes(passed=1)


def test_an_unknown_backend_is_misuse(project):
    result = project({"test_it.py": TEST}, "--cloud-cron-backend=kafka")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.moto
def test_the_very_same_tests_run_on_moto(project):
    pytest.importorskip("cloud_cron.testing.moto")  # here, so that it is loaded once
    aws = """
        import boto3

        def test_the_clients_are_wired(cron, cron_aws):
            cron.run("export")
            count = "ApproximateNumberOfMessages"
            url = cron_aws.queues["tell"]
            told = cron_aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[count, "RedrivePolicy", "FifoQueue"])
            assert told["Attributes"][count] == "1"
            assert told["Attributes"]["FifoQueue"] == "true"
            assert "shop-test-tell-dead" in told["Attributes"]["RedrivePolicy"]
            assert "shop-test-tell-dead" in cron_aws.dead_letters["tell"]
            [mine] = cron_aws.sns.list_subscriptions_by_topic(TopicArn=cron_aws.topics["orders"])["Subscriptions"]
            assert mine["Protocol"] == "sqs"
            body = '{"n": 2}'
            cron_aws.sns.publish(
                TopicArn=cron_aws.topics["orders"], Message=body, MessageGroupId="g", MessageDeduplicationId="d"
            )
            assert sorted(sent.content.text for sent in cron.deliver()) == ["order 1", "order 2"]
            assert cron.now.year == 2030

        def test_a_crash(cron):
            cron.crash_everywhere("export")
    """
    result = project({"test_it.py": TEST, "test_aws.py": aws}, "-rs", "--cloud-cron-backend=moto")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*crash tests run on the local backend*"])


@pytest.mark.moto
def test_who_asks_for_clients_runs_on_moto(project):
    pytest.importorskip("cloud_cron.testing.moto")  # here, so that it is loaded once
    test = """
        def test_it(cron, cron_aws):
            cron.run("export")
            assert cron_aws.sqs.list_queues()["QueueUrls"]
            assert len(cron.deliver()) == 1
    """
    project({"test_it.py": test}).assert_outcomes(passed=1)


def test_a_seed_on_the_command_line_is_the_only_one_that_is_simulated(project):
    test = """
        def test_it(cron):
            report = cron.simulate(days=0.5, faults="rough", seeds=3)
            assert report == cron.simulate(days=0.5, faults="rough", seed=5)
            assert report.seeds == 1
    """
    project({"test_it.py": test}, "--sim-seed", "5").assert_outcomes(passed=1)
