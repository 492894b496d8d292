"""What AWS says when it refuses, and what a person is told to do about it."""

from __future__ import annotations

import pytest
from botocore import exceptions

from cloud_cron.errors import CloudCronError
from cloud_cron_cli.deploy.aws_errors import asking, refused
from cloud_cron_cli.deploy.aws_session import AwsSession


@pytest.mark.parametrize(
    ("code", "said", "expected", "words"),
    [
        ("InvalidClientTokenId", "The security token included in the request is invalid.", "CC801", "sts get-caller"),
        ("AccessDenied", "Access Denied", "CC803", "s3:PutObject of b/k"),
        ("AccessDenied", "Access Denied", "CC803", "docs/howto/rights.md"),
        ("RequestTimeTooSkewed", "The difference is too large.", "CC806", "clock"),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match", "CC801", "credentials"),
        ("ValidationError", "Template format error", "CC809", "Template format error"),
    ],
)
def test_a_refusal_says_its_cause_and_what_to_do(code, said, expected, words):
    error = refused("s3:PutObject of b/k", {"Code": code, "Message": said})

    assert error.code == expected
    assert words in str(error)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (exceptions.NoCredentialsError(), "CC801"),
        (exceptions.ProfileNotFound(profile="x"), "CC801"),
        (exceptions.UnauthorizedSSOTokenError(), "CC802"),
        (exceptions.InvalidRegionError(region_name="mars"), "CC805"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), "CC808"),
        (exceptions.HTTPClientError(error="reset"), "CC808"),
    ],
)
def test_a_call_that_never_got_an_answer_says_why(raised, code):
    with pytest.raises(CloudCronError, match=code), asking("sts:GetCallerIdentity"):
        raise raised


def test_without_a_region_nothing_is_asked():
    with pytest.raises(CloudCronError, match=r"CC805 .*--region"):
        AwsSession().client("sqs")


def test_the_region_may_stand_in_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-north-1")

    assert AwsSession().region == "eu-north-1"
    assert AwsSession("eu-central-1").region == "eu-central-1"


def test_without_credentials_nothing_is_asked():
    with pytest.raises(CloudCronError, match=r"CC801 .*aws configure"):
        AwsSession("eu-central-1").client("sqs")


def test_a_profile_that_is_not_there_is_named():
    with pytest.raises(CloudCronError, match=r"CC801 .*staging"):
        AwsSession("eu-central-1", "staging").client("sqs")


@pytest.mark.parametrize(("said", "attempts"), [(None, 6), ("1", 1)])
def test_how_often_a_call_is_tried_may_stand_in_the_environment(monkeypatch, said, attempts):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    if said:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", said)

    retries = AwsSession("eu-central-1").client("sts").meta.config.retries
    assert retries == {"mode": "standard", "total_max_attempts": attempts}
