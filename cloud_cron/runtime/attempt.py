"""One attempt of one notifier on one message: what it looks at, and what it leaves in ledger and journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import Retry
from cloud_cron.ports import Record
from cloud_cron.runtime import claims, naming
from cloud_cron.runtime.reports import Delivery
from cloud_cron.runtime.wording import line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.channels.base import Channel
    from cloud_cron.channels.context import Parts
    from cloud_cron.functions import Function
    from cloud_cron.messages import Message
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Key, Ports, Received
    from cloud_cron.rendered import Content
    from cloud_cron.runtime.reports import Status

_SPARE: Final = 2.0
_STATUS: Final[Mapping[str, Status]] = {
    claims.REJECTED: "rejected",
    claims.STALE: "rejected",
    claims.RETRY: "retry",
    claims.DOUBT: "doubt",
    claims.SKIPPED: "skipped",
}


@dataclass(frozen=True)
class Desk:
    """Everything that stays the same from one message of a notifier to the next.

    `queue` is the ARN it is fed from; `horizon` is how old, in seconds, a message may be before the ledger might have
    forgotten it.
    """

    app: str
    stage: str
    notifier: NotifierModel
    function: Function
    channel: Channel
    parts: Parts
    queue: str
    horizon: float
    secrets: Mapping[str, str]
    ports: Ports

    @cached_property
    def call_timeout(self) -> float:
        """Seconds that one call of the channel may take: its own measure, and never most of the function's time."""
        return min(self.channel.call_timeout, self.notifier.timeout / 2)

    @cached_property
    def time_for_a_call(self) -> float:
        """Seconds that must be left to begin one more call."""
        return self.call_timeout + min(_SPARE, self.notifier.timeout / 4)

    @cached_property
    def salt(self) -> str:
        """What the same address is hashed with in one stage of one app."""
        return f"{self.app}|{self.stage}"


class Pause(NamedTuple):
    """The message must come back in `seconds`; `channel_down`: nor need the next one be tried before."""

    seconds: float
    channel_down: bool = False


@dataclass
class Attempt:
    """What is being done about one message.

    `bad` is what belongs in the dead-letter queue; `earlier` is what an earlier receive noted about the message as a
    whole, `tries` how many there were, as far as they left a record.
    """

    desk: Desk
    received: Received
    message: Message
    digest: str
    remaining: Callable[[], float]
    bad: list[tuple[Key, Record]] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    earlier: Record | None = None
    tries: int = 0

    def look_back(self) -> None:
        """Read what earlier receives of this very message left; a first receive has none, and costs no read."""
        if self.received.receives < 2:  # noqa: PLR2004 - the second receive
            return
        calls = 0
        for key, record in self.desk.ports.ledger.records(self.whole.partition):
            if record.source != self.received.id:
                continue
            if key.sort == naming.WHOLE:
                self.earlier = record
            else:
                calls = max(calls, record.attempts)
        self.tries = calls + (self.earlier.attempts if self.earlier else 0)

    @property
    def failures(self) -> int:
        """How often the function failed before; asking for another try is no failure."""
        return self.earlier.attempts - self.earlier.ambiguous if self.earlier else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to decide. What blocks its group is tried again until it goes through."""
        if self.earlier is None:
            return False
        match self.earlier.state:
            case claims.SKIPPED:
                return True
            case claims.REJECTED | claims.STALE:
                return not self.blocks
            case _:
                return False

    @property
    def blocks(self) -> bool:
        """Whether a bad message stops its group, instead of being parked in the dead-letter queue."""
        return self.desk.notifier.on_poison == "block"

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.desk.ports.clock.now().timestamp()

    @property
    def whole(self) -> Key:
        """The key of what concerns the message as a whole."""
        return naming.message_key(self.desk.notifier.name, self.message.id)

    def key(self, address: str) -> Key:
        """The key of the delivery to one address."""
        desk = self.desk
        return naming.delivery_key(desk.notifier.name, self.message.id, desk.salt, desk.channel.name, address)

    def record(self, state: str, *, lease: float = 0.0, code: str = "", reason: str = "") -> Record:
        """A new record of this attempt."""
        return Record(
            state,
            token=self.desk.ports.ids.token(),
            lease=lease,
            attempts=1,
            source=self.received.id,
            digest=self.digest,
            code=code,
            reason=line(reason) if reason else "",
            at=self.received.sent_at,
        )

    def write(self, key: Key, record: Record) -> None:
        """Write over whatever is there; when somebody else is faster, the next receive sees to it."""
        found = self.desk.ports.ledger.create(key, record)
        if found is not None:
            self.desk.ports.ledger.swap(key, found, record)

    def note(self, state: str, code: str = "", reason: str = "", error: BaseException | None = None) -> None:
        """Keep and report what became of the message as a whole; a refused one is bad.

        Its `attempts` are all calls of the function, its `ambiguous` those that are not counted as failures.
        """
        asked = 1 if isinstance(error, Retry) else 0
        record = self.record(state, code=code, reason=reason)._replace(
            attempts=1 + (self.earlier.attempts if self.earlier else 0),
            ambiguous=asked + (self.earlier.ambiguous if self.earlier else 0),
        )
        self.write(self.whole, record)
        self.report(record, None, None, error)
        if state in {claims.REJECTED, claims.STALE}:
            self.bad.append((self.whole, record))

    def report(
        self, record: Record, recipient: str | None, content: Content | None = None, error: BaseException | None = None
    ) -> None:
        """Tell the journal what the record says of one recipient (None: of the message as a whole)."""
        desk, status = self.desk, _STATUS[record.state]
        outcome = (content, record.code, record.reason, error)
        desk.ports.journal.note(
            Delivery(desk.notifier.name, desk.channel.name, recipient, status, self.message, *outcome)
        )

    def sent(self, recipient: str, content: Content, provider_id: str) -> None:
        """Tell the journal that the provider accepted."""
        desk = self.desk
        place = (desk.notifier.name, desk.channel.name, recipient)
        desk.ports.journal.note(Delivery(*place, "sent", self.message, content, provider_id=provider_id))


def close(attempt: Attempt) -> Pause | None:
    """Forward what is bad, mark it, and say when to come back; None when the message is done with.

    In this order, so that a crash repeats a step (the copy has the same deduplication id) and never loses one.
    """
    desk, received = attempt.desk, attempt.received
    if attempt.bad and attempt.blocks:
        return Pause(float(claims.LONGEST_PAUSE))
    if attempt.bad:
        dedup = sha256(f"{attempt.message.id}|{received.id}".encode("utf-8", "surrogatepass")).hexdigest()
        desk.ports.bus.forward(received._replace(queue=desk.queue), dedup, _why(attempt))
        for key, record in attempt.bad:
            desk.ports.ledger.swap(key, record, record._replace(forwarded=True, source=received.id))
    if not attempt.pauses:
        return None
    down = any(pause.channel_down for pause in attempt.pauses)
    return Pause(min(pause.seconds for pause in attempt.pauses), channel_down=down)


def _why(attempt: Attempt) -> dict[str, str]:
    """The reason as message attributes, of which SQS takes ten (Developer Guide, "Amazon SQS message metadata").

    The topic goes along as it came, because a body of somebody else's does not tell it.
    """
    record = attempt.bad[0][1]
    more = f" (and {len(attempt.bad) - 1} more)" if len(attempt.bad) > 1 else ""
    given = attempt.received.attributes.get("topic")
    return {
        "cc_error_code": record.code or record.state.lower(),
        "cc_error": f"{line(record.reason, 240) or record.state.lower()}{more}",
        "cc_notifier": attempt.desk.notifier.name,
        "cc_task": line(attempt.message.task or "-", 240),
        "cc_attempts": str(record.attempts),
        "cc_message_id": line(attempt.message.id, 240),
    } | ({"topic": given} if given else {})
