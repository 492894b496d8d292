"""Which mail addresses are accepted, and how they are spelt."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from cloud_cron.channels import find
from cloud_cron.channels.addresses import bare, domain, mailbox, redacted
from cloud_cron.errors import RecipientError
from cloud_cron.model import NotifierModel


@pytest.mark.parametrize(
    ("given_", "address", "header"),
    [
        ("ada@example.org", "ada@example.org", "ada@example.org"),
        (" ada@Example.ORG ", "ada@example.org", "ada@example.org"),
        ("Ada.Lovelace+x@b.org", "Ada.Lovelace+x@b.org", "Ada.Lovelace+x@b.org"),
        ("Ada <ada@B.org>", "ada@b.org", "Ada <ada@b.org>"),
        ("<ada@b.org>", "ada@b.org", "ada@b.org"),
        ('"Lovelace, Ada" <ada@b.org>', "ada@b.org", '"Lovelace, Ada" <ada@b.org>'),
        (r'"A \"B\" C" <ada@b.org>', "ada@b.org", r'"A \"B\" C" <ada@b.org>'),
        ("Ünal Ö. <u@b.org>", "u@b.org", '"Ünal Ö." <u@b.org>'),
        ("ada@Bücher.example", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("a@b.xn--p1ai", "a@b.xn--p1ai", "a@b.xn--p1ai"),
        (f"{'x' * 64}@b.org", f"{'x' * 64}@b.org", f"{'x' * 64}@b.org"),
    ],
)
def test_an_address_has_one_spelling(given_, address, header):
    assert bare(given_) == address
    assert mailbox(given_) == header
    assert bare(address) == address
    assert mailbox(header) == header
    assert find("email").normalise(given_) == address


@pytest.mark.parametrize(
    ("given_", "shown", "said"),
    [
        ("", "''", "is empty"),
        ("  ", "''", "is empty"),
        ("a@b", "a***@b", "no complete domain"),
        ("a..b@c.org", "a***@c.org", "single dots"),
        (".a@c.org", ".***@c.org", "single dots"),
        ("a@b.org, c@d.org", "a***@b.org…", "more than one address"),
        ("a@b.org;c@d.org", "a***@b.org…", "more than one address"),
        ("a@b.org c@d.org", "a***@b.org…", "more than one address"),
        ("a@b.org\n", "a***@b.org…", "U+000A"),
        ("a@b.org\r\nBcc: c@d.org", "a***@b.org…", "U+000D"),
        ("a@b.org\u2028", "a***@b.org…", "U+2028"),
        ("a\x00@b.org", "a***@b.org", "U+0000"),
        ("ä@b.org", r"\xe4***@b.org", "not ASCII"),
        ("\ud800@b.org", r"\ud800***@b.org", "U+D800"),
        ("ada", "a***", "no @"),
        ("ada@", "a***@", "no complete domain"),
        ("@b.org", "***@b.org", "single dots"),
        ("a@@b.org", "a***@…", "two @"),
        ("a b@c.org", "a***@c.org", "single dots"),
        ('"a b"@c.org', r"\"***@c.org".replace("\\", ""), "single dots"),
        ("a@[127.0.0.1]", "a***@…", "no complete domain"),
        ("a@1.2.3.4", "a***@1.2.3.4", "no complete domain"),
        ("a@-b.org", "a***@-b.org", "no complete domain"),
        ("a@b_c.org", "a***@b_c.org", "no complete domain"),
        ("a@b..org", "a***@b..org", "no complete domain"),
        ("a@b.org.", "a***@b.org.", "no complete domain"),
        ("a@straße.de", "a***@straße.de", "Punycode"),
        ("a@b\u3002org", "a***@b…", "Punycode"),
        ("a@\uff42.org", "a***@\uff42.org", "Punycode"),
        (f"{'x' * 65}@b.org", "x***@b.org", "single dots"),
        (f"x@{'b' * 64}.org", f"x***@{'b' * 60}…", "no complete domain"),
        (f"x@{'b.' * 130}org", f"x***@{'b.' * 30}…", "no complete domain"),
        ("x" * 2000, "x***", "2,000 characters"),
        ("Lovelace, Ada <ada@b.org>", "a***@b.org", "more than one address"),
        ("Ada <ada@b.org> x", "a***@b.org…", "single dots"),
        ("Ada <ada@b.org", "a***@b.org", "single dots"),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_refused_and_redacted(given_, shown, said):
    with pytest.raises(RecipientError) as caught:
        bare(given_)
    error = caught.value
    assert error.code == "CC301"
    assert error.message.startswith(f"address {shown} ")
    assert said in error.message
    assert error.where is None
    assert "ada@example.org" in (error.hint or "")
    with pytest.raises(RecipientError):
        mailbox(given_)


@pytest.mark.parametrize(("given_", "kind"), [(None, "None"), (5, "an int"), (["a@b.org"], "a list")])
def test_what_is_no_text_is_no_address(given_, kind):
    with pytest.raises(RecipientError, match=f"CC301 an address must be a string, not {kind}") as caught:
        bare(given_)
    assert "ada@example.org" in (caught.value.hint or "")


near_addresses = st.builds(
    "{}{}@{}.{}{}".format,
    st.sampled_from(["", "Ada <", '"A, B" <', "<", "a@b.org, ", " "]),
    st.sampled_from(["ada", "a.b"]) | st.text(st.sampled_from('ab.+-_1ä @<"\n\\'), min_size=1, max_size=6),
    st.sampled_from(["b", "b.c-d", "bücher"]) | st.text(st.sampled_from("ab.-1ü @>_"), min_size=1, max_size=6),
    st.sampled_from(["org", "example", "xn--p1ai", "o", ""]),
    st.sampled_from(["", "", ">", "\n", " ", ", c@d.org", "> x"]),
)


@given(near_addresses)
def test_what_is_accepted_is_one_plain_address(text):
    address = None
    with suppress(RecipientError):
        address = bare(text)
    event("refused" if address is None else "accepted")
    if address is None:
        return
    local, at, host = address.partition("@")
    assert at
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' ,;:<>"()[]\\')
    assert "." in host
    assert local
    assert bare(mailbox(text)) == address


@given(st.text())
def test_redacting_never_fails_and_shows_one_character(text):
    shown = redacted(text)
    assert "\n" not in shown
    assert len(shown) < 80


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example.ORG", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", None),
        ("", None),
        ("straße.de", None),
        ("a b.org", None),
    ],
)
def test_a_domain_has_one_spelling(text, expected):
    assert domain(text) == expected


@pytest.mark.parametrize(
    ("address", "allowed", "admitted"),
    [
        ("ada@example.org", ("ada@example.org",), True),
        ("ada@example.org", ("ada@Example.ORG",), True),
        ("ada@example.org", ("example.org",), True),
        ("ada@example.org", ("@Example.org",), True),
        ("ada@example.org", ("bob@example.org",), False),
        ("ada@mail.example.org", ("example.org",), False),
        ("ada@badexample.org", ("example.org",), False),
        ("ada@example.org.evil.com", ("example.org",), False),
        ("ada@xn--bcher-kva.example", ("bücher.example",), True),
        ("ada@example.org", ("", "@", "org", "*"), False),
        ("ada@example.org", (), True),
    ],
)
def test_addresses_and_very_domains_are_admitted(address, allowed, admitted):
    assert find("email").admits(address, NotifierModel("mail", "email", allow_recipients=allowed)) is admitted
