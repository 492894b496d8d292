"""The address that hears that all is well: asked once, and whatever goes wrong is a line with a code, without it."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest

from cloud_cron.errors import NotFound
from cloud_cron.runtime.heartbeat import Heartbeat
from tests.loopback import free_port
from tests.watchdog import listening

SECRET = "2d7a-key-of-the-watchdog"


class Vault:
    """Secrets in memory; those that are not there are told as AWS's are, what is no text is raised."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def get(self, name: str, reference: str) -> str:
        found = self.values.get(reference.rpartition("/")[2])
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise NotFound("CC507", f"secret {name!r}: {reference} cannot be read", hint="check its name")
        return str(found)

    def forget(self, reference: str) -> None:
        """Nothing is kept."""


def beaten(given: str, seconds: float = 10.0, **values: Any) -> list[dict[str, Any]]:
    """The lines of one beat."""
    lines: list[dict[str, Any]] = []
    Heartbeat(given, Vault(**values), lambda **fields: lines.append(fields)).beat(seconds)
    assert SECRET not in str(lines)
    return lines


@pytest.fixture
def watchdog(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with listening() as found:
        yield found


def test_an_address_is_asked_once_and_nothing_is_logged(watchdog):
    assert beaten(f"{watchdog.address}/{SECRET}") == []
    assert watchdog.heard == [f"/{SECRET}"]


def test_an_address_may_be_a_secret_with_a_line_break_after_it(watchdog):
    assert beaten("ssm:/heart", heart=f"{watchdog.address}/{SECRET}\n") == []
    assert watchdog.heard == [f"/{SECRET}"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("500", "it was answered with 500"),
        ("404", "it was answered with 404"),
        ("302", "it was answered with 302"),
        ("rubbish", "BadStatusLine"),
    ],
)
def test_any_answer_but_a_good_one_is_a_line_with_a_code(watchdog, path, why):
    [line] = beaten("ssm:/heart", heart=f"{watchdog.address}/{path}?{SECRET}")
    assert (line["event"], line["level"], line["code"]) == ("heartbeat", "warning", "CC640")
    assert (line["message"], line["reason"]) == ("the heartbeat was not heard", f"the address of the heartbeat: {why}")
    assert line["hint"]
    assert watchdog.heard == [f"/{path}?{SECRET}"]


def test_an_address_that_the_library_refuses_and_shows_is_not_shown(watchdog):
    [line] = beaten(f"{watchdog.address}/a\x7fb{SECRET}")
    assert (line["code"], line["reason"]) == ("CC640", "the address of the heartbeat: InvalidURL")


def test_a_server_that_never_comes_to_an_end_is_waited_for_so_long_and_no_longer(watchdog):
    began = monotonic()
    [line] = beaten(f"{watchdog.address}/slow?{SECRET}", 0.6)
    assert monotonic() - began < 5
    assert (line["code"], "no answer" in line["reason"]) == ("CC640", True)


def test_without_time_nobody_is_asked(watchdog):
    [line] = beaten(f"{watchdog.address}/ping", -3.0)
    assert (line["code"], watchdog.heard) == ("CC640", [])


def test_nobody_who_listens_is_a_line_with_a_code():
    [line] = beaten(f"http://127.0.0.1:{free_port()}/{SECRET}")
    assert (line["code"], line["reason"]) == ("CC640", "the address of the heartbeat: Connection refused")


def test_a_certificate_of_nobody_known_is_a_line_with_a_code(monkeypatch):
    trustme = pytest.importorskip("trustme")
    monkeypatch.setenv("no_proxy", "*")
    import ssl  # noqa: PLC0415 - beside its one use

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with listening(context) as watchdog:
        [line] = beaten(f"{watchdog.address}/{SECRET}")
    assert (line["code"], watchdog.heard) == ("CC640", [])
    assert "certificate" in line["reason"]


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        (None, "CC507"),
        ("http://example.org/" + SECRET, "CC522"),
        ("https://user:" + SECRET + "@example.org", "CC522"),
        ("", "CC522"),
        (RuntimeError(SECRET), "CC640"),
    ],
)
def test_a_reference_that_leads_to_no_address_is_a_line_with_a_code(kept, code):
    [line] = beaten("ssm:/heart", heart=kept)
    assert line["code"] == code
