"""Reading from a registry: only what is what its digest says, however the connection fares."""

from __future__ import annotations

import json
import socket

import pytest

from cloud_cron.errors import ImageError, NotFound
from cloud_cron_cli.deploy.images.oci import OCI, Document, digest
from cloud_cron_cli.deploy.images.reference import Reference
from cloud_cron_cli.deploy.images.registry.registries import Registries
from tests.deploy.images.clients import Known, image, layer, patience, repository, stored
from tests.deploy.images.registry import Cut, Registry, Rules, Silence, Status, Wrong

DATA = bytes(range(256)) * 4096 * 3  # three pieces


@pytest.fixture
def registry():
    with Registry() as made:
        yield made


def read(registry, **more):
    return b"".join(repository(registry, **more).read(registry.add_blob("app", DATA)))


def test_a_manifest_is_the_bytes_that_were_pushed(registry):
    made = image(layer(app=b"1"))
    stored(registry, "app", made, "1")
    app = repository(registry)

    assert app.document("1") == app.document(made.digest) == made.manifest
    assert app.holds("1") == app.holds(made.digest) == made.digest
    assert app.holds("2") is None


def test_a_manifest_that_is_not_there(registry):
    with pytest.raises(NotFound, match=r"CC872 .*app:2.*MANIFEST_UNKNOWN.*check the name and the tag"):
        repository(registry).document("2")


def test_an_index_is_read_like_a_manifest(registry):
    index = Document(OCI.listing, b'{"manifests":[]}')
    registry.add("app", index, "1")

    assert repository(registry).document("1") == index


@pytest.mark.parametrize("by_digest", [True, False])
def test_a_manifest_of_another_digest_is_refused(registry, by_digest):
    made = image(layer(app=b"1"))
    stored(registry, "app", made, "1")
    other = made.manifest.raw.replace(b"{", b"{ ", 1)
    headers = (("Content-Type", OCI.manifest), ("Docker-Content-Digest", made.digest))
    registry.play("GET", "manifests", Status(200, headers, other))

    with pytest.raises(ImageError, match=f"CC874 the bytes of {made.digest} have the digest {digest(other)}"):
        repository(registry).document(made.digest if by_digest else "1")


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"[]", b""])
def test_a_page_to_sign_in_is_no_manifest(registry, body):
    registry.play("GET", "manifests", Status(200, (("Content-Type", "text/html"),), body))

    with pytest.raises(ImageError, match=r"CC870 .*is this a registry"):
        repository(registry).document("1")


def test_a_blob_is_read_from_anywhere(registry):
    name = registry.add_blob("app", DATA)

    assert read(registry) == DATA
    assert b"".join(repository(registry).read(name, 700)) == DATA[700:]
    assert repository(registry).has(name)
    assert not repository(registry).has(digest(b"other"))
    with pytest.raises(NotFound, match="CC872"):
        b"".join(repository(registry).read(digest(b"other")))


@pytest.mark.parametrize("ranges", [True, False])
def test_a_blob_that_breaks_off_is_taken_up_where_it_broke(ranges):
    with Registry(Rules(ranges=ranges)) as registry:
        pauses: list[float] = []
        registry.play("GET", "blobs", Cut(1_500_000), Cut(1_000), Silence(), Status(503))

        assert read(registry, pauses=pauses) == DATA
        positions = [request.headers.get("Range") for request in registry.requests]
        assert positions[:2] == [None, "bytes=1500000-"]
        assert registry.counted() == {"GET blob": 5}
        assert pauses == [0.5, 0.5 if ranges else 1.0, 0.5, 1.0]  # what came nearer to the end counts as a fresh start


def test_a_blob_that_always_breaks_off_is_given_up(registry):
    pauses: list[float] = []
    registry.play("GET", "blobs", *[Cut()] * 9)

    with pytest.raises(ImageError, match=r"CC870 .*breaks off.*HTTPS_PROXY"):
        read(registry, pauses=pauses)
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_wrong_bytes_are_never_given_whole(registry):
    registry.play("GET", "blobs", Wrong())
    seen: list[bytes] = []

    with pytest.raises(ImageError, match="CC874"):
        seen.extend(repository(registry).read(registry.add_blob("app", DATA)))
    assert 0 < len(b"".join(seen)) < len(DATA)


def test_a_reader_that_stops_early_leaves_the_connection_usable(registry):
    app = repository(registry)
    chunks = app.read(registry.add_blob("app", DATA))
    next(chunks)
    del chunks

    assert app.holds("1") is None


def test_readers_are_sent_to_storage_without_the_registrys_secrets():
    with Registry(Rules(redirects=True)) as registry:
        registry.play("GET", "/storage/", Cut(1_200_000))

        assert read(registry) == DATA
        assert registry.kinds() == ["GET blob", "GET storage"] * 2
        assert registry.requests[-1].headers["Range"] == "bytes=1200000-"


def test_a_registry_that_sends_readers_around_is_given_up(registry):
    registry.play("GET", "blobs", *[Status(307, (("Location", "?again"),))] * 50)

    with pytest.raises(ImageError, match=r"CC870 .*in circles"):
        read(registry)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_registry_that_fails_is_asked_again(registry, status):
    stored(registry, "app", image(layer()), "1")
    pauses: list[float] = []
    registry.play("GET", "manifests", Status(status), Silence())

    assert repository(registry, pauses=pauses).document("1")
    assert pauses == [0.5, 1.0]


def test_a_registry_that_keeps_failing_says_what_it_said(registry):
    body = json.dumps({"errors": [{"code": "UNKNOWN", "message": "the disk is on fire"}]}).encode()
    registry.play("GET", "manifests", *[Status(500, (), body)] * 5)

    with pytest.raises(ImageError, match=r"CC870 the registry answers 500 for app.*: the disk is on fire"):
        repository(registry).document("1")


def test_a_registry_that_is_busy_says_how_long_it_wants_to_be_left_alone(registry):
    stored(registry, "app", image(layer()), "1")
    pauses: list[float] = []
    registry.play("GET", "manifests", Status(429, (("Retry-After", "7"),)), Status(429))

    assert repository(registry, pauses=pauses).document("1")
    assert pauses == [7.0, 1.0]


@pytest.mark.parametrize(("after", "expected"), [("Thu, 01 Jan 1970 00:00:30 GMT", 20.0), ("soon", 0.5), ("", 0.5)])
def test_a_registry_may_name_the_time_until_which_it_is_busy(registry, after, expected):
    stored(registry, "app", image(layer()), "1")
    pauses: list[float] = []
    registry.play("GET", "manifests", Status(503, (("Retry-After", after),)))
    registries = Registries(Known(), patience(pauses, lambda: 10.0))

    assert registries(Reference(registry.host, "app")).document("1")
    assert pauses == [expected]


@pytest.mark.parametrize("ask", [lambda app: app.holds("1"), lambda app: app.has("sha256:1")])
@pytest.mark.parametrize(("status", "code"), [(403, "CC871"), (400, "CC870")])
def test_not_to_be_told_is_not_the_same_as_not_there(registry, ask, status, code):
    registry.play("HEAD", "", Status(status))

    with pytest.raises(ImageError, match=code):
        ask(repository(registry))


@pytest.mark.parametrize(("after", "asked"), [("3600", 1), ("1", 5)])
def test_a_registry_that_stays_busy_is_given_up_at_once_when_it_asks_for_hours(registry, after, asked):
    registry.play("GET", "manifests", *[Status(429, (("Retry-After", after),))] * 9)

    with pytest.raises(ImageError, match=r"CC873 .*too often.*docker login"):
        repository(registry).document("1")
    assert registry.counted() == {"GET manifest": asked}


def test_a_registry_that_is_not_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = Registry()
        place.host = f"127.0.0.1:{free.getsockname()[1]}"
        pauses: list[float] = []

        with pytest.raises(ImageError, match=f"CC870 .*refused.*{place.host}"):
            repository(place, pauses=pauses).document("1")
    assert pauses == [0.5, 1.0, 2.0, 4.0]
