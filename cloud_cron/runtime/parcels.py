"""Claim checks: what is too large for a message or a record is put aside, and only its reference travels.

SNS takes 256 KiB (API reference, Publish) and a DynamoDB item holds 400 KB (Developer Guide, "Quotas"); beyond `INLINE`
bytes a payload, or everything that a run returned, is put under the SHA-256 of its text. It is put before the reference
goes anywhere, so that no reference leads nowhere. The port is asked for nothing that is small.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.encoding import dumps, utf8_size
from cloud_cron.errors import EventError
from cloud_cron.messages import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Payloads, Record

INLINE: Final = 200 * 1024
"""Bytes of an envelope, or of a run's record, up to which a payload stays inside."""


class Parcel(NamedTuple):
    """A text to put aside, and the reference that will stand for it."""

    reference: Reference
    body: bytes


def parcel(payloads: Payloads, text: str) -> Parcel:
    """The parcel of a text; puts nothing yet. Raises `StoreError` where there is no place for it."""
    body = text.encode()
    name = sha256(body).hexdigest()
    return Parcel(Reference(*payloads.locate(name), name, len(body)), body)


def put(payloads: Payloads, what: Parcel) -> None:
    """Put it aside; raises `StoreError`, and is safe to repeat."""
    payloads.put(what.reference.sha256, what.body)


def fetched(payloads: Payloads, reference: Reference) -> str:
    """The text that was put aside.

    Raises `EventError` for what no retry can mend: CC612 for a place that is not this function's own, CC614 for
    something else in that place. `NotFound` (CC613) when nothing is there, `StoreError` when nobody could be asked.
    """
    own, given = payloads.locate(reference.sha256), (reference.bucket, reference.key)
    if given != own:
        message = f"the payload lies in {_place(*given)}, and this function reads from {_place(*own)} alone"
        raise EventError("CC612", message, hint="only what this very app and stage put aside is read")
    body = payloads.get(reference.sha256)
    if len(body) != reference.size or sha256(body).hexdigest() != reference.sha256:
        message = f"the payload at {_place(*own)} is damaged: {len(body):,} bytes that are not the {reference.size:,}"
        raise EventError("CC614", f"{message} that were put there", hint="run the task again")
    return body.decode()


def to_record(payloads: Payloads, event: Mapping[str, Any], recorded: Mapping[str, Any]) -> tuple[str, str]:
    """A record's data and digest: the run's event with what it returned, or with the place where that was put.

    Neither is empty, and they have no key in common.
    """
    text = dumps(recorded)
    data = f"{dumps(event)[:-1]},{text[1:]}"  # both objects as one: what was returned may be large, and is written once
    if utf8_size(data) <= INLINE:
        return data, ""
    aside = parcel(payloads, text)
    put(payloads, aside)
    return dumps({**event, "recorded_at": aside.reference.to_json()}), aside.reference.sha256


def from_record(payloads: Payloads, record: Record) -> dict[str, Any]:
    """What the data of a run's record says, wherever it lies; raises as `fetched` does."""
    data: dict[str, Any] = json.loads(record.data)
    if "recorded_at" not in data:
        return data
    aside: dict[str, Any] = json.loads(fetched(payloads, Reference.from_json(data.pop("recorded_at"))))
    return {**data, **aside}


def _place(bucket: str, key: str) -> str:
    return f"{bucket}/{key}" if bucket else key
