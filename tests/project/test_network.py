"""Tests stay on this machine."""

from __future__ import annotations

import socket

import pytest


def test_an_address_elsewhere_is_refused():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unsent, pytest.raises(RuntimeError, match="wanted 192"):
        unsent.connect(("192.0.2.1", 9))


def test_a_look_up_elsewhere_is_refused():
    with pytest.raises(RuntimeError, match="wanted sns"):
        socket.getaddrinfo("sns.invalid", 443)


def test_loopback_works():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
