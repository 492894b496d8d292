"""The workers of one notifier: a process with several threads, each with a batch of its own.

Messages of different groups are delivered at the same time, those of one group never are. The notifier's function is
called by one thread at a time, as on Lambda, so that it need not be safe for threads; sending is what takes long.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.app import DeclaredNotifier
from cloud_cron.errors import CloudCronError
from cloud_cron.functions import Function
from cloud_cron.local import queues
from cloud_cron.local.environment import applied
from cloud_cron.local.host import Invoked
from cloud_cron.local.station import Reports, runtime
from cloud_cron.local.store import Store

if TYPE_CHECKING:
    import socket

    from cloud_cron.local.bus import LocalBus
    from cloud_cron.local.clock import SteppedClock
    from cloud_cron.local.log import Log
    from cloud_cron.local.site import Site
    from cloud_cron.local.slots import Slots
    from cloud_cron.local.station import Loaded
    from cloud_cron.model import NotifierModel
    from cloud_cron.runtime.dispatch import Runtime

GRACE: Final = 2.0
_PAUSE: Final = 0.05
_TROUBLE_PAUSE: Final = 1.0
_MOST: Final = 50_000


class _OneAtATime(Function):
    """The user's function, called by one thread at a time."""

    def __call__(self, argument: object) -> Any:  # noqa: ANN401 - whatever the user returns
        with _CALLING:
            return super().__call__(argument)


_CALLING: Final = Lock()


def run(  # noqa: PLR0913, PLR0917 - what a child is handed by its parent
    site: Site, loaded: Loaded, job: dict[str, Any], clock: SteppedClock, log: Log, pipe: socket.socket, slots: Slots
) -> int:
    """Deliver until there is nothing to do for a while, or until SIGTERM: then what was begun is finished."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    notifier = loaded.model.notifier(job["notifier"])
    assert notifier is not None  # noqa: S101 - the host has the same model
    part = loaded.app.notifiers[notifier.name]
    alone = _OneAtATime(part.function.call, takes_argument=part.function.takes_argument)
    loaded.app.notifiers[notifier.name] = DeclaredNotifier(alone, lambda: part.model)
    with Store(site.database) as store, applied(notifier.env):
        made, ports = runtime(site, loaded, store, clock, log, Reports(pipe, job["job"]), notifier=notifier.name)
        name = queues.queue(loaded.model.name, site.stage, notifier.name)
        courier = _Courier(store, ports.bus, made, notifier, name, clock, log, slots)  # type: ignore[arg-type]  # a LocalBus
        threads = [Thread(target=courier.work, args=(number, stop)) for number in range(site.threads)]
        for thread in threads:
            thread.start()
        while not stop.wait(0.1):
            if monotonic() - courier.busy_at > site.linger or courier.handled > _MOST:
                stop.set()
        for thread in threads:
            thread.join()
    return 0


class _Courier:
    """What the threads share."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the threads share is this much
        self,
        store: Store,
        bus: LocalBus,
        made: Runtime,
        notifier: NotifierModel,
        queue: str,
        clock: SteppedClock,
        log: Log,
        slots: Slots,
    ) -> None:
        self.busy_at = monotonic()
        self.handled = 0
        self._store = store
        self._bus = bus
        self._runtime = made
        self._notifier = notifier
        self._queue = queue
        self._clock = clock
        self._log = log
        self._slots = slots
        self._request = 0

    def work(self, thread: int, stop: Event) -> None:
        """One batch after the other."""
        while not stop.is_set():
            try:
                came = self._batch(thread)
            except CloudCronError as error:
                self._log.write(event="courier", level="error", code=error.code, message=str(error))
                stop.wait(_TROUBLE_PAUSE)
                continue
            except Exception as error:  # noqa: BLE001 - a thread that dies would leave its group waiting
                self._log.error(error, event="courier")
                stop.wait(_TROUBLE_PAUSE)
                continue
            if came:
                self.busy_at = monotonic()
                self.handled += came
            else:
                stop.wait(_PAUSE)

    def _batch(self, thread: int) -> int:
        due = self._bus.next_visible(self._queue)
        if due is None or due > self._clock.now():
            return 0
        timeout = self._notifier.timeout
        self._slots.begin(thread, timeout + GRACE)
        try:
            context = Invoked(f"{thread}", self._clock.now().timestamp() + timeout, self._clock)
            batch, done = queues.handed_over(self._bus, self._queue, self._runtime, self._notifier, context)
            if done:
                with self._store.transaction(), suppress(CloudCronError):
                    queues.delete(self._bus, self._queue, done)
            return len(batch)
        finally:
            self._slots.end(thread)
