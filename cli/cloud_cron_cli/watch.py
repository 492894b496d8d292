"""What `dev` does beside its host: reads the log, looks for changes of the project, and draws the screen."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import BusError, StoreError
from cloud_cron_cli import view
from cloud_cron_cli.controls import Controls
from cloud_cron_cli.facts import facts
from cloud_cron_cli.fitting import wrapped
from cloud_cron_cli.keyboard import Gone
from cloud_cron_cli.output import dim

if TYPE_CHECKING:
    from cloud_cron.local.service import Service
    from cloud_cron_cli.changes import Changes
    from cloud_cron_cli.facts import Facts
    from cloud_cron_cli.keyboard import Keyboard
    from cloud_cron_cli.tail import Tail
    from cloud_cron_cli.voice import Voice

AT_LEAST_EVERY: Final = 10.0
PAUSE: Final = 0.25


class Watch:
    """Called by the service, and never waits."""

    def __init__(
        self, service: Service, voice: Voice, tail: Tail, changes: Changes | None, keyboard: Keyboard | None
    ) -> None:
        """Nothing was seen yet."""
        self._service = service
        self._voice = voice
        self._tail = tail
        self._changes = changes
        self._keyboard = keyboard
        self._controls = Controls(service, voice.say)
        self._facts: Facts | None = None
        self._seen: tuple[Any, ...] = ()
        self._ask_at = 0.0
        self._changed: list[str] = []
        self._stopping = False

    def heard(self, report: dict[str, Any]) -> None:
        """A worker told something, or a reload failed."""
        self._seen = ()
        failed = report.get("failed")
        if report.get("event") == "reload" and failed:
            self.tell()
            self._voice.failure(failed.error, failed.traceback)

    def typed(self) -> None:
        """Keys wait."""
        if self._keyboard is None:
            return
        try:
            for key in self._keyboard.typed():
                self._controls.press(key)
        except Gone:
            self._service.stop()
        self._seen = ()
        self._voice.surface.refresh()

    def tick(self) -> None:
        """Several times a second."""
        self.tell()
        self._look_for_changes()
        self._show()

    def tell(self) -> None:
        """Everything new in the log."""
        for entry in self._tail.more():
            self._seen = ()
            if entry.get("status") == "loaded" and self._service.board.loads > 1:
                self._voice.reloaded(entry, self._changed)
                self._changed = []
            else:
                self._voice.entry(entry)

    def _look_for_changes(self) -> None:
        if self._changes is None:
            return
        model = self._service.model
        if model:
            self._changes.follow(self._service.files, self._service.site.home / model.templates)
        changed = self._changes.look()
        if changed:
            self._changed = sorted({*self._changed, *changed})
            self._service.reload()

    def _show(self) -> None:
        service, model = self._service, self._service.model
        surface = self._voice.surface
        if model is None:
            surface.show(view.empty(dim("loading the app")))
            return
        now = service.clock.now()
        with suppress(StoreError, BusError):
            self._ask()
        if self._facts:
            foot, width = self._foot(surface.width), surface.width
            surface.show(view.view(self._facts, now, service.running, self._controls.step, foot, width=width))

    def _foot(self, width: int) -> tuple[str, ...]:
        """What is being waited for, else the keys where there are any."""
        if self._service.is_stopping:
            return (dim("stopping; what was begun has a few seconds"),)
        keys = (view.legend(width),) if self._keyboard else ()
        return wrapped(self._controls.asked, width) or keys

    def _ask(self) -> None:
        """Ask the database again when somebody wrote to it, or a fire time passed."""
        service = self._service
        due = service.next_fire
        seen = (service.store.version(), due, tuple(service.running), service.board.loads,
                service.board.trouble, service.board.reload_failed)  # fmt: skip
        if (seen != self._seen or monotonic() >= self._ask_at + AT_LEAST_EVERY) and monotonic() >= self._ask_at:
            model = service.model
            assert model is not None  # noqa: S101 - seen by the caller
            self._facts, self._seen = facts(service, model), seen
            self._ask_at = monotonic() + PAUSE
