"""Credentials: Docker's file, its helpers, and AWS for ECR."""

from __future__ import annotations

import base64
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import CloudCronError, ImageError
from cloud_cron_cli.deploy.images.reference import DOCKER_HUB
from cloud_cron_cli.deploy.images.registry.credentials import DockerCredentials, Identity, Keyring, Login, _written

AUTH = base64.b64encode(b"ada:hunter2:3").decode()
ADA = Login("ada", "hunter2:3")
HELPER = '#!/bin/sh\n[ "$*" = get ] && cat "$0.$(tr / _)"\n'
SILENT = '#!/bin/sh\ncat >/dev/null\necho "credentials not found in native keychain"\nexit 1\n'
BROKEN = '#!/bin/sh\necho "the vault is locked" >&2\nexit 1\n'


@pytest.fixture
def docker(tmp_path):
    """Docker's folder, with a configuration and helpers in it."""

    def made(config, **helpers):
        (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        for name, program in helpers.items():
            file = tmp_path / f"docker-credential-{name}"
            file.write_text(program)
            file.chmod(0o755)
        return DockerCredentials({"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}{os.pathsep}{os.defpath}"})

    return made


@pytest.mark.parametrize("key", ["quay.io", "https://quay.io", "https://quay.io/v2/", "http://quay.io/v1/"])
def test_a_login_is_found_however_its_registry_is_written(docker, key):
    assert docker({"auths": {"other.io": {}, key: {"auth": AUTH}}}).of("quay.io") == ADA


def test_docker_hub_has_a_name_of_its_own(docker):
    assert docker({"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}}).of(DOCKER_HUB) == ADA


def test_an_identity_token_goes_before_a_password(docker):
    config = {"auths": {"quay.io": {"auth": AUTH, "identitytoken": "it is me"}}}

    assert docker(config).of("quay.io") == Identity("it is me")


@pytest.mark.parametrize(
    "config", [{}, {"auths": {}}, {"auths": {"quay.io": {}}}, {"auths": {"quay.io.evil": {"auth": AUTH}}}]
)
def test_nobody_is_signed_in(docker, config):
    assert docker(config).of("quay.io") is None


def test_no_file_means_nobody(tmp_path):
    assert DockerCredentials({"DOCKER_CONFIG": str(tmp_path / "none")}).of("quay.io") is None


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        '{"auths": []}',
        '{"auths": {"quay.io": {"auth": "no base64"}}}',
        '{"credsStore": 3}',
        '{"credHelpers": {"quay.io": ["vault"]}}',
        "\x00",
    ],
)
def test_a_file_that_cannot_be_read_is_told(docker, config):
    with pytest.raises(ImageError, match=r"CC878 .*config\.json.*DOCKER_CONFIG"):
        docker(config).of("quay.io")


@pytest.mark.skipif(sys.platform == "win32", reason="helpers of the test are POSIX's scripts")
class TestHelpers:
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            ({"Username": "ada", "Secret": "hunter2:3"}, ADA),
            ({"Username": "<token>", "Secret": "it is me"}, Identity("it is me")),
        ],
    )
    @pytest.mark.parametrize(
        "config", [{"credsStore": "vault"}, {"credHelpers": {"quay.io": "vault"}, "credsStore": "x"}]
    )
    def test_a_helper_is_asked(self, docker, tmp_path, config, answer, expected):
        (tmp_path / "docker-credential-vault.quay.io").write_text(json.dumps(answer))

        assert docker(config, vault=HELPER).of("quay.io") == expected

    def test_what_a_helper_does_not_know_may_stand_in_the_file(self, docker):
        config = {"credsStore": "vault", "auths": {"quay.io": {"auth": AUTH}}}

        assert docker(config, vault=SILENT).of("quay.io") == ADA
        assert docker(config, vault=SILENT).of("other.io") is None

    def test_a_helper_that_fails_says_why(self, docker):
        with pytest.raises(ImageError, match=r"CC878 .*docker-credential-vault failed: the vault is locked"):
            docker({"credsStore": "vault"}, vault=BROKEN).of("quay.io")

    def test_a_helper_that_is_no_program_is_told(self, docker):
        with pytest.raises(ImageError, match=r"CC878 .*docker-credential-vault failed"):
            docker({"credsStore": "vault"}, vault="\x7fELF").of("quay.io")

    @pytest.mark.parametrize("name", ["missing", "../vault", ""])
    def test_a_helper_that_is_not_there_is_named(self, docker, name):
        with pytest.raises(ImageError, match=r"CC878 .*is not installed"):
            docker({"credHelpers": {"quay.io": name or " "}}, vault=HELPER).of("quay.io")

    @pytest.mark.parametrize("answer", ["", "[]", "{}", '{"Username": "a"}'])
    def test_a_helper_that_talks_nonsense(self, docker, tmp_path, answer):
        (tmp_path / "docker-credential-vault.quay.io").write_text(answer)
        with pytest.raises(ImageError, match=r"CC878 .*gave no credentials"):
            docker({"credsStore": "vault"}, vault=HELPER).of("quay.io")


class Regions:
    """A login named after its region."""

    def login(self, region):
        return Login("AWS", region)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", Login("AWS", "eu-central-1")),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Login("AWS", "cn-north-1")),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", Login("AWS", "us-east-1")),
        ("123456789012.dkr-ecr.us-east-1.on.aws", Login("AWS", "us-east-1")),
        ("public.ecr.aws", None),
        ("quay.io", ADA),
        ("dkr.ecr.us-east-1.amazonaws.com", None),
    ],
)
def test_ecr_is_told_what_aws_says_and_the_public_one_nothing(docker, host, expected):
    config = {"auths": {"quay.io": {"auth": AUTH}, "public.ecr.aws": {"auth": AUTH}}}

    assert Keyring(docker(config), Regions()).of(host) == expected


def test_without_aws_ecr_is_like_any_other(docker):
    host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

    assert Keyring(docker({"auths": {host: {"auth": AUTH}}})).of(host) == ADA


@given(st.dictionaries(st.text(), st.dictionaries(st.sampled_from(["auth", "identitytoken"]), st.text())), st.text())
def test_nothing_but_an_error_of_ours_comes_of_any_logins(auths, host):
    with suppress(CloudCronError):
        _written(auths, host, Path("config.json"))
