"""Texts through Twilio's own client against a server that speaks its REST API: what is sent, and every answer."""

from __future__ import annotations

import json
import logging
import re
import socket
import struct
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels import twilio_account
from cloud_cron.channels.sms import SmsContent
from cloud_cron.channels.twilio_answers import CODES, STATUSES
from cloud_cron.errors import Ambiguous, ChannelDown, Outcome, Permanent, Retry
from cloud_cron.local.clock import VirtualClock
from tests.channels.mail_servers import Certificates, Words, scripted
from tests.channels.twilio_server import (
    FROM,
    SECRET,
    SID,
    TOKEN,
    Answer,
    Twilio,
    accepted,
    refusal,
    sending,
    serving,
)
from tests.loopback import free_port

ADA = "+12025550123"
SERVICE = "MG" + "0b" * 16
DOCS = Path(__file__).parents[2] / "docs/sms.md"


@pytest.fixture
def twilio() -> Twilio:
    return Twilio()


@pytest.fixture
def port(twilio):
    with serving(twilio) as port:
        yield port


def send(way, text: str = "Frost", timeout: float = 5.0):
    return way.send(SmsContent(text, 1), ADA, "k" * 64, timeout)


def refused(port: int, kind: type[Outcome], words: Words | None = None, timeout: float = 5.0) -> Outcome:
    with sending(port, words) as way, pytest.raises(kind) as caught:
        send(way, timeout=timeout)
    return caught.value


# What works


def test_a_text_is_sent_from_a_number_and_its_sid_is_the_receipt(twilio, port):
    with sending(port) as way:
        assert send(way, "Frost ✉ & more").id == "SM" + "0" * 31 + "1"
    assert twilio.texts == [{"To": ADA, "From": FROM, "Body": "Frost ✉ & more"}]
    assert twilio.calls == [(f"/2010-04-01/Accounts/{SID}/Messages.json", SID)]


def test_a_messaging_service_sends_in_place_of_a_number(twilio, port):
    with sending(port, from_number=None, messaging_service_sid=SERVICE) as way:
        send(way)
    assert twilio.texts == [{"To": ADA, "MessagingServiceSid": SERVICE, "Body": "Frost"}]


def test_a_key_of_the_api_calls_for_its_account(twilio, port):
    twilio.users = {"SK5": "hush"}
    key = json.dumps({"account_sid": SID, "api_key": "SK5", "api_secret": "hush"})
    with sending(port, Words(key)) as way:
        send(way)
    assert twilio.calls == [(f"/2010-04-01/Accounts/{SID}/Messages.json", "SK5")]


def test_several_texts_share_a_connection_and_several_threads_do_not(twilio, port):
    with sending(port) as way:
        for _ in range(3):
            send(way)
        assert twilio.connections == 1
        with ThreadPoolExecutor(4) as pool:
            receipts = list(pool.map(lambda _: send(way).id, range(12)))
    assert len(set(receipts)) == 12
    assert 1 <= twilio.connections <= 5


def test_a_connection_that_waited_for_too_long_is_not_used_again(twilio, port):
    clock = VirtualClock(datetime(2030, 1, 1, tzinfo=UTC))
    with sending(port, clock=clock) as way:
        for seconds in (0, 19, 20):
            clock.set(clock.now() + timedelta(seconds=seconds))
            send(way)
    assert (len(twilio.texts), twilio.connections) == (3, 2)


# Credentials


def test_credentials_that_were_changed_are_read_once_more_and_the_text_is_sent_once(twilio, port):
    words = Words(SECRET, SECRET.replace(TOKEN, "newer"))
    twilio.users = {SID: "newer"}
    with sending(port, words) as way:
        assert send(way).id
        assert send(way).id
    assert (len(twilio.texts), len(twilio.calls)) == (2, 3)
    assert words.forgotten == ["env:X"]


def test_credentials_that_stay_refused_are_not_tried_again_at_once(twilio, port):
    twilio.users = {}
    assert "20003" in refused(port, ChannelDown).reason
    assert len(twilio.calls) == 1
    refused(port, ChannelDown, Words(SECRET, SECRET.replace(TOKEN, "wrong-too")))
    assert len(twilio.calls) == 3


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "",
        f'"{TOKEN}"',
        f'{{"account_sid": "{SID}", "auth_token": "{TOKEN}"',
        f'{{"account_sid": "{SID}", "token": "{TOKEN}"}}',
        f'{{"account_sid": "{SID}", "auth_token": "{TOKEN}", "api_key": "SK1"}}',
        f'{{"account_sid": "{SID}", "auth_token": ""}}',
        f'{{"account_sid": "{SID}", "auth_token": 5}}',
        f'{{"account_sid": "{SID}", "auth_token": "{TOKEN}\\n"}}',
        f'{{"account_sid": "{SID}", "auth_token": "{TOKEN}ß"}}',
        f'{{"account_sid": "a:b", "auth_token": "{TOKEN}"}}',
        "[" * 100_000,
    ],
)
def test_credentials_of_another_form_stop_the_channel_and_are_not_shown(twilio, port, secret):
    error = refused(port, ChannelDown, Words(secret))
    assert "must be {" in error.reason
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert twilio.calls == []


@given(st.text() | st.recursive(st.text() | st.none(), lambda each: st.dictionaries(st.text(), each)).map(json.dumps))
def test_any_other_secret_is_refused_in_the_same_words(secret):
    with pytest.raises(ChannelDown, match=r"must be \{"):
        twilio_account.read(secret)


def test_credentials_that_cannot_be_had_stop_the_channel(port):
    assert "secret 'sms' is not there" in refused(port, ChannelDown, Words()).reason


def test_nothing_of_an_account_is_shown():
    assert repr(twilio_account.read(SECRET)) == "Account(***)"


def test_neither_logs_nor_a_traceback_show_credentials_or_numbers(twilio, port, caplog):
    caplog.set_level(logging.INFO)
    twilio.answers = [refusal(400, 21211, f"The 'To' number {ADA} is not a valid phone number.")]
    error = refused(port, Permanent)
    shown = "".join(traceback.format_exception(error)) + caplog.text
    assert ADA not in shown
    assert "*** is not a valid" in error.reason
    assert TOKEN not in shown
    assert caplog.text == ""


# What every answer means


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_table_means_its_outcome(twilio, port, code):
    status = {20003: 401, 20429: 429}.get(code, 400)
    twilio.answers = [refusal(status, code, "said so")] * 2
    error = refused(port, CODES[code].outcome)
    assert error.reason == f"Twilio {code}: said so"


@pytest.mark.parametrize("code", [code for code in CODES if code >= 30_000])
def test_a_message_that_has_failed_already_means_the_same(twilio, port, code):
    twilio.answers = [accepted("SM1", "failed", error_code=code, error_message="went wrong")]
    assert refused(port, CODES[code].outcome).reason == f"Twilio {code}: went wrong"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [*STATUSES.items(), (400, Permanent), (405, Permanent), (301, Ambiguous), (500, Ambiguous), (503, Ambiguous)],
)
@pytest.mark.parametrize("told", [True, False])
def test_an_answer_without_a_known_code_goes_by_its_status(twilio, port, status, outcome, told):
    body = refusal(status, None).body if told else b"<html>no json</html>"
    twilio.answers = [Answer(status, body)] * 2
    assert f"Twilio {status}: " in refused(port, outcome).reason


def test_an_error_in_the_newer_form_is_read_too(twilio, port):
    body = {"type": "https://twilio.com/21610", "title": "Opted out", "status": 400, "code": 21610, "detail": "STOP"}
    twilio.answers = [Answer(400, body)]
    assert refused(port, Permanent).reason == "Twilio 21610: STOP"


@pytest.mark.parametrize(("given", "after"), [("7", 7.0), ("99999", 3600.0), ("soon", None), ("-1", None)])
def test_a_retry_waits_as_long_as_twilio_says(twilio, port, given, after):
    twilio.answers = [refusal(429, 20429, Retry_After=given)]
    error = refused(port, Retry)
    assert isinstance(error, Retry)
    assert error.after == after


@pytest.mark.parametrize(
    "answer",
    [accepted(None), accepted("SM1", "failed"), Answer(201, b"{"), Answer(201, b"[]"), Answer(200, b"")],
    ids=["no SID", "failed for no reason", "half", "a list", "nothing"],
)
def test_an_acceptance_that_cannot_be_read_is_ambiguous(twilio, port, answer):
    twilio.answers = [answer]
    refused(port, Ambiguous)


# No answer


def test_a_connection_that_is_refused_is_certainly_no_acceptance():
    assert "no connection" in refused(free_port(), Retry).reason


def test_a_proxy_that_refuses_is_certainly_no_acceptance(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    assert "cannot be reached" in refused(free_port(), Retry).reason


def gone(connection: socket.socket) -> None:
    """Read the call, and reset the connection."""
    connection.recv(65_536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half(connection: socket.socket) -> None:
    """Hang up in the middle of the answer."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{")


def silent(connection: socket.socket) -> None:
    """Take the call, and say nothing."""
    while connection.recv(65_536):
        pass


@pytest.mark.parametrize("session", [gone, half, silent])
def test_an_answer_that_is_lost_is_ambiguous_and_the_call_is_made_once(session):
    calls: list[int] = []

    def counted(connection: socket.socket) -> None:
        calls.append(1)
        session(connection)

    with scripted(counted) as port:
        begun = monotonic()
        refused(port, Ambiguous, timeout=0.4 if session is silent else 5.0)
        assert monotonic() - begun < 4.0
    assert calls == [1]


def test_a_server_with_a_certificate_that_nobody_trusts_gets_no_text():
    context = Certificates().context("127.0.0.1")

    def session(connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).recv(1)

    with scripted(session) as port, sending(port, tls=True) as way, pytest.raises(ChannelDown, match="not trusted"):
        send(way)


def test_no_call_is_begun_when_no_time_is_left(twilio, port):
    refused(port, Retry, timeout=0.0)
    assert twilio.calls == []


# The page


def test_the_page_shows_the_table():
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    names = {ChannelDown: "channel down", Retry: "not accepted", Permanent: "permanent", Ambiguous: "ambiguous"}
    table = {
        str(code): (meaning.words, names[next(kind for kind in names if issubclass(meaning.outcome, kind))])
        for code, meaning in CODES.items()
    }
    assert {code: (words, outcome) for code, words, outcome in rows} == table
