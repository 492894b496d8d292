"""docs/channels.md: its plug-in is installed and run, and its tables say what the code does."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from cloud_cron import CloudCron, channels
from cloud_cron.channels import webhook_answers
from cloud_cron.channels.base import Channel
from cloud_cron.channels.webhook_exchange import Answer
from cloud_cron.config import Settings, resolve
from cloud_cron.errors import ChannelDown, DeclarationError, Permanent
from cloud_cron_cli.deploy import dockerfile
from cloud_cron_cli.deploy.deployable import check
from tests.deploy.template.apps import parts
from tests.plug_ins import Shelf

PAGE = (Path(__file__).parents[1] / "docs" / "channels.md").read_text(encoding="utf-8")
TOPIC = "arn:aws:sns:eu-central-1:123456789012:reports"
PORTS: Any = None


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """The rows of the last table under a heading."""
    section = f"\n{PAGE}".partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    table = section.rpartition("|---|")[2]
    return [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines() if line.startswith("| ")
    ]


@pytest.fixture
def sns(tmp_path, monkeypatch):
    """The page's plug-in, installed as the page says; its own name in this process is another."""
    project = tomllib.loads(blocks("toml")[0])["project"]
    [(name, value)] = project["entry-points"]["cloud_cron.channels"].items()
    Shelf(tmp_path, monkeypatch).install(name, value, blocks("python")[0], project["version"])
    yield name
    channels.find.cache_clear()


def app(channel: str, **options: Any) -> CloudCron:
    made = CloudCron("shop")
    made.schedule("rate(1 hour)", topics=["reports"], name="export")(lambda: None)
    made.notifier(channel, topics=["reports"], name="tell", **options)(lambda message: "x")
    return made


def test_the_plug_in_is_deployed_with_its_statement_and_its_package(sns):
    made = app(sns, topic_arn=TOPIC)
    model = resolve(made.model(), Settings("dev"))
    check(model, Settings("dev"))
    assert model.notifiers[0].recipients == ("subscribers",)
    assert dockerfile.needed(model) == [*dockerfile.RUNTIME, "cloud-cron-sns>=1"]
    template = json.dumps([part.template for part in parts(made, Settings("dev"))])
    assert f'"Action": "sns:Publish", "Resource": "{TOPIC}"' in template


@pytest.mark.parametrize(("options", "said"), [({}, "topic_arn is not given"), ({"topic_arn": "x"}, "no ARN")])
def test_the_plug_in_refuses_options_that_are_none(sns, options, said):
    with pytest.raises(DeclarationError, match=said) as caught:
        resolve(app(sns, **options).model(), Settings("dev"))
    assert caught.value.code == "CC132"


@pytest.mark.moto
def test_the_plug_in_sends(sns, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    channel = channels.find(sns)
    with moto.mock_aws():
        boto3.client("sns").create_topic(Name="reports")
        way = channel.sender(PORTS, channel.options(TOPIC))
        content = channel.render("frost", PORTS)
        assert way.send(content, "subscribers", "k1", 5.0).id
        with pytest.raises(ChannelDown, match="NotFound"):
            channel.sender(PORTS, channel.options(f"{TOPIC}-gone")).send(content, "subscribers", "k1", 5.0)
        with pytest.raises(Permanent):
            way.send(channel.render("x" * 300_000, PORTS), "subscribers", "k1", 5.0)


def test_the_built_in_channels_are_those_of_the_page():
    said = {cells[0].strip("`"): int(cells[3]) for cells in rows("# Channels")}
    assert said == {name: channels.find(name).max_ambiguous for name in channels.BUILT_IN}


def test_the_contract_is_that_of_the_class():
    section = PAGE.partition("## The contract")[2].partition("\n## ")[0]
    said = {re.split(r"\W", cell)[0] for cell in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)}
    assert said == {name for name in {*vars(Channel), *Channel.__annotations__} if not name.startswith("_")}


def test_the_outcome_of_every_status_is_that_of_the_page():
    table = {cells[0]: cells[1].partition(":")[0].partition(",")[0].strip("`") for cells in rows("## Webhooks")}
    exact = {code: outcome for cell, outcome in table.items() for code in re.findall(r"`(\d{3})`", cell)}
    classes = {code[0]: outcome for cell, outcome in table.items() for code in re.findall(r"`(\d)xx`", cell)}
    for status in range(200, 600):
        outcome = webhook_answers.meaning(Answer(status, None), "x", datetime(2030, 1, 1, tzinfo=UTC))
        said = exact.get(str(status), classes[str(status)[0]])
        assert said == ("accepted" if outcome is None else type(outcome).__name__), status


def test_the_examples_can_be_declared(monkeypatch):
    monkeypatch.setenv("SLACK_WEBHOOK", "https://hooks.slack.com/services/T/B/X")
    for source in blocks("python")[1:]:
        made = CloudCron("shop")
        made.schedule("rate(1 hour)", topics=["reports"], name="export")(lambda: None)
        exec(source, {"app": made})  # noqa: S102 - the page's own
        assert resolve(made.model(), Settings("dev")).notifiers
