"""Events of Amazon SES as a queue hands them out: a JSON record within a notification of SNS.

SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS"; SNS Developer Guide, "Amazon SNS
message delivery raw message format and JSON".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws import ses_tag
from cloud_cron.errors import EventError
from cloud_cron.runtime.mail_events import MailEvent
from cloud_cron.runtime.wording import line

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES: Final = ("send", "delivery", "bounce", "complaint", "reject", "renderingFailure")
"""The events that are asked for, as CloudFormation spells them (AWS::SES::ConfigurationSetEventDestination)."""

_VALIDATION: Final = "Successfully validated SNS topic for Amazon SES event publishing."
"""What SES publishes when an event destination is made, in the place of a record."""
_LONGEST: Final = 240
_HINT: Final = "only Amazon SES should publish to this topic"


def read(body: str, topic: str) -> MailEvent | None:
    """The event in the body of a queue's message; None for one of a mail that is not ours, and for one of no use.

    Raises `EventError`: CC630 for what is none, CC631 for what came by another topic than `topic`.
    """
    around = _object(body, "the body")
    if around.get("Type") != "Notification" or around.get("TopicArn") != topic:
        message = f"an event came by {line(str(around.get('TopicArn')), 120)}, and not by {topic}"
        raise EventError("CC631", message, hint=_HINT)
    told = around.get("Message")
    if told == _VALIDATION:
        return None
    record = _object(told, "the notification")
    try:
        return _event(record)
    except (AttributeError, KeyError, IndexError, TypeError, UnicodeError) as error:
        raise EventError("CC630", f"an event of SES is damaged: {type(error).__name__} {error}", hint=_HINT) from None


def _event(record: Mapping[str, Any]) -> MailEvent | None:
    mail = record["mail"]
    key = ses_tag.delivery(mail.get("tags", {}))
    if key is None:
        return None
    _text("".join(key))
    word, detail = _word(record)
    if word is None:
        return None
    return MailEvent(key, word, _text(mail["messageId"]), line(detail, _LONGEST), _recipient(record, mail))


def _word(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a word of ours or None, and a text
    """What happened, in a word of ours, and why in one of SES's; None for events that nobody asked for."""
    match record["eventType"]:
        case "Send":
            return "sent", ""
        case "Delivery":
            return "delivered", ""
        case "Bounce":
            bounce = record["bounce"]
            word = "bounced" if bounce["bounceType"] == "Permanent" else "returned"
            return word, f"{_text(bounce['bounceType'])}/{_text(bounce['bounceSubType'])}"
        case "Complaint":
            complaint = record["complaint"]
            return "complained", _text(
                complaint.get("complaintFeedbackType") or complaint.get("complaintSubType") or ""
            )
        case "Reject":
            return "refused", _text(record["reject"]["reason"])
        case "Rendering Failure":
            return "refused", _text(record["failure"]["errorMessage"])
        case _:
            return None, ""


def _recipient(record: Mapping[str, Any], mail: Mapping[str, Any]) -> str:
    """Whom the event names, else whom the mail was for, of whom there is one."""
    named = {"Bounce": ("bounce", "bouncedRecipients"), "Complaint": ("complaint", "complainedRecipients")}
    part, people = named.get(record["eventType"], ("", ""))
    told = [each["emailAddress"] for each in record[part][people]] if part else []
    return _text([*told, *mail.get("destination", []), ""][0])


def _object(text: object, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise EventError("CC630", f"{what} holds no event of SES", hint=_HINT)
    return found


def _text(value: object) -> str:
    """Text that a ledger can keep: TypeError for none, UnicodeError for half of a surrogate pair."""
    if not isinstance(value, str):
        message = f"{type(value).__name__} instead of text"
        raise TypeError(message)
    value.encode()
    return value
