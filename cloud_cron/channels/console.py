"""Print: the text goes to standard output, which is a way to be told on a machine that has a log.

On Lambda, where a line break would begin another entry of the log, it is one line of JSON.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from cloud_cron.channels.base import Channel
from cloud_cron.channels.characters import breaking
from cloud_cron.errors import RecipientError
from cloud_cron.ports import Receipt
from cloud_cron.rendered import Content

if TYPE_CHECKING:
    from cloud_cron.channels.context import Context
    from cloud_cron.ports import Clock, Ports, Sender

STDOUT: Final = "stdout"
_IN_LAMBDA: Final = "AWS_LAMBDA_FUNCTION_NAME"
_WHITE: Final = "\n\t"


@dataclass(frozen=True, eq=False)
class PrintContent(Content):
    """What is printed, without the line break at its end."""

    text: str


class PrintChannel(Channel):
    """Standard output. Takes template variables, or the text."""

    name: ClassVar[str] = "print"
    content: ClassVar[type] = PrintContent
    recipients: ClassVar[tuple[str, ...]] = (STDOUT,)

    def normalise(self, address: str) -> str:
        """The only place there is; raises `RecipientError` (CC320) for any other."""
        if address == STDOUT:
            return address
        hint = f"leave it out, or write {STDOUT!r}"
        raise RecipientError("CC320", f"print knows no recipient {address!r}", hint=hint)

    def render(self, value: Any, context: Context) -> PrintContent:  # noqa: ANN401 - whatever the notifier returned
        """The text; raises `RenderError` and `ResultError` (CC230, CC231)."""
        from cloud_cron.channels.values import unusable  # noqa: PLC0415 - declaring an app composes nothing
        from cloud_cron.rendering import limits  # noqa: PLC0415 - the same

        match value:
            case str():
                text = limits.body("text", value, "the text that the notifier returned")
            case Mapping():
                text = context.parts.render("text", context.variables(value))
            case _:
                raise unusable(value, self.name, "template variables or the text")
        return PrintContent(text.rstrip("\n"))

    def sender(self, ports: Ports, options: Any) -> Sender:  # noqa: ANN401, ARG002 - the contract
        """What prints."""
        return _Log(ports.clock) if _IN_LAMBDA in os.environ else _Stdout()


class _Stdout:
    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port
        """Print; what the terminal cannot show, or would obey, is escaped."""
        encoding = sys.stdout.encoding or "utf-8"
        harmless = "".join(
            char if char in _WHITE or breaking(char) is None else _escaped(char) for char in content.text
        )
        text = f"{harmless}\n".encode(encoding, "backslashreplace").decode(encoding)
        sys.stdout.write(text)
        sys.stdout.flush()
        return Receipt(key)


class _Log:
    """Lambda takes a line of JSON as it is (Lambda Developer Guide, "Configuring advanced logging controls")."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port
        """Print one line of ASCII, in which every other character is escaped."""
        import json  # noqa: PLC0415 - loaded with what logs

        at = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {
            "timestamp": at,
            "level": "INFO",
            "message": content.text,
            "logger": "cloud_cron.print",
            "delivery": key,
        }
        sys.stdout.write(f"{json.dumps(line)}\n")
        sys.stdout.flush()
        return Receipt(key)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
