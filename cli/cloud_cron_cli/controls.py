"""What the keys of `dev` do to its host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.errors import BusError, StoreError
from cloud_cron.local import jumps, mailbox, queues
from cloud_cron_cli import letterbox, view, words
from cloud_cron_cli.output import accent, bad, dim, strong, visible

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from cloud_cron.local.service import Service
    from cloud_cron.model import AppModel

AHEAD: Final = 0.5
_SHOWN: Final = 5
_SHORT: Final = 12
_ESCAPE: Final = "\x1b"
_ENTER: Final = "\n\r"


class Controls:
    """Hears keys and acts on them; `step` is that of the clock so far, `asked` the question that is open."""

    def __init__(self, service: Service, say: Callable[[str], None]) -> None:
        """`say` is for lines above the table."""
        self._service = service
        self._say = say
        self._typed: str | None = None
        self._browsers: list[subprocess.Popen[bytes]] = []
        self.step = 0.0

    @property
    def asked(self) -> list[str]:
        """The words of the open question, or none."""
        return [] if self._typed is None else view.question(self._tasks(), self._typed)

    def press(self, key: str) -> None:
        """Do what the key says; trouble with the database is told."""
        try:
            if self._typed is not None:
                self._answer(key)
            elif self._service.model:
                self._act(key.lower(), self._service.model)
            elif key in "qQ":
                self._service.stop()
        except (StoreError, BusError) as error:
            self._say(bad(str(error)))

    def _act(self, key: str, model: AppModel) -> None:
        match key:
            case "r":
                self._ask()
            case "p":
                self._pause(model)
            case "n":
                self._next()
            case "o":
                self._open()
            case "l":
                self._service.reload()
            case "d":
                self._dead(model)
            case "?" | "h":
                for name, text in view.HELP.items():
                    self._say(f"  {accent(name)}  {text}")
            case "q":
                self._service.stop()

    def _tasks(self) -> list[str]:
        return [task.name for task in self._service.model.tasks] if self._service.model else []

    def _ask(self) -> None:
        """Run the one task, or ask which."""
        names = self._tasks()
        if len(names) == 1:
            self._service.run_now(names[0])
        elif names:
            self._typed = ""
        else:
            self._say(dim("the app has no tasks"))

    def _answer(self, key: str) -> None:
        """Take a number as soon as it can be no longer one, or at the end of the line."""
        names, typed = self._tasks(), self._typed or ""
        if key.isascii() and key.isdigit():
            typed += key
        elif key not in _ENTER or not typed:
            self._typed = None
            return
        number = int(typed)
        if key in _ENTER or number * 10 > len(names) or number == 0:
            self._typed = None
            if 0 < number <= len(names):
                self._service.run_now(names[number - 1])
            return
        self._typed = typed

    def _pause(self, model: AppModel) -> None:
        """Let whoever is paused go on, or pause everybody."""
        paused = self._service.book.paused()
        if paused:
            self._service.book.resume(paused)
            self._say(f"{strong('resumed')} {words.listed(list(paused))}")
        else:
            names = [task.name for task in model.tasks] + [part.name for part in model.notifiers]
            self._service.book.pause(names, self._service.clock.now().timestamp())
            self._say(f"{strong('paused')} {words.listed(names)}")
        self._service.touch()

    def _next(self) -> None:
        """Go to just before the next run. What is hidden or claimed for a length of time stays so for that length."""
        service, due = self._service, self._service.next_fire
        if service.site.sends:
            self._say(dim("with --send the clock stays: what ran ahead of its time would be missing in `serve`"))
            return
        if due is None:
            self._say(dim("nothing is scheduled"))
            return
        seconds = (due - service.clock.now()).total_seconds() - AHEAD
        if seconds <= 0:
            return
        with service.store.transaction():
            service.clock.step(seconds)
            jumps.shift(service.store, seconds, service.clock.now().timestamp())
        self.step += seconds
        service.touch()
        self._say(f"{strong('clock')} stepped to {service.clock.now().astimezone():%a %-d %b %H:%M:%S}")

    def _open(self) -> None:
        letters = mailbox.letters(self._service.store, 1)
        if self._service.site.sends or not letters:
            self._say(dim("it was sent, not kept" if self._service.site.sends else "the outbox is empty"))
            return
        path = letterbox.write(letters[0])
        self._browsers = [one for one in self._browsers if one.poll() is None] + [letterbox.show(path)]
        self._say(f"{strong('opened')} {view.headline(letters[0])}  {dim(path)}")

    def _dead(self, model: AppModel) -> None:
        """The first few of each notifier."""
        found = 0
        for part in model.notifiers:
            letters = self._service.bus.peek(queues.dead_letters(model.name, self._service.site.stage, part.name))
            found += len(letters)
            for letter in letters[:_SHOWN]:
                told = letter.attributes
                name = told.get("cc_message_id", letter.id)[:_SHORT]
                code, reason = told.get("cc_error_code", "receives"), told.get("cc_error", "received too often")
                self._say(f"  {strong(part.name)}  {name}  {bad(code)} {visible(reason.partition(chr(10))[0])}")
            if len(letters) > _SHOWN:
                self._say(dim(f"  and {words.count(len(letters) - _SHOWN, 'more')}".removesuffix("s")))
        if found:
            command = f"cloud-cron dlq list{'' if self._service.site.sends else ' --dev'}"
            self._say(dim(f"  `{command}` shows them"))
        else:
            self._say(dim("there are no dead letters"))
