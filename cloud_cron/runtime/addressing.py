"""Who is to hear of a message: whom the notifier's value names, and which of these it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.errors import RecipientError, ResultError
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from cloud_cron.channels.base import Channel
    from cloud_cron.model import NotifierModel


def chosen(channel: Channel, notifier: NotifierModel, value: object) -> tuple[object, ...] | None:
    """The recipients that the value names itself, or None: `ResultError` (CC230) for what cannot be read as such."""
    try:
        return channel.recipients_of(value)
    except ResultError:
        raise
    except Exception as error:
        message = f"notifier {notifier.name!r} returned to={getattr(value, 'to', None)!r:.60}"
        raise ResultError("CC230", message, hint="to= takes one address, or a list of them") from error


def address(channel: Channel, notifier: NotifierModel, raw: object, *, by_message: bool) -> str:
    """One address in the channel's spelling; `by_message` when the notifier's value named it.

    Raises `RecipientError`: CC301 for what is none, CC303 for one that a message may not choose, and what the channel
    says of one that it must not send to.
    """
    if not isinstance(raw, str):
        raise RecipientError("CC301", f"a recipient must be a string, not a {type(raw).__name__}")
    try:
        spelled = channel.normalise(raw)
        channel.vet(spelled, notifier)
        admitted = not by_message or channel.admits(spelled, notifier)
    except RecipientError:
        raise
    except Exception as error:
        raise RecipientError("CC301", f"channel {channel.name!r} cannot read it: {told(error)}") from error
    if not admitted:
        raise RecipientError("CC303", "the message chose a recipient that allow_recipients does not admit")
    return spelled
