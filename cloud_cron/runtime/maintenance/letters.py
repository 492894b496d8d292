"""New dead letters: told once for each look, by how many there are.

A FIFO queue shows the first few letters of its groups, and no more while somebody holds those, so that a look takes
none away. What is seen tells by its time whether it is new; of what is not seen, only the number is known.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cloud_cron.ports import Key, Record
from cloud_cron.runtime import watching
from cloud_cron.runtime.maintenance import errands
from cloud_cron.runtime.maintenance.working import each

if TYPE_CHECKING:
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Received
    from cloud_cron.runtime.maintenance.rounds import Desk
    from cloud_cron.runtime.maintenance.working import Turn


def count(desk: Desk, turn: Turn) -> int:
    """Compare every notifier's dead letters with the last look; how many are new. Raises as `each` does.

    Letters of the watch topic itself are counted and not told: they would cause more.
    """
    return each(desk.model.notifiers, partial(_of, desk), turn)


def _of(desk: Desk, notifier: NotifierModel) -> int:
    """One notifier. Its record says how many letters there were (`attempts`), and when that was (`at`)."""
    key = Key(f"W#{notifier.name}", "letters")
    found = desk.ports.ledger.get(key)
    known = errands.told(desk, key, found) if found else Record("TOLD")
    if known is None:
        return 0
    depth, seen = desk.hands.letters(notifier.name)
    if not seen and (depth or not known.attempts):
        return 0  # those that somebody else looks at are seen the next time
    fresh = [letter for letter in seen if letter.sent_at > known.at]
    new = max(depth - known.attempts, len(fresh))
    if depth == known.attempts and not new:
        return 0
    after = known._replace(attempts=depth, at=desk.ports.clock.now().timestamp())
    if new and not _are_own(fresh or seen, desk.watch.topic):
        about = f"dead|{notifier.name}|{desk.ports.ids.token()}"
        after = after._replace(data=errands.written(about, watching.letters(notifier.name, (fresh or seen)[0], new)))
    written = errands.moved(desk, key, known if found else None, after)
    if written is None:
        return 0
    errands.told(desk, key, written)
    return new


def _are_own(letters: list[Received], topic: str | None) -> bool:
    messages = [watching.message_of(letter) for letter in letters]
    return all(message is not None and message.topic == topic for message in messages)
