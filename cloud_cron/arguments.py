"""From what a decorator was given to what the model holds, or an error that names the remedy."""

from __future__ import annotations

from collections.abc import Mapping

from cloud_cron import checks
from cloud_cron.errors import DeclarationError, EncodingError, RecipientError, did_you_mean
from cloud_cron.freezing import NOTHING, frozen

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Any, Final

    from cloud_cron.channels import Channel

_DELIVERY: Final = {"at-most-once": 0, "at-least-once": 1}


def refuse_bare(given: tuple[object, ...], decorator: str) -> None:
    """`@app.schedule` without parentheses gets the function itself."""
    if given and callable(given[0]):
        example = "schedule()" if decorator == "schedule" else 'notifier("email")'
        raise DeclarationError("CC711", f"@app.{decorator} needs parentheses", hint=f"write @app.{example}")


def instant(name: str, given: datetime | str | None) -> str | None:
    """An instant as the model keeps it, in ISO 8601 with its offset: CC105 for what is none."""
    if given is None:
        return None
    from cloud_cron.timetable import moment  # noqa: PLC0415 - hardly any declaration needs it

    time = moment(name, given)
    return time.isoformat() if time else None


def json_value(name: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """A value as frozen JSON: the encoder's own code, with the path of what JSON cannot carry."""
    if value is None or (isinstance(value, (Mapping, list, tuple)) and not value):
        return frozen(value)
    from cloud_cron.encoding import plain  # noqa: PLC0415 - hardly any declaration needs it

    try:
        return frozen(plain(value, name))
    except EncodingError as error:
        raise DeclarationError(error.code, f"{error.where or name}: {error.message}", hint=error.hint) from None


def table(name: str, value: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - a frozen mapping
    """A mapping with string keys, an empty one when it is left out."""
    if value is None:
        return NOTHING
    checks.mapping(name, value)
    return frozen(value)


def check_options(kind: Channel, given: Mapping[str, Any], also: Iterable[str]) -> None:
    """Options that the channel has: CC131, with the closest name of anything that could have been meant."""
    from dataclasses import fields  # noqa: PLC0415 - an app without notifiers does without

    from cloud_cron.channels import options_of  # noqa: PLC0415 - loaded with the channel

    known = {field.name for field in fields(kind.options) if field.init}
    for name in given:
        if name not in known:
            message = f"channel {kind.name!r} has no option {name!r}"
            raise DeclarationError("CC131", message, hint=did_you_mean(name, known.union(also)))
    options_of(kind, given)


def allowed(given: Sequence[str] | str | None) -> tuple[str, ...]:
    """Whom a message may choose. An empty list would allow everybody, which nobody means who writes it: CC302."""
    if given is None:
        return ()
    entries = checks.strings("allow_recipients", given)
    if not entries:
        raise RecipientError("CC302", "allow_recipients is empty", hint="leave it out to allow every recipient")
    return entries


def addresses(kind: Channel, given: Sequence[str] | str | None) -> tuple[str, ...]:
    """The recipients in the channel's own spelling: CC302 for an empty list, the channel's code for a bad one."""
    if given is None:
        return ()
    if given in ((), []):
        raise RecipientError("CC302", "recipients is empty", hint="leave it out to use the configuration's")
    from cloud_cron.channels import spelled  # noqa: PLC0415 - loaded with the channel

    return spelled(kind, checks.strings("recipients", given))


def max_ambiguous(kind: Channel, delivery: str | None, given: int | None) -> int:
    """The bound from either spelling, else the channel's own."""
    if delivery is None:
        return kind.max_ambiguous if given is None else given
    checks.choice("delivery", delivery, _DELIVERY)
    if given is not None:
        raise DeclarationError("CC113", "delivery and max_ambiguous say the same thing", hint="give only one of them")
    return _DELIVERY[delivery]
