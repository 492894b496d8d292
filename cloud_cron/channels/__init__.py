"""Ways for content to leave: how each is addressed, what it carries, and how a notifier's value becomes that.

A channel is one class on the contract of `base`; a plug-in is found by the entry-point group `cloud_cron.channels`.
This package imports neither the runtime nor a provider's client; a channel's module is loaded when an app names it.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels.base import Channel
from cloud_cron.errors import CloudCronError, DeclarationError, RecipientError, closest, did_you_mean
from cloud_cron.freezing import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import EntryPoint

    from cloud_cron.model import NotifierModel

__all__ = ["BUILT_IN", "GROUP", "Channel", "find", "options_of", "secrets_of", "spelled"]

GROUP: Final = "cloud_cron.channels"
BUILT_IN: Final = {
    "email": ("cloud_cron.channels.email", "EmailChannel"),
    "sms": ("cloud_cron.channels.sms", "SmsChannel"),
    "print": ("cloud_cron.channels.console", "PrintChannel"),
    "webhook": ("cloud_cron.channels.webhook", "WebhookChannel"),
    "apprise": ("cloud_cron.channels.apprise", "AppriseChannel"),
}


@cache
def find(name: str) -> Channel:
    """The channel of that name, one instance for the process.

    Raises `DeclarationError`: CC130 for a name that nobody provides, CC133 for a plug-in that cannot be used.
    """
    if name in BUILT_IN:
        module, attribute = BUILT_IN[name]
        made: Channel = getattr(import_module(module), attribute)()
        return made
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and only plug-ins need it

    group = entry_points(group=GROUP)
    points = {(point.value, _home(point)): point for point in group.select(name=name)}
    match list(points.values()):
        case [point]:
            return _plugged(point)
        case []:
            raise _unknown(name, {*BUILT_IN, *group.names})
        case several:
            homes = " and ".join(sorted(_home(point) for point in several))
            message = f"channel {name!r} is provided by {homes}"
            raise DeclarationError("CC133", message, hint="uninstall all but one of them")


def options_of(channel: Channel, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the channel's own type
    """The channel's options from keyword arguments or configuration; lists become tuples.

    Raises `DeclarationError`: CC131 for an option that the channel does not have, CC132 for a value it does not take.
    """
    known = [field.name for field in fields(channel.options) if field.init]
    for name in values:
        if name not in known:
            message = f"channel {channel.name!r} has no option {name!r}"
            raise DeclarationError("CC131", message, hint=did_you_mean(str(name), known))
    try:
        return channel.options(**{name: frozen(value) for name, value in values.items()})
    except CloudCronError:
        raise
    except (TypeError, ValueError) as error:
        raise DeclarationError("CC132", f"channel {channel.name!r}: {error}") from error
    except (Exception, SystemExit) as error:
        message = f"channel {channel.name!r}: its options raised {type(error).__name__}: {error}"
        raise DeclarationError("CC132", message, hint="give another value, or repair that plug-in") from error


def secrets_of(channel: Channel, notifier: NotifierModel) -> dict[str, str]:
    """References to all that the channel reads to send for this notifier, by name; recipients by themselves.

    Whoever receives what is redirected is one of them.
    """
    own = channel.secrets(options_of(channel, notifier.options))
    told = (*notifier.recipients, *((notifier.redirect_to,) if notifier.redirect_to else ()))
    return {**own, **{reference: reference for reference in channel.references(told)}}


def spelled(channel: Channel, addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses in the channel's own spelling; raises its `RecipientError`, which says which one is bad."""
    normalised = []
    for index, address in enumerate(addresses):
        try:
            normalised.append(channel.normalise(address))
        except RecipientError as error:
            raise RecipientError(error.code, f"recipients[{index}]: {error.message}", hint=error.hint) from None
    return tuple(normalised)


def _unknown(name: object, known: set[str]) -> DeclarationError:
    near = closest(name, known) if isinstance(name, str) else None
    hint = f"did you mean {near!r}?" if near else "name one of these, or install the plug-in that provides it"
    return DeclarationError("CC130", f"there is no channel {name!r}; known: {', '.join(sorted(known))}", hint=hint)


def _plugged(point: EntryPoint) -> Channel:
    """The channel that a plug-in names, held to the contract: CC133 unless it is one."""
    from cloud_cron.channels import contract, watched  # noqa: PLC0415 - only plug-ins need it

    source = f"channel {point.name!r} of {_home(point)} ({point.value})"
    try:
        kind = point.load()
    except (Exception, SystemExit) as error:
        message = f"{source} cannot be loaded: {type(error).__name__}: {error}"
        raise DeclarationError("CC133", message, hint="repair or update that package") from error
    return watched.watched(contract.check(kind, point.name, source), source)


def _home(point: EntryPoint) -> str:
    """The distribution that an entry point comes from."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unnamed distribution"
