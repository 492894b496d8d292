"""What is deployed of a stage already, read from its stacks: there is no other record of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.aws.names import stack_name
from cloud_cron.errors import NotFound
from cloud_cron_cli.deploy import ownership
from cloud_cron_cli.deploy.statuses import FAILED
from cloud_cron_cli.deploy.template.scope import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron_cli.deploy.stacks import Stack, Stacks

ARTIFACTS: Final = "artifacts"
PARTS: Final = "Parts"
"""An output of the main stack: the highest number of a stack beside it."""
IMAGE: Final = "Image"
"""An output of the main stack: the image of every function."""
_PLACED: Final = frozenset({"task", "notifier", "topic"})
"""What may stand in any stack; everything else is in the main one."""
_NUMBERED: Final = re.compile(r"p[0-9]+")


class Deployed(NamedTuple):
    """The stacks of a stage by key (`artifacts`, `main`, `p1`), and what stands in each: `{"task:morning": "main"}`.

    `pieces` is what the stacks say of these, and of `maintenance:maintenance` and `events:events`.
    """

    stacks: Mapping[str, Stack]
    placement: Mapping[str, str]
    pieces: Mapping[str, Mapping[str, Any]]

    @property
    def main(self) -> Stack | None:
        """The main stack."""
        return self.stacks.get(MAIN)

    @property
    def image(self) -> str | None:
        """The image of every function, if a deploy of ours recorded it."""
        return self.main.outputs.get(IMAGE) if self.main else None

    @property
    def repository(self) -> str | None:
        """The name of our own repository of images, if it is there."""
        return self.stacks[ARTIFACTS].outputs.get("RepositoryName") if ARTIFACTS in self.stacks else None

    @property
    def parts(self) -> list[str]:
        """The keys of the stacks beside the main one, in order."""
        return sorted((key for key in self.stacks if _NUMBERED.fullmatch(key)), key=lambda key: int(key[1:]))

    @property
    def notifiers(self) -> list[str]:
        """The names of the notifiers."""
        return [key.partition(":")[2] for key in self.placement if key.startswith("notifier:")]

    @property
    def queues(self) -> dict[str, list[str]]:
        """The URLs of every notifier's queue, dead letters, and dead letters of its subscriptions."""
        names = ("queue_url", "dead_letter_url", "subscription_dead_letter_url")
        return {
            said["name"]: [said[name] for name in names if name in said]
            for said in self.pieces.values()
            if said["kind"] == "notifier"
        }


def read(stacks: Stacks, app: str, stage: str, tags: Mapping[str, str]) -> Deployed:
    """Describe each stack once; `ConfigError` CC810 when one is not ours."""
    found = dict(_stacks(stacks, app, stage))
    for stack in found.values():
        ownership.check(stack, tags)
    placement: dict[str, str] = {}
    pieces: dict[str, Mapping[str, Any]] = {}
    for key, stack in found.items():
        if key == ARTIFACTS:
            continue
        for said in _said(stack.outputs.values()):
            pieces[f"{said['kind']}:{said['name']}"] = said
        for name in _names(stacks, stack):
            placement[name] = key
    return Deployed(found, placement, pieces)


def main_of(found: Deployed, app: str, stage: str) -> Stack:
    """The main stack; `NotFound` CC826 when nothing is deployed."""
    if found.main is None:
        message = f"nothing is deployed of {app} at stage {stage}"
        raise NotFound("CC826", message, hint="cloud-cron deploy, or choose another --stage or --region")
    return found.main


def others(stacks: Stacks, app: str, stage: str) -> list[str]:
    """The other stages of the app that are deployed."""
    found = {
        stack.tags.get("stage", "")
        for stack in stacks.all()
        if stack.tags.get("managed_by") == "cloud-cron" and stack.tags.get("app") == app
    }
    return sorted(found - {stage, ""})


def _stacks(stacks: Stacks, app: str, stage: str) -> Iterator[tuple[str, Stack]]:
    """Those that are there. How many are beside the main one, it says itself; else the first gap ends them."""
    for key in (ARTIFACTS, MAIN):
        stack = stacks.find(stack_name(app, stage, "" if key == MAIN else key))
        if stack is not None:
            yield key, stack
        if key == MAIN:
            yield from _beside(stacks, app, stage, stack)


def _beside(stacks: Stacks, app: str, stage: str, main: Stack | None) -> Iterator[tuple[str, Stack]]:
    known = int(main.outputs[PARTS]) if main and PARTS in main.outputs else None
    number = 1
    while known is None or number <= known:
        stack = stacks.find(stack_name(app, stage, f"p{number}"))
        if stack is None and known is None:
            return
        if stack is not None:
            yield f"p{number}", stack
        number += 1


def _names(stacks: Stacks, stack: Stack) -> Iterator[str]:
    """The keys of what stands in a stack; of a failed change that was kept, what it began to make too."""
    said = list(_said(stack.outputs.values()))
    if stack.status in FAILED:
        values = [output["Value"] for output in stacks.template(stack.id).get("Outputs", {}).values()]
        said += _said(value.get("Fn::Sub", "") if isinstance(value, dict) else value for value in values)
    for piece in said:
        if piece["kind"] in _PLACED:
            yield f"{piece['kind']}:{piece['name']}"


def _said(values: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - texts, some of them JSON
    """The outputs that speak of one function or topic."""
    for value in values:
        if isinstance(value, str) and value.startswith('{"kind"'):
            yield json.loads(value)
