"""All targets, by name, which is that of their module."""

from __future__ import annotations

from typing import Final

from tests.fuzz import configuration, events, ignoring, invocations, mail_events, maintenance, references, schedules

TARGETS: Final = {
    module.TARGET.name: module.TARGET
    for module in (schedules, events, invocations, maintenance, mail_events, configuration, ignoring, references)
}
