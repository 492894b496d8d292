"""CloudFormation, and what stacks leave behind, played on virtual time: each change ends as the script says."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cloud_cron.aws.names import generated_prefix
from cloud_cron.errors import DeployError
from cloud_cron_cli.deploy.ports import BUCKET, QUEUE, TABLE, Left, MailAccount, Standing, Tools
from cloud_cron_cli.deploy.stacks import Change, ChangeSet, Event, Proposal, Resource, Stack
from tests.deploy.template.apps import IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App

OK = "ok"
STUCK = "stuck"
"""A change that fails, and so does its rollback or deletion."""
UNCHANGED = "The submitted information didn't contain changes. Submit different information to create a change set."
BOTH = frozenset({"RetainExceptOnCreate", "Retain"})
KINDS = {"AWS::SQS::Queue": QUEUE, "AWS::DynamoDB::Table": TABLE, "AWS::S3::Bucket": BUCKET}
FIXED = ("FunctionName", "TopicName", "LogGroupName", "Name")
NAMED = frozenset(
    {"AWS::Lambda::Function", "AWS::SNS::Topic", "AWS::Logs::LogGroup", "AWS::Scheduler::Schedule"},
)
SECONDS = 4.0
_RANDOM = 12
"""How many characters CloudFormation adds to a name, so that it is nobody else's."""


@dataclass
class Operation:
    """A change under way."""

    kind: str
    begin: float
    end: float
    outcome: str
    template: dict[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    force: bool = False
    token: str = ""


def _generated(stack: str, logical: str, kind: str, rest: str) -> str:
    """A name as CloudFormation makes it: it keeps less of both names where all of them would be too long."""
    room = {"AWS::SQS::Queue": 80, "AWS::S3::Bucket": 63}.get(kind, 255) - _RANDOM - len(rest) - 2
    if len(stack) + len(logical) > room:
        logical = logical[:24]
        stack = stack[: room - len(logical)]
    return f"{stack}-{logical}-{rest}"


@dataclass
class Record:
    """One stack, a deleted one included."""

    name: str
    id: str
    status: str = "REVIEW_IN_PROGRESS"
    template: dict[str, Any] = field(default_factory=dict)
    attempted: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    gone: list[Resource] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    operation: Operation | None = None
    token: str = ""
    protected: bool = False
    updated: float = 0.0


class Killed(Exception):  # noqa: N818 - says what happened
    """The process of the deploy is gone."""


class Cloud:
    """All ports of a deploy at once; `script` is how the next changes of stacks end, `calls` what was asked.

    `image` is what the app's image is called as soon as it is made, `shelf` the tags of its repository. `absent` are
    images, given topics and templates that are not there; `replacing` are logical ids that the next change replaces.
    With `stale`, the template that a failed change was made of counts as no change; with a `lag`, changes begin so many
    seconds after they were asked for. Without `tokens`, events do not say whose they are.
    """

    def __init__(self) -> None:
        self.seconds = 1_000_000.0
        self.serial = 0
        self.records: list[Record] = []
        self.retained: dict[Left, Mapping[str, str]] = {}
        self.objects: dict[str, str] = {}
        self.depths: Counter[str] = Counter()
        self.topics: dict[str, Mapping[str, str]] = {}
        self.absent: set[str] = set()
        self.replacing: set[str] = set()
        self.script: list[str] = []
        self.calls: list[str] = []
        self.said: list[str] = []
        self.limit: int | None = None
        self.stale = False
        self.lag = 0.0
        self.tokens = True
        self.image = IMAGE
        self.made: set[str] = set()
        self.shelf: dict[str, str] = {}
        self.mail_account: MailAccount | None = MailAccount(sandboxed=False, paused=False)
        self.identities: dict[str, Standing] = {}

    @property
    def tools(self) -> Tools:
        """The ports, each call of which may be the last."""
        port: Any = Port(self)
        return Tools(port, port, port, port, port, port, port, port)

    def kill(self, at: int | None) -> None:
        """Die at that call from here on, once it is done and before its answer comes; None lives for ever."""
        self.calls.clear()
        self.limit = at

    def next(self) -> int:
        """A number that was never used before."""
        self.serial += 1
        return self.serial

    # Stacks

    def record(self, stack: str) -> Record | None:
        self._advance()
        found = [each for each in self.records if each.id == stack]
        found += [each for each in self.records if each.name == stack and each.status != "DELETE_COMPLETE"]
        return found[0] if found else None

    def the(self, stack: str) -> Record:
        found = self.record(stack)
        if found is None or found.status == "DELETE_COMPLETE":
            raise DeployError("CC809", f"Stack [{stack}] does not exist")
        return found

    def find(self, stack: str) -> Stack | None:
        found = self.record(stack)
        return None if found is None or found.status == "DELETE_COMPLETE" else shown(found)

    def all(self) -> Iterable[Stack]:
        self._advance()
        return [shown(each) for each in self.records if each.status != "DELETE_COMPLETE"]

    def template(self, stack: str) -> dict[str, Any]:
        found = self.the(stack)
        return found.attempted or found.template

    def resources(self, stack: str) -> list[Resource]:
        found = self.the(stack)
        return [*found.resources.values(), *found.gone]

    def events(self, stack: str) -> Iterable[Event]:
        found = self.record(stack)
        assert found
        return list(reversed(found.events))

    def propose(self, proposal: Proposal) -> None:
        found = self.find(proposal.stack)
        new = found is None or found.status == "REVIEW_IN_PROGRESS"
        assert (proposal.kind == "CREATE") == new, f"{proposal.kind} of {found.status if found else None}"
        self._refuse_if_busy(proposal.stack)
        if found is None:
            made = f"arn:aws:cloudformation:x:1:stack/{proposal.stack}/{self.next()}"
            self.records.append(Record(proposal.stack, made))  # the tags come with the first change
        self.the(proposal.stack).proposals[proposal.name] = proposal

    def change_set(self, stack: str, name: str) -> ChangeSet:
        found = self.the(stack)
        template = self._text(found.proposals[name])
        same = template == (found.template if found.status.endswith("COMPLETE") else self.stale and found.attempted)
        if same:
            return ChangeSet("FAILED", UNCHANGED, executable=False, changes=())
        changes = [
            Change("Add", each, resource["Type"], "")
            for each, resource in template["Resources"].items()
            if each not in found.resources
        ]
        changes += [
            Change("Modify", each.logical, each.kind, "True", each.physical)
            for each in found.resources.values()
            if each.logical in self.replacing
        ]
        return ChangeSet("CREATE_COMPLETE", "", executable=True, changes=tuple(changes))

    def execute(self, stack: str, name: str, token: str, *, keep: bool) -> None:
        assert token
        self._refuse_if_busy(stack)
        found = self.the(stack)
        proposal = found.proposals[name]
        found.proposals = {}
        for uri in self.made:
            live = {digest for tag, digest in self.shelf.items() if tag.startswith("live-")}
            assert uri not in json.dumps(self._text(proposal)["Resources"]) or uri.partition("@")[2] in live, "not live"
        self._begin(found, proposal.kind, template=self._text(proposal), tags=proposal.tags, keep=keep, token=token)

    def discard(self, stack: str, name: str) -> None:
        self.the(stack).proposals.pop(name, None)

    def delete(self, stack: str, token: str, *, force: bool) -> None:
        found = self.record(stack)
        if found and found.status != "DELETE_COMPLETE":
            assert not found.protected, "termination protection"
            assert found.status == "DELETE_FAILED" or not force, found.status
            assert found.status == "REVIEW_IN_PROGRESS" or not found.status.endswith("_IN_PROGRESS"), found.status
            self._begin(found, "DELETE", force=force, token=token)

    def roll_back(self, stack: str, token: str) -> None:
        found = self.the(stack)
        assert found.status in {"CREATE_FAILED", "UPDATE_FAILED"}
        self._begin(found, "ROLLBACK", token=token)

    def go_on_rolling_back(self, stack: str, token: str, *, force: bool) -> None:
        found = self.the(stack)
        assert found.status == "UPDATE_ROLLBACK_FAILED"
        self._begin(found, "UPDATE_ROLLBACK", force=force, token=token)

    def protect(self, stack: str, *, on: bool) -> None:
        self.the(stack).protected = on

    # What else there is

    def put(self, bucket: str, key: str, text: str) -> str:
        url = f"https://s3/{bucket}/{key}"
        self.objects[url] = text
        return url

    def empty(self, bucket: str) -> None:
        self.objects = {url: text for url, text in self.objects.items() if not url.startswith(f"https://s3/{bucket}/")}

    def found(self, stack: str, tags: Mapping[str, str]) -> list[Left]:
        self._advance()
        live = {left: record.tags for record in self.records for left in lefts(record.resources.values())}
        return [
            left
            for left, its in {**self.retained, **live}.items()
            if left.id.rpartition("/")[2].lower().startswith(generated_prefix(stack).lower())
            and its.items() >= tags.items()
        ]

    def queues(self, stack: str, tags: Mapping[str, str]) -> list[Left]:
        return [left for left in self.found(stack, tags) if left.kind == QUEUE]

    def depth(self, url: str) -> int:
        return self.depths[url]

    def remove(self, left: Left) -> None:
        if left.kind == BUCKET:
            self.empty(left.id)
        self.retained.pop(left, None)
        self.depths.pop(left.id, None)
        for record in self.records:
            assert left not in lefts(record.resources.values()), f"{left} belongs to {record.name}"

    def topic_tags(self, name: str) -> Mapping[str, str] | None:
        return self.topics.get(name)

    def place(self) -> tuple[str, str]:
        return "eu-central-1", "123456789012"

    def resolve(self, image: str) -> str:
        return image

    def has_image(self, image: str) -> bool:
        return image not in self.absent

    def has_topic(self, arn: str) -> bool:
        return arn not in self.absent

    def key_policy(self, key: str) -> None:
        """It may not be read."""

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def token(self) -> str:
        return f"token{self.next()}"

    def say(self, text: str) -> None:
        self.said.append(text)

    def agree(self, question: str) -> None:
        self.said.append(question)

    def begin(self, stack: str, changes: Any) -> None:
        """Nothing."""

    def event(self, stack: str, event: Event) -> None:
        """Nothing."""

    def end(self, stack: str, status: str) -> None:
        self.said.append(f"{stack} {status}")

    # Mail

    def account(self) -> MailAccount | None:
        return self.mail_account

    def identity(self, name: str) -> Standing:
        return self.identities.get(name, Standing.ABSENT)

    def has_template(self, name: str) -> bool:
        return name not in self.absent

    # The image

    def prepared(self, app: App, found: Deployed) -> Any:
        self.made.add(self.image)
        return Image(Port(self), self.image)

    def tags(self) -> Mapping[str, str]:
        return dict(self.shelf)

    def push(self, uri: str, tags: Sequence[str]) -> None:
        digest = uri.partition("@")[2]
        assert all(self.shelf.get(tag, digest) == digest for tag in tags), "a tag never moves"
        self.shelf |= dict.fromkeys(tags, digest)

    def untag(self, tags: Sequence[str]) -> None:
        for tag in tags:
            self.shelf.pop(tag, None)

    def running(self, functions: Sequence[str]) -> frozenset[str]:
        held = [(record, each) for record in self.records for each in record.resources.values()]
        found = [record.template["Resources"][each.logical] for record, each in held if each.physical in functions]
        return frozenset(each["Properties"]["Code"]["ImageUri"].partition("@")[2] for each in found)

    # How changes go

    def _text(self, proposal: Proposal) -> dict[str, Any]:
        text = self.objects[proposal.template] if proposal.template.startswith("https://") else proposal.template
        found: dict[str, Any] = json.loads(text)
        return found

    def _refuse_if_busy(self, stack: str) -> None:
        found = self.record(stack)
        if found and found.status.endswith("_IN_PROGRESS") and found.status != "REVIEW_IN_PROGRESS":
            raise DeployError("CC809", f"Stack [{stack}] is in {found.status} state and can not be updated.")

    def _begin(self, record: Record, kind: str, **more: Any) -> None:
        outcome = self.script.pop(0) if self.script else OK
        begin = self.seconds + self.lag
        record.operation = Operation(kind, begin, begin + SECONDS, outcome, **more)
        self._advance()

    def _start(self, record: Record, operation: Operation) -> None:
        operation.begin = float("inf")
        record.status = f"{operation.kind}_IN_PROGRESS"
        record.token = operation.token if self.tokens else ""
        if operation.kind in {"CREATE", "UPDATE"}:
            record.attempted = operation.template
            record.tags = dict(operation.tags)
        self._happen(record, record.name, record.id, "AWS::CloudFormation::Stack", record.status)

    def _happen(self, record: Record, logical: str, physical: str, kind: str, status: str, reason: str = "") -> None:  # noqa: PLR0913, PLR0917 - the columns of an event
        record.events.append(Event(str(self.next()), logical, physical, kind, status, reason, record.token))

    def _advance(self) -> None:
        for record in self.records:
            if record.operation and record.operation.begin <= self.seconds:
                self._start(record, record.operation)
            if record.operation and record.operation.end <= self.seconds:
                operation, record.operation = record.operation, None
                self._finish(record, operation)
                record.updated = self.seconds
                self._happen(record, record.name, record.id, "AWS::CloudFormation::Stack", record.status)

    def _finish(self, record: Record, operation: Operation) -> None:
        failed = operation.outcome != OK and not operation.force
        match operation.kind:
            case "DELETE":
                if failed:
                    record.status = "DELETE_FAILED"
                    return
                self._leave(record, set(record.resources), keeping=BOTH)
                record.status = "DELETE_COMPLETE"
            case "ROLLBACK" if failed:
                record.status = "ROLLBACK_FAILED"
            case "ROLLBACK":
                self._leave(
                    record, set(record.resources) - set(record.template.get("Resources", {})), keeping=frozenset()
                )
                record.status = "UPDATE_ROLLBACK_COMPLETE" if record.outputs else "DELETE_COMPLETE"
                record.attempted = {}
            case "UPDATE_ROLLBACK":
                record.status = "UPDATE_ROLLBACK_FAILED" if failed else "UPDATE_ROLLBACK_COMPLETE"
            case _:
                self._change(record, operation)

    def _change(self, record: Record, operation: Operation) -> None:
        wanted = operation.template["Resources"]
        clash = self._clash(record, wanted)
        if operation.outcome != OK or clash:
            names = list(wanted)[:-1]
            if operation.keep:
                self._make(record, wanted, names)
            reason = f"{clash} already exists" if clash else operation.outcome
            last = list(wanted)[-1]
            self._happen(record, last, "", wanted[last]["Type"], "CREATE_FAILED", reason)
            self._happen(record, names[0], "", wanted[names[0]]["Type"], "CREATE_FAILED", "Resource creation cancelled")
            if operation.keep:
                record.status = f"{operation.kind}_FAILED"
            else:
                record.status = "UPDATE_ROLLBACK_FAILED" if operation.outcome == STUCK else "UPDATE_ROLLBACK_COMPLETE"
                record.attempted = {}
            return
        self._leave(record, self.replacing & set(record.resources), keeping=BOTH)
        self.replacing = set()
        self._make(record, wanted, list(wanted))
        self._leave(record, set(record.resources) - set(wanted), keeping=BOTH)
        record.template, record.attempted = operation.template, {}
        record.outputs = {name: self._value(record, each["Value"]) for name, each in record.template["Outputs"].items()}
        record.status = f"{operation.kind}_COMPLETE"

    def _make(self, record: Record, wanted: Mapping[str, Any], names: Iterable[str]) -> None:
        for name in names:
            kind = wanted[name]["Type"]
            if name not in record.resources:
                suffix = ".fifo" if wanted[name].get("Properties", {}).get("FifoQueue") else ""
                given = wanted[name].get("Properties", {}).get("RepositoryName")
                physical = given or _generated(record.name, name, kind, f"{self.next()}{suffix}")
                prefix = "https://sqs/1/" if kind == "AWS::SQS::Queue" else ""
                record.resources[name] = Resource(name, prefix + physical, kind, "CREATE_COMPLETE")

    def _leave(self, record: Record, names: set[str], keeping: frozenset[str]) -> None:
        known = {**record.template.get("Resources", {}), **record.attempted.get("Resources", {})}
        for name in names:
            resource = record.resources.pop(name)
            kept = known.get(name, {}).get("DeletionPolicy") in keeping
            record.gone.append(resource._replace(status="DELETE_SKIPPED" if kept else "DELETE_COMPLETE"))
            if kept:
                self.retained |= {left: dict(record.tags) for left in lefts([resource])}

    def _clash(self, record: Record, wanted: Mapping[str, Any]) -> str | None:
        """A name that is fixed, and taken by another stack."""
        taken = {
            name
            for other in self.records
            if other is not record
            for logical in other.resources
            for name in fixed({**other.template, **other.attempted}["Resources"].get(logical, {}))
        }
        return next((name for each in wanted.values() for name in fixed(each) if name in taken), None)

    def _value(self, record: Record, value: Any) -> str:
        match value:
            case {"Ref": str(name)}:
                return record.resources[name].physical
            case {"Fn::GetAtt": [str(name), *_]}:
                return record.resources[name].physical
            case {"Fn::Sub": str(text)}:
                for name, resource in record.resources.items():
                    text = text.replace(f"${{{name}}}", resource.physical)
                return text
            case _:
                return str(value)


class Image:
    """A prepared image, whose calls count as those of the ports do."""

    def __init__(self, port: Any, uri: str) -> None:
        self._port = port
        self.uri = uri
        self.sbom = "{}"

    def tags(self) -> Any:
        return self._port.tags()

    def push(self, tags: Sequence[str]) -> None:
        self._port.push(self.uri, tags)

    def untag(self, tags: Sequence[str]) -> None:
        self._port.untag(tags)


class Port:
    """Every port; a call is counted, and may kill."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __getattr__(self, name: str) -> Callable[..., Any]:
        cloud = self._cloud

        def call(*given: Any, **named: Any) -> Any:
            cloud.calls.append(name)
            answer = getattr(cloud, name)(*given, **named)
            if len(cloud.calls) == cloud.limit:
                raise Killed(name)
            return answer

        return call


def shown(record: Record) -> Stack:
    return Stack(
        record.name, record.id, record.status, "", dict(record.outputs), record.tags, record.protected, record.updated
    )


def lefts(resources: Iterable[Resource]) -> list[Left]:
    """Those of the resources that can outlive a stack."""
    return [Left(KINDS[each.kind], each.physical) for each in resources if each.kind in KINDS]


def fixed(resource: Mapping[str, Any]) -> list[str]:
    """The name of a resource that no other may have."""
    if resource.get("Type") not in NAMED:
        return []
    properties = resource.get("Properties", {})
    return [f"{resource['Type']} {properties[name]}" for name in FIXED if isinstance(properties.get(name), str)][:1]
