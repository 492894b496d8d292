"""Names of images."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.reference import DOCKER_HUB, Reference, parse

DIGEST = "sha256:" + "a" * 64
HOSTS = st.sampled_from(["public.ecr.aws", "localhost", "127.0.0.1:5000", "[::1]:5000", DOCKER_HUB])
NAMES = st.from_regex(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+){1,3}", fullmatch=True)
TAGS = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python", Reference(DOCKER_HUB, "library/python")),
        ("python:3.13-slim", Reference(DOCKER_HUB, "library/python", "3.13-slim")),
        ("docker.io/python", Reference(DOCKER_HUB, "library/python")),
        ("owner/app", Reference(DOCKER_HUB, "owner/app")),
        ("docker://quay.io/owner/app:1", Reference("quay.io", "owner/app", "1")),
        ("localhost/app", Reference("localhost", "app")),
        (f"127.0.0.1:5000/app:1@{DIGEST}", Reference("127.0.0.1:5000", "app", "1", DIGEST)),
    ],
)
def test_a_name_is_read_as_docker_reads_it(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "Owner/App", "quay.io/", "quay.io/app:", "quay.io/app@sha256:12", "a b", "https://quay.io/app", "app:-"],
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(ImageError, match="CC877"):
        parse(text)


@pytest.mark.parametrize("text", ["https://ada:hunter2@quay.io/shop:1", "ada:hunter2@quay.io/shop"])
def test_a_password_that_stands_in_a_name_is_not_shown(text):
    with pytest.raises(ImageError, match=r"CC877 .*@quay\.io/shop") as caught:
        parse(text)
    assert "hunter2" not in str(caught.value)


def test_the_digest_decides_then_the_tag():
    assert parse(f"quay.io/app:1@{DIGEST}").version == DIGEST
    assert parse("quay.io/app:1").version == "1"
    assert parse("quay.io/app").version == "latest"


@given(st.builds(Reference, HOSTS, NAMES, TAGS, st.none() | st.just(DIGEST)))
def test_what_is_written_is_read_again(reference):
    assert parse(str(reference)) == reference


@given(st.text(max_size=40))
def test_nothing_but_an_error_of_ours_comes_of_any_text(text):
    with suppress(ImageError):
        assert parse(text).name
