"""What the cores tell the journal: one report per attempt of a run, one per delivery."""

from __future__ import annotations

from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Any, Literal

    from cloud_cron.messages import Message
    from cloud_cron.rendered import Content
    from cloud_cron.runs import Run

    RunState = Literal["done", "retry", "failed", "skipped", "duplicate", "waiting"]
    Status = Literal["sent", "outbox", "skipped", "rejected", "retry", "doubt"]
    Later = Literal["delivered", "returned", "refused", "bounced", "complained"]


@value(frozen=True)
class RunReport:
    """One attempt of a run: `retry` when it failed and is tried again, `failed` when that was the last attempt.

    `messages` are those the run publishes; `error` is the exception that ended it.
    """

    run: Run
    state: RunState
    result: Any = None
    messages: tuple[Message, ...] = ()
    reason: str = ""
    error: BaseException | None = None


@value(frozen=True)
class Delivery:
    """What became of one message for one recipient (None: for the message as a whole).

    `provider_id` is what the provider calls what it took. A provider may tell `Later` what became of that.
    """

    notifier: str
    channel: str
    recipient: str | None
    status: Status | Later
    message: Message
    content: Content | None = None
    code: str = ""
    reason: str = ""
    error: BaseException | None = None
    provider_id: str = ""
