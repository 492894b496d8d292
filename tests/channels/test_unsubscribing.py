"""How a recipient gets off a list."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from cloud_cron.channels import mime
from cloud_cron.channels.email import EmailOptions
from cloud_cron.channels.headers import checked
from cloud_cron.channels.mail import EmailContent
from cloud_cron.channels.unsubscribing import headers
from cloud_cron.errors import DeclarationError, ResultError

DATE = datetime(2030, 1, 1, 8, tzinfo=UTC)
LINK = "https://example.org/u?to={recipient}"


def read(link: str | None, own: dict[str, str] | None = None, recipient: str = "ada+x@example.org"):
    content = EmailContent("s", "t", "<p>h</p>", headers=own or {})
    made = mime.message(content, "shop@example.org", recipient, key="k", date=DATE, unsubscribe=link)
    return message_from_bytes(made.as_bytes(), policy=default)


def test_a_link_names_the_recipient_and_takes_one_click():
    mail = read(LINK)
    assert mail["List-Unsubscribe"] == "<https://example.org/u?to=ada%2Bx%40example.org>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_address_takes_no_click():
    mail = read("mailto:stop@example.org?subject=stop")
    assert mail["List-Unsubscribe"] == "<mailto:stop@example.org?subject=stop>"
    assert mail["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("own", ["List-Unsubscribe", "list-unsubscribe"])
def test_the_mails_own_header_counts_alone(own):
    mail = read(LINK, {own: "<mailto:off@example.org>"})
    assert mail.get_all("List-Unsubscribe") == ["<mailto:off@example.org>"]
    assert mail["List-Unsubscribe-Post"] is None


def test_the_longest_of_both_fits_a_header_of_ses():
    recipient = f"{'+' * 64}@{'a.' * 92}example"
    [value, _] = headers(LINK + "x" * (500 - len(LINK)), recipient, {}).values()
    assert len("List-Unsubscribe") + len(value) <= 996


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/u", "example.org/u", "https://example.org/a b", "https://example.org/u\r\nBcc: eve@b.org",
        "https://example.org/u\n", "https://example.org/>,<mailto:eve@b.org", "https://example.org/\u00fc",
        "mailto:stop", "https://example.org/" + "x" * 481, "https://e.org/{recipient}/{recipient}", "", 5,
    ],
)  # fmt: skip
def test_a_link_that_is_none_or_begins_a_header_is_refused(link):
    with pytest.raises(DeclarationError) as caught:
        EmailOptions(unsubscribe=link)
    assert caught.value.code == "CC132"
    assert "unsubscribe" in caught.value.message


def test_a_click_needs_a_link():
    click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert checked({"list-unsubscribe": "<mailto:a@b.org>, <https://b.org/u>", **click})
    for given, said in (
        (click, "needs 'List-Unsubscribe'"),
        ({**click, "List-Unsubscribe": "<mailto:a@b.org>"}, "needs 'List-Unsubscribe'"),
        ({"List-Unsubscribe": "<https://b.org/u>", "List-Unsubscribe-Post": "yes"}, "takes one value"),
    ):
        with pytest.raises(ResultError, match=said) as caught:
            checked(given)
        assert caught.value.code == "CC235"
