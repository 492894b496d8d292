"""What a log says of a run and of a delivery: one flat object a line, without payloads and without addresses."""

from __future__ import annotations

from cloud_cron.runtime.reports import Delivery, RunReport

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

_BAD: Final[Mapping[str, str]] = {
    "failed": "error",
    "rejected": "error",
    "doubt": "error",
    "missed": "error",
    "retry": "warning",
    "returned": "warning",
    "refused": "warning",
    "bounced": "warning",
    "complained": "warning",
    "duplicate": "debug",
}


def line(report: RunReport | Delivery) -> dict[str, Any]:
    """The line about one report; empty fields are left out."""
    fields = _run(report) if isinstance(report, RunReport) else _delivery(report)
    return {"level": _BAD.get(fields["status"], "info"), **{name: value for name, value in fields.items() if value}}


def _run(report: RunReport) -> dict[str, Any]:
    run = report.run
    return {
        "event": "run",
        "task": run.task,
        "run_id": run.id,
        "status": report.state,
        "attempt": run.attempt,
        "messages": len(report.messages),
        "reason": report.reason,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "event": "delivery",
        "notifier": delivery.notifier,
        "run_id": delivery.message.run_id,
        "message_id": delivery.message.id,
        "recipient": hashed(delivery.recipient) if delivery.recipient else None,
        "status": delivery.status,
        "code": delivery.code,
        "reason": delivery.reason,
        "provider_id": delivery.provider_id,
    }


def hashed(address: str) -> str:
    """Enough to find the same recipient again in a log, and not enough to read who it is."""
    from hashlib import sha256  # noqa: PLC0415 - a run has no recipients

    return sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:16]
