"""Commands at work on a played cloud; AWS's own adapters are called, too, and what they ask is taken down."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cloud_cron.errors import CloudCronError
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_cloudformation import CloudFormation
from cloud_cron_cli.deploy.aws_ecr import EcrLogin, EcrUploader
from cloud_cron_cli.deploy.aws_functions import running
from cloud_cron_cli.deploy.aws_leavings import AwsLeavings
from cloud_cron_cli.deploy.aws_mail import AwsMail
from cloud_cron_cli.deploy.aws_repository import EcrTags
from cloud_cron_cli.deploy.aws_storage import S3Storage
from cloud_cron_cli.deploy.destroying import Stage, destroy, look
from cloud_cron_cli.deploy.engine import Order, deploy
from cloud_cron_cli.deploy.images.reference import parse
from cloud_cron_cli.deploy.planning import plan
from cloud_cron_cli.deploy.ports import BUCKET, QUEUE, TABLE
from cloud_cron_cli.deploy.shipping import KEPT
from tests.deploy.clouds import OK, STUCK, Cloud, Image
from tests.deploy.images.clients import held
from tests.deploy.rights.asked import ACCOUNT, REGION, Asking, Right
from tests.deploy.stages import FEWER, MAIN, MORE, SMALL, WIDE, deployed, made, spread
from tests.deploy.template.apps import GIVEN, KEY, by_ses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.ports import Tools

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
REPOSITORY = "shop-dev-artifacts"
TAGGED = f"{HOST}/{REPOSITORY}:1"
MADE = Order(None, discard=True)
BAD = "no such thing"
NO_FAULT = (AttributeError, IndexError, KeyError, TypeError)
"""What an adapter raises that was answered with nothing; the played cloud has the answer."""


class Both:
    """A port: a call is asked of AWS's adapter, then answered by the played cloud."""

    def __init__(self, real: object, played: object) -> None:
        self._real, self._played = real, played

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            with suppress(*NO_FAULT):
                list(getattr(self._real, name)(*given, **named))  # pages are asked for as they are read
            return getattr(self._played, name)(*given, **named)

        return call


class Ecr:
    """The adapters of ECR, in the place of the port that an image is sent by."""

    def __init__(self, session: Asking) -> None:
        self._session = session
        self._tags: Any = EcrTags.of(session, parse(TAGGED))

    def tags(self) -> Any:
        return self._tags.all()

    def push(self, uri: str, tags: Sequence[str]) -> None:
        EcrLogin(self._session).login(REGION)
        uploader: Any = EcrUploader.of(self._session, HOST)
        uploader.upload(REPOSITORY, held(b"layer"), lambda _: None)

    def untag(self, tags: Sequence[str]) -> None:
        self._tags.remove(tags)

    def running(self, functions: Sequence[str]) -> frozenset[str]:
        return running(self._session, functions)


class Images:
    """Port `Images`: one image, whose repository is the stage's own."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self.running = port.running

    def prepared(self, app: App, found: Any) -> Image:
        return Image(self._port, self._port.prepared(app, found).uri)


def tools(cloud: Cloud, session: Asking) -> Tools:
    """The ports of a deploy: both AWS's adapters and the played cloud."""
    account = AwsAccount(session)
    real = {
        "stacks": CloudFormation(session), "storage": S3Storage(session), "account": account,
        "leavings": AwsLeavings(session, account), "mail": AwsMail(session),
    }  # fmt: skip
    both: Any = {name: Both(adapter, cloud) for name, adapter in real.items()}
    images: Any = Images(Both(Ecr(session), cloud))
    return cloud.tools._replace(**both, images=images)


def answers(cloud: Cloud) -> dict[str, Any]:
    """What an adapter has to be told so that it asks on: who is asking, and what there is."""
    found = cloud.found("shop-dev", {})
    queues, tables, buckets = ([left.id for left in found if left.kind == kind] for kind in (QUEUE, TABLE, BUCKET))
    tags = [{"Key": key, "Value": value} for key, value in made(SMALL).tags.items()]
    login = {"authorizationToken": "QVdTOng=", "expiresAt": datetime(2030, 1, 1, tzinfo=UTC)}
    return {
        "GetCallerIdentity": {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ada"},
        "DescribeChangeSet": {"Status": "FAILED", "StatusReason": "early validation"},
        "GetAuthorizationToken": {"authorizationData": [login]},
        "InitiateLayerUpload": {"uploadId": "u", "partSize": 100},
        "ListQueues": {"QueueUrls": queues},
        "ListTables": {"TableNames": tables},
        "ListTagsOfResource": {"Tags": tags},
        "ListBuckets": {"Buckets": [{"Name": name.lower()} for name in buckets]},
        "GetBucketTagging": {"TagSet": tags},
        "ListObjectVersions": {"Versions": [{"Key": "a", "VersionId": "1"}]},
        "ListTagsForResource": {"Tags": []},
    }


class Work:
    """Commands at work; one session takes down what they ask."""

    def __init__(self) -> None:
        self.session = Asking()

    def asked(self, cloud: Cloud, work: Callable[[Tools], object]) -> set[Right]:
        """What was asked while something was done, however it ended."""
        self.session.answers, self.session.rights = answers(cloud), set()
        with suppress(CloudCronError):
            work(tools(cloud, self.session))
        return self.session.rights

    def deploying(self) -> set[Right]:
        """Deploys of every kind: a first one, others, what fails in every way, queues and stacks that go."""
        asking: Any = {"channels": {"email": {"create_identity": True}}, "topics": {"news": GIVEN}, "kms_key": KEY}
        scenes: list[tuple[Callable[[], Cloud], list[str], App, Order]] = [
            (Cloud, [], made(by_ses(), **asking), MADE),
            (Cloud, [], made(SMALL), Order(TAGGED)),
            (Cloud, [BAD], made(SMALL), MADE),
            (Cloud, [OK, BAD, STUCK, STUCK], made(SMALL), MADE),
            (lambda: deployed(FEWER), [BAD], made(SMALL), MADE),
            (lambda: deployed(FEWER), [STUCK, STUCK], made(SMALL), MADE),
            (lambda: deployed(MORE), [], made(SMALL, protect=True), Order(None, drain=True)),
            (replacing, [], made(WIDE), Order(None)),
            (spread, [], made(SMALL), MADE),
        ]
        found: set[Right] = set()
        for begin, script, wanted, order in scenes:
            cloud = begin()
            cloud.script = list(script)
            for _ in range(2):
                found |= self.asked(cloud, partial(deploy, app=wanted, order=order))
        return found | self._images()

    def _images(self) -> set[Right]:
        """One image after the other, until the tags of the first ones are taken away."""
        cloud, found = Cloud(), set[Right]()
        for number in range(KEPT + 2):
            cloud.image = f"{HOST}/{REPOSITORY}@sha256:{sha256(bytes([number])).hexdigest()}"
            found |= self.asked(cloud, partial(deploy, app=made(SMALL), order=MADE))
            cloud.sleep(1)
        return found

    def destroying(self) -> set[Right]:
        """A stage of several stacks that goes, and one of them that does not at once."""
        stage, cloud = Stage("shop", "dev", made(SMALL).tags), spread()
        cloud.script = [STUCK]
        asked = [self.asked(cloud, lambda ports: destroy(ports, stage, look(ports, stage), 3600)) for _ in range(2)]
        return set().union(*asked)

    def planning(self) -> set[Right]:
        """A plan of a stage that is deployed, one with an image that is named by its tag, and its outputs."""
        cloud, wanted = deployed(FEWER), made(SMALL)
        return set().union(
            self.asked(cloud, lambda ports: plan(ports, wanted, None)),
            self.asked(cloud, lambda ports: plan(ports, wanted, TAGGED)),
            self.asked(cloud, lambda ports: stage_of.read(ports.stacks, "shop", "dev", wanted.tags)),
        )


def replacing() -> Cloud:
    """A stage whose next change would replace a queue that holds a message."""
    cloud: Cloud = deployed(SMALL)
    queue = next(each for each in cloud.the(MAIN).resources.values() if each.physical.endswith(".fifo"))
    cloud.replacing, cloud.depths[queue.physical] = {queue.logical}, 1
    return cloud
