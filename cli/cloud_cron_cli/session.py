"""`dev` from its start to its end: one host after the other until the app loads, and what a person sees of it."""

from __future__ import annotations

import select
import signal
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ConfigError
from cloud_cron.local.service import LoadingFailed
from cloud_cron_cli import view
from cloud_cron_cli.changes import Changes
from cloud_cron_cli.hosting import hosted
from cloud_cron_cli.keyboard import Gone, Keyboard
from cloud_cron_cli.output import bad, dim, is_terminal
from cloud_cron_cli.project import home
from cloud_cron_cli.screen import Paper, Screen
from cloud_cron_cli.spill import Spill
from cloud_cron_cli.tail import Tail
from cloud_cron_cli.voice import Voice
from cloud_cron_cli.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.output import Output

GRACE: Final = 5.0
_NAP: Final = 0.25


class Session:
    """One call of `dev`."""

    def __init__(  # noqa: PLR0913 - what a person may choose
        self, choices: Choices, out: Output, *, sends: bool, room: int, reloads: bool, chaos: float = 0.0
    ) -> None:
        """Nothing is begun yet; raises what finding the project raises. `chaos` is the share of calls that fail."""
        self._choices = choices
        self._out = out
        self._sends = sends
        self._room = room
        self._chaos = chaos
        self._changes = Changes(home(choices)) if reloads else None
        self._voice = Voice(out, Paper())
        self._keyboard: Keyboard | None = None
        self._is_over = False

    def run(self) -> None:
        """Until somebody stops it. Without hot reload it raises why the app could not be loaded."""
        with ExitStack() as stack:
            stack.enter_context(self._stoppable())
            if self._out.terminal and not self._out.json:
                screen = stack.enter_context(Screen())
                self._voice = Voice(self._out, screen)
                if is_terminal(sys.stdin):
                    self._keyboard = stack.enter_context(Keyboard(screen.refresh))
            if self._sends:
                self._voice.say(f"{bad('--send')}: this sends for real, through the channels of stage {self._stage}")
            while not self._is_over:
                try:
                    self._serve()
                except (LoadingFailed, ConfigError) as failure:
                    self._failed(failure)
                    self._await_change()

    @property
    def _stage(self) -> str:
        return self._choices.stage

    def _serve(self) -> None:
        """One host, from its start to its end."""
        chosen = hosted(
            self._choices, "dev", sends=self._sends, style="", room=self._room, grace=GRACE, chaos=self._chaos
        )
        with Spill() as spill, chosen as service, Tail(Path(service.site.log), new=True) as tail:
            watch = Watch(service, self._voice, tail, self._changes, self._keyboard)
            service.output = spill.theirs
            service.watchers.append(watch.heard)
            service.ticks += [watch.tick, lambda: service.stop() if self._is_over else None]
            inputs: dict[Any, Callable[[], None]] = {spill: lambda: self._voice.spilled(spill.lines())}
            if self._keyboard:
                inputs[self._keyboard] = watch.typed
            try:
                service.run(inputs)
            finally:
                self._voice.spilled(spill.rest())
                watch.tell()
        self._is_over = True

    def _failed(self, failure: LoadingFailed | ConfigError) -> None:
        """Tell it; without hot reload that was all."""
        error, traceback = (failure.error, failure.traceback) if isinstance(failure, LoadingFailed) else (failure, "")
        if self._changes is None:
            self._voice.surface.show(view.empty(""))
            if traceback:
                self._voice.trace(traceback)
            raise error
        self._voice.failure(error, traceback)
        self._voice.say(dim("waiting for a change"))

    def _await_change(self) -> None:
        """Until a file of the project changes, or somebody wants to try again."""
        assert self._changes is not None  # noqa: S101 - otherwise the failure was raised
        inputs, keys = ([self._keyboard], _KEYS) if self._keyboard else ([], "")
        while not self._is_over and not self._changes.look():
            self._voice.surface.show(view.empty(dim("the app could not be loaded; waiting for a change"), keys))
            if select.select(inputs, [], [], _NAP)[0] and self._is_tried_again():
                return

    def _is_tried_again(self) -> bool:
        assert self._keyboard is not None  # noqa: S101 - it has keys
        try:
            keys = self._keyboard.typed()
        except Gone:
            keys = ["q"]
        self._is_over = self._is_over or "q" in keys
        return "l" in keys

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """SIGTERM and SIGINT end it between two hosts, too."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, *_: object) -> None:
        self._is_over = True


_KEYS: Final = f"{view.key('l', 'load again')}  {view.key('q', 'quit')}"
