"""`redirect_to` of a stage: what really leaves, what does not, and where a person sees it."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron import aws
from cloud_cron.aws.resources import Resources
from cloud_cron.config import load, resolve
from cloud_cron.loader import load_app
from cloud_cron.local.clock import SteppedClock
from cloud_cron.local.log import Log
from cloud_cron.local.mailbox import _Filing as Filing
from cloud_cron.local.site import Site
from cloud_cron.local.station import Loaded, runtime
from cloud_cron.local.store import Store
from cloud_cron.runtime.senders import Redirecting
from tests.channels.mail_servers import Box, served

APP = """
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule(topics=["reports"])
def go():
    return {"reports": {"station": "KSEA"}}

@app.notifier("email", recipients=["ada@example.org", "bob@example.org"], subject="At {{ station }}")
def mail(message):
    return message.payload

@app.notifier("print")
def shout(message):
    return "hello"
"""
TOML = """
[channels.email]
sender = "shop@example.org"
smtp = "smtp+plain://127.0.0.1:{port}"
redirect_to = "Me@EXAMPLE.org"

[stages.prod]
protect = true
"""
SAID = "every email goes to Me@example.org, whoever it is for\n"


def mails(box: Box) -> list[tuple[str, str]]:
    """Who received, and the subject."""
    return [(to[0], message_from_bytes(data, policy=policy.default)["Subject"]) for _, to, data in box.mails]


def test_invoke_with_send_tells_the_one_address_for_whom_each_mail_was(project, run):
    box = Box()
    with served(box) as port:
        project(APP, **{"cloud-cron.toml": TOML.format(port=port)})
        result = run("invoke", "go", "--send")

    assert mails(box) == [
        ("Me@example.org", "[for ada@example.org] At KSEA"),
        ("Me@example.org", "[for bob@example.org] At KSEA"),
    ]
    assert len({message_from_bytes(data)["Message-ID"] for _, _, data in box.mails}) == 2
    assert "mail  email → ada@example.org, bob@example.org  sent to Me@example.org instead\n" in result.stdout
    assert "shout  print → stdout  sent\n" in result.stdout


def test_a_protected_stage_tells_its_own_recipients(project, run):
    box = Box()
    with served(box) as port:
        project(APP, **{"cloud-cron.toml": TOML.format(port=port)})
        result = run("invoke", "go", "--send", "--stage", "prod")

    assert mails(box) == [("ada@example.org", "At KSEA"), ("bob@example.org", "At KSEA")]
    assert "instead" not in result.stdout


def test_without_send_the_outbox_has_what_the_recipients_would_get_and_nobody_is_called(project, run):
    box = Box()
    with served(box) as port:
        project(APP, **{"cloud-cron.toml": TOML.format(port=port)})
        told = json.loads(run("invoke", "go", "--json").stdout)["deliveries"]

    assert [(one["recipient"], one["content"].get("subject"), one["status"]) for one in told] == [
        ("ada@example.org", "At KSEA", "outbox"),
        ("bob@example.org", "At KSEA", "outbox"),
        ("stdout", None, "outbox"),
    ]
    assert (box.mails, box.sessions) == ([], 0)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_person_sees_it_before_anything_is_sent(project, run, stage):
    project(APP, **{"cloud-cron.toml": TOML.format(port=25)})

    for words in (["check"], ["list"]):
        shown = run(*words, "--stage", stage)
        assert (SAID in shown.stdout + shown.stderr) is (stage == "dev")
    told = json.loads(run("list", "--json", "--stage", stage).stdout)["notifiers"]
    assert [one.get("redirect_to") for one in told] == (["Me@example.org", None] if stage == "dev" else [None, None])


def test_status_says_it_too(ground, run):
    ground(APP, **{"cloud-cron.toml": TOML.format(port=25)})

    assert SAID in run("status").stderr


@pytest.fixture
def loaded(project) -> Loaded:
    """The app at stage dev."""
    folder = project(APP, **{"cloud-cron.toml": TOML.format(port=25)})
    settings = load(folder, "dev")
    app = load_app(folder, None)
    return Loaded(app, resolve(app.model(), settings), settings)


@pytest.mark.parametrize(("sends", "kind"), [(True, Redirecting), (False, Filing)])
def test_the_worker_of_serve_redirects_and_that_of_dev_has_an_outbox_alone(loaded, tmp_path, sends, kind):
    site = Site(str(tmp_path), "dev", str(tmp_path / "x.db"), str(tmp_path / "x.log"), sends=sends, style="")
    nothing: Any = None
    with Store(tmp_path / "x.db") as store:
        log = Log(site.log, "")
        _, ports = runtime(site, loaded, store, SteppedClock(), log, nothing, notifier="mail")
        sender = ports.senders.sender("mail", nothing)
        log.close()

    assert type(sender) is kind


def test_a_function_on_aws_redirects(loaded):
    services: Any = SimpleNamespace(get=lambda name: pytest.fail(f"asked for {name}"))
    part = loaded.model.notifier("mail")
    nobody: Any = None
    ports = aws.ports(
        clients=services, resources=Resources(), model=loaded.model, part=part, horizon=60.0, journal=nobody
    )

    assert isinstance(ports.senders.sender("mail", nobody), Redirecting)
