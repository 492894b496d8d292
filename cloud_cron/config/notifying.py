"""Settings applied to a notifier, whose channel says what its options and its recipients may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron import channels
from cloud_cron.config import by_channel
from cloud_cron.config.resolving import common, placed
from cloud_cron.config.rules import NOTIFIER_KEYS, unknown
from cloud_cron.errors import ConfigError
from cloud_cron.freezing import frozen
from cloud_cron.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.config.settings import Mention, Settings
    from cloud_cron.model import NotifierModel


def resolved(notifier: NotifierModel, settings: Settings) -> NotifierModel:
    """The notifier as the settings will have it; in a protected stage it tells its own recipients and nobody else."""
    kind = channels.find(notifier.channel)
    own = settings.notifiers.get(notifier.name, {})
    shared = settings.channels.get(notifier.channel, {})
    options = {**by_channel.chosen(kind, shared), **notifier.options, **by_channel.chosen(kind, own)}
    _can_hear(notifier, settings)
    with placed(settings, "notifiers", notifier):
        kind.complete(channels.options_of(kind, options))
        return replace(
            notifier,
            **common(notifier, own, settings),
            recipients=_recipients(notifier, kind, own, shared),
            options=frozen(options),
            redirect_to=None if settings.protect else by_channel.redirect(kind, shared),
        )


def usable(mention: Mention, notifier: NotifierModel) -> None:
    """A notifier's further keys are options of its channel."""
    kind = channels.find(notifier.channel)
    known = [*NOTIFIER_KEYS, *by_channel.options(kind)]
    for key in mention.value:
        if key not in known:
            raise unknown(mention.place / key, known)
    by_channel.check(mention.place, kind, mention.value)


def _recipients(
    notifier: NotifierModel, kind: channels.Channel, own: Mapping[str, Any], shared: Mapping[str, Any]
) -> tuple[str, ...]:
    """The most specific list of recipients, each in the channel's own spelling."""
    if by_channel.RECIPIENTS in own:
        return by_channel.addresses(kind, own[by_channel.RECIPIENTS])
    if notifier.recipients:
        return notifier.recipients
    if by_channel.RECIPIENTS in shared:
        return by_channel.addresses(kind, shared[by_channel.RECIPIENTS])
    return kind.recipients


def _can_hear(notifier: NotifierModel, settings: Settings) -> None:
    """A FIFO queue hears FIFO topics alone (SNS Developer Guide, "FIFO topics"), and all that comes through one.

    Raises `ConfigError`: CC511, and CC504 for two names of a topic.
    """
    for topic in notifier.topics:
        arn = settings.topics.get(topic, ".fifo")
        place = settings.place("topics", topic)
        if place and not arn.endswith(".fifo"):
            message = f"notifier {notifier.name!r} hears topic {topic!r}, which is mapped to a standard topic"
            hint = "map it to the ARN of a FIFO topic, or let no notifier of this app hear it"
            raise ConfigError("CC511", message, where=place.where, hint=hint)
        twin = next((name for name, there in settings.topics.items() if there == arn and name != topic), None)
        if place and twin:
            message = f"topics {topic!r} and {twin!r} are one: notifier {notifier.name!r} would hear both as either"
            hint = "map it once, and tell its messages apart by what is in them"
            raise ConfigError("CC504", message, where=place.where, hint=hint)
