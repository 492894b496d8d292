"""A dead letter whose delivery was in doubt, and of which the provider told later that it was sent."""

from __future__ import annotations

import pytest

from cloud_cron.errors import Ambiguous
from cloud_cron.runtime import naming
from cloud_cron.runtime.claims import DOUBT, RETRY, SENT
from cloud_cron.runtime.delivery import deliver
from cloud_cron.runtime.listening import Desk, listen
from cloud_cron.runtime.mail_events import MailEvent
from cloud_cron.runtime.watching import Watch
from tests.listening.support import QUEUE, batch
from tests.runtime.support import World, desk, message, plenty, received

KEY = naming.delivery_key("mail", "M1", "weather|dev", "letters", "a@x.org")


def heard(world: World) -> None:
    """The provider tells that it took the mail."""
    watch = Watch(world.ports.bus, world.ports.clock, "weather", "dev", None)
    listening = Desk(frozenset({"mail"}), QUEUE, lambda _: MailEvent(KEY, "sent", "id-1"), world.ports, watch)
    assert listen(listening, batch("x"), plenty) == {"batchItemFailures": []}


@pytest.mark.parametrize(("max_ambiguous", "state"), [(0, DOUBT), (1, RETRY)])
def test_what_may_have_been_sent_and_was_is_never_sent_again(max_ambiguous, state):
    world = World()
    world.post.script["a@x.org"] = [Ambiguous("the answer was lost")]
    notifier = desk(world, lambda _: "x", max_ambiguous=max_ambiguous)
    deliver(notifier, received(message()), plenty)
    assert world.ledger.rows[KEY].state == state
    dead = len(world.bus.dead)

    heard(world)
    world.clock.move(3600)
    again = received(message(), id="sqs-of-a-redrive", receives=2)

    assert deliver(notifier, again, plenty) is None
    assert (world.ledger.rows[KEY].state, world.post.calls, len(world.bus.dead)) == (SENT, ["a@x.org"], dead)
