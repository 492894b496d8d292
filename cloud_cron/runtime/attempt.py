"""One attempt of one notifier on one message: what it looks at, and what it leaves in ledger and journal."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import CloudCronError, Outcome
from cloud_cron.ports import Record
from cloud_cron.runtime import claims, naming
from cloud_cron.runtime.reports import Delivery, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.channels.base import Channel, Parts
    from cloud_cron.content import Content
    from cloud_cron.functions import Function
    from cloud_cron.messages import Message
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Key, Ports, Received

_STATUS: Final[Mapping[str, Status]] = {
    claims.SENT: "sent",
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


@dataclass(frozen=True)
class Pause:
    """The message must come back in `seconds`; `channel_down`: nor need the next one be tried before."""

    seconds: float
    channel_down: bool = False


@dataclass
class Attempt:
    """What is being done about one message. `bad` is what belongs in the dead-letter queue."""

    desk: Desk
    received: Received
    message: Message
    digest: str
    remaining: Callable[[], float]
    bad: list[tuple[Key, Record]] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

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
        return naming.delivery_key(
            desk.notifier.name, self.message.id, f"{desk.app}|{desk.stage}", desk.channel.name, address
        )

    def record(self, state: str, *, lease: float = 0.0, attempts: int = 1, code: str = "", reason: str = "") -> Record:
        """A new record of this attempt."""
        return Record(
            state,
            token=self.desk.ports.ids.token(),
            lease=lease,
            attempts=attempts,
            source=self.received.id,
            digest=self.digest,
            code=code,
            reason=reason[:1000],
            at=self.received.sent_at,
        )

    def write(self, key: Key, record: Record) -> None:
        """Write over whatever is there; when somebody else is faster, the next receive sees to it."""
        found = self.desk.ports.ledger.create(key, record)
        if found is not None:
            self.desk.ports.ledger.swap(key, found, record)

    def note(
        self, state: str, attempts: int, code: str = "", reason: str = "", error: BaseException | None = None
    ) -> None:
        """Keep and report what became of the message as a whole; a refused one is bad."""
        record = self.record(state, attempts=attempts, code=code, reason=reason)
        self.write(self.whole, record)
        self.report(record, None, error=error)
        if state in {claims.REJECTED, claims.STALE}:
            self.bad.append((self.whole, record))

    def report(
        self, record: Record, recipient: str | None, content: Content | None = None, error: BaseException | None = None
    ) -> None:
        """Tell the journal what became of one recipient (None: of the message as a whole)."""
        desk, status = self.desk, _STATUS[record.state]
        told = (desk.notifier.name, desk.channel.name, recipient, status, self.message, content)
        desk.ports.journal.note(Delivery(*told, record.code, record.reason, error))


def close(attempt: Attempt) -> Pause | None:
    """Forward what is bad, mark it, and say when to come back; None when the message is done with.

    In this order, so that a crash repeats a step (the copy has the same deduplication id) and never loses one.
    """
    desk, received = attempt.desk, attempt.received
    if attempt.bad and desk.notifier.on_poison == "block":
        return Pause(float(claims.LONGEST_PAUSE))
    if attempt.bad:
        dedup = sha256(f"{attempt.message.id}|{received.id}".encode()).hexdigest()
        desk.ports.bus.forward(received, dedup, _why(attempt))
        for key, record in attempt.bad:
            desk.ports.ledger.swap(key, record, replace(record, forwarded=True, source=received.id))
    if not attempt.pauses:
        return None
    down = any(pause.channel_down for pause in attempt.pauses)
    return Pause(min(pause.seconds for pause in attempt.pauses), channel_down=down)


def _why(attempt: Attempt) -> dict[str, str]:
    """The reason as message attributes, of which SQS takes ten (Developer Guide, "Amazon SQS message metadata")."""
    record = attempt.bad[0][1]
    more = f" (and {len(attempt.bad) - 1} more)" if len(attempt.bad) > 1 else ""
    return {
        "cc_error_code": record.code or record.state.lower(),
        "cc_error": f"{record.reason[:240] or record.state.lower()}{more}",
        "cc_notifier": attempt.desk.notifier.name,
        "cc_task": attempt.message.task or "-",
        "cc_attempts": str(record.attempts),
        "cc_message_id": attempt.message.id,
    }


def told(error: BaseException) -> str:
    """An exception in one line, with the place that a person would look at."""
    match error:
        case CloudCronError(where=None):
            return error.message
        case CloudCronError():
            return f"{error.message} ({error.where})"
        case Outcome():
            return error.reason or type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.replace(chr(92), '/').rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
