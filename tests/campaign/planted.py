"""Bugs that are planted into the code in memory, one at a time; the layer that should catch each of them must.

`python -m tests.campaign.planted NAME` ends with 0 when the bug was caught; `clean` plants none, and must not be.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec

ROOT: Final = Path(__file__).resolve().parent.parent.parent
CAUGHT, MISSED, NOT_PLANTED = 0, 1, 3
FAILED: Final = 1
"""What pytest ends with when tests failed."""


class Bug(NamedTuple):
    """Text of a module that is exchanged for another, and who must notice: a layer of section 9, and its check."""

    module: str
    right: str
    wrong: str
    layer: str
    check: Callable[[], bool]


class Planter(PathFinder):
    """Loads one module with its bug."""

    planted = False

    def __init__(self, bug: Bug) -> None:
        self._bug = bug

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # type: ignore[override]
        """The spec of that module alone."""
        spec = PathFinder.find_spec(name, path, target) if name == self._bug.module else None
        if spec and spec.origin:
            spec.loader = Mistaken(name, spec.origin, self)
        return spec

    def mistaken(self, source: str) -> str:
        """The source with the bug in it, which has one place."""
        if source.count(self._bug.right) != 1:
            sys.exit(f"{self._bug.module} has {source.count(self._bug.right)} places for {self._bug.right!r}")
        self.planted = True
        return source.replace(self._bug.right, self._bug.wrong)


class Mistaken(SourceFileLoader):
    """Compiles the mistaken source, and leaves no bytecode behind."""

    def __init__(self, name: str, path: str, planter: Planter) -> None:
        super().__init__(name, path)
        self._planter = planter

    def get_code(self, fullname: str) -> Any:
        """The code of the mistaken source."""
        return compile(self._planter.mistaken(self.get_source(fullname) or ""), self.path, "exec")


@cache
def tests(*nodes: str) -> Callable[[], bool]:
    """Whether one of these tests fails."""

    def fails() -> bool:
        import pytest  # noqa: PLC0415 - after the bug is planted
        from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - the same

        found_is_enough = [Phase.explicit, Phase.generate]  # nobody reads what breaks
        settings.register_profile(
            "hunt", max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck), phases=found_is_enough
        )
        options = ["-qx", "-m", "", "--hypothesis-profile=hunt", "-p", "no:cacheprovider", "-p", "no:xdist"]
        options.append("--assert=plain")  # a module that pytest rewrites is not the planted one
        return pytest.main([*options, *(str(ROOT / node) for node in nodes)]) == FAILED

    return fails


@cache
def part(name: str, *arguments: Any) -> Callable[[], bool]:
    """Whether a part of the campaign finds a problem."""

    def finds() -> bool:
        from tests.campaign import hunts  # noqa: PLC0415 - after the bug is planted

        return bool(getattr(hunts, name)(*arguments))

    return finds


BUGS: Final = {
    "unfenced settle": Bug(
        "cloud_cron.local.ledger",
        "WHERE partition = ? AND sort = ? AND state = ? AND token = ?",
        "WHERE partition = ? AND sort = ? AND ? <> '' AND ? <> '-'",
        "L2 Hypothesis on the ledger",
        tests("tests/local/test_ledger_machine.py::TestLedger"),
    ),
    "no clause for the own token": Bug(
        "cloud_cron.local.ledger",
        "WHERE ledger.token = excluded.token AND excluded.token <> '' AND ledger.state <> 'SENT'",
        "WHERE 0",
        "L1 contract of the ledger",
        tests("tests/contract/test_ledger.py::test_a_claim_whose_answer_was_lost_can_be_written_again"),
    ),
    "retries of the SDK": Bug(
        "cloud_cron.aws.clients",
        "MAIL: Final = Bounds(2, 7, 1)",
        "MAIL: Final = Bounds(2, 7, 4)",
        "L6 a provider that counts",
        tests("tests/aws/test_ses_answers.py::test_the_client_that_ships_asks_once_whatever_the_answer"),
    ),
    "the queue's id for the message's": Bug(
        "cloud_cron.runtime.events",
        "        found, place = opened(body), elsewhere(body)\n",
        "        found, place = replace(opened(body), id=received.id), elsewhere(body)\n",
        "L5 seeds with redrives",
        part("rough_days"),
    ),
    "few receives before the dead letters": Bug(
        "cloud_cron.local.queues",
        "receives = max(5, min(1000, TEN_DAYS // visibility))",
        "receives = 5",
        "L5 a backlog behind a channel that is down",
        part("backlog"),
    ),
    "nobody finishes": Bug(
        "cloud_cron.runtime.maintenance.rounds",
        '    "finished": finishing.finish,\n    "missed"',
        '    "missed"',
        "L5 seeds",
        part("rough_days"),
    ),
    "SENT is overwritten": Bug(
        "cloud_cron.local.ledger",
        "        if expected.state == SENT != record.state:\n            return False\n",
        "",
        "L2 Hypothesis on the ledger",
        tests("tests/local/test_ledger_machine.py::TestLedger"),
    ),
    "what expired was never there": Bug(
        "cloud_cron.runtime.delivery",
        "elif age > desk.horizon:",
        "elif age < 0:",
        "L5 an old redrive",
        part("old_redrive"),
    ),
    "a group goes on after a failure": Bug(
        "cloud_cron.runtime.batch",
        "            held[received.group] = pause\n",
        "",
        "L5 order within a group",
        part("rough_days"),
    ),
    "a key without the recipient": Bug(
        "cloud_cron.runtime.naming",
        'f"{channel}|{address}".encode()',
        'f"{channel}|".encode()',
        "L3 every crash",
        part("every_crash"),
    ),
    "a lease of a quarter of an hour": Bug(
        "cloud_cron.runtime.recipients",
        "lease = attempt.now + desk.call_timeout + claims.CLOCK_SKEW",
        "lease = attempt.now + 900",
        "L5 how long a crash delays",
        part("delay"),
    ),
    "a take-over that is not counted": Bug(
        "cloud_cron.runtime.claims",
        "return Take(_claimed(found, claim, ambiguous=found.ambiguous + 1))",
        "return Take(_claimed(found, claim, ambiguous=found.ambiguous))",
        "L3 every pair of crashes",
        part("every_pair"),
    ),
    "an ambiguous answer that is not counted": Bug(
        "cloud_cron.runtime.claims",
        "            spent = claim.ambiguous + 1\n",
        "            spent = claim.ambiguous\n",
        "L4 every fault, every crash",
        part("every_fault"),
    ),
    "a secret that is kept when it is refused": Bug(
        "cloud_cron.channels.twilio",
        '            self._ports.secrets.forget(self._options.secret or "")\n',
        "",
        "L4 a provider that answers 401",
        tests("tests/channels/test_twilio.py"),
    ),
    "a letter that is not forwarded again": Bug(
        "cloud_cron.runtime.claims",
        "bad=not found.forwarded or found.source != claim.source",
        "bad=False",
        "L3 every crash, of a message that is refused",
        part("every_crash_of_a_refusal"),
    ),
    "an answer by the ids of bodies": Bug(
        "cloud_cron.runtime.batch",
        '{"itemIdentifier": received.id}',
        '{"itemIdentifier": received.dedup}',
        "L8 batches",
        tests("tests/runtime/test_batch.py"),
    ),
    "an id for all messages of a run": Bug(
        "cloud_cron.messages",
        "|{topic}|{ordinal}",
        "|{topic}|0",
        "L3 every crash",
        part("every_crash"),
    ),
    "a recorded run whose function is called again": Bug(
        "cloud_cron.runtime.task",
        "    if found.state == RECORDED:\n        return found._replace(",
        "    if not found.state:\n        return found._replace(",
        "L3 every crash, of a task that changes its mind",
        part("every_crash_of_a_change"),
    ),
    "a run that is published before it is recorded": Bug(
        "cloud_cron.runtime.task",
        "    if not attempt.move(RECORDED, data=data, digest=digest):\n",
        "    if not attempt.move(CLAIMED):\n",
        "L3 every crash, at each step",
        part("every_crash"),
    ),
    "a redrive that forgets what was spent": Bug(
        "cloud_cron.runtime.claims",
        'ambiguous=found.ambiguous))\n        case "REJECTED" | "DOUBT":',
        'ambiguous=0))\n        case "REJECTED" | "DOUBT":',
        "L5 letters that are put back over and over",
        part("redrives"),
    ),
    "milliseconds for seconds": Bug(
        "cloud_cron.aws.items",
        'float(found[short]["N"])',
        'float(found[short]["N"]) / 1000',
        "L1 contract of the ledger",
        tests("tests/contract/test_ledger.py::test_every_field_comes_back_as_it_was"),
    ),
}


def caught(name: str) -> int:
    """Plant a bug, and ask its layer; NOT_PLANTED when the layer never loaded the module."""
    planter = Planter(BUGS[name])
    sys.meta_path.insert(0, planter)
    found = BUGS[name].check()
    return NOT_PLANTED if not planter.planted else CAUGHT if found else MISSED


def main(arguments: Sequence[str]) -> int:
    """One bug, or without a bug every check, none of which may find anything."""
    [name] = arguments
    if name == "clean":
        return int(any(check() for check in dict.fromkeys(bug.check for bug in BUGS.values())))
    return caught(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
