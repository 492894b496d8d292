"""The stacks of an app: what stands in each, in the order in which they are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.aws.names import stack_name
from cloud_cron_cli.deploy.template import shared
from cloud_cron_cli.deploy.template.functions import IMAGE
from cloud_cron_cli.deploy.template.maintenance import beside, maintenance
from cloud_cron_cli.deploy.template.notifiers import notifier
from cloud_cron_cli.deploy.template.placement import number, placed
from cloud_cron_cli.deploy.template.scope import MAIN, Piece, Scope, logical
from cloud_cron_cli.deploy.template.tasks import task
from cloud_cron_cli.deploy.template.topics import topic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel

FORMAT: Final = "2010-09-09"
_NOWHERE: Final[Mapping[str, str]] = {}


class Part(NamedTuple):
    """One stack: `key` is `main`, `p1`, `p2`; `parameters` says which output of the main stack fills each parameter."""

    key: str
    stack: str
    template: dict[str, Any]
    parameters: Mapping[str, str]


def synthesize(
    model: AppModel,
    settings: Settings,
    image: str | None,
    placement: Mapping[str, str] = _NOWHERE,
    retiring: Collection[str] = (),
) -> list[Part]:
    """The stacks of an app, the main one first: deploy them in this order.

    `model` has the configuration applied; `image` is a URI with a digest, or None for a parameter `ImageUri` that
    whoever deploys the templates fills. `placement` says which stack owns what is deployed already:
    `{"task:morning": "main", "notifier:mail": "p1", "topic:reports": "main"}`. A topic in `retiring` was our own and is
    given now: both are heard until its last message is delivered.
    """
    pieces: dict[str, list[str]] = {MAIN: []}
    for key, part in placed(model, settings, placement).items():
        pieces.setdefault(part, []).append(key)
    return [
        _part(Scope(model, settings, image, part, frozenset(pieces[part]), frozenset(retiring)))
        for part in sorted(pieces, key=number)
    ]


def _part(scope: Scope) -> Part:
    """One stack."""
    found = list(_pieces(scope))
    if scope.part == MAIN:
        found = [Piece(shared.shared(scope), shared.outputs(scope)), maintenance(scope), *found]
    else:
        found.append(beside(scope))
    resources = {identity: resource for piece in found for identity, resource in piece.resources.items()}
    functions = _scheduled(scope)
    if functions:
        resources["SchedulerRole"] = shared.scheduler_role(scope, functions)
    used = sorted(frozenset().union(*(piece.uses for piece in found))) if scope.part != MAIN else []
    template: dict[str, Any] = {
        "AWSTemplateFormatVersion": FORMAT,
        "Description": f"cloud-cron app {scope.model.name}, stage {scope.stage}, {scope.part}",
    }
    open_image = [] if scope.image else [IMAGE]
    if used or open_image:
        template["Parameters"] = {name: {"Type": "String"} for name in [*used, *open_image]}
    template["Resources"] = resources
    template["Outputs"] = {name: output for piece in found for name, output in piece.outputs.items()}
    part = "" if scope.part == MAIN else scope.part
    name = stack_name(scope.model.name, scope.stage, part)
    return Part(scope.part, name, template, {name: name for name in used})


def _pieces(scope: Scope) -> Iterator[Piece]:
    """The topics, notifiers and tasks of a stack, in the order of declaration."""
    model = scope.model
    for name in model.topics:
        if f"topic:{name}" in scope.pieces:
            yield topic(scope, name)
    for hearer in model.notifiers:
        if f"notifier:{hearer.name}" in scope.pieces:
            yield notifier(scope, hearer)
    for publisher in model.tasks:
        if f"task:{publisher.name}" in scope.pieces:
            yield task(scope, publisher)


def _scheduled(scope: Scope) -> list[str]:
    """The functions that a schedule of this stack calls."""
    own = [item for item in scope.model.tasks if item.schedules and f"task:{item.name}" in scope.pieces]
    first = ["MaintenanceFunction"] if scope.part == MAIN else []
    return [*first, *(f"{logical('Task', item.name)}Function" for item in own)]
