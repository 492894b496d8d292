"""The tag of a mail by which an event of Amazon SES leads back to the delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.runtime.naming import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Key

_NAME: Final = "cc-effect"


def tags(key: str) -> list[dict[str, str]]:
    """The tags of a mail: 256 letters, digits, `-` and `_` at most (SES API v2 reference, MessageTag)."""
    return [{"Name": _NAME, "Value": key}]


def delivery(told: Mapping[str, Any]) -> Key | None:
    """The delivery that the tags in an event name; None when they name none of ours."""
    values = told.get(_NAME) or [""]
    return key_of(str(values[0]))
