"""Tells the app's own notifiers what went wrong: runs that failed for good, messages that were dead-lettered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.messages import Message, envelope, message_id
from cloud_cron.ports import Outgoing
from cloud_cron.runs import instant
from cloud_cron.runtime import naming
from cloud_cron.runtime.reports import Delivery, RunReport

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.ports import Ports


class Watch:
    """Collects what the journal is told, and publishes it to the topic `[watch] topic`.

    The payload is `{kind, task | notifier, run_id, scheduled_at, error: {type, message}, count}`. A dead letter of the
    watch topic itself is told to nobody, because it would cause the next one.
    """

    def __init__(self, app: str, stage: str, topic: str) -> None:
        """Begin with nothing to tell."""
        self._place = (app, stage)
        self._topic = topic
        self._failed: list[RunReport] = []
        self._dead: dict[str, list[Delivery]] = {}

    def note(self, report: RunReport | Delivery) -> None:
        """Keep what somebody should hear of."""
        match report:
            case RunReport(state="failed"):
                self._failed.append(report)
            case Delivery(status="rejected" | "doubt", message=message) if message.topic != self._topic:
                self._dead.setdefault(report.notifier, []).append(report)

    def tell(self, ports: Ports) -> None:
        """Publish what was collected: one message for each run, one for each notifier's batch of dead letters.

        What cannot be published stays collected. Raises `BusError` and `StoreError`.
        """
        while self._failed:
            self._publish(ports, self._failed[0].run.id, _of_run(self._failed[0]))
            del self._failed[0]
        for notifier, letters in list(self._dead.items()):
            self._publish(ports, f"{notifier}|{letters[0].message.id}", _of_letters(notifier, letters))
            del self._dead[notifier]

    def _publish(self, ports: Ports, about: str, payload: dict[str, Any]) -> None:
        app, stage = self._place
        now = ports.clock.now()
        key = f"watch|{about}|{instant(now)}"
        message = Message(self._topic, payload, message_id(app, stage, key, self._topic, 0), issued_at=now)
        group = naming.group(str(payload.get("task") or payload.get("notifier")))
        ports.bus.publish(self._topic, [Outgoing(message.id, group, envelope(app, stage, message))])


def _of_run(report: RunReport) -> dict[str, Any]:
    error = {"type": type(report.error).__name__, "message": report.reason}
    run = report.run
    place = {"task": run.task, "run_id": run.id, "scheduled_at": instant(run.scheduled_at)}
    return {"kind": "failed", **place, "error": error, "count": 1}


def _of_letters(notifier: str, letters: list[Delivery]) -> dict[str, Any]:
    first = letters[0]
    error = {"type": first.code or first.status, "message": first.reason}
    place = {"notifier": notifier, "run_id": first.message.run_id, "scheduled_at": _time(first.message.scheduled_at)}
    return {"kind": "dead", **place, "error": error, "count": len(letters)}


def _time(moment: datetime | None) -> str | None:
    return instant(moment) if moment else None
