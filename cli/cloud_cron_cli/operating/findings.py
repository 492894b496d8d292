"""What `doctor` has found: in words, with the commands to run next."""

from __future__ import annotations

import shlex
from typing import Any, Final, NamedTuple

ERROR: Final = "error"
NOTE: Final = "note"


def command(*words: str) -> str:
    """A command line of ours, quoted for a shell: ids of messages may be anybody's."""
    return shlex.join(["cloud-cron", *words])


class Finding(NamedTuple):
    """One thing; of severity `error` if it needs a person, and a `note` if it is only good to know.

    `name` is the task or notifier that it is about, `total` how many runs, messages or deliveries it is. `commands` are
    whole command lines, the first of which is the next to run.
    """

    kind: str
    severity: str
    name: str | None
    message: str
    commands: tuple[str, ...] = ()
    total: int = 1

    def to_json(self) -> dict[str, Any]:
        """One of the `findings` that `doctor --json` prints."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "name": self.name,
            "message": self.message,
            "next": list(self.commands),
            "count": self.total,
        }
