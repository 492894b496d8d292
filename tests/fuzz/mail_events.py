"""What Amazon SES tells of a mail, as the function hears it that listens."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Final

from tests.fuzz.target import Target, json_of
from tests.listening.support import PARTS, Stage, body, told

_CODES: Final = frozenset({"CC630", "CC631"})


def check(data: bytes) -> None:
    """Whatever is told is heard or comes back with a reason of ours, and what is told behind it is heard."""
    try:
        record = json_of(data)
    except ValueError:
        return
    stage = Stage()
    with closing(stage.ledger._store):
        stage.put("SENT")
        assert set(stage.hear(body(record), body(told("Complaint")))) <= {"r0"}
        assert "COMPLAINED" in stage.counted()
        assert stage.record().state == "SENT"
    for report in stage.world.journal.deliveries:
        assert report.status != "retry" or report.code in _CODES, report
    for payload in stage.heard():
        assert json.loads(json.dumps(payload)) == payload


TARGET: Final = Target(
    "mail_events",
    check,
    seeds=tuple(json.dumps(told(kind)) for kind in [*PARTS, "Open"]),
    modules=("cloud_cron.aws.ses_events", "cloud_cron.runtime.listening"),
    words=("Bounce", "Complaint", "Permanent", "cc-effect", "ada@example.org", "mail", "Send"),
    is_json=True,
)
