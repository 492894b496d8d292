"""A secret is planted wherever one could get out, and found nowhere: a canary that is heard when something leaks.

Each test first makes sure that the secret was really there, resolved and used; else its absence would say nothing.
"""

from __future__ import annotations

import gzip
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron import CloudCron, Message
from cloud_cron.config import Settings, load, resolve
from cloud_cron.loader import load_app
from cloud_cron.local.clock import SteppedClock
from cloud_cron.local.log import Log
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.site import Site
from cloud_cron.local.station import Loaded, runtime
from cloud_cron.local.store import Store
from cloud_cron.runtime.redacting import SHOWN, know, redact, redacted
from cloud_cron.runtime.secrets import SecretValues
from cloud_cron.runtime.wording import told
from tests.channels.mail_servers import answering, scripted
from tests.cli.test_image_build import registry, shop
from tests.deploy.images.conftest import uv_cache, wheelhouse, wheels
from tests.lambda_runtime.conftest import cloud, function
from tests.lambda_runtime.test_notifiers import record

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["cloud", "function", "registry", "shop", "uv_cache", "wheelhouse", "wheels"]

CANARY = "tweet-7Hq/2zK+canary"
INSIDE = json.dumps({"account_sid": "AC0", "auth_token": CANARY})
APP = """
from cloud_cron import CloudCron, Permanent
app = CloudCron("weather")

@app.schedule(topics=["reports"], secrets={"db": "env:CANARY"})
def good(run):
    assert len(run.secrets["db"]) > 5
    return {"reports": {"n": 1}}

@app.schedule(secrets={"db": "env:CANARY"}, retries=0)
def bad(run):
    raise ValueError(f"cannot connect with {run.secrets['db']}")

@app.notifier("print", topics=["reports"], attempts=1, secrets={"db": "env:CANARY"})
def raising(message):
    raise ValueError("refused: " + message.secrets["db"])

@app.notifier("print", topics=["reports"], secrets={"db": "env:CANARY"})
def refusing(message):
    raise Permanent("refused: " + message.secrets["db"])

@app.notifier("email", topics=["reports"], recipients=["ada@example.org"], subject="s", text="t")
def mail(message):
    return {}
"""
TOML = """
[channels.email]
sender = "shop@example.org"
smtp = "smtps://ada@127.0.0.1:1"
secret = "env:CANARY"
"""


@pytest.fixture(autouse=True)
def planted(monkeypatch):
    """In the environment, where references of this machine lead."""
    monkeypatch.setenv("CANARY", CANARY)


def everything(folder: Path) -> bytes:
    """All that is in the files of a folder, unpacked where it is packed."""
    data = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join(gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in data)


def test_a_runs_and_notifiers_exceptions_are_told_without_it(project, run):
    folder = project(APP, **{"cloud-cron.toml": TOML})
    said = [
        run("invoke", name, "--send", *flags) for name in ("good", "bad") for flags in ([], ["--json"], ["--debug"])
    ]
    said += [run(*line, "--json") for line in (["list"], ["status"], ["dlq", "list", "raising"], ["check"])]
    text = "".join(result.stdout + result.stderr for result in said)

    assert f"cannot connect with {SHOWN}" in text
    assert f"refused: {SHOWN}" in text
    assert CANARY not in text
    kept = everything(folder / ".cloud-cron")
    assert f"refused: {SHOWN}".encode() in kept
    assert CANARY.encode() not in kept


def test_a_provider_that_repeats_it_is_quoted_without_it(project, run):
    """A mail server that says in its refusal what it was given."""
    echo = f"535 5.7.8 no such password: {CANARY}"
    with scripted(answering(EHLO="250-here\r\n250 AUTH PLAIN", AUTH=echo)) as port:
        toml = TOML.replace("smtps://ada@127.0.0.1:1", f"smtp+plain://ada@127.0.0.1:{port}")
        folder = project(APP, **{"cloud-cron.toml": toml})
        result = run("invoke", "good", "--send")

    assert f"no such password: {SHOWN}" in result.stderr
    assert CANARY not in result.stdout + result.stderr
    assert CANARY.encode() not in everything(folder / ".cloud-cron")


@pytest.mark.parametrize("name", ["good", "bad"])
def test_the_log_of_a_worker_of_serve_lacks_it(project, tmp_path, name):
    folder = project(APP, **{"cloud-cron.toml": TOML})
    settings, app = load(folder, "dev"), load_app(folder, None)
    loaded = Loaded(app, resolve(app.model(), settings), settings)
    site = Site(str(folder), "dev", str(tmp_path / "x.db"), str(tmp_path / "x.log"), sends=False, style="")
    told: list[dict[str, Any]] = []
    reports: Any = SimpleNamespace(tell=lambda **fields: told.append(fields))
    context: Any = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 60_000)
    with Store(tmp_path / "x.db") as store:
        log = Log(site.log, "")
        fails = log.error
        made, _ = runtime(site, loaded, store, SteppedClock(), log, reports)
        try:
            made.handle(name, {}, context)
        except ValueError as error:
            fails(error, event="host")
        log.close()

    written = everything(tmp_path)
    assert (f"cannot connect with {SHOWN}".encode() in written) is (name == "bad")
    assert told
    assert CANARY not in json.dumps(told)
    assert CANARY.encode() not in written


@pytest.mark.moto
def test_neither_lambdas_log_nor_its_answer_nor_a_dead_letter_has_it(function, cloud):
    import boto3  # noqa: PLC0415 - beside its one use

    session = boto3.session.Session("testing", "testing", region_name="us-east-1")
    session.client("secretsmanager", endpoint_url=cloud.url).create_secret(Name="shop/canary", SecretString=INSIDE)
    source = APP.replace("env:CANARY", "secretsmanager:shop/canary")
    stage = cloud.stage()
    places = {name: stage[name] for name in ("queue", "queue_url", "dead_letter_url", "table")}
    with function(source, "raising", **cloud.environment(**places)) as raising:
        answer = raising.call({"Records": [record(1, {"n": 1}, stage["queue"])]})
        letters = cloud.sqs.receive_message(
            QueueUrl=stage["dead_letter_url"], MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
        )["Messages"]
    with function(source, "bad", **cloud.environment()) as bad:
        failed = bad.call({})

    assert answer.body == {"batchItemFailures": []}
    assert SHOWN in letters[0]["MessageAttributes"]["cc_error"]["StringValue"]
    assert SHOWN in failed.body["errorMessage"]
    rows = cloud.dynamodb.scan(TableName=stage["table"])["Items"]
    assert rows
    for each in (letters, rows, failed.body, raising.log.decode(), bad.log.decode()):
        assert CANARY not in str(each)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ message.secrets.db }}", "CC404"),
        ("{{ message['secrets']['db'] }}", "CC404"),
        ("{{ message | attr('secrets') }}", "CC404"),
        ("{% for s in message.secrets %}{{ s }}{% endfor %}x", "CC404"),
        ("{{ message }}", None),
    ],
)
def test_no_template_can_show_it(project, run, text, code):
    project(
        APP.replace('text="t"', f"text={text!r}, secrets={{'db': 'env:CANARY'}}"),
        **{"cloud-cron.toml": TOML, "samples/reports.json": "{}"},
    )
    result = run("render", "mail", "--json")

    assert result.exit_code == (1 if code else 0)
    assert (code or "text") in result.stdout + result.stderr
    assert CANARY not in result.stdout + result.stderr


def test_no_value_shows_it():
    app = CloudCron("weather")
    seen: list[Any] = []
    app.schedule(name="go", secrets={"db": "env:CANARY"})(seen.append)
    values = SecretValues({"db": "env:CANARY"}, MachineSecrets())
    seen.append(Message("t", {}, "M", secrets=values))
    model = app.model()

    assert values["db"] == CANARY
    shown = [*map(repr, seen), *map(str, seen), repr(values), repr(model), str(model.to_json()), repr(Settings("dev"))]
    assert CANARY not in " ".join(shown)


@pytest.mark.parametrize(
    "body",
    [
        "@app.notifier('email', secret={canary!r})\ndef mail(message): ...\n",
        "@app.schedule(secrets={{'db': {canary!r}}})\ndef go(run): ...\n",
        "@app.notifier('sms', secret={canary!r})\ndef text(message): ...\n",
    ],
)
def test_a_value_in_place_of_a_reference_is_refused_and_not_repeated(project, run, body):
    folder = project("from cloud_cron import CloudCron\napp = CloudCron('weather')\n" + body.format(canary=CANARY))
    said = [run(*line) for line in (["check"], ["check", "--json"], ["list"], ["package", "out"])]

    assert all(result.exit_code == 2 for result in said)
    assert "CC506" in said[0].stdout
    assert CANARY not in "".join(result.stdout + result.stderr for result in said)
    assert not (folder / "out").exists()


def test_no_file_of_a_package_has_it(project, run):
    app = APP.replace("env:CANARY", "secretsmanager:shop/canary")
    folder = project(
        app,
        **{
            ".env": f"CANARY={CANARY}\n",
            ".dockerignore": ".env\n",
            "cloud-cron.toml": "[channels.email]\nsender = 'a@b.org'\n",
        },
    )
    result = run("package", "out")

    assert result.exit_code == 0, result.stderr
    written = everything(folder / "out")
    assert b"shop/canary" in written
    assert CANARY.encode() not in written
    assert CANARY not in result.stdout + result.stderr


def test_no_layer_no_label_and_no_history_of_an_image_has_it(shop, run):
    app = APP.replace("env:CANARY", "secretsmanager:shop/canary")
    (shop / "app.py").write_text(app, encoding="utf-8")
    (shop / ".env").write_text(f"CANARY={CANARY}\n", encoding="utf-8")
    assert "CC865" in run("image", "build").stderr
    (shop / ".dockerignore").write_text(".env\n", encoding="utf-8")
    toml = (shop / "cloud-cron.toml").read_text()
    (shop / "cloud-cron.toml").write_text(f"{toml}[channels.email]\nsender = 'a@b.org'\n")
    result = run("image", "build", "--output", "out", "--sbom", "out.cdx.json")

    assert result.exit_code == 0, result.stderr
    written = everything(shop / "out")
    assert b"shop/canary" in written
    for where in (written, everything(shop / ".cloud-cron"), (shop / "out.cdx.json").read_bytes()):
        assert CANARY.encode() not in where
    assert CANARY not in result.stdout + result.stderr


@pytest.mark.parametrize("value", [CANARY, INSIDE, f"\n{CANARY}\n", f'["x", {{"y": "{CANARY}"}}]', f"one\n{CANARY}"])
def test_whatever_a_secret_looks_like_its_parts_are_known(value):
    know(value)

    assert redacted(f"a {CANARY} b") == f"a {SHOWN} b"
    assert redacted(f"a {value} b").count(CANARY) == 0


def test_what_is_too_short_to_be_told_apart_is_left_alone():
    know("2030")

    assert redacted("in 2030") == "in 2030"


def test_an_exception_keeps_its_kind_and_what_is_no_text():
    know(CANARY)
    error = KeyError(CANARY, 7)
    redact(error)

    assert error.args == (SHOWN, 7)
    assert CANARY not in told(ValueError("x" * 10 + CANARY * 200))
