"""One round of maintenance: its parts one after the other, each with what is left of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.runtime.maintenance import failed, finishing, letters, missed
from cloud_cron.runtime.maintenance.working import Turn, causes
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.app import CloudCron
    from cloud_cron.aws.resources import Resources
    from cloud_cron.config.settings import Settings
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Ports
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.function import Handler
    from cloud_cron.runtime.maintenance.hands import Hands
    from cloud_cron.runtime.watching import Watch

SPARE: Final = 10.0
"""Seconds at the end of a round in which nothing is begun."""
SHARE: Final = 15.0
"""Seconds that a part leaves to each one after it, so that none is kept from its work for good."""
_TOLD: Final = 5


class Desk(NamedTuple):
    """Everything that a round works with; `watch` has no topic when nobody wants to be told."""

    model: AppModel
    stage: str
    ports: Ports
    watch: Watch
    hands: Hands


def from_app(app: CloudCron, settings: Settings, resources: Resources) -> Handler:
    """The handler of an app's maintenance, with the clients that it needs; raises what making those raises."""
    from cloud_cron import aws  # noqa: PLC0415 - one function of all
    from cloud_cron.aws.clients import Clients  # noqa: PLC0415 - the same
    from cloud_cron.aws.hands import AwsHands  # noqa: PLC0415 - the same
    from cloud_cron.config.resolving import resolve  # noqa: PLC0415 - the same
    from cloud_cron.runtime.lambda_log import LambdaLog  # noqa: PLC0415 - the same
    from cloud_cron.runtime.watching import Watch  # noqa: PLC0415 - the same

    model, clients, log = resolve(app.model(), settings), Clients(), LambdaLog()
    ports = aws.ports(
        resources=resources, model=model, part=None, horizon=settings.horizon, journal=log, clients=clients
    )
    watch = Watch(ports.bus, ports.clock, model.name, settings.stage, settings.watch)
    hands = AwsHands(clients, resources, model, settings.stage)
    desk = Desk(model, settings.stage, ports, watch, hands)

    def handler(_: object, context: LambdaContext) -> dict[str, Any]:
        log.request_id = context.aws_request_id
        return maintain(desk, context)

    return handler


def maintain(desk: Desk, context: LambdaContext) -> dict[str, Any]:
    """One round: how many runs were finished, found failed, not started or missed, and how many letters are new.

    Without a topic to tell it to, what failed is left in its queues, for the alarms. Raises an `ExceptionGroup` of
    whatever stopped something, when everything else is through; its message names the first few causes, because it is
    all that Lambda reports.
    """
    parts: dict[str, Callable[[Desk, Turn], int]] = {"finished": finishing.finish}
    if desk.watch.topic:
        # What is known of a failure comes before the guess that a run was lost.
        first: dict[str, Callable[[Desk, Turn], int]] = {"failed": failed.given_up, "unstarted": failed.unstarted}
        parts = {**first, **parts, "missed": missed.find, "letters": letters.count}
    done: dict[str, Any] = {}
    errors: list[Exception] = []
    for number, (name, part) in enumerate(parts.items(), 1):
        turn = Turn(lambda: context.get_remaining_time_in_millis() / 1000, SPARE + SHARE * (len(parts) - number))
        if not turn.has_time():
            continue
        try:
            done[name] = part(desk, turn)
        except Exception as error:  # noqa: BLE001 - every other part goes on
            errors.append(error)
    if errors:
        found = list(dict.fromkeys(told(cause) for error in errors for cause in causes(error)))
        more = f"; {len(found) - _TOLD} more" if len(found) > _TOLD else ""
        raise ExceptionGroup(f"{'; '.join(found[:_TOLD])}{more}", errors)
    return done
