"""What a webhook counts as public, in every way of writing an address."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address
from threading import Event
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels.webhook_address import WebhookAddress
from cloud_cron.channels.webhook_exchange import exchange
from cloud_cron.channels.webhook_network import Internet, is_public
from cloud_cron.errors import Permanent

PRIVATE = [
    "0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1"]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public_in_every_form(address):
    number = int(IPv4Address(address))
    assert is_public(address)
    assert is_public(f"::ffff:{address}")
    assert is_public(str(IPv6Address((0x2002 << 112) | (number << 80))))
    assert is_public(str(IPv6Address((0x64FF9B << 96) | number)))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_private_in_every_form(address):
    number = int(IPv4Address(address))
    assert not is_public(address)
    assert not is_public(f"::ffff:{address}")
    assert not is_public(f"::{address}")
    assert not is_public(str(IPv6Address((0x2002 << 112) | (number << 80))))
    assert not is_public(str(IPv6Address((0x64FF9B << 96) | number)))


@pytest.mark.parametrize(
    "address",
    ["::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2001:0:7f00:1::",
     "64:ff9b:1::1"],
)  # fmt: skip
def test_private_addresses_of_ipv6(address):
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_no_form_makes_an_address_public_that_is_not(address):
    if not is_public(str(address)):
        assert not is_public(f"::ffff:{address}")


def test_an_address_of_ipv6_is_public():
    assert is_public("2606:4700::1111")


def test_the_resolver_of_this_machine_is_asked_and_what_it_finds_here_is_private():
    found = Internet().look_up("localhost", 443, 5.0)
    assert found
    assert set(found) <= {"127.0.0.1", "::1"}
    with pytest.raises(Permanent, match="is at a private address"):
        exchange(Internet(), WebhookAddress("localhost", 443, "/"), b"{}", {}, monotonic() + 5)


def test_a_resolver_that_hangs_is_not_waited_for():
    over = Event()
    with pytest.raises(TimeoutError, match="not looked up in time"):
        Internet(lambda *_, **__: over.wait()).look_up("hooks.example.org", 443, 0.01)
    over.set()


def test_a_connection_goes_to_the_very_address_and_is_not_trusted_without_a_certificate():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with closing(Internet().connect("127.0.0.1", port, 5.0)) as made:
            assert made.getpeername() == ("127.0.0.1", port)
            other, _ = server.accept()
            other.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with pytest.raises(ssl.SSLError):
                Internet().secure(made, "hooks.example.org")
            other.close()
