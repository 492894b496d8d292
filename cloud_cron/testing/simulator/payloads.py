"""Large payloads in a dictionary: the port `Payloads` of a simulated world."""

from __future__ import annotations

from cloud_cron.errors import NotFound
from cloud_cron.ports import Location


class MemoryPayloads:
    """Payloads by name, which outlive every worker of the world."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._bodies: dict[str, bytes] = {}

    def locate(self, name: str) -> Location:
        """There are no buckets."""
        return Location("", name)

    def put(self, name: str, body: bytes) -> None:
        """Keep the body."""
        self._bodies[name] = body

    def get(self, name: str) -> bytes:
        """The body; NotFound (CC613) when there is none of that name."""
        try:
            return self._bodies[name]
        except KeyError:
            raise NotFound("CC613", f"payload {name} is not there", where="memory", hint="put it first") from None
