"""What the watch topic should have heard of in a world."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cloud_cron.testing.simulator.names import envelope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cloud_cron.ports import Key
    from cloud_cron.testing.simulator.names import Names
    from cloud_cron.testing.simulator.world import World


def unheard(world: World, names: Names, pending: Collection[Key]) -> Iterator[str]:
    """Runs that failed for good or were missed, of which the topic of a watched app did not hear.

    Those `pending` are still on their way. Failed ones are told one by one, missed ones are counted by task.
    """
    topic = world.setup.settings.watch
    if topic is None:
        return
    heard: Counter[tuple[str, str]] = Counter()
    for where, sent in world.witness.published.values():
        payload = envelope(sent.body).get("payload", {}) if where == topic else {}
        match payload:
            case {"kind": "failed", "run_id": str(own)}:
                heard["FAILED", own] += 1
            case {"kind": "missed", "task": str(name), "count": int(count)}:
                heard["MISSED", name] += count
    for task in world.setup.model.tasks:
        runs = world.services.ledger.records(f"R#{task.name}")
        missed = sum(run.state == "MISSED" for _, run in runs)
        if missed > heard["MISSED", task.name]:
            yield f"{missed} runs of {task.name} were missed, and the watch heard of {heard['MISSED', task.name]}"
        for key, run in runs:
            mark = "" if key.sort.startswith("!") else "@"
            if run.state == "FAILED" and key not in pending and not heard["FAILED", f"{task.name}{mark}{key.sort}"]:
                yield f"the {names.key(key)} failed, and the watch did not hear of it"
