"""What else a deploy needs of the world: a place for templates, what stacks leave behind, images, time, an audience."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.stacks import Change, Event, Stacks

QUEUE = "queue"
TABLE = "table"
BUCKET = "bucket"


class Left(NamedTuple):
    """Something that outlives its stack: `kind` is queue, table or bucket; `id` its URL, or its name."""

    kind: str
    id: str


class Storage(Protocol):
    """The bucket of templates and records."""

    def put(self, bucket: str, key: str, text: str) -> str:
        """Keep a text, safe to repeat; the https URL of it."""

    def empty(self, bucket: str) -> None:
        """Delete every version of every object; nothing happens when the bucket is not there."""


class Leavings(Protocol):
    """Queues, tables and buckets that CloudFormation named, and topics."""

    def found(self, stack: str, tags: Mapping[str, str]) -> list[Left]:
        """Those that are named after a stack, or after one beside it, and that carry all of these tags."""

    def queues(self, stack: str, tags: Mapping[str, str]) -> list[Left]:
        """The queues among them."""

    def depth(self, url: str) -> int:
        """How many messages are in a queue, hidden and delayed ones included; none in one that is not there."""

    def remove(self, left: Left) -> None:
        """Delete it with all it holds; nothing happens when it is not there."""

    def topic_tags(self, name: str) -> Mapping[str, str] | None:
        """The tags of a topic of this account and region; None when there is no such topic."""

    def has_topic(self, arn: str) -> bool:
        """Whether a topic may be there: False only where SNS knows of none."""


class Account(Protocol):
    """Where a deploy goes."""

    def place(self) -> tuple[str, str]:
        """Region and account number."""

    def resolve(self, image: str) -> str:
        """The URI with a digest of an image that is named by a tag; one that has a digest is taken as it is."""

    def has_image(self, image: str) -> bool:
        """Whether an image by its digest may be there: False only where ECR knows of none."""

    def key_policy(self, key: str) -> Mapping[str, Any] | None:
        """The policy of a key by its ARN; None when it may not be read."""


class MailAccount(NamedTuple):
    """How an account stands with Amazon SES."""

    sandboxed: bool
    paused: bool


class Standing(Enum):
    """How an address or domain stands with Amazon SES; unknown where it may not be asked."""

    UNKNOWN = "unknown"
    ABSENT = "absent"
    UNVERIFIED = "unverified"
    VERIFIED = "verified"


class MailService(Protocol):
    """Amazon SES, as far as a deploy asks; it never fails."""

    def account(self) -> MailAccount | None:
        """How the account stands; None when it may not be asked."""

    def identity(self, name: str) -> Standing:
        """How an address or domain stands."""

    def has_template(self, name: str) -> bool:
        """Whether a template may be there: False only where SES knows of none."""


class Prepared(Protocol):
    """An image that is made, and its repository, to which nothing of it was sent yet."""

    @property
    def uri(self) -> str:
        """Repository and digest."""

    @property
    def sbom(self) -> str | None:
        """What it holds, as CycloneDX's JSON; None when nobody knows."""

    def tags(self) -> Mapping[str, str]:
        """The tags of the repository, with the digests that they stand for."""

    def push(self, tags: Sequence[str]) -> object:
        """Send what is not there yet, and give it these tags; safe to repeat."""

    def untag(self, tags: Sequence[str]) -> None:
        """Take tags away, of whichever image; nothing happens to those that are not there."""


class Images(Protocol):
    """Where images come from; raises `ImageError` CC860 to CC886."""

    def prepared(self, app: App, found: Deployed) -> Prepared:
        """Make the image of an app; what is deployed says what there is already."""

    def running(self, functions: Sequence[str]) -> frozenset[str]:
        """The digests of the images that functions have, by their names."""


class Time(Protocol):
    """A clock that can be waited on."""

    def now(self) -> float:
        """Seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def token(self) -> str:
        """Letters and digits that were never used before."""


class Display(Protocol):
    """Whom a deploy tells what it does."""

    def say(self, text: str) -> None:
        """One sentence."""

    def agree(self, question: str) -> None:
        """Go on only if somebody who can be asked agrees; raises otherwise."""

    def begin(self, stack: str, changes: Sequence[Change]) -> None:
        """A change set is carried out."""

    def event(self, stack: str, event: Event) -> None:
        """Something happened to a resource."""

    def end(self, stack: str, status: str) -> None:
        """The stack has come to rest."""


class Tools(NamedTuple):
    """Everything that a deploy works with."""

    stacks: Stacks
    storage: Storage
    leavings: Leavings
    account: Account
    time: Time
    display: Display
    images: Images
    mail: MailService
