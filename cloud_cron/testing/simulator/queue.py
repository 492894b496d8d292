"""One FIFO queue in memory, by the rules of `cloud_cron.local.fifo`, where their sources are. Times in microseconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cloud_cron.local.fifo import DEDUPLICATION, SECOND, SOURCE_ATTRIBUTE
from cloud_cron.local.handles import EXPIRED, GONE, opened, sealed, unusable
from cloud_cron.ports import Received

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RETENTION: Final = 14 * 86_400 * SECOND


@dataclass(slots=True)
class Item:
    """One message as it lies in a queue; `source` is the queue that SQS moved it from."""

    seq: int
    id: str
    group: str
    dedup: str
    body: str
    sent_at: int
    visible_at: int
    attributes: Mapping[str, str]
    receives: int = 0
    source: str | None = None
    shown: Received | None = None

    def received(self, queue: str) -> Received:
        """The message as the port describes it; the handle is good for its latest receive only."""
        if self.shown is None or self.shown.receives != self.receives:
            given = {**self.attributes, SOURCE_ATTRIBUTE: self.source} if self.source else self.attributes
            handle = sealed(self.seq, self.receives, self.id)
            place = (self.body, self.group, self.dedup, self.receives, self.sent_at / SECOND, given, queue)
            self.shown = Received(self.id, handle, *place)
        return self.shown


@dataclass
class Known:
    """Deduplication ids, each for five minutes from its first use, within its group."""

    until: dict[tuple[str, str], int] = field(default_factory=dict)

    def is_fresh(self, group: str, dedup: str, now: int) -> bool:
        """Whether an id is seen for the first time in five minutes; it is remembered then."""
        if self.until.get((group, dedup), now) > now:
            return False
        self.until[group, dedup] = now + DEDUPLICATION
        return True


@dataclass
class Queue:
    """Messages by group, in order; `visibility` in microseconds, `places` numbers what comes into any queue.

    What is handed out too often is `buried` and moved to the `dead` letters.
    """

    name: str
    visibility: int
    max_receives: int
    places: Iterator[int]
    buried: list[Received]
    dead: Queue | None = None
    known: Known = field(default_factory=Known)
    groups: dict[str, list[Item]] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)

    def append(self, item: Item) -> None:
        """Put a message at the end of its group."""
        self.groups.setdefault(item.group, []).append(item)
        self.items[item.seq] = item

    def remove(self, item: Item) -> None:
        """Take a message out."""
        del self.items[item.seq]
        group = self.groups[item.group]
        group.remove(item)
        if not group:
            del self.groups[item.group]

    def take(self, limit: int, hidden: int, now: int) -> list[Item]:
        """Up to `limit` messages, hidden for so long; what was received too often moves to the dead letters."""
        taken: list[Item] = []
        while not taken:
            heads = [group[0] for group in self.groups.values() if group[0].visible_at <= now]
            if not heads:
                break
            heads.sort(key=lambda item: (item.visible_at, item.receives, item.seq))
            for head in heads[:limit]:
                self._expire(head.group, now)
                if len(taken) < limit and head.seq in self.items:
                    taken += self._handed_out(head.group, limit - len(taken), hidden, now)
        return taken

    def next_visible(self) -> int | None:
        """The earliest instant at which the head of a group can be received."""
        return min([group[0].visible_at for group in self.groups.values()]) if self.groups else None

    def waiting(self, now: int) -> list[Item]:
        """Everything that is not past its retention, in order, which is the order in which it came: oldest first."""
        items, last = list(self.items.values()), now - RETENTION
        return items if not items or items[0].sent_at > last else [item for item in items if item.sent_at > last]

    def held(self, handle: str, now: int) -> Item | None:
        """The message in flight under this handle, None when it is gone.

        Raises `BusError` (CC222) for a handle that is no more, or never was, one of this queue's.
        """
        seq, receives, own = opened(self.name, handle)
        item = self.items.get(seq)
        if item is None or item.id != own:
            return None
        if item.receives != receives or item.visible_at <= now:
            raise unusable(self.name, handle, EXPIRED)
        return item

    def hide(self, handle: str, seconds: int, now: int) -> None:
        """Make a message in flight visible again `seconds` from now."""
        item = self.held(handle, now)
        if item is None:
            raise unusable(self.name, handle, GONE)
        item.visible_at = min(now + seconds * SECOND, item.sent_at + RETENTION)

    def _expire(self, group: str, now: int) -> None:
        for item in [item for item in self.groups[group] if item.sent_at <= now - RETENTION]:
            self.remove(item)

    def _handed_out(self, group: str, room: int, hidden: int, now: int) -> list[Item]:
        """The visible run from the head of a group, after the worn-out ones were moved away."""
        while True:
            run = list(self._visible(group, now))[:room]
            worn_out = [item for item in run if self.dead and item.receives >= self.max_receives]
            if not worn_out:
                break
            for item in worn_out:
                self._bury(item, now)
        for item in run:
            item.visible_at = min(now + hidden, item.sent_at + RETENTION)
            item.receives += 1
        return run

    def _visible(self, group: str, now: int) -> Iterator[Item]:
        for item in self.groups.get(group, ()):
            if item.visible_at > now:
                return
            yield item

    def _bury(self, item: Item, now: int) -> None:
        self.remove(item)
        if self.dead:
            self.buried.append(item.received(self.name))
            place = next(self.places)
            self.dead.append(
                replace(item, seq=place, dedup=item.id, sent_at=now, visible_at=now, source=self.name, shown=None)
            )
