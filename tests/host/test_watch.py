"""Who hears of what went wrong: the app's own notifiers, and somebody far away who hears that all is well."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloud_cron.local.ledger import SqliteLedger
from tests.host.machine import Machine, until
from tests.watchdog import listening

APP = """
from cloud_cron import CloudCron

app = CloudCron("shop")

@app.schedule("rate(1 hour)", topics=["t"], catchup="none")
def hourly():
    return {"t": {"n": 1}}

@app.notifier("print", topics=["t"])
def show(message):
    return "x"

@app.notifier("print", topics=["ops"])
def tell(message):
    print("TOLD", __import__("json").dumps(message.payload))
    return "told"
"""


class Watched(Machine):
    """A machine that was off for the last three and a half hours."""

    def __init__(self, folder, heartbeat: str) -> None:
        super().__init__(folder, APP)
        (folder / "cloud-cron.toml").write_text(f'[watch]\ntopic = "ops"\nheartbeat = "{heartbeat}"\n')

    def serve_mail(self) -> None:
        pass

    def was_off(self, **span: float) -> None:
        """Say in the book that nothing is known since then."""
        since = (datetime.now(UTC) - timedelta(**span)).timestamp()
        with self.store() as store:
            store.change("UPDATE tasks SET since = ?, accounted = ?", (since, since))

    def told(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (self.folder / ".cloud-cron" / "dev.log").read_text().splitlines()]
        return [json.loads(line["message"][5:]) for line in lines if line.get("message", "").startswith("TOLD ")]


@pytest.fixture
def pings():
    """What a dead man's switch hears."""
    with listening() as watchdog:
        yield watchdog


@pytest.fixture
def machine(tmp_path, pings):
    machine = Watched(tmp_path / "shop", f"{pings.address}/ping")
    yield machine
    machine.close()


def test_runs_that_were_missed_are_recorded_and_told_once(machine):
    assert machine.stop(machine.start()) == 0
    machine.was_off(hours=3, minutes=30)
    host = machine.start()
    until(machine.told)
    machine.stop(host)
    host = machine.start()
    until(lambda: machine.log.count("  loaded  ") == 3)
    machine.stop(host)

    [told] = machine.told()
    assert (told["kind"], told["task"]) == ("missed", "hourly")
    with machine.store() as store:
        missed = [key.sort for key, record in SqliteLedger(store).records("R#hourly") if record.state == "MISSED"]
    assert told["count"] == len(missed)
    assert len(missed) in {2, 3, 4}
    assert told["run_id"] == f"hourly@{min(missed)}"
    assert "hourly  ERROR missed" in machine.log


def test_somebody_far_away_hears_that_all_is_well(machine, pings):
    machine.start()
    until(lambda: pings.heard == ["/ping"])


def test_nobody_hears_that_all_is_well_when_it_is_not(machine, pings):
    """A run was missed and cannot be told, because the database takes no writes."""
    machine.stop(machine.start())
    pings.heard.clear()
    with machine.store() as store:
        store.rows("CREATE TRIGGER broken BEFORE UPDATE ON tasks BEGIN SELECT raise(ABORT, 'no'); END")
    host = machine.start()
    until(lambda: "trouble" in machine.log)
    machine.stop(host)

    assert pings.heard == []


def test_a_heartbeat_that_nobody_hears_is_logged_with_its_code_and_without_its_address(machine, pings):
    config = machine.folder / "cloud-cron.toml"
    config.write_text(config.read_text().replace("/ping", "/500"))
    machine.start()
    until(lambda: "WARN CC640: the heartbeat was not heard: the address of the heartbeat:" in machine.log)
    assert "/500" not in machine.log


def test_the_address_of_the_heartbeat_may_be_kept_in_a_file(machine, pings):
    kept, config = machine.folder / "heartbeat", machine.folder / "cloud-cron.toml"
    kept.write_text(f"{pings.address}/kept\n")
    config.write_text(f'[watch]\nheartbeat = "file:{kept}"\n')
    machine.start()
    until(lambda: pings.heard == ["/kept"])
