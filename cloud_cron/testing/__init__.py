"""The testing kit: an app on virtual time, with nothing leaving the process.

`CronRunner` drives the local engine in memory, through the entrypoint that AWS calls; the pytest plug-in hands it out
as the fixture `cron`. Only the command line may import this package. Importing it loads nothing: neither an app nor a
template engine nor an AWS client, because pytest loads the plug-in in every session of an environment that has it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.local.host import RunResult
    from cloud_cron.local.outbox import Sent
    from cloud_cron.testing.answers import Accepted
    from cloud_cron.testing.crashes import CrashReport
    from cloud_cron.testing.runner import CronRunner, DeadLetter
    from cloud_cron.testing.simulator.simulation import SimulationReport

__all__ = ["Accepted", "CrashReport", "CronRunner", "DeadLetter", "RunResult", "Sent", "SimulationReport"]

_HOMES = {
    "Accepted": "cloud_cron.testing.answers",
    "CrashReport": "cloud_cron.testing.crashes",
    "CronRunner": "cloud_cron.testing.runner",
    "DeadLetter": "cloud_cron.testing.runner",
    "RunResult": "cloud_cron.local.host",
    "Sent": "cloud_cron.local.outbox",
    "SimulationReport": "cloud_cron.testing.simulator.simulation",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module, once."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, whether they are loaded or not."""
    return sorted({*globals(), *__all__})
