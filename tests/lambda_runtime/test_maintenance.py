"""The maintenance function, as Lambda runs it: an app with a file, a table, queues, and somebody who waits for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest

from tests.loopback import free_port
from tests.watchdog import listening

pytestmark = pytest.mark.moto

SOURCE = """
from cloud_cron import CloudCron
app = CloudCron("shop")

@app.schedule("rate(1 hour)", topics=["reports"])
def export(run):
    return {"reports": {"n": 1}}

@app.notifier("print", topics=["reports", "ops"])
def tell(message):
    return "text"
"""
WELL = {"finished": 0, "failed": 0, "unstarted": 0, "missed": 0, "letters": 0}


@pytest.fixture
def watchdog():
    with listening() as found:
        yield found


@pytest.fixture
def maintenance(function, cloud, tmp_path):
    """The function with its heartbeat: `with maintenance(address, ...) as running`; `more` is what it is told."""

    @contextmanager
    def made(heartbeat: str, **more: Any) -> Any:
        stage = cloud.stage()
        queues = {f"{name}_url": cloud.sqs.create_queue(QueueName=f"{name}-{stage['table']}")["QueueUrl"]
                  for name in ("failures", "schedules")}  # fmt: skip
        (tmp_path / "cloud-cron.toml").write_text(f'[watch]\ntopic = "ops"\nheartbeat = "{heartbeat}"\n')
        own = {"topics": {**stage["topics"], "ops": stage["topics"]["reports"]}, "table": stage["table"], **queues}
        environment = cloud.environment(**{**own, **more})
        with function(SOURCE, "@maintenance", **environment) as running:
            yield running

    return made


def unheard(running: Any) -> list[dict[str, Any]]:
    return [line for line in running.lines() if line.get("event") == "heartbeat"]


def test_a_good_pass_is_heard_once(maintenance, watchdog):
    with maintenance(f"{watchdog.address}/ping-of-a-secret") as running:
        assert [running.call({}, seconds=240).body for _ in range(2)] == [WELL, WELL]
    assert watchdog.heard == ["/ping-of-a-secret"] * 2
    assert unheard(running) == []
    assert b"ping-of-a-secret" not in running.log


def test_a_pass_that_could_not_read_the_ledger_is_not_heard(maintenance, watchdog):
    with maintenance(f"{watchdog.address}/ping", table="no-such-table") as running:
        answer = running.call({}, seconds=240)
    assert (answer.kind, "no-such-table" in answer.body["errorMessage"]) == ("error", True)
    assert watchdog.heard == []


@pytest.mark.parametrize("trouble", ["500", "refused", "tls", pytest.param("slow", marks=pytest.mark.slow)])
def test_a_heartbeat_that_is_not_heard_is_a_line_and_the_pass_goes_well(maintenance, watchdog, trouble):
    places = {
        "refused": f"http://localhost:{free_port()}",
        "tls": watchdog.address.replace("http:", "https:"),
    }
    address = f"{places.get(trouble, watchdog.address)}/{trouble}?a-secret"
    with maintenance(address) as running:
        answer = running.call({}, seconds=240)
    assert (answer.kind, answer.body) == ("response", WELL)
    [line] = unheard(running)
    assert (line["level"], line["code"], line["logger"]) == ("WARN", "CC640", "cloud_cron")
    assert line["requestId"]
    assert b"a-secret" not in running.log


def test_a_reference_that_leads_nowhere_is_a_line_too(maintenance):
    with maintenance("ssm:/no/such") as running:
        assert running.call({}, seconds=240).body == WELL
    assert [line["code"] for line in unheard(running)] == ["CC507"]
