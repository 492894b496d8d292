"""The stacks of an app: what stands in each, in the order in which they are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.aws.names import stack_name
from cloud_cron.model import NOTHING, NotifierModel, TaskModel
from cloud_cron_cli.deploy.template import identities, mail_events, managed, shared
from cloud_cron_cli.deploy.template.functions import IMAGE
from cloud_cron_cli.deploy.template.maintenance import beside, maintenance
from cloud_cron_cli.deploy.template.notifiers import notifier
from cloud_cron_cli.deploy.template.placement import number, placed
from cloud_cron_cli.deploy.template.scope import MAIN, Piece, Scope, logical
from cloud_cron_cli.deploy.template.tasks import task
from cloud_cron_cli.deploy.template.topics import topic

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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


def synthesize(  # noqa: PLR0913 - everything that templates are made of
    model: AppModel,
    settings: Settings,
    image: str | None,
    placement: Mapping[str, str] = _NOWHERE,
    retiring: Collection[str] = (),
    *,
    ses_templates: Mapping[str, Mapping[str, str]] = NOTHING,
) -> list[Part]:
    """The stacks of an app, the main one first: deploy them in this order.

    `model` has the configuration applied; `image` is a URI with a digest, or None for a parameter `ImageUri` that
    whoever deploys the templates fills. `placement` says which stack owns what is deployed already:
    `{"task:morning": "main", "notifier:mail": "p1", "topic:reports": "main"}`. A topic in `retiring` was our own and is
    given now: both are heard until its last message is delivered. `ses_templates` are the parts of what SES is given,
    by the notifier's name.
    """
    pieces: dict[str, list[str]] = {MAIN: []}
    for key, part in placed(model, settings, placement).items():
        pieces.setdefault(part, []).append(key)
    declared: dict[str, str | NotifierModel | TaskModel] = {f"topic:{name}": name for name in model.topics}
    declared |= {f"notifier:{notifier.name}": notifier for notifier in model.notifiers}
    declared |= {f"task:{task.name}": task for task in model.tasks}
    parts = [
        _part(
            Scope(model, settings, image, part, frozenset(pieces[part]), frozenset(retiring), ses_templates),
            [declared[key] for key in pieces[part]],
        )
        for part in sorted(pieces, key=number)
    ]
    managed.check([part.template for part in parts])
    return parts


def _part(scope: Scope, declared: Sequence[str | NotifierModel | TaskModel]) -> Part:
    """One stack of topics, notifiers and tasks, in this order."""
    found = [_piece(scope, each) for each in declared]
    if scope.part == MAIN:
        own = [Piece(shared.shared(scope), shared.outputs(scope)), identities.made(scope), maintenance(scope)]
        found = [*own, mail_events.listening(scope), *found]
    else:
        found.append(beside(scope))
    resources = {identity: resource for piece in found for identity, resource in piece.resources.items()}
    functions = ["MaintenanceFunction"] if scope.part == MAIN else []
    functions += [
        f"{logical('Task', each.name)}Function" for each in declared if isinstance(each, TaskModel) and each.schedules
    ]
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


def _piece(scope: Scope, declared: str | NotifierModel | TaskModel) -> Piece:
    match declared:
        case str():
            return topic(scope, declared)
        case NotifierModel():
            return notifier(scope, declared)
        case TaskModel():
            return task(scope, declared)
