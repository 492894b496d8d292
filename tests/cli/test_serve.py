"""`serve` as a process: how it begins and ends, what it says over HTTP, and what it prints for supervisors."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cloud_cron_cli import supervising
from tests.host.machine import until

if sys.platform == "win32":
    pytest.skip("hosts need Linux or macOS", allow_module_level=True)

APP = """
from cloud_cron import CloudCron

app = CloudCron("shop")

@app.schedule("cron(0 8 * * ? 2199)", topics=["t"])
def morning():
    return {"t": {"n": 1}}

@app.notifier("print", topics=["t"])
def show(message):
    return f"n={message.payload['n']}"
"""
SNAPSHOTS = Path(__file__).with_name("snapshots")


class Served:
    """One `serve` in a folder; `port` is where it answers."""

    def __init__(self, folder: Path, *words: str, app: str = APP, port: int | None = None) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "app.py").write_text(app)
        self.folder = folder
        self.port = port or free_port()
        self.err = folder / "err"
        command = [sys.executable, "-m", "cloud_cron_cli", "serve", "--listen", f"127.0.0.1:{self.port}", *words]
        with self.err.open("ab") as err:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=err, stderr=err, env={**os.environ, "NO_COLOR": "1"}
            )

    def ask(self, path: str, host: str | None = None, method: str = "GET") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers={"Host": host} if host else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def health(self) -> tuple[int, dict[str, Any]]:
        try:
            status, text = self.ask("/healthz")
        except OSError:
            return 0, {}
        return status, json.loads(text)

    def ready(self) -> Served:
        until(lambda: self.health()[0] == 200 or self.process.poll() is not None, patience=30)
        assert self.process.poll() is None, self.said
        return self

    def ended(self) -> int:
        return self.process.wait(30)

    @property
    def said(self) -> str:
        return self.err.read_text()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def serve(tmp_path):
    started: list[Served] = []

    def start(*words: str, folder: str = "shop", **options) -> Served:
        started.append(Served(tmp_path / folder, *words, **options))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
            served.process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("served") / "shop").ready()
    yield served
    served.process.send_signal(signal.SIGTERM)
    served.ended()


def test_health_says_how_the_host_is(running):
    status, health = running.health()

    assert status == 200
    names = "ok since app stage trouble reload_failed tasks notifiers running looked_at"
    assert " ".join(health) == names
    counts = [health[name] for name in ("ok", "app", "stage", "tasks", "notifiers")]
    assert counts == [True, "shop", "dev", 1, 1]
    assert (health["trouble"], health["reload_failed"], health["running"]) == (None, None, 0)


def test_metrics_are_what_prometheus_reads(running):
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    status, text = running.ask("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(text)}

    assert status == 200
    assert families["cloud_cron_up"].samples[0].value == 1
    assert families["cloud_cron_last_reload_success"].samples[0].value == 1
    assert families["cloud_cron_database_bytes"].samples[0].value > 4096
    states = {sample.labels["state"]: sample.value for sample in families["cloud_cron_queue_messages"].samples}
    assert states == {"waiting": 0, "in_flight": 0, "dead": 0}


@pytest.mark.parametrize(
    ("path", "host", "method", "status"),
    [
        ("/", None, "GET", 404),
        ("/healthz?verbose", "localhost:1", "GET", 200),
        ("/healthz", "localhost", "HEAD", 200),
        ("/healthz", "shop.example.org", "GET", 421),
        ("/healthz", "127.0.0.1.example.org", "GET", 421),
        ("/healthz", None, "POST", 501),
    ],
)
def test_nothing_else_is_answered(running, path, host, method, status):
    found, text = running.ask(path, host, method)
    assert found == status
    assert method != "HEAD" or text == ""


def test_nonsense_does_not_kill_it(running):
    for data in (b"\x00\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"x" * 70_000 + b"\r\n\r\n", b""):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
            connection.sendall(data)
    assert running.health()[0] == 200
    assert "Traceback" not in running.said


def test_it_ends_when_it_is_told_to(serve):
    served = serve().ready()
    served.process.send_signal(signal.SIGTERM)

    assert served.ended() == 0
    assert json.loads(served.said.splitlines()[0])["status"] == "loaded"


def test_a_second_one_is_told_who_is_there(serve):
    first = serve().ready()
    second = serve("--logs", "text")

    assert second.ended() == 1
    assert f"CC910 this database is served by `cloud-cron serve`, process {first.process.pid}" in second.said


def test_a_reload_that_fails_is_told_and_one_that_works_forgets_it(serve):
    served = serve().ready()
    (served.folder / "app.py").write_text(APP.replace("cron(0 8", "cron(0 88"))
    served.process.send_signal(signal.SIGHUP)
    until(lambda: served.health()[1]["reload_failed"])
    assert served.health()[0] == 200
    assert "CC102" in served.health()[1]["reload_failed"]

    (served.folder / "app.py").write_text(APP.replace("def morning", "def evening"))
    served.process.send_signal(signal.SIGHUP)
    until(lambda: served.health()[1]["reload_failed"] is None)


def test_an_app_that_cannot_be_loaded_is_told_with_its_own_traceback(serve):
    served = serve(app=f"{APP}\n1 / 0\n")

    assert served.ended() == 2
    assert "ZeroDivisionError: division by zero" in served.said
    assert "CC702" in served.said
    assert "cloud_cron/" not in served.said


def test_a_channel_that_cannot_send_is_refused_at_once(serve):
    served = serve(
        app=f'{APP}\napp.notifier("email", name="mail", recipients="ada@example.org")(lambda message: "x")\n'
    )

    assert served.ended() == 2
    assert "CC140 email cannot be sent from here: no mail server is named" in served.said


def test_a_port_that_is_taken_is_told_before_anything_begins(serve):
    first = serve().ready()
    second = serve(folder="other", port=first.port)

    assert second.ended() == 2
    assert f"CC911 nobody can listen on 127.0.0.1:{first.port}: Address already in use" in second.said


def test_listening_can_be_left_off(serve):
    served = serve("--listen", "off", "--logs", "text")
    until(lambda: "loaded" in served.said)
    assert served.health() == (0, {})
    served.process.send_signal(signal.SIGINT)

    assert served.ended() == 0


def test_whoever_listens_to_everybody_is_warned(serve):
    served = serve("--listen", f"0.0.0.0:{free_port()}")
    until(lambda: "loaded" in served.said)

    assert "everybody who reaches 0.0.0.0:" in served.said


@pytest.mark.parametrize("place", ["9464", "localhost:", ":9464", "localhost:x", "127.0.0.1:99999", "::1:9464"])
def test_a_place_that_is_none_is_refused(project, run, place):
    folder = project(APP)
    refused = run("serve", "--listen", place)

    assert refused.exit_code == 2
    assert "is not HOST:PORT" in refused.stderr
    assert not (folder / ".cloud-cron").exists()


# For supervisors


def filled(text: str) -> str:
    """Without what differs from machine to machine."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return text.replace(python, "/usr/bin/python3").replace(f"python:{version}-slim", "python:3.13-slim")


@pytest.mark.parametrize("name", ["unit", "compose"])
def test_what_it_prints_for_a_supervisor(name):
    folder = Path("/srv/shop")
    text = supervising.unit(folder, "prod", [], 30) if name == "unit" else supervising.compose(folder, "prod", 30)
    snapshot = SNAPSHOTS / {"unit": "shop.service", "compose": "compose.yaml"}[name]

    assert filled(text) + "\n" == snapshot.read_text(encoding="utf-8")


def test_odd_folders_are_spelled_as_systemd_wants_them():
    text = supervising.unit(Path('/srv/50 % "shop"'), "dev", ["--app", "a b:app"], 5)

    assert 'WorkingDirectory=/srv/50 %% "shop"' in text
    assert 'ReadWritePaths="/srv/50 %% \\"shop\\"/.cloud-cron"' in text
    assert text.count('"a b:app"') == 1
    assert "TimeoutStopSec=20" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_takes_the_unit(tmp_path):
    unit = tmp_path / "shop.service"
    unit.write_text(supervising.unit(tmp_path, "dev", [], 30) + "\n")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)

    assert "shop.service" not in done.stderr, done.stderr


def test_printing_needs_no_app_that_loads(project, run):
    project("1 / 0")
    printed = run("serve", "--print-unit", "--listen", "off")

    assert printed.exit_code == 0
    assert "--grace 30 --listen off" in printed.stdout
