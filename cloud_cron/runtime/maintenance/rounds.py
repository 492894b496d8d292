"""One round of maintenance: its parts one after the other, each with what is left of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.runtime.maintenance import failed, finishing, letters, missed
from cloud_cron.runtime.maintenance.working import Turn, causes
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.app import CloudCron
    from cloud_cron.aws.resources import Resources
    from cloud_cron.config.settings import Settings
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Ports
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.function import Handler
    from cloud_cron.runtime.lambda_log import LambdaLog
    from cloud_cron.runtime.maintenance.hands import Beating, Hands
    from cloud_cron.runtime.watching import Watch

SPARE: Final = 10.0
"""Seconds at the end of a round in which nothing is begun."""
SHARE: Final = 15.0
"""Seconds that a part leaves to each one after it, so that none is kept from its work for good."""
_LAST: Final = 2.0
"""Seconds before the function is cut off, in which nobody is asked any more."""
_TOLD: Final = 5

_WATCHED: Final[Mapping[str, Callable[[Desk, Turn], int]]] = {
    "failed": failed.given_up,
    "unstarted": failed.unstarted,
    "finished": finishing.finish,
    "missed": missed.find,
    "letters": letters.count,
}
"""What there is to do, in order: what is known of a failure comes before the guess that a run was lost."""
_UNWATCHED: Final[Mapping[str, Callable[[Desk, Turn], int]]] = {"finished": finishing.finish}
"""The same when nobody wants to be told."""


class Desk(NamedTuple):
    """Everything that a round works with.

    `watch` has no topic when nobody wants to be told; `heart` beats after a round in which all went well, if there is
    one.
    """

    model: AppModel
    stage: str
    ports: Ports
    watch: Watch
    hands: Hands
    heart: Beating | None = None


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
    desk = Desk(model, settings.stage, ports, watch, hands, _heart(settings, ports, log))

    def handler(_: object, context: LambdaContext) -> dict[str, Any]:
        log.request_id = context.aws_request_id
        return maintain(desk, context)

    return handler


def _heart(settings: Settings, ports: Ports, log: LambdaLog) -> Beating | None:
    """What hears that all is well, if the configuration names it."""
    if not settings.heartbeat:
        return None
    from cloud_cron.runtime.heartbeat import Heartbeat  # noqa: PLC0415 - few have one

    return Heartbeat(settings.heartbeat, ports.secrets, log.write)


def maintain(desk: Desk, context: LambdaContext) -> dict[str, Any]:
    """One round: how many runs were finished, found failed, not started or missed, and how many letters are new.

    Without a topic to tell it to, what failed is left in its queues, for the alarms. The heart beats last, and only
    when every part had its turn and nothing stopped any. Raises an `ExceptionGroup` of whatever stopped something, when
    everything else is through.
    """
    parts = _WATCHED if desk.watch.topic else _UNWATCHED
    done: dict[str, Any] = {}
    errors: list[Exception] = []
    spare = SPARE + SHARE * len(parts)
    for name, part in parts.items():
        spare -= SHARE
        turn = Turn(context, spare)
        if turn.has_time():
            try:
                done[name] = part(desk, turn)
            except Exception as error:  # noqa: BLE001 - every other part goes on
                errors.append(error)
    if errors:
        raise _together(errors)
    if desk.heart and len(done) == len(parts):
        desk.heart.beat(turn.left() - _LAST)
    return done


def _together(errors: list[Exception]) -> ExceptionGroup:
    """One error whose message names the first few causes, because it is all that Lambda reports."""
    found = list(dict.fromkeys(told(cause) for error in errors for cause in causes(error)))
    more = f"; {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return ExceptionGroup(f"{'; '.join(found[:_TOLD])}{more}", errors)
