"""The network of these tests is a server on this machine; everything else is on a virtual clock."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError

import pytest

from app import compared
from reading import Entry, Feed, fetch, parsed

ATOM = Path(__file__).with_name("example.atom").read_bytes()
RSS = b"""<rss><channel><title>News</title>
<item><guid>7</guid><title>Seven</title><link>https://example.org/7</link></item>
<item><title>Bad</title><link>javascript:alert(1)</link></item></channel></rss>"""


class Site(ThreadingHTTPServer):
    """A server that answers with what `titles` says, and with 503 when that is None."""

    titles: list[str] | None = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/feed"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.server.titles is None:
            self.send_error(503)
            return
        items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in self.server.titles)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"<rss><channel><title>News</title>{items}</channel></rss>".encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def site():
    with Site(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_atom_and_rss_are_read():
    assert parsed(ATOM).entries[0] == Entry(
        "https://example.org/releases/2.1", "Example 2.1: faster, & smaller", "https://example.org/releases/2.1"
    )
    assert parsed(RSS) == Feed("News", (Entry("7", "Seven", "https://example.org/7"), Entry("", "Bad", "")))


def test_an_entry_that_left_the_feed_is_not_new_when_it_comes_back():
    entries = [Entry(str(n), "", "") for n in range(3)]
    seen = compared(Feed("News", tuple(entries)), None)["looks"]["seen"]
    seen = compared(Feed("News", tuple(entries[:1])), seen)["looks"]["seen"]

    assert compared(Feed("News", tuple(entries)), seen)["news"] is None


def test_the_first_look_remembers_and_later_ones_tell(cron, site):
    for site.titles in (["a"], ["a"], ["c", "b", "a"]):
        cron.run("look", input={"feed": site.url})
        cron.deliver()

    mails = [sent.content for sent in cron.outbox if sent.notifier == "mail"]
    assert [mail.subject for mail in mails] == ["News: 2 new entries"]
    assert [sent.content.text for sent in cron.outbox if sent.notifier == "log"] == [
        "News: 1 entries, 0 new",
        "News: 1 entries, 0 new",
        "News: 3 entries, 2 new",
    ]


def test_a_server_that_is_busy_fails_the_run(cron, site):
    with pytest.raises(HTTPError, match="503"):
        cron.run("look", input={"feed": site.url})

    assert cron.published("looks") == []


def test_a_run_that_failed_is_tried_again_and_nothing_is_lost(cron, monkeypatch):
    answers = iter([OSError("no route to host"), ATOM, ATOM])

    def unreliable(_):
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr("app.fetch", unreliable)
    cron.advance("1 hour", raises=False)

    assert [str(error) for error in cron.errors] == ["no route to host"]
    assert [message.payload["entries"] for message in cron.published("looks")] == [2, 2]


def test_only_web_addresses_are_fetched():
    with pytest.raises(ValueError, match="no web address"):
        fetch("file:///etc/passwd")


def test_no_crash_loses_the_news(cron, monkeypatch):
    monkeypatch.setattr("app.remembered", lambda _: ["https://example.org/releases/2.0"])
    report = cron.crash_everywhere("look", input={"feed": "example.atom"})

    assert report.lost == 0
    assert report.max_acceptances <= 2
