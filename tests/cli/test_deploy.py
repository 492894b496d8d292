"""The commands of a deploy without an account: what is wrong is said before anything is asked of AWS."""

from __future__ import annotations

import pytest

PLAIN = """
from cloud_cron import CloudCron

app = CloudCron("plain")


@app.schedule("rate(1 hour)")
def crawl():
    pass
"""
SLOW = """
from cloud_cron import CloudCron

app = CloudCron("slow")


@app.schedule("rate(1 hour)", timeout=3600)
def crawl():
    pass
"""
COMMANDS = [["plan"], ["deploy", "--image-uri", "x"], ["destroy", "--yes"], ["outputs"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_without_a_region_every_command_says_where_to_write_it(project, run, command):
    project(app=PLAIN)

    done = run(*command)

    assert done.exit_code == 2
    assert "CC805" in done.stderr
    assert "--region" in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_without_credentials_every_command_says_how_to_get_some(project, run, command):
    project(app=PLAIN, **{"cloud-cron.toml": 'region = "eu-central-1"\n'})

    done = run(*command)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "CC801" in done.stderr
    assert "aws configure" in done.stderr


def test_an_endpoint_that_nobody_serves_is_named(project, run, monkeypatch):
    project(app=PLAIN)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")

    done = run("outputs", "--region", "eu-central-1", "--endpoint-url", "http://127.0.0.1:9")

    assert done.exit_code == 1
    assert "CC808" in done.stderr
    assert "http://127.0.0.1:9" in done.stderr


def test_a_plan_that_fails_is_told_from_one_with_changes(project, run):
    project(app=PLAIN)

    assert run("plan", "--exit-code").exit_code == 1


def test_what_aws_would_refuse_is_refused_before_it_is_asked(project, run):
    project(app=SLOW)

    for command in (["plan"], ["deploy"]):
        done = run(*command)
        assert done.exit_code == 2
        assert "CC850" in done.stderr


def test_a_timeout_that_is_none_is_a_misuse(project, run):
    project(app=PLAIN)

    assert run("deploy", "--timeout", "0").exit_code == 2
