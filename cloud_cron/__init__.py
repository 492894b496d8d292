"""Scheduled jobs and the notifications they cause, declared in one `app.py`.

This package is the authoring API, the model, the runtime and the channels, and for other places than AWS the local
engine and the testing kit. It never imports the command line, and importing it loads no AWS client, no template engine
and no event loop; a public name is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from cloud_cron.app import CloudCron
    from cloud_cron.channels.base import Channel
    from cloud_cron.channels.context import Context
    from cloud_cron.content import SKIP, Attachment, Email, Sms
    from cloud_cron.errors import Ambiguous, ChannelDown, CloudCronError, Permanent, Retry
    from cloud_cron.messages import Message
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Receipt, Sender
    from cloud_cron.rendered import Content
    from cloud_cron.runs import Run

__version__ = "0.1.0"

__all__ = [
    "SKIP",
    "Ambiguous",
    "AppModel",
    "Attachment",
    "Channel",
    "ChannelDown",
    "CloudCron",
    "CloudCronError",
    "Content",
    "Context",
    "Email",
    "Message",
    "Permanent",
    "Receipt",
    "Retry",
    "Run",
    "Sender",
    "Sms",
]

_HOMES = {
    "app": ("CloudCron",),
    "channels.base": ("Channel",),
    "channels.context": ("Context",),
    "content": ("SKIP", "Attachment", "Email", "Sms"),
    "errors": ("Ambiguous", "ChannelDown", "CloudCronError", "Permanent", "Retry"),
    "messages": ("Message",),
    "model": ("AppModel",),
    "ports": ("Receipt", "Sender"),
    "rendered": ("Content",),
    "runs": ("Run",),
}


def __getattr__(name: str) -> object:
    """Load a public name from its module, once."""
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """The public names, whether they are loaded or not."""
    return sorted({*globals(), *__all__})
