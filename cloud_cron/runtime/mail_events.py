"""What a provider tells of a mail that it has taken, and what that does to the record of the delivery: pure moves.

Any event of a mail proves that the provider took it, so that a delivery in doubt is one that was sent. Events come
late, twice and in any order: the strongest word stays, whenever it came, and none of them leaves SENT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from cloud_cron.runtime import claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Key, Record

    Word = Literal["sent", "returned", "delivered", "refused", "bounced", "complained"]

STRENGTH: Final[Mapping[str, int]] = {"returned": 1, "delivered": 2, "refused": 3, "bounced": 4, "complained": 5}
"""Which word stays on a record. `returned` may be an answering machine, so that a delivery is the better proof."""

TOLD: Final = ("bounced", "complained", "refused")
"""What somebody should do something about: counted, and told to the topic `[watch]`."""

_SAID: Final = "the provider tells that it took it"


class MailEvent(NamedTuple):
    """One event of one mail: `mail` is the provider's id of it, `detail` its own word for why, `recipient` an address.

    `sent`: taken. `returned`: not delivered, or answered by a machine. `delivered`: taken by the recipient's server.
    `refused`: taken, and then not passed on. `bounced`: there is no such recipient. `complained`: called unwanted.
    """

    key: Key
    word: Word
    mail: str
    detail: str = ""
    recipient: str = ""


@dataclass(frozen=True)
class Write:
    """The record is to be replaced by this one."""

    record: Record


@dataclass(frozen=True)
class Later:
    """A worker has the claim, and is about to say itself what became of it."""


@dataclass(frozen=True)
class Known:
    """The record says as much already."""


def after(found: Record, event: MailEvent, now: float, token: str) -> Write | Later | Known:
    """What an event does to the record of its delivery; `token` marks whoever writes it."""
    is_word = event.word in STRENGTH
    match found.state:
        case claims.SENT if not is_word or STRENGTH[event.word] <= STRENGTH.get(found.code, 0):
            return Known()
        case claims.SENT:
            return Write(found._replace(token=token, code=event.word, reason=event.detail))
        case claims.CLAIMED if found.lease >= now:
            return Later()
        case _:
            code, reason = (event.word, event.detail) if is_word else ("", _SAID)
            sent = found._replace(state=claims.SENT, provider_id=event.mail, accepts=found.accepts + 1)
            return Write(sent._replace(token=token, code=code, reason=reason))
