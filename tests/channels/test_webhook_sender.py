"""Webhooks to a real server with TLS on loopback, and an exact answer to every way in which one can fail."""

from __future__ import annotations

import hmac
import socket
import struct
from base64 import b64decode, b64encode
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.channels import find
from cloud_cron.channels.webhook import WebhookContent, WebhookOptions
from cloud_cron.channels.webhook_answers import meaning
from cloud_cron.channels.webhook_exchange import Answer
from cloud_cron.channels.webhook_sender import WebhookSender
from cloud_cron.channels.webhook_signature import signature
from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry
from cloud_cron.ports import Ports, Receipt
from cloud_cron.runtime.attempt import Desk
from cloud_cron.runtime.delivery import deliver
from tests.channels.mail_servers import Certificates, Then, Words, scripted
from tests.channels.web_servers import HOST, Loopback, Request, answering
from tests.runtime.support import World, desk, message, plenty, received

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

URL = f"https://{HOST}/reports?team=1"
CONTENT = WebhookContent({"station": "KSEA", "note": "Grüße"})
SECRET = "hunter2"
SHORT, PATIENCE = 1.0, 4.0
"""Seconds that a call has, and after which it counts as one that hung; the machine may have much else to do."""
NOW = datetime(2030, 1, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture(scope="module")
def context(certificates) -> ssl.SSLContext:
    found: ssl.SSLContext = certificates.context(HOST)
    return found


@pytest.fixture(autouse=True)
def trusted(certificates, tmp_path, monkeypatch):
    """The authority is one that this process trusts."""
    file = tmp_path / "authority.pem"
    certificates.authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def way(network: Loopback, words: Words | None = None, **options: Any) -> WebhookSender:
    ports = Ports(None, None, Then(), None, words or Words(), None, None, payloads=None)  # type: ignore[arg-type]
    return WebhookSender(ports, WebhookOptions(**options), network)


@contextmanager
def served(*sessions: Any) -> Iterator[Loopback]:
    with scripted(*sessions) as port:
        yield Loopback(port)


def send(sender: WebhookSender, to: str = URL, timeout: float = 5.0) -> Receipt:
    return sender.send(CONTENT, to, "k1", timeout)


def refused(sender: WebhookSender, outcome: type[Exception], to: str = URL, timeout: float = 5.0) -> Any:
    """Nothing is sent, for a reason of exactly that kind, in which nothing of the path is shown."""
    with pytest.raises(outcome) as caught:
        send(sender, to, timeout)
    assert type(caught.value) is outcome
    assert "reports" not in str(caught.value)
    return caught.value


# What works


def test_a_webhook_is_one_post_of_json_with_its_key(context):
    seen: list[Request] = []
    with served(answering(context, "HTTP/1.1 200 OK", "", seen=seen)) as network:
        assert send(way(network)) == Receipt("k1")
    [request] = seen
    assert request.line == "POST /reports?team=1 HTTP/1.1"
    assert request.body == '{"station":"KSEA","note":"Grüße"}'.encode()
    assert request.headers["host"] == HOST
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == "k1"
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.headers["user-agent"].startswith("cloud-cron/")
    assert "webhook-signature" not in request.headers


def test_a_webhook_is_signed_over_id_time_and_body(context):
    seen: list[Request] = []
    with served(answering(context, "HTTP/1.1 204 No Content", "", seen=seen)) as network:
        send(way(network, Words(SECRET), secret="env:SIGNING"))
    headers, body = seen[0].headers, seen[0].body
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    version, _, given = headers["webhook-signature"].partition(",")
    assert version == "v1"
    assert b64decode(given) == hmac.digest(SECRET.encode(), signed, "sha256")


@pytest.mark.parametrize(
    ("recipient", "told"),
    [
        ("https://hooks.example.org/services/T0/B1?key=2", "hooks.example.org"),
        ("https://[2606:4700::1111]:8443/a", "[2606:4700::1111]:8443"),
        ("secretsmanager:shop/hook", "secretsmanager:shop/hook"),
        ("file:/etc/größe und mehr", "file:/etc/gr%C3%B6%C3%9Fe%20und%20mehr"),
    ],
)
def test_what_is_redirected_tells_in_a_header_for_whom_it_was(context, recipient, told):
    made = find("webhook").redirected(CONTENT, recipient)
    seen: list[Request] = []
    with served(*[answering(context, "HTTP/1.1 200 OK", "", seen=seen)] * 2) as network:
        way(network).send(made, URL, "k1", 5.0)
        way(network).send(CONTENT, URL, "k1", 5.0)

    assert [request.headers.get("webhook-recipient") for request in seen] == [told, None]
    assert seen[0].body == seen[1].body


def test_two_secrets_are_two_signatures_and_one_may_be_in_base64():
    plain, coded = signature("old", "k", 1, b"{}"), signature(f"whsec_{b64encode(b'new').decode()}", "k", 1, b"{}")
    assert coded == signature("new", "k", 1, b"{}")
    assert signature("old new", "k", 1, b"{}") == f"{plain} {coded}"
    assert plain != signature("old", "k", 2, b"{}") != signature("old", "l", 2, b"{}")


def test_the_example_of_standard_webhooks_is_signed_as_it_says():
    secret, key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert signature(secret, key, 1614265330, b'{"test": 2432232314}') == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_an_address_behind_a_reference_is_read_when_it_is_sent_to(context):
    seen: list[Request] = []
    with served(answering(context, "HTTP/1.1 200 OK", "", seen=seen)) as network:
        send(way(network, Words(URL)), "secretsmanager:shop/hook")
    assert seen[0].line.startswith("POST /reports")


def test_what_was_looked_up_once_is_what_is_connected_to(context):
    with served(answering(context, "HTTP/1.1 200 OK", "")) as network:
        network.addresses = ["2606:4700::1111", "93.184.216.34"]
        network.dead = {"2606:4700::1111"}
        send(way(network))
    assert (network.asked, network.tried) == ([HOST], ["2606:4700::1111", "93.184.216.34"])


# Where nothing is sent to


@pytest.mark.parametrize("private", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00:ec2::254"])
def test_a_name_with_any_private_address_is_not_connected_to(private):
    network = Loopback(9, "93.184.216.34", private)
    assert "private address" in str(refused(way(network), Permanent))
    assert network.tried == []


@pytest.mark.parametrize(
    ("hosts", "is_sent"),
    [(("hooks.example.org",), True), (("*.example.org",), True), (("example.org",), False), (("*.org.org",), False)],
)
def test_only_hosts_of_the_list_are_sent_to(context, hosts, is_sent):
    with served(answering(context, "HTTP/1.1 200 OK", "")) as network:
        if is_sent:
            assert send(way(network, hosts=hosts)) == Receipt("k1")
        else:
            assert "none of hosts" in str(refused(way(network, hosts=hosts), Permanent))
            assert network.asked == []


def test_what_a_reference_leads_to_must_be_an_address_and_is_not_shown():
    reason = str(refused(way(Loopback(9), Words("http://x/hunter2")), Permanent, "env:HOOK"))
    assert "(behind env:HOOK)" in reason
    assert "hunter2" not in reason


def test_an_address_that_cannot_be_read_is_asked_for_again_and_the_others_are_told():
    assert "env:HOOK refers to" in str(refused(way(Loopback(9)), Retry, "env:HOOK"))


@pytest.mark.parametrize("words", [(), ("",), ("  ",), ("whsec_!",)])
def test_without_a_secret_to_sign_with_nothing_is_sent(words):
    network = Loopback(9)
    reason = str(refused(way(network, Words(*words), secret="env:SIGNING"), ChannelDown))
    assert "signed" in reason
    assert network.asked == []


# Before there is an answer


def test_a_name_that_is_not_found_is_tried_again():
    class Nowhere(Loopback):
        def look_up(self, host: str, port: int, seconds: float) -> list[str]:
            raise socket.gaierror(-2, "Name or service not known")

    assert "cannot be reached" in str(refused(way(Nowhere(9)), Retry))


def test_a_server_that_is_not_there_is_tried_again():
    network = Loopback(9)
    network.dead = set(network.addresses)
    assert "Connection refused" in str(refused(way(network), Retry))


def test_a_host_without_an_address_is_tried_again():
    network = Loopback(9)
    network.addresses = []
    assert "it has no address" in str(refused(way(network), Retry))


def test_a_certificate_of_somebody_else_gets_nothing(certificates):
    seen: list[Request] = []
    with served(answering(certificates.context("other.example.org"), "HTTP/1.1 200 OK", "", seen=seen)) as network:
        assert "offers no TLS that is to be trusted: Hostname mismatch" in str(refused(way(network), Retry))
    assert seen == []


def test_a_certificate_of_an_unknown_authority_gets_nothing():
    with served(answering(Certificates().context(HOST), "HTTP/1.1 200 OK", "")) as network:
        assert "offers no TLS that is to be trusted" in str(refused(way(network), Retry))


def hang(connection: socket.socket) -> None:
    connection.recv(1 << 20)
    connection.recv(1)


def test_a_server_that_greets_nobody_is_left_in_time():
    begun = monotonic()
    with served(hang) as network:
        assert "timed out" in str(refused(way(network), Retry, timeout=0.3))
    assert monotonic() - begun < PATIENCE


def test_a_server_that_goes_away_before_it_has_everything_is_tried_again(context):
    def session(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)
            secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    large = WebhookContent({"x": "y" * 16_000_000})
    with served(session) as network, pytest.raises(Retry, match="went away before it had everything"):
        way(network).send(large, URL, "k1", 5.0)


def test_a_server_that_never_reads_is_left_in_time_and_has_not_everything(context):
    over = Event()

    def session(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True):
            over.wait(20)

    large = WebhookContent({"x": "y" * 16_000_000})
    with served(session) as network:
        with pytest.raises(Retry, match=r"went away before it had everything: .*timed out"):
            way(network).send(large, URL, "k1", SHORT)
        over.set()


@pytest.mark.parametrize(
    "answers",
    [(None,), ("wait",), ("HTTP/1.1",), ("HTTP/1.1 2", "wait"), ("nonsense", ""), ("HTTP/1.1 200 OK", "wait")],
)
def test_an_answer_that_is_lost_or_nonsense_may_have_been_yes(context, answers):
    begun = monotonic()
    with served(answering(context, *answers)) as network:
        assert "had everything and did not answer" in str(refused(way(network), Ambiguous, timeout=SHORT))
    assert monotonic() - begun < PATIENCE


def test_an_answer_that_drips_is_left_in_time(context):
    def session(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1 << 16)
            secured.sendall(b"HTTP/1.1 200 OK\r\n")
            secured.settimeout(0.02)
            for _ in range(500):
                try:
                    secured.recv(1)
                except TimeoutError:
                    secured.sendall(b"X: y\r\n")

    begun = monotonic()
    with served(session) as network:
        refused(way(network), Ambiguous, timeout=SHORT)
    assert monotonic() - begun < PATIENCE


# Answers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, None), (201, None), (202, None), (204, None), (299, None),
        (301, Permanent), (302, Permanent), (304, Permanent), (307, Permanent), (308, Permanent),
        (400, Permanent), (404, Permanent), (405, Permanent), (410, Permanent), (413, Permanent), (422, Permanent),
        (401, ChannelDown), (403, ChannelDown), (407, ChannelDown),
        (408, Retry), (421, Retry), (425, Retry), (429, Retry), (503, Retry),
        (409, Ambiguous), (500, Ambiguous), (502, Ambiguous), (504, Ambiguous), (507, Ambiguous), (599, Ambiguous),
        (501, Permanent), (505, Permanent), (600, Ambiguous), (999, Ambiguous),
    ],
)  # fmt: skip
def test_every_status_has_its_outcome(context, status, outcome):
    with served(answering(context, f"HTTP/1.1 {status} Whatever", "Content-Length: 0", "")) as network:
        if outcome is None:
            assert send(way(network)) == Receipt("k1")
        else:
            assert f"the server {HOST} answered {status}" in str(refused(way(network), outcome))


def test_a_redirect_is_not_followed(context):
    seen: list[Request] = []
    session = answering(context, "HTTP/1.1 307 Temporary Redirect", "Location: https://10.0.0.1/", "", seen=seen)
    with served(session) as network:
        refused(way(network), Permanent)
    assert (len(seen), network.asked) == (1, [HOST])


@pytest.mark.parametrize(
    ("given", "after"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 1.0),
        ("99999999999999999999", 86_400.0),
        ("Tue, 01 Jan 2030 08:00:30 GMT", 30.0),
        ("Tue, 01 Jan 2030 07:00:00 GMT", 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("Tue, 01 Jan 2030 08:00:30", None),
    ],
)
def test_the_pause_that_a_server_asks_for_is_kept(given, after):
    outcome = meaning(Answer(429, given), HOST, NOW)
    assert isinstance(outcome, Retry)
    assert outcome.after == after


def test_a_pause_arrives_from_the_wire(context):
    with served(answering(context, "HTTP/1.1 503 Busy", "Retry-After: 12", "")) as network:
        assert refused(way(network), Retry).after == 12.0


# In the core


def test_every_attempt_of_one_delivery_has_one_key_and_another_delivery_another(context):
    seen: list[Request] = []
    sessions = [answering(context, f"HTTP/1.1 {status} X", "", seen=seen) for status in (500, 503, 200)]
    world = World()
    with served(*sessions) as network:
        sender = WebhookSender(world.ports, WebhookOptions(), network)
        world.post.sender = lambda notifier, message: sender  # type: ignore[method-assign,assignment,return-value]
        at = desk(world, lambda message: message, recipients=(URL,), max_ambiguous=5)
        at = Desk(**{**vars(at), "channel": find("webhook")})
        for receives in (1, 2, 3):
            deliver(at, received(message(), receives=receives), plenty)
            world.clock.move(700)
        deliver(at, received(message(2)), plenty)
    keys = [request.headers["idempotency-key"] for request in seen]
    assert world.journal.statuses == [(URL, "retry"), (URL, "retry"), (URL, "sent"), (URL, "sent")]
    assert (len(set(keys[:3])), len(set(keys))) == (1, 2)
    assert len({request.headers["webhook-timestamp"] for request in seen}) == 4
