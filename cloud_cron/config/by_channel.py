"""What a channel itself decides: which options it has, which values they take, and what an address is."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from cloud_cron import channels
from cloud_cron.config.settings import listed
from cloud_cron.errors import CloudCronError, DeclarationError, RecipientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.config.places import Place

RECIPIENTS: Final = "recipients"
REDIRECT: Final = "redirect_to"


def find(place: Place, name: str) -> channels.Channel:
    """The channel that a table is named after; CC501 when nobody provides it, CC133 for a plug-in that is broken."""
    try:
        return channels.find(name)
    except DeclarationError as error:
        if error.code != "CC130":
            raise error.at(place.where) from None
        raise place.error("CC501", error.message, error.hint) from error


def options(kind: channels.Channel) -> list[str]:
    """The names of a channel's options."""
    return [field.name for field in fields(kind.options) if field.init]


def check(place: Place, kind: channels.Channel, table: Mapping[str, Any]) -> None:
    """Refuse options and recipients that the channel has no use for, at the line where they stand."""
    try:
        channels.options_of(kind, chosen(kind, table))
    except CloudCronError as error:
        raise error.at(place.where) from None
    try:
        addresses(kind, table.get(RECIPIENTS, ()))
    except RecipientError as error:
        raise error.at((place / RECIPIENTS).where) from None
    try:
        redirect(kind, table)
    except RecipientError as error:
        at = place / REDIRECT
        raise at.error(error.code, f"{at.setting}: {error.message}", error.hint) from None


def chosen(kind: channels.Channel, table: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the channel that a table holds."""
    known = options(kind)
    return {key: value for key, value in table.items() if key in known}


def redirect(kind: channels.Channel, table: Mapping[str, Any]) -> str | None:
    """Who receives in place of all recipients, in the channel's own spelling; raises `RecipientError`."""
    return kind.normalise(table[REDIRECT]) if REDIRECT in table else None


def addresses(kind: channels.Channel, given: str | Sequence[str]) -> tuple[str, ...]:
    """The addresses in the channel's own spelling; raises `RecipientError`, which says which one is bad."""
    return channels.spelled(kind, listed(given))
