"""One round of maintenance: its parts one after the other, each with what is left of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.runtime.maintenance import failed, finishing, letters, missed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.app import CloudCron
    from cloud_cron.aws.resources import Resources
    from cloud_cron.config.settings import Settings
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Ports
    from cloud_cron.runtime.dispatch import LambdaContext, Runtime
    from cloud_cron.runtime.function import Handler
    from cloud_cron.runtime.maintenance.hands import Hands
    from cloud_cron.runtime.watching import Watch

ENOUGH: Final = 10.0
"""Seconds that a part needs to begin with anything."""


class Desk(NamedTuple):
    """Everything that a round works with; `watch` has no topic when nobody wants to be told."""

    model: AppModel
    ports: Ports
    runtime: Runtime
    watch: Watch
    hands: Hands


def from_app(app: CloudCron, settings: Settings, resources: Resources) -> Handler:
    """The handler of an app's maintenance, with the clients that it needs; raises what making those raises."""
    from cloud_cron import aws  # noqa: PLC0415 - one function of all
    from cloud_cron.aws.clients import Clients  # noqa: PLC0415 - the same
    from cloud_cron.aws.hands import AwsHands  # noqa: PLC0415 - the same
    from cloud_cron.config.resolving import resolve  # noqa: PLC0415 - the same
    from cloud_cron.runtime.dispatch import Runtime  # noqa: PLC0415 - that module leads to this one
    from cloud_cron.runtime.lambda_log import LambdaLog  # noqa: PLC0415 - the same
    from cloud_cron.runtime.watching import Watch  # noqa: PLC0415 - the same

    model, clients, log = resolve(app.model(), settings), Clients(), LambdaLog()
    ports = aws.ports(
        resources=resources, model=model, part=None, horizon=settings.horizon, journal=log, clients=clients
    )
    runtime = Runtime(app, model, ports, stage=settings.stage, queues={}, horizon=settings.horizon)
    watch = Watch(ports.bus, ports.clock, model.name, settings.stage, settings.watch)
    hands = AwsHands(clients, resources, model, settings.stage)
    desk = Desk(model, ports, runtime, watch, hands)

    def handler(_: object, context: LambdaContext) -> dict[str, Any]:
        log.request_id = context.aws_request_id
        return maintain(desk, context)

    return handler


def maintain(desk: Desk, context: LambdaContext) -> dict[str, Any]:
    """One round; how many runs were finished, found failed or missed, and how many letters were told of.

    Raises an `ExceptionGroup` of whatever stopped a part, when the others are through.
    """
    parts: dict[str, Callable[[Desk, LambdaContext], int]] = {
        "finished": finishing.finish,
        **({"failed": failed.collect, "missed": missed.find, "letters": letters.count} if desk.watch.topic else {}),
    }
    done: dict[str, Any] = {}
    errors: list[Exception] = []
    for name, part in parts.items():
        if context.get_remaining_time_in_millis() / 1000 < ENOUGH:
            break
        try:
            done[name] = part(desk, context)
        except Exception as error:  # noqa: BLE001 - every other part goes on
            errors.append(error)
    if errors:
        message = "maintenance could not do everything"
        raise ExceptionGroup(message, errors)
    return done
