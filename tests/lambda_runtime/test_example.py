"""examples/basic as functions on Lambda, told by hand what its README says: the log is what the README shows."""

from __future__ import annotations

import json
import re
import ssl

import pytest
import trustme

from tests import aws_cli
from tests.channels.twilio_server import SECRET, Twilio, serving
from tests.deploy.images.proxies import Proxy
from tests.lambda_runtime.runtime_api import Function
from tests.lambda_runtime.test_notifiers import record, told
from tests.pages import ROOT, Page, pattern

pytestmark = pytest.mark.moto

FOLDER = ROOT / "examples/basic"
PAGE = Page("examples/basic/README.md")
REPORT, ALERT = (call for call in aws_cli.calls(PAGE) if call.operation == "Publish")
LINES = [block.text for block in PAGE.blocks if block.kind == "json"]


@pytest.fixture
def twilio(tmp_path):
    """An account at Twilio, and the variables by which its client gets there: a proxy, and who vouches for the name."""
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.twilio.com").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    account = Twilio()
    with serving(account, tls) as port, Proxy(f"127.0.0.1:{port}") as proxy:
        yield account, {"HTTPS_PROXY": f"http://{proxy.host}", "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem")}


def published(cloud, stage, call) -> dict[str, object]:
    """The batch that comes of a message published as the page says, on the way through topic and queue."""
    wanted = {**call.read(FOLDER), "TopicArn": stage["topics"]["reports"]}
    cloud.sns.publish(**wanted)
    (message,) = cloud.sqs.receive_message(QueueUrl=stage["queue_url"], MessageAttributeNames=["All"])["Messages"]
    attributes = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    return {"Records": [record(1, message["Body"], stage["queue"], wanted["MessageGroupId"], **attributes)]}


def logged(cloud, name: str, call, **more: str) -> str:
    """What a notifier logs of such a message, once it is delivered."""
    stage = cloud.stage()
    names = {"CLOUD_CRON_APP": "app", "CLOUD_CRON_STAGE": "trial", "CLOUD_CRON_HANDLER": name}
    with Function(FOLDER, {**names, **cloud.environment(**told(stage)), **more}) as function:
        assert function.call(published(cloud, stage, call)).body == {"batchItemFailures": []}
    return "".join(f"{line}\n" for line in function.log.decode().splitlines() if '"cloud_cron' in line)


def test_a_report_is_mailed_by_ses(cloud):
    cloud.sesv2.create_email_identity(EmailIdentity="you@example.com")

    assert re.fullmatch(pattern(LINES[0]), logged(cloud, "report", REPORT))


@pytest.mark.parametrize("call", [REPORT, ALERT], ids=["report", "alert"])
def test_a_line_is_printed_for_every_message(cloud, call):
    shown = LINES[1 if call is REPORT else 2]

    assert re.fullmatch(pattern(shown), logged(cloud, "console", call))


def test_an_alert_is_texted_by_twilio(cloud, twilio):
    account, way = twilio
    cloud.secretsmanager.create_secret(Name="basic/twilio", SecretString=SECRET)

    lines = logged(cloud, "alert", ALERT, **way)

    assert re.fullmatch(pattern(LINES[3]), lines)
    assert [text["Body"] for text in account.texts] == ["db-2: disk at 97 % (485.2 of 500.1 GB), limit 90 %"]


def test_a_message_is_one_json_object():
    assert all(isinstance(json.loads(call.read(FOLDER)["Message"]), dict) for call in (REPORT, ALERT))
