"""Being let in by registries: names, tokens, clocks."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.reference import Reference
from cloud_cron_cli.deploy.images.registry.challenges import BasicChallenge, BearerChallenge, parse
from cloud_cron_cli.deploy.images.registry.credentials import Identity, Login
from cloud_cron_cli.deploy.images.registry.refusals import not_admitted
from cloud_cron_cli.deploy.images.registry.registries import Registries
from tests.deploy.images.clients import Known, held, image, layer, patience, repository, stored
from tests.deploy.images.registry import Basic, Bearer, Registry, Rules, Silence, Status

GOOD, BAD = Known(Login("AWS", "hunter2")), Known(Login("AWS", "hunter3"))


def admitting(auth, **more):
    registry = Registry(Rules(auth=auth, **more))
    stored(registry, "app", image(layer()), "1")
    return registry


def test_a_registry_that_wants_a_name_is_told_it_from_the_second_request_on():
    with admitting(Basic()) as registry:
        app = repository(registry, credentials=GOOD)

        assert app.holds("1") == app.document("1").digest
        assert [request.status for request in registry.requests] == [401, 200, 200]


def again(registry, cache, credentials=GOOD):
    """What a process after the first one is answered."""
    before = len(registry.requests)
    app = Registries(credentials, patience(), cache)(Reference(registry.host, "app"))
    assert app.holds("1")
    return [request.status for request in registry.requests[before:]]


def test_a_registry_that_wanted_a_name_is_told_it_at_once_the_next_time(tmp_path):
    with admitting(Basic()) as registry:
        cache = FileCache(tmp_path)
        assert again(registry, cache) == [401, 200]
        assert again(registry, cache) == [200]


@pytest.mark.parametrize("auth", [None, Bearer("AWS")])
def test_a_registry_that_wants_something_else_by_now_gets_that(tmp_path, auth):
    with admitting(Basic()) as registry:
        cache = FileCache(tmp_path)
        again(registry, cache)
        registry.rules = registry.rules._replace(auth=auth)

        again(registry, cache)

        if auth is None:
            assert again(registry, cache, Known()) == [200]
        else:
            assert again(registry, cache)[0] == 401
            assert "Authorization" not in registry.requests[-3].headers


@pytest.mark.parametrize("auth", [Basic(), Bearer("AWS")])
def test_storage_elsewhere_is_not_told_who_we_are(auth):
    with admitting(auth, redirects=True) as registry:
        name = registry.add_blob("app", b"data")

        assert b"".join(repository(registry, credentials=GOOD).read(name)) == b"data"
        assert registry.kinds()[-1] == "GET storage"
        assert "Authorization" not in registry.requests[-1].headers


def test_a_name_that_is_refused_is_told_once_for_each_request():
    with admitting(Basic()) as registry:
        app = repository(registry, credentials=BAD)
        for _ in range(2):
            with pytest.raises(ImageError, match="CC871"):
                app.document("1")

        assert [request.status for request in registry.requests] == [401] * 3


@pytest.mark.parametrize("credentials", [BAD, Known(), Known(Identity("no use"))])
def test_a_registry_that_wants_another_name_says_so(credentials):
    with (
        admitting(Basic()) as registry,
        pytest.raises(ImageError, match=rf"CC871 .*{registry.host}.*docker login {registry.host}"),
    ):
        repository(registry, credentials=credentials).document("1")


def test_a_token_is_asked_for_once_for_each_action():
    with admitting(Bearer("AWS")) as registry:
        app = repository(registry, credentials=GOOD)
        for _ in range(3):
            assert app.holds("1")
        app.upload(held(b"data"), lambda _: None)

        assert registry.counted()["GET token"] == 2
        assert registry.kinds()[:3] == ["HEAD manifest", "GET token", "HEAD manifest"]


def test_anybody_may_read_what_is_public_and_only_some_may_write():
    with admitting(Bearer()) as registry:
        assert repository(registry).document("1")
        with pytest.raises(ImageError, match=r"CC871 .*docker login"):
            repository(registry).upload(held(b"data"), lambda _: None)


def test_an_identity_is_changed_for_tokens():
    with admitting(Bearer("AWS", identity="it is me")) as registry:
        assert repository(registry, credentials=Known(Identity("it is me"))).document("1")
        assert registry.counted()["POST token"] == 1
        with pytest.raises(ImageError, match="CC871"):
            repository(registry, credentials=Known(Identity("it is not"))).document("1")


def test_a_token_that_is_not_taken_any_more_is_renewed_once():
    with admitting(Bearer("AWS")) as registry:
        app = repository(registry, credentials=GOOD)
        assert app.holds("1")
        registry.expire()
        registry.forget()

        assert app.holds("1")
        assert registry.kinds() == ["HEAD manifest", "GET token", "HEAD manifest"]


def test_a_token_is_renewed_before_its_life_is_over():
    now = [1e9]
    with admitting(Bearer("AWS")) as registry:
        app = Registries(GOOD, patience(now=lambda: now[0]))(Reference(registry.host, "app"))
        assert app.holds("1")
        registry.forget()
        for seconds, asked in ((200, 0), (30, 1)):
            now[0] += seconds
            assert app.holds("1")
            assert registry.counted()["GET token"] == asked


def test_a_token_that_is_refused_at_once_is_not_asked_for_again_and_again():
    with admitting(Bearer("AWS")) as registry:
        challenge = f'Bearer realm="http://{registry.host}/token",service="test"'
        registry.play("GET", "manifests", *[Status(401, (("WWW-Authenticate", challenge),))] * 9)

        with pytest.raises(ImageError, match="CC871"):
            repository(registry, credentials=GOOD).document("1")
        assert registry.counted() == {"GET manifest": 2, "GET token": 1}


def test_the_service_of_tokens_is_given_time_too():
    with admitting(Bearer("AWS")) as registry:
        registry.play("GET", "/token", Status(503), Silence())

        assert repository(registry, credentials=GOOD).document("1")


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"<html>",
        b'{"token": "t", "expires_in": "soon"}',
        rb'{"token": "t\r\nX-Other: 1"}',
        rb'{"token": "\u20ac"}',
    ],
)
def test_a_service_that_gives_no_token(body):
    with admitting(Bearer("AWS")) as registry:
        registry.play("GET", "/token", Status(200, (), body))

        with pytest.raises(ImageError, match="CC871"):
            repository(registry, credentials=GOOD).document("1")


def test_a_token_by_its_other_name_is_good_too():
    with admitting(Bearer("AWS")) as registry:
        registry.tokens["t"] = {"app", "pull"}
        registry.play("GET", "/token", Status(200, (), b'{"access_token": "t"}'))

        assert repository(registry, credentials=GOOD).document("1")


def test_a_service_of_tokens_without_tls_is_told_nothing():
    with admitting(Bearer("AWS")) as registry:
        challenge = 'Bearer realm="http://auth.example/token",service="test"'
        registry.play("GET", "manifests", Status(401, (("WWW-Authenticate", challenge),)))

        with pytest.raises(ImageError, match=r"CC875 .*without TLS.*auth\.example"):
            repository(registry, credentials=GOOD).document("1")


@pytest.mark.parametrize("ahead", [3600, -3600])
@pytest.mark.parametrize("auth", [Basic(), Bearer("AWS")])
def test_a_refusal_by_a_registry_with_another_clock_is_told_as_that(auth, ahead):
    with admitting(auth, skew=ahead) as registry, pytest.raises(ImageError) as caught:
        repository(registry, credentials=BAD).document("1")

    assert caught.value.code == "CC879"
    assert re.search(r"this clock is 3[56]\d\d s", caught.value.message)
    assert ("behind" if ahead > 0 else "ahead of") in caught.value.message
    assert "NTP" in (caught.value.hint or "")


def test_another_clock_alone_is_no_error():
    with admitting(Basic(), skew=3600) as registry:
        assert repository(registry, credentials=GOOD).document("1")


def test_a_refusal_says_what_the_registry_said():
    body = json.dumps({"errors": [{"code": "DENIED", "message": "not your\nerror repository"}]}).encode()
    with admitting(None) as registry:
        registry.play("GET", "manifests", Status(403, (), body))

        with pytest.raises(ImageError, match=r"CC871 .*not your error repository"):
            repository(registry).document("1")


def test_ecr_is_not_signed_in_to_by_docker():
    error = not_admitted("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "app:1")

    assert "ecr:BatchGetImage" in str(error)
    assert "docker login" not in str(error)


def test_a_token_that_may_not_read_the_other_repository_means_no_mount():
    with admitting(Bearer("AWS")) as registry:
        registry.play("GET", "other", Status(403))

        assert not repository(registry, credentials=GOOD).mount("sha256:" + "0" * 64, "other")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Basic realm="https://x/",service="ecr.amazonaws.com"', BasicChallenge()),
        (
            'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"',
            BearerChallenge("https://public.ecr.aws/token/", "public.ecr.aws"),
        ),
        ('Basic realm="a, Bearer b", bearer REALM="https://r?a=1" , service=s', BearerChallenge("https://r?a=1", "s")),
        (r'Bearer realm="a\"b"', BearerChallenge('a"b', "")),
        ("Negotiate", None),
        ("Bearer", None),
        ("", None),
    ],
)
def test_a_challenge_is_read(header, expected):
    assert parse(header) == expected


@given(st.text())
def test_any_header_is_read_without_an_error(header):
    parse(header)
