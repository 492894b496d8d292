"""What AWS says when it refuses, and what a stage may be found in: told with the cause, and nothing is half done."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.bad_input.row import Row
from tests.bad_input.ways.account import NOWHERE, Answer, FailingRollback, refusal, stack
from tests.bad_input.ways.aws import DIGEST, IMAGE, on_aws, without_credentials
from tests.bad_input.ways.commands import HEAD

_DENIED: Final = (
    "User: arn:aws:iam::1:user/ada is not authorized to perform: cloudformation:DescribeStacks on resource: "
    "arn:aws:cloudformation:eu-central-1:1:stack/weather-dev/* because no identity-based policy allows it"
)
_DEPLOY: Final = ("deploy", "--image-uri", DIGEST)
_HAS_IMAGE: Final = {**NOWHERE, "DescribeImages": lambda given: Answer('{"imageDetails": [{}]}')}
_OWN: Final = IMAGE.partition("/")[0]
_NO_REGISTRY: Final = {
    **NOWHERE,
    "DescribeRepositories": refusal("RepositoryNotFoundException", "no such repository"),
    "GetAuthorizationToken": lambda given: Answer(
        json.dumps({"authorizationData": [{"proxyEndpoint": f"https://{_OWN}"}]})
    ),
}
_MAIL: Final = (
    f"{HEAD}@app.schedule('rate(1 hour)')\ndef go(): ...\n"
    "@app.notifier('email', recipients='ada@example.org', sender='shop@example.org')\ndef mail(m): ...\n"
)


def _refused(number: str, given: str, says: Any, code: str, text: str, fix: str, ends: int = 2) -> Row:
    """Every call is refused."""
    return Row(number, given, on_aws("outputs", play={"DescribeStacks": says}), code, text, fix=fix, exit=ends)


_STUCK: Final = {**_HAS_IMAGE, **FailingRollback().play}
_MAILS: Final = {
    **_HAS_IMAGE,
    "account": lambda given: Answer('{"ProductionAccessEnabled": false, "SendingEnabled": true}'),
    "identities": refusal("NotFoundException", "no such identity", 404),
}

ROWS: Final = (
    Row(
        "100",
        "no credentials",
        without_credentials("outputs"),
        "CC801",
        "there are no AWS credentials",
        fix="aws configure",
    ),
    _refused(
        "100b",
        "an expired token",
        refusal("ExpiredToken", "The security token included in the request is expired", 403),
        "CC802",
        "the AWS credentials have expired (ExpiredToken)",
        "aws sso login",
    ),
    _refused(
        "101",
        "a permission that is missing",
        refusal("AccessDenied", _DENIED, 403),
        "CC803",
        "the AWS credentials may not do cloudformation:DescribeStacks on arn:aws:cloudformation:eu-central-1:1:stack/…",
        "allow cloudformation:DescribeStacks in their policy",
        1,
    ),
    _refused(
        "102",
        "more calls than AWS answers",
        refusal("Throttling", "Rate exceeded"),
        "CC804",
        "AWS is being asked too often: AWS refused cloudformation:DescribeStacks of …: Rate exceeded",
        "wait a minute",
        1,
    ),
    Row(
        "103",
        "a stack whose rollback fails again and again",
        on_aws(*_DEPLOY, play=_STUCK),
        "CC822",
        "stack weather-dev-artifacts is UPDATE_ROLLBACK_FAILED, and its rollback fails again and again: …",
        fix="console of CloudFormation",
        exit=1,
    ),
    Row(
        "103b",
        "a stack that somebody else is changing, for longer than `--timeout`",
        on_aws(*_DEPLOY, "--timeout", "0.0001", play={**_STUCK, "DescribeStacks": stack("UPDATE_IN_PROGRESS")}),
        "CC821",
        "stack weather-dev-artifacts is still UPDATE_IN_PROGRESS after …",
        fix="the same command again waits for it",
        exit=1,
    ),
    Row(
        "104",
        "an image that is not in ECR",
        on_aws(
            "deploy",
            "--image-uri",
            f"{IMAGE}:v9",
            play={**NOWHERE, "DescribeImages": refusal("ImageNotFoundException", "no")},
        ),
        "CC813",
        "there is no image shop:v9 in ECR of account 123456789012",
        fix="push it first",
    ),
    Row(
        "104b",
        "a quota that is used up",
        on_aws(
            *_DEPLOY,
            play={
                **_HAS_IMAGE,
                "CreateChangeSet": refusal("LimitExceededException", "Limit for stack has been exceeded"),
            },
        ),
        "CC807",
        "AWS refused cloudformation:CreateChangeSet of weather-dev-artifacts: Limit for stack has been exceeded",
        fix="Service Quotas",
        exit=1,
    ),
    Row(
        "104c",
        "a deploy without an image to an emulator whose registry is AWS's own",
        on_aws("deploy", play=_NO_REGISTRY),
        "CC813",
        f"the image would go to AWS, to {_OWN}/weather-dev-artifacts, and another endpoint takes AWS's place",
        fix="--image-uri",
    ),
    Row(
        "105",
        "an account in the sandbox of SES",
        on_aws(*_DEPLOY, play=_MAILS, app=_MAIL, first="SES keeps"),
        None,
        "SES keeps this account in its sandbox: it mails verified recipients alone…ask for production access…",
        exit=1,
    ),
    Row(
        "105b",
        "a sender that SES has not verified",
        on_aws(*_DEPLOY, play=_MAILS, app=_MAIL, first="sender"),
        None,
        "sender shop@example.org is not verified in SES, neither address nor domain: its mails wait until one is",
        exit=1,
    ),
    _refused(
        "106",
        "a region that the account has not enabled",
        refusal("OptInRequired", "You are not subscribed to this service", 403),
        "CC805",
        "AWS refused cloudformation:DescribeStacks…: You are not subscribed to this service",
        "--region",
    ),
    Row(
        "106b",
        "a region that there is none of",
        on_aws("outputs", "--region", "mars 1", play=NOWHERE),
        "CC805",
        "cloudformation client: Provided region_name 'mars 1' doesn't match a supported format.",
        fix="--region",
    ),
    _refused(
        "106c",
        "a clock that is wrong",
        refusal(
            "SignatureDoesNotMatch", "Signature expired: 20300101T000000Z is now earlier than 20300101T001000Z", 403
        ),
        "CC806",
        "AWS refused cloudformation:DescribeStacks…: Signature expired: …",
        "clock",
    ),
)
