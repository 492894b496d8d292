"""The ports on AWS's clients, against moto: which calls, and what is made of their answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_cloudformation import CloudFormation, changed, described
from cloud_cron_cli.deploy.aws_leavings import AwsLeavings
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.aws_storage import S3Storage
from cloud_cron_cli.deploy.ports import BUCKET, QUEUE, TABLE, Left
from cloud_cron_cli.deploy.stacks import Change, Proposal
from tests.deploy.conftest import REGION

pytestmark = pytest.mark.moto

TAGS = {"managed_by": "cloud-cron", "app": "shop", "stage": "dev"}
QUEUE_ALONE = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "shop-dev-jobs"}}}
TEMPLATE = {
    "Resources": {
        **QUEUE_ALONE,
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "shop-dev-news"}},
    },
    "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
}
DIGEST = "sha256:" + "a" * 64
MEDIA = "application/vnd.docker.distribution.manifest.v2+json"
REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"


@pytest.fixture
def stacks(session):
    return CloudFormation(session)


@pytest.fixture
def leavings(session):
    return AwsLeavings(session, AwsAccount(session))


def created(stacks, template=TEMPLATE, name="first", kind="CREATE"):
    text = template if isinstance(template, str) else json.dumps(template)
    stacks.propose(Proposal("shop-dev", name, kind, text, {}, TAGS))
    made = stacks.change_set("shop-dev", name)
    stacks.execute("shop-dev", name, "token1", keep=kind == "CREATE")
    return made


def test_a_stack_is_made_by_a_change_set_and_told_by_a_look_at_it(stacks):
    assert stacks.find("shop-dev") is None

    made = created(stacks)
    stack = stacks.find("shop-dev")

    assert (made.status, made.executable) == ("CREATE_COMPLETE", True)
    assert {(change.action, change.logical) for change in made.changes} == {("Add", "Queue"), ("Add", "Topic")}
    assert (stack.status, stack.tags, stack.protected) == ("CREATE_COMPLETE", TAGS, False)
    assert stack.updated > 0
    assert [each.name for each in stacks.all()] == ["shop-dev"]
    assert stacks.template(stack.id) == TEMPLATE
    assert {each.logical for each in stacks.resources(stack.id)} == {"Queue", "Topic"}


def test_what_would_be_replaced_is_told_with_its_name():
    told = {"Action": "Modify", "LogicalResourceId": "Q", "ResourceType": "AWS::SQS::Queue", "Replacement": "True"}

    assert changed({**told, "PhysicalResourceId": "url"}) == Change("Modify", "Q", "AWS::SQS::Queue", "True", "url")
    assert changed({**told, "Action": "Add", "Replacement": None}).physical == ""


def test_outputs_and_protection_are_told():
    stack = described(
        {
            "StackName": "shop-dev",
            "StackId": "arn",
            "StackStatus": "UPDATE_COMPLETE",
            "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
            "LastUpdatedTime": datetime(2026, 1, 2, tzinfo=UTC),
            "Outputs": [{"OutputKey": "Url", "OutputValue": "https://x"}],
            "EnableTerminationProtection": True,
        }
    )

    assert (stack.outputs, stack.protected) == ({"Url": "https://x"}, True)
    assert stack.updated == datetime(2026, 1, 2, tzinfo=UTC).timestamp()


def test_events_are_told_newest_first_with_the_stack_as_one_of_them(stacks):
    created(stacks)
    stack = stacks.find("shop-dev")

    newest, *_ = stacks.events(stack.id)

    assert (newest.logical, newest.physical, newest.status) == ("shop-dev", stack.id, "CREATE_COMPLETE")


def test_a_template_by_its_url_and_a_second_change(stacks, session):
    session.client("s3").create_bucket(Bucket="templates-1", CreateBucketConfiguration={"LocationConstraint": REGION})
    created(stacks)
    smaller = {**TEMPLATE, "Resources": QUEUE_ALONE}
    url = S3Storage(session).put("templates-1", "templates/x.json", json.dumps(smaller))

    assert url.startswith("https://")
    created(stacks, url, "second", "UPDATE")

    assert {each.logical for each in stacks.resources("shop-dev")} == {"Queue"}


def test_a_deleted_stack_is_not_there(stacks):
    created(stacks)
    stack = stacks.find("shop-dev")

    stacks.delete(stack.id, "token2", force=False)

    assert stacks.find("shop-dev") is None
    assert stacks.find(stack.id) is None


def test_what_a_stage_leaves_behind_is_found_by_name_and_tags_and_removed(session, leavings):
    sqs, s3, dynamodb = session.client("sqs"), session.client("s3"), session.client("dynamodb")
    url = sqs.create_queue(QueueName="shop-dev-Queue-1", tags=TAGS)["QueueUrl"]
    sqs.create_queue(QueueName="shop-dev-x-Queue-1", tags={**TAGS, "app": "shop-dev", "stage": "x"})
    for name in ("shop-dev-payloads-1", "shop-dev-untagged"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    tagged = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    s3.put_bucket_tagging(Bucket="shop-dev-payloads-1", Tagging={"TagSet": tagged})
    s3.put_bucket_versioning(Bucket="shop-dev-payloads-1", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket="shop-dev-payloads-1", Key="k", Body=b"x")
    s3.delete_object(Bucket="shop-dev-payloads-1", Key="k")
    dynamodb.create_table(
        TableName="shop-dev-Ledger-1",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tagged,
    )
    sqs.send_message(QueueUrl=url, MessageBody="x")

    found = leavings.found("shop-dev", TAGS)

    assert found == [Left(QUEUE, url), Left(TABLE, "shop-dev-Ledger-1"), Left(BUCKET, "shop-dev-payloads-1")]
    assert leavings.depth(url) == 1
    for left in (*found, *found):
        leavings.remove(left)
    assert leavings.found("shop-dev", TAGS) == []
    assert leavings.depth(url) == 0


def test_names_that_are_shortened_are_found_and_the_table_of_another_stage_is_not_looked_at(session, leavings):
    sqs, dynamodb, asked = session.client("sqs"), session.client("dynamodb"), []
    url = sqs.create_queue(QueueName="customer-notifications-p-Queue-1", tags=TAGS)["QueueUrl"]
    for stage in ("prod", "dev"):
        dynamodb.create_table(
            TableName=f"customer-notifications-{stage}-Ledger-1",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()],
        )
    remember = lambda params, **_: asked.append(params["ResourceArn"])  # noqa: E731 - botocore keeps no reference
    dynamodb.meta.events.register("provide-client-params.dynamodb.ListTagsOfResource", remember)

    found = leavings.found("customer-notifications-prod", TAGS)

    assert found == [Left(QUEUE, url), Left(TABLE, "customer-notifications-prod-Ledger-1")]
    assert [arn.rpartition("/")[2] for arn in asked] == ["customer-notifications-prod-Ledger-1"]


def test_a_bucket_of_the_same_stage_in_another_region_is_not_found(session, leavings):
    tagged = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    for name, region in (("shop-dev-here", REGION), ("shop-dev-there", "eu-north-1")):
        s3 = AwsSession(region).client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tagged})
    AwsSession("us-east-1").client("s3").create_bucket(Bucket="shop-dev-east")

    assert leavings.found("shop-dev", TAGS) == [Left(BUCKET, "shop-dev-here")]
    assert S3Storage(AwsSession("us-east-1")).buckets("shop-dev-") == ["shop-dev-east"]


def test_a_stack_that_is_not_there_holds_nothing(stacks):
    assert stacks.resources("nothing-there") == []


def test_the_tags_of_a_topic_say_whose_it_is(session, leavings):
    tags = [{"Key": "app", "Value": "shop"}]
    session.client("sns").create_topic(Name="a.fifo", Attributes={"FifoTopic": "true"}, Tags=tags)

    assert leavings.topic_tags("a.fifo") == {"app": "shop"}
    assert leavings.topic_tags("b.fifo") is None


def test_a_digest_is_taken_as_it_is_without_a_call():
    nowhere = AwsAccount(AwsSession(REGION))

    assert nowhere.resolve(f"{REGISTRY}/shop@{DIGEST}") == f"{REGISTRY}/shop@{DIGEST}"


def test_a_tag_is_resolved_to_its_digest(session):
    ecr = session.client("ecr")
    ecr.create_repository(repositoryName="shop")
    manifest = json.dumps({"schemaVersion": 2, "config": {"digest": DIGEST}, "layers": []})
    put = ecr.put_image(repositoryName="shop", imageManifest=manifest, imageManifestMediaType=MEDIA, imageTag="v1")

    resolved = AwsAccount(session).resolve(f"{REGISTRY}/shop:v1")

    assert resolved == f"{REGISTRY}/shop@{put['image']['imageId']['imageDigest']}"


def test_an_image_is_looked_for_by_its_digest(session):
    ecr, account = session.client("ecr"), AwsAccount(session)
    assert not account.has_image(f"{REGISTRY}/shop@{DIGEST}")
    ecr.create_repository(repositoryName="shop")
    manifest = json.dumps({"schemaVersion": 2, "config": {"digest": DIGEST}, "layers": []})
    put = ecr.put_image(repositoryName="shop", imageManifest=manifest, imageManifestMediaType=MEDIA, imageTag="v1")

    assert account.has_image(f"{REGISTRY}/shop@{put['image']['imageId']['imageDigest']}")
    assert not account.has_image(f"{REGISTRY}/shop@{DIGEST}")
    assert not account.has_image(
        f"{REGISTRY.replace(REGION, 'us-east-1')}/shop@{put['image']['imageId']['imageDigest']}"
    )
    assert account.has_image(f"registry.example.org/shop@{DIGEST}")


def test_a_given_topic_is_looked_for(session, leavings):
    arn = session.client("sns").create_topic(Name="news")["TopicArn"]

    assert leavings.has_topic(arn)
    assert not leavings.has_topic(f"{arn}s")


def test_what_may_not_be_looked_at_is_left_to_its_owner(session):
    def refused(name):
        answer: Any = {"Error": {"Code": "AccessDeniedException" if name == "ecr" else "AuthorizationError"}}
        client = session.client(name)
        client.meta.events.register("before-call", lambda **_: (_ for _ in ()).throw(ClientError(answer, name)))
        return client

    refusing: Any = SimpleNamespace(region=REGION, client=refused)
    account = AwsAccount(refusing)

    assert account.has_image(f"{REGISTRY}/shop@{DIGEST}")
    assert AwsLeavings(refusing, account).has_topic(f"arn:aws:sns:{REGION}:123456789012:news")


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (f"{REGISTRY}/shop:v2", "no image shop:v2"),
        ("docker.io/library/python:3.13", "no image that Lambda could run"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:v1", "us-east-1"),
    ],
)
def test_an_image_that_lambda_could_not_run_is_refused(session, image, words):
    with pytest.raises(ConfigError, match=f"CC813 .*{words}"):
        AwsAccount(session).resolve(image)


def test_an_answer_that_is_no_answer_is_an_error_of_ours(stacks):
    with pytest.raises(DeployError, match=r"CC809 .*nothing-there"):
        stacks.template("nothing-there")


def test_every_operation_on_a_stack_marks_its_events_by_a_token():
    asked = []
    client = type("Client", (), {"__getattr__": lambda _, name: lambda **request: asked.append((name, request))})()
    session: Any = SimpleNamespace(client=lambda _: client)
    stacks = CloudFormation(session)

    stacks.execute("shop-dev", "first", "t", keep=True)
    stacks.delete("shop-dev", "t", force=True)
    stacks.roll_back("shop-dev", "t")
    stacks.go_on_rolling_back("shop-dev", "t", force=True)

    assert [name for name, request in asked if request["ClientRequestToken"] == "t"] == [
        "execute_change_set",
        "delete_stack",
        "rollback_stack",
        "continue_update_rollback",
    ]
