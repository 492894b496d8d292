"""One run of one task in a process of its own, which ends with it: nothing of a run is left for the next."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import CloudCronError
from cloud_cron.local.environment import applied
from cloud_cron.local.host import Invoked
from cloud_cron.local.station import Reports, runtime
from cloud_cron.local.store import Store

if TYPE_CHECKING:
    import socket

    from cloud_cron.local.clock import SteppedClock
    from cloud_cron.local.log import Log
    from cloud_cron.local.site import Site
    from cloud_cron.local.station import Loaded

DONE: Final = 0
TROUBLE: Final = 75
_NAP: Final = 0.5


def run(  # noqa: PLR0913, PLR0917 - what a child is handed by its parent
    site: Site, loaded: Loaded, job: dict[str, Any], clock: SteppedClock, log: Log, pipe: socket.socket
) -> int:
    """Do one job: `{job, task, event, request, not_before}`; the exit code of the process.

    The process is made ready before `not_before` (epoch seconds) and begins then. What the function raises was recorded
    and logged, and is no trouble of the process.
    """
    reports = Reports(pipe, job["job"])
    task = loaded.model.task(job["task"])
    assert task is not None  # noqa: S101 - the host has the same model
    with Store(site.database) as store, applied(task.env):
        made, _ = runtime(site, loaded, store, clock, log, reports)
        while (early := job["not_before"] - clock.now().timestamp()) > 0:
            sleep(min(early, _NAP))
        context = Invoked(job["request"], clock.now().timestamp() + task.timeout, clock)
        reports.tell(began=clock.now().timestamp())
        try:
            made.handle(task.name, job["event"], context)
        except CloudCronError as error:
            log.write(event="run", task=task.name, level="error", status="trouble", code=error.code, message=str(error))
            return TROUBLE
        except Exception:  # noqa: BLE001 - the user's own exception: recorded, logged, and told
            return DONE
    return DONE
