"""Services of Apprise: the real library against servers on loopback, and nothing of a secret address anywhere."""

from __future__ import annotations

import json
import logging
import socket
import tomllib
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron import CloudCron, Email, Sms
from cloud_cron.channels import find
from cloud_cron.channels.apprise import OPEN, AppriseChannel, AppriseContent
from cloud_cron.config import Settings, resolve
from cloud_cron.content import Attachment
from cloud_cron.errors import Ambiguous, CloudCronError, Permanent, RecipientError, Retry
from cloud_cron.model import NotifierModel
from cloud_cron.ports import Ports, Receipt
from cloud_cron.runtime.attempt import Desk
from cloud_cron.runtime.delivery import deliver
from cloud_cron_cli.deploy import dockerfile
from tests.channels.mail_servers import Words, scripted
from tests.channels.web_servers import Request, received
from tests.runtime.support import World, desk, message, plenty
from tests.runtime.support import received as handed_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud_cron.ports import Sender

CONTENT = AppriseContent("weather: alerts", "Frost: Grüße")
CANARY = "hunter2canary"


@pytest.fixture
def composed(context_of):
    """Render by the apprise channel."""

    def make(value, **options):
        return find("apprise").render(value, context_of("apprise", **options))

    return make


def way(*words: str) -> Sender:
    ports = Ports(None, None, None, None, Words(*words), None, None, payloads=None)  # type: ignore[arg-type]
    return find("apprise").sender(ports, None)


def answering(status: str | None, seen: list[Request] | None = None) -> Callable[[socket.socket], None]:
    """A session that reads one request and answers with a status; None hangs up."""

    def session(connection: socket.socket) -> None:
        request = received(connection)
        if seen is not None:
            seen.append(request)
        if status is not None:
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode())

    return session


@contextmanager
def served(*sessions: Callable[[socket.socket], None]) -> Iterator[str]:
    with scripted(*sessions) as port:
        yield f"127.0.0.1:{port}"


def refused(sender: Sender, outcome: type[Exception], to: str, timeout: float = 5.0) -> str:
    with pytest.raises(outcome) as caught:
        sender.send(CONTENT, to, "k1", timeout)
    assert type(caught.value) is outcome
    return str(caught.value)


# Content


def test_title_and_text_come_from_the_value_the_templates_and_the_layouts(composed):
    assert composed("Frost!\n") == AppriseContent("weather: alerts", "Frost!")
    assert composed({"kind": "frost"}, subject="{{ kind }}", text="{{ kind }} warning") == AppriseContent(
        "frost", "frost warning"
    )
    assert composed({"kind": "frost"}).subject == "weather: alerts"
    assert composed({"kind": "frost"}).text == "Kind  frost"
    assert composed(Email("Now", "Frost!")) == AppriseContent("Now", "Frost!")
    assert composed(Email("Now", variables={"kind": "frost"}), text="{{ kind }}!") == AppriseContent("Now", "frost!")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "CC231"),
        (5, "CC230"),
        (Sms("t"), "CC230"),
        (Email("s", "t", "<p>h</p>"), "CC230"),
        (Email("s", "t", attachments=[Attachment("a.txt", b"a")]), "CC230"),
        (Email(5, "t"), "CC230"),  # type: ignore[arg-type]
        (Email(variables=5), "CC230"),  # type: ignore[arg-type]
        (Email("a\nb", "t"), "CC410"),
        (" ", "CC411"),
    ],
)
def test_a_value_of_no_use_is_refused(composed, value, code):
    with pytest.raises(CloudCronError) as caught:
        composed(value)
    assert caught.value.code == code


# Addresses


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        ("NTFY://ntfy.example.org/Topic", "ntfy://ntfy.example.org/Topic"),
        ("jsons://hooks.example.org:8443/x", "jsons://hooks.example.org:8443/x"),
        ("secretsmanager:shop/slack", "secretsmanager:shop/slack"),
        ("env:SLACK", "env:SLACK"),
    ],
)
def test_references_and_open_services_are_recipients(given, spelled):
    assert find("apprise").normalise(given) == spelled
    assert find("apprise").normalise(spelled) == spelled


@pytest.mark.parametrize(
    "given",
    [
        f"slack://T1JJ3T3L2/A1BRTD4JD/{CANARY}/#ops",
        f"json://ada:{CANARY}@example.org/",
        f"ntfys://{CANARY}@ntfy.sh/topic",
        f"jsons://example.org/?+X-Token={CANARY}",
        f"tgram://{CANARY}/5",
        f"https://hooks.slack.com/services/T/B/{CANARY}",
        f"nfty://{CANARY}",
    ],
)
def test_an_address_that_may_hold_a_credential_is_refused_and_not_shown(given):
    with pytest.raises(RecipientError) as caught:
        find("apprise").normalise(given)
    assert caught.value.code == "CC506"
    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)
    assert "secretsmanager:" in (caught.value.hint or "")


@pytest.mark.parametrize("given", ["", "slack", "slack:/x", "json://", "json://a b", "json://a\n", "env:", 5, None])
def test_what_is_no_address_is_refused(given):
    with pytest.raises(RecipientError) as caught:
        find("apprise").normalise(given)
    assert caught.value.code == "CC322"


def test_a_message_may_choose_only_what_somebody_named():
    notifier = NotifierModel("tell", "apprise", recipients=("env:SLACK",), allow_recipients=("env:OPS",))
    channel = find("apprise")
    assert [channel.admits(address, notifier) for address in ("env:SLACK", "env:OPS", "env:HOME")] == [
        True,
        True,
        False,
    ]


def test_an_address_that_a_message_may_not_choose_is_in_no_report():
    world = World()
    value = Email("s", "t", to=f"slack://T1JJ3T3L2/A1BRTD4JD/{CANARY}")
    at = desk(world, lambda message: value, channel="apprise", recipients=("env:SLACK",))
    deliver(Desk(**{**vars(at), "channel": find("apprise")}), handed_out(message()), plenty)
    assert world.journal.statuses == [("***", "rejected")]
    assert CANARY not in f"{world.journal.deliveries} {world.ledger.rows} {world.bus.dead}"


def test_the_open_services_are_known_to_the_library():
    import apprise  # noqa: PLC0415 - beside its one use

    way()
    made = {scheme: apprise.Apprise.instantiate(f"{scheme}://example.org/topic") for scheme in OPEN}
    assert None not in made.values()


def test_whoever_else_uses_the_library_still_hears_it(caplog):
    import apprise  # noqa: PLC0415 - beside its one use

    way()
    apprise.Apprise.instantiate("foo://x")
    assert "Unparseable URL" in caplog.text


# Sending


def test_a_service_is_told_title_and_text():
    seen: list[Request] = []
    with served(answering("200 OK", seen)) as place:
        assert way().send(CONTENT, f"json://{place}/hook", "k1", 5.0) == Receipt("k1")
    assert seen[0].line == "POST /hook HTTP/1.1"
    told = json.loads(seen[0].body)
    assert (told["title"], told["message"], told["type"]) == ("weather: alerts", "Frost: Grüße", "info")


def test_ntfy_is_told_by_the_address_behind_a_reference():
    seen: list[Request] = []
    with served(answering("200 OK", seen)) as place:
        way(f"ntfy://ada:{CANARY}@{place}/alerts\n").send(CONTENT, "env:NTFY", "k1", 5.0)
    told = json.loads(seen[0].body)
    assert (told["topic"], told["title"], told["message"]) == ("alerts", "weather: alerts", "Frost: Grüße")
    assert seen[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "404 Gone", "429 Slow", "500 Oops", "503 Busy"])
def test_a_no_is_ambiguous_and_tells_its_status(status):
    with served(answering(status)) as place:
        reason = refused(way(f"json://{place}/{CANARY}"), Ambiguous, "env:HOOK")
    assert f"(status {status[:3]})" in reason
    assert "env:HOOK" in reason
    assert CANARY not in reason


def test_a_status_is_that_of_this_call():
    with served(answering("500 Oops"), answering(None)) as place:
        sender = way()
        assert "(status 500)" in refused(sender, Ambiguous, f"json://{place}")
        assert "(it says no more)" in refused(sender, Ambiguous, f"json://{place}")


def test_a_server_that_is_not_there_is_ambiguous_because_the_library_does_not_tell():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert "as far as apprise can tell" in refused(way(), Ambiguous, f"json://127.0.0.1:{port}")


def test_a_service_that_hangs_is_left_in_time():
    def session(connection: socket.socket) -> None:
        received(connection)
        connection.recv(1)

    begun = monotonic()
    with served(session) as place:
        refused(way(), Ambiguous, f"json://{place}", timeout=0.4)
    assert monotonic() - begun < 4


def test_an_answer_that_drips_is_left_in_time():
    def session(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        connection.settimeout(0.02)
        for _ in range(500):
            try:
                connection.recv(1)
            except TimeoutError:
                connection.sendall(b"X: y\r\n")

    begun = monotonic()
    with served(session) as place:
        assert "did not answer within 1 seconds" in refused(way(), Ambiguous, f"json://{place}", timeout=1.0)
    assert monotonic() - begun < 4


@pytest.mark.parametrize("address", [f"foo://{CANARY}", "slack://bad", "", CANARY, "json://"])
def test_an_address_that_the_library_does_not_know_is_refused_for_good(address):
    reason = refused(way(address), Permanent, "env:HOOK")
    assert "env:HOOK" in reason
    assert CANARY not in reason


def test_an_address_that_cannot_be_read_is_asked_for_again():
    assert "env:HOOK refers to" in refused(way(), Retry, "env:HOOK")


def test_content_that_makes_the_library_raise_may_have_been_sent():
    broken: Any = type("Broken", (), {"subject": property(lambda self: 1 / 0), "text": CANARY})()
    with pytest.raises(Ambiguous, match="apprise raised ZeroDivisionError for json://localhost"):
        way().send(broken, "json://localhost", "k1", 5.0)


def test_nothing_of_an_address_is_logged_even_to_whoever_asks_for_everything(caplog):
    caplog.set_level(logging.DEBUG)
    with served(answering("500 Oops"), answering("200 OK")) as place:
        sender = way(f"json://ada:{CANARY}@{place}/{CANARY}?+X-Token={CANARY}")
        refused(sender, Ambiguous, "env:HOOK")
        sender.send(CONTENT, "env:HOOK", "k1", 5.0)
    refused(way(f"foo://{CANARY}"), Permanent, "env:HOOK")
    assert CANARY not in caplog.text
    assert CANARY not in repr(sender)


# Deployed


def test_the_library_is_in_the_image_of_an_app_that_tells_by_it_and_in_no_other():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    made = CloudCron("shop")
    made.notifier("apprise", name="tell", recipients=["ssm:/shop/slack"])(lambda message: "x")
    model = resolve(made.model(), Settings("dev"))
    assert dockerfile.needed(model) == [*dockerfile.RUNTIME, *AppriseChannel.requirements]
    assert project["optional-dependencies"]["apprise"] == list(AppriseChannel.requirements)
    assert dockerfile.needed(CloudCron("shop").model()) == list(dockerfile.RUNTIME)


def test_what_is_redirected_tells_for_whom_it_was():
    made = find("apprise").redirected(CONTENT, "secretsmanager:shop/slack")

    assert made.subject == "[for secretsmanager:shop/slack] weather: alerts"
    assert made.text == CONTENT.text
