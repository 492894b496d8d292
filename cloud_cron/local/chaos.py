"""Faults on purpose, in the real processes of `dev`: workers that die at a call, and calls and providers that fail."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import Ambiguous, BusError, ChannelDown, Retry, StoreError

if TYPE_CHECKING:
    from random import Random

    from cloud_cron.local.log import Log
    from cloud_cron.messages import Message
    from cloud_cron.ports import Ports, Receipt, Sender, Senders

_STRUCK: Final = {
    "ledger": {"create", "swap", "sent", "get", "records", "latest", "open_runs"},
    "bus": {"publish", "delay", "forward"},
    "payloads": {"put", "get"},
}
"""Calls that a worker makes for the app; what it asks its queue for is asked again and again."""
_WAYS: Final = ("dies before", "dies after", "fails before", "fails after")
_ANSWERS: Final = ("dies before", "dies after", "is busy", "loses its answer", "times out", "is down")


class Chaos:
    """Strikes at a share of calls, and writes each into the log before it does."""

    def __init__(self, rate: float, log: Log, random: Random | None = None) -> None:
        """`rate` is between 0 and 1; `random` decides, the system's if there is none."""
        self._rate = rate
        self._log = log
        self._random = random or SystemRandom()

    def around(self, ports: Ports) -> Ports:
        """The same ports, struck."""
        struck: dict[str, Any] = {name: _Port(self, name, getattr(ports, name)) for name in _STRUCK}
        return replace(ports, **struck, senders=_Senders(self, ports.senders))

    def strike(self, ways: tuple[str, ...], call: str) -> str:
        """What goes wrong with a call, mostly nothing."""
        if self._random.random() >= self._rate:
            return ""
        way = self._random.choice(ways)
        self._log.write(event="chaos", level="warning", status=way, call=call)
        return way

    @staticmethod
    def die() -> None:
        """End this process as no handler of anybody can notice."""
        os.kill(os.getpid(), signal.SIGKILL)


class _Port:
    def __init__(self, chaos: Chaos, name: str, target: object) -> None:
        self._chaos = chaos
        self._name = name
        self._target = target

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401 - whatever the port has under that name
        call = getattr(self._target, method)
        if method not in _STRUCK[self._name]:
            return call

        def struck(*arguments: Any) -> Any:  # noqa: ANN401 - whatever the port takes and gives
            way = self._chaos.strike(_WAYS, f"{self._name}.{method}")
            self._suffer(way, "before")
            try:
                return call(*arguments)
            finally:
                self._suffer(way, "after")

        return struck

    def _suffer(self, way: str, side: str) -> None:
        if way == f"dies {side}":
            self._chaos.die()
        if way == f"fails {side}":
            kind = BusError if self._name == "bus" else StoreError
            raise kind("CC224", f"{self._name} is out of reach", hint="it was --chaos")


class _Senders:
    def __init__(self, chaos: Chaos, senders: Senders) -> None:
        self._chaos = chaos
        self._senders = senders

    def sender(self, notifier: str, message: Message) -> Sender:
        return _Sender(self._chaos, self._senders.sender(notifier, message))


class _Sender:
    def __init__(self, chaos: Chaos, sender: Sender) -> None:
        self._chaos = chaos
        self._sender = sender

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        way = self._chaos.strike(_ANSWERS, "provider.send")
        match way:
            case "dies before":
                self._chaos.die()
            case "is busy":
                raise Retry("it was --chaos", after=2)
            case "is down":
                raise ChannelDown("it was --chaos", after=5)
            case "times out":
                raise Ambiguous("no answer: it was --chaos")
        receipt = self._sender.send(content, recipient, key, timeout)
        if way == "dies after":
            self._chaos.die()
        if way == "loses its answer":
            raise Ambiguous("no answer: it was --chaos")
        return receipt
