"""What a fresh child of the zygote does: it becomes one worker, and ends as that."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from cloud_cron.errors import CloudCronError
from cloud_cron.local import courier, worker
from cloud_cron.local.log import Handler, stream

if TYPE_CHECKING:
    import socket

    from cloud_cron.local.clock import SteppedClock
    from cloud_cron.local.log import Log
    from cloud_cron.local.site import Site
    from cloud_cron.local.slots import Slots
    from cloud_cron.local.station import Loaded

_ORPHANED: Final = 70


class Inherited(NamedTuple):
    """What a child has from its parent; `lifeline` is the end of a pipe whose other end the parent alone has."""

    site: Site
    loaded: Loaded
    clock: SteppedClock
    log: Log
    reports: socket.socket
    lifeline: int


def live(inherited: Inherited, job: dict[str, Any], slots: Slots | None) -> NoReturn:
    """Do one job and end; nothing that is raised gets past here, into the loop of the parent."""
    site, loaded, clock, log, reports, lifeline = inherited
    code = worker.TROUBLE
    try:
        _begin(lifeline)
        kind, name = ("task", job["task"]) if slots is None else ("notifier", job["notifier"])
        own = log.but(**{kind: name})
        _capture(own.but(run_id=job["id"]) if slots is None else own)
        if slots is None:
            code = worker.run(site, loaded, job, clock, own, reports)
        else:
            code = courier.run(site, loaded, job, clock, own, reports, slots)
    except CloudCronError as error:
        log.write(event="worker", level="error", job=job["job"], code=error.code, message=str(error))
    except BaseException as error:  # noqa: BLE001 - this process ends here, whatever it was
        log.error(error, event="worker", job=job["job"])  # noqa: TRY400 - no logger: the host's own log
    finally:
        with suppress(Exception):
            sys.stdout.close()
            sys.stderr.close()
        os._exit(code)


def _begin(lifeline: int) -> None:
    """Be a process like any other, in a group of its own that can be ended as a whole."""
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    Thread(target=_until_orphaned, args=(lifeline,), daemon=True).start()
    random.seed()


def _until_orphaned(lifeline: int) -> None:
    """End this worker when its parent is gone: nobody would enforce its timeout, or hear what it says."""
    with suppress(OSError):
        os.read(lifeline, 1)
    os._exit(_ORPHANED)


def _capture(log: Log) -> None:
    """Let what user code prints and logs go to the log, with the run that did it."""
    sys.stdout, sys.stderr = stream(log, "stdout", 1), stream(log, "stderr", 2)
    root = logging.getLogger()
    root.addHandler(Handler(log))
    if root.level == logging.WARNING:
        root.setLevel(logging.INFO)
