"""Addresses of mail servers: read strictly, and without ever showing a password."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels.characters import breaking
from cloud_cron.channels.smtp_address import PORTS, SmtpAddress, read
from cloud_cron.errors import DeclarationError


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("smtp://mail.example.org", SmtpAddress("smtp", "mail.example.org", 587)),
        ("smtp://ada@mail.example.org:2525", SmtpAddress("smtp", "mail.example.org", 2525, "ada")),
        ("smtps://mail.example.org/", SmtpAddress("smtps", "mail.example.org", 465)),
        ("smtps://a%40example.org@Mail.Example.org", SmtpAddress("smtps", "mail.example.org", 465, "a@example.org")),
        ("smtp+plain://localhost", SmtpAddress("smtp+plain", "localhost", 25)),
        ("smtp+plain://127.0.0.9:1025", SmtpAddress("smtp+plain", "127.0.0.9", 1025)),
        ("smtp+plain://[::1]:1025", SmtpAddress("smtp+plain", "::1", 1025)),
        ("smtp://[2001:db8::1]", SmtpAddress("smtp", "2001:db8::1", 587)),
    ],
)  # fmt: skip
def test_a_server_and_the_way_to_speak_to_it(text, server):
    assert read(text) == server


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "smtp must be the address of a mail server"),
        (None, "smtp must be a string, not None"),
        ("mail.example.org:587", "smtp must be the address"),
        ("http://mail.example.org", "smtp=http:// is no way to speak to a mail server"),
        ("smtp://", "smtp must be the address"),
        ("smtp://a b", "smtp must be the address"),
        ("smtp://host:0", "smtp names port 0, which there is not"),
        ("smtp://host:70000", "smtp names port 70000"),
        ("smtp://host/path", "smtp must be the address"),
        ("smtp://host?tls=off", "smtp must be the address"),
        ("smtp://host\n", "smtp must be the address"),
        ("smtp://a..b", "smtp must be the address"),
        ("smtp://[1:2]", "smtp must be the address"),
        ("smtp://a%00b@host", "smtp must be the address"),
        ("smtp+plain://mail.example.org", "mail and password readable to everybody on the way to mail.example.org"),
        ("smtp+plain://10.0.0.5", "readable to everybody"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text, said):
    with pytest.raises(DeclarationError) as caught:
        read(text)
    assert caught.value.code == "CC132"
    assert said in caught.value.message


@pytest.mark.parametrize("text", ["smtp://ada:hunter2@host", "smtps://ada:hunter2@host:465", "smtp://:hunter2@host"])
def test_a_password_in_it_is_refused_and_not_shown(text):
    with pytest.raises(DeclarationError) as caught:
        read(text)
    assert caught.value.code == "CC506"
    assert "hunter2" not in str(caught.value)


URL_OF = st.builds(
    SmtpAddress,
    st.sampled_from(sorted(PORTS)),
    st.sampled_from(["localhost", "127.0.0.1", "::1"]),
    st.integers(1, 65_535),
    st.none() | st.text(min_size=1).filter(lambda user: not breaking(user)),
)


@given(URL_OF)
def test_every_server_has_an_address_that_is_read_back(server):
    user = "" if server.user is None else f"{quote(server.user, safe='')}@"
    host = f"[{server.host}]" if ":" in server.host else server.host
    assert read(f"{server.scheme}://{user}{host}:{server.port}") == server


@given(st.text(alphabet="ada:@/%[].?#+ \n", max_size=12), st.text(alphabet="host:@/%[].?#+ 0\n", max_size=12))
def test_a_password_is_never_shown_wherever_it_stands(before, after):
    with pytest.raises(DeclarationError) as caught:
        read(f"smtp://{before}:hunter2@{after}")
    assert "hunter2" not in f"{caught.value!r}{caught.value}"


@given(st.text(max_size=40).map(lambda text: f"smtp://{text}") | st.text(max_size=40))
def test_anything_is_read_or_refused_with_a_code(text):
    try:
        server = read(text)
    except DeclarationError as error:
        code = error.code
    else:
        code = "CC132"
        assert 0 < server.port < 65_536
        assert server.host
    assert code in {"CC132", "CC506"}
