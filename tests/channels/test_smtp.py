"""Mail through real servers on loopback: TLS, passwords, and an exact answer to every way in which it can fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from hashlib import sha256
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from cloud_cron.channels.mail import AttachmentContent, EmailContent
from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry
from tests.channels.mail_servers import PASSWORD, Box, Certificates, Words, answering, scripted, sender, served

if TYPE_CHECKING:
    import socket

CONTENT = EmailContent("Frost", "cold\n.\n.hidden", "<b>cold</b>")
ADA = "ada@example.org"
PATIENCE = 4.0
"""Seconds, on a machine that has much else to do, after which a call of 0.4 seconds counts as one that hung."""


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture
def trusted(certificates, tmp_path, monkeypatch):
    """The authority is one that this process trusts."""
    file = tmp_path / "authority.pem"
    certificates.authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.fixture
def box() -> Box:
    return Box()


def plain(port: int, user: str = "", words: Words | None = None):
    return sender(f"smtp+plain://{user}127.0.0.1:{port}", words, **({"secret": "env:X"} if user else {}))


def refused(way, outcome: type[Exception], match: str, **options) -> str:
    """A mail is not sent, for a reason of that kind; its words."""
    with pytest.raises(outcome, match=match) as caught:
        send(way, **options)
    return str(caught.value)


def send(way, to: str = ADA, key: str = "k1", timeout: float = 5.0, content: EmailContent = CONTENT):
    return way.send(content, to, key, timeout)


# What works


def test_a_mail_arrives_with_its_envelope(box):
    with served(box) as port, plain(port) as way:
        receipt = send(way)

    assert receipt.id == "queued as 7"
    [(mail_from, recipients, data)] = box.mails
    assert (mail_from, recipients) == ("shop@example.org", [ADA])
    mail = message_from_bytes(data, policy=default)
    assert (mail["From"], mail["To"], mail["Subject"]) == ("Shop <shop@example.org>", ADA, "Frost")
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "cold\n.\n.hidden\n"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_goes_by_tls_with_a_password(box, certificates, trusted, scheme):
    context = certificates.context("localhost")
    tls = {"starttls": context} if scheme == "smtp" else {"tls": context}
    words = Words(PASSWORD)
    with (
        served(box, password=PASSWORD, **tls) as port,
        sender(f"{scheme}://ada@localhost:{port}", words, secret="env:X") as way,
    ):
        send(way)

    assert (len(box.mails), box.logins) == (1, ["ada"])


def test_a_connection_serves_several_mails(box):
    with served(box) as port, plain(port) as way:
        for number in range(3):
            send(way, key=f"k{number}")

    assert (len(box.mails), box.sessions) == (3, 1)


def test_threads_send_at_the_same_time_on_connections_of_their_own(box):
    with served(box) as port, plain(port) as way, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: send(way, f"a{number}@example.org", f"k{number}", 20), range(40)))

    assert sorted(to for _, [to], _ in box.mails) == sorted(f"a{number}@example.org" for number in range(40))
    assert box.sessions <= 4


def test_every_attempt_of_a_delivery_is_the_same_mail(box):
    with served(box) as port, plain(port) as way:
        send(way)
        send(way)

    assert box.mails[0] == box.mails[1]
    assert b"Message-ID: <%b@example.org>" % sha256(b"k1").hexdigest().encode() in box.mails[0][2]


def test_a_server_that_hung_up_meanwhile_costs_nothing():
    """The first session ends after its mail; the second mail finds that out, and takes another."""
    with scripted(answering(RSET=None), answering()) as port, plain(port) as way:
        assert [send(way).id, send(way).id] == ["yes", "yes"]


def test_a_password_that_was_changed_is_read_again(box):
    words = Words("old", "new")
    with served(box, password="new") as port, plain(port, "ada@", words) as way:
        with pytest.raises(ChannelDown):
            send(way)
        send(way)

    assert (len(box.mails), words.asked) == (1, 2)


def test_a_known_password_that_is_refused_is_read_once_more(box):
    """It was right for the first session; for the second one another is."""
    words, right = Words("old", "new"), ["old"]
    with served(box, password=right) as port, plain(port, "ada@", words) as way:
        send(way)
        way.close()
        right[:] = ["new"]
        send(way)

    assert (len(box.mails), words.asked) == (2, 2)


def test_passwords_are_of_any_script(box):
    with served(box, password="pässwörd") as port, plain(port, "ada@", Words("pässwörd")) as way:
        send(way)
    with (
        served(box, password="pässwörd", auth_exclude_mechanism=["PLAIN"]) as port,
        plain(port, "ada@", Words("pässwörd")) as way,
    ):
        send(way)

    assert (len(box.mails), box.logins) == (2, ["ada", "ada"])


def test_we_give_our_address_for_our_name(box):
    """Asking the network what this machine is called could take longer than the mail."""
    with served(box) as port, plain(port) as way:
        send(way)
    assert box.name == "[127.0.0.1]"


def test_a_kept_connection_that_says_nothing_is_given_up_soon_enough():
    with scripted(answering(RSET="wait"), answering()) as port, plain(port) as way:
        assert [send(way).id, send(way, timeout=1.0).id] == ["yes", "yes"]


# Who is not let in


def test_a_certificate_of_nobody_known_is_not_trusted(box, certificates):
    with served(box, tls=certificates.context("localhost")) as port, sender(f"smtps://localhost:{port}") as way:
        refused(way, ChannelDown, "not to be trusted")
    assert box.mails == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_of_another_host_is_not_trusted(box, certificates, trusted, scheme):
    context = certificates.context("mail.example.org")
    tls = {"starttls": context} if scheme == "smtp" else {"tls": context}
    with served(box, **tls) as port, sender(f"{scheme}://localhost:{port}") as way:
        refused(way, ChannelDown, "not to be trusted")
    assert box.mails == []


def test_nothing_is_said_to_a_server_without_starttls(box):
    with served(box) as port, sender(f"smtp://localhost:{port}") as way:
        refused(way, ChannelDown, "offers no STARTTLS")
    assert box.mails == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("patience", [0.0, PATIENCE], ids=["hangs-up", "hangs"])
def test_a_server_that_says_nothing_when_tls_is_to_begin_is_tried_again(scheme, patience):
    def session(connection: socket.socket) -> None:
        if scheme == "smtp":
            file = connection.makefile("rb")
            connection.sendall(b"220 here\r\n")
            while not file.readline().startswith(b"STARTTLS"):
                connection.sendall(b"250-x\r\n250 STARTTLS\r\n")
            connection.sendall(b"220 go on\r\n")
        over.wait(patience)

    over = Event()
    with scripted(session) as port, sender(f"{scheme}://localhost:{port}") as way:
        began = monotonic()
        refused(way, Retry, "went away before TLS", timeout=0.4)
        over.set()
    assert monotonic() - began < PATIENCE


@pytest.mark.parametrize(("answer", "outcome"), [("454 not now", Retry), ("501 never", ChannelDown)])
def test_tls_that_is_offered_and_refused(answer, outcome):
    session = answering(EHLO="250-x\r\n250 STARTTLS", STARTTLS=answer)
    with scripted(session) as port, sender(f"smtp://localhost:{port}") as way:
        refused(way, outcome, answer[:3])


def test_tls_with_a_server_that_speaks_none_is_the_channels_fault():
    with scripted(answering()) as port, sender(f"smtps://localhost:{port}") as way:
        refused(way, ChannelDown, "does not speak our TLS")


def test_a_wrong_password_is_the_channels_fault_and_is_not_shown(box):
    with served(box, password=PASSWORD) as port, plain(port, "ada@", Words("wrong-word")) as way:
        said = refused(way, ChannelDown, r"refused the login: 535 .* \(as ada\)")

    assert "wrong-word" not in said
    assert "wrong-word" not in repr(way)


def test_no_exception_on_the_way_holds_the_password(box):
    with served(box, password=PASSWORD) as port, plain(port, "ada@", Words("wröng-word")) as way:
        with pytest.raises(ChannelDown) as caught:
            send(way)
        error: BaseException | None = caught.value
        while error is not None:
            assert "ng-word" not in repr(error)
            error = error.__cause__ or error.__context__


def test_a_store_of_secrets_that_fails_is_the_channels_fault(box):
    class Broken(Words):
        def get(self, name, reference):
            raise RuntimeError(PASSWORD)

    with served(box, password=PASSWORD) as port, plain(port, "ada@", Broken()) as way:
        assert PASSWORD not in refused(way, ChannelDown, "cannot be had: RuntimeError")


def test_a_password_that_cannot_be_had_is_the_channels_fault(box):
    with served(box, password=PASSWORD) as port, plain(port, "ada@", Words()) as way:
        refused(way, ChannelDown, "secret 'smtp' is not there")


def test_a_server_that_wants_a_login_is_the_channels_fault(box):
    with served(box, password=PASSWORD) as port, plain(port) as way:
        refused(way, ChannelDown, "530")


def test_a_server_that_takes_no_password_is_the_channels_fault(box):
    with served(box) as port, plain(port, "ada@", Words(PASSWORD)) as way:
        refused(way, ChannelDown, "takes no password")


# What a server may answer, and when it may go away


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"greeting": "421 busy"}, Retry),
        ({"greeting": "554 no"}, ChannelDown),
        ({"greeting": None}, Retry),
        ({"greeting": "wait"}, Retry),
        ({"EHLO": "421 busy"}, Retry),
        ({"EHLO": "502 what", "HELO": "550 no"}, ChannelDown),
        ({"EHLO": None}, Retry),
        ({"MAIL": "451 later"}, Retry),
        ({"MAIL": "421 busy"}, Retry),
        ({"MAIL": "550 not you"}, ChannelDown),
        ({"MAIL": None}, Retry),
        ({"RCPT": "450 mailbox busy"}, Retry),
        ({"RCPT": "452 full"}, Retry),
        ({"RCPT": "550 no such box"}, Permanent),
        ({"RCPT": "251 will forward"}, None),
        ({"RCPT": "wait"}, Retry),
        ({"DATA": "451 later"}, Retry),
        ({"DATA": "554 no"}, Permanent),
        ({"DATA": None}, Retry),
        ({"end": "451 later"}, Retry),
        ({"end": "421 busy"}, Retry),
        ({"end": "552 too large"}, Permanent),
        ({"end": "554 spam"}, Permanent),
        ({"end": None}, Ambiguous),
        ({"end": "wait"}, Ambiguous),
        ({"end": "nonsense"}, Ambiguous),
        ({"end": "535 login"}, ChannelDown),
        ({"end": "200 fine"}, None),
        ({"end": "354 go on"}, Ambiguous),
        ({"RCPT": "421 busy"}, Retry),
        ({"RCPT": None}, Retry),
        ({"DATA": "421 busy"}, Retry),
        ({"DATA": "250 what"}, Retry),
        ({"DATA": "wait"}, Retry),
        ({"EHLO": "wait"}, Retry),
        ({"EHLO": "550 no"}, None),
        ({"greeting": "nonsense"}, Retry),
        ({"MAIL": "530 login first"}, ChannelDown),
    ],
    ids=str,
)
def test_what_the_server_says_decides(answers, outcome):
    with scripted(answering(**answers)) as port, plain(port) as way:
        if outcome is None:
            assert send(way).id in {"yes", "fine"}
            return
        with pytest.raises(outcome) as caught:
            send(way, timeout=0.4)
        assert type(caught.value) is outcome
        assert caught.value.reason


def test_after_a_refusal_the_connection_serves_the_next_mail():
    """The first session refuses every recipient; a second one would take them."""
    with scripted(answering(RCPT="550 no such box"), answering()) as port, plain(port) as way:
        with pytest.raises(Permanent):
            send(way)
        with pytest.raises(Permanent):
            send(way)


def test_a_server_that_is_not_there_is_tried_again():
    with scripted(answering()) as port:
        pass
    with plain(port) as way, pytest.raises(Retry, match="cannot be reached"):
        send(way)


def test_there_is_no_call_without_time():
    with scripted(answering()) as port, plain(port) as way, pytest.raises(Retry, match="no time left"):
        send(way, timeout=0.0)


BIG = EmailContent("s", "t", "h", attachments=(AttachmentContent("a.bin", "a/b", bytes(4_000_000)),))


def test_a_server_that_hangs_up_during_the_mail_has_not_accepted_it():
    """Far more than the network holds for it, so that most of the mail never leaves."""

    def session(connection: socket.socket) -> None:
        file = connection.makefile("rb")
        connection.sendall(b"220 here\r\n")
        while not file.readline().startswith(b"DATA"):
            connection.sendall(b"250 ok\r\n")
        connection.sendall(b"354 go on\r\n")
        file.read(100_000)

    with scripted(session) as port, plain(port) as way:
        refused(way, Retry, "went away during the mail", content=BIG)


def test_a_server_that_stops_reading_costs_no_more_than_the_time_there_is():
    def session(connection: socket.socket) -> None:
        file = connection.makefile("rb")
        connection.sendall(b"220 here\r\n")
        while not file.readline().startswith(b"DATA"):
            connection.sendall(b"250 ok\r\n")
        connection.sendall(b"354 go on\r\n")
        over.wait(PATIENCE)

    over = Event()
    with scripted(session) as port, plain(port) as way:
        began = monotonic()
        refused(way, Retry, "the mail server", content=BIG, timeout=0.8)
        over.set()
    assert monotonic() - began < PATIENCE


@pytest.mark.parametrize(("before", "outcome"), [(b"", Retry), (b"DATA", Ambiguous)])
def test_a_server_that_answers_byte_by_byte_has_no_more_time_than_others(before, outcome):
    """Each byte comes well before a time-out for one would end; the greeting, or the last answer, never does."""

    def session(connection: socket.socket) -> None:
        file = connection.makefile("rb")
        if before:
            connection.sendall(b"220 here\r\n")
            while not file.readline().startswith(before):
                connection.sendall(b"250 ok\r\n")
            connection.sendall(b"354 go on\r\n")
            while file.readline() != b".\r\n":
                pass
        while not over.wait(0.05):
            connection.sendall(b"2")

    over = Event()
    with scripted(session) as port, plain(port) as way:
        began = monotonic()
        refused(way, outcome, "timed out", timeout=0.4)
        took = monotonic() - began
        over.set()
    assert took < PATIENCE


def test_a_mail_that_is_larger_than_the_server_takes_is_not_begun():
    with scripted(answering(EHLO="250-x\r\n250 SIZE 1000", MAIL=None)) as port, plain(port) as way:
        refused(way, Permanent, "bytes, and the mail server .* takes 1,000", content=BIG)


@pytest.mark.parametrize("offer", ["SIZE", "SIZE 0", "SIZE what", "SIZE 99999999"])
def test_any_size_will_do_for_a_server_that_names_none(offer):
    with scripted(answering(EHLO=f"250-x\r\n250 {offer}")) as port, plain(port) as way:
        assert send(way).id == "yes"


def test_a_mail_that_cannot_be_put_together_is_refused_for_good():
    content = EmailContent("s", "t", "h", attachments=(AttachmentContent("a", "a/b", None),))  # type: ignore[arg-type]
    with scripted(answering()) as port, plain(port) as way:
        refused(way, Permanent, "cannot be put together", content=content)
