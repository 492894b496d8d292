"""What to do about a letter, by the code that it carries: where it was written down there was no room for a remedy.

What whoever raised the error knew better (the closest name, the line of a template) is in the reason. What the
notifier or the provider refused for good (`permanent`) is known by their own words alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUBLISH: Final = "change whoever publishes it; this one can only be dropped"
_SENDER: Final = "it came from nobody of this app: look who may write to the queue, then drop it"
_RETURN: Final = "change what the notifier returns, deploy it, then redrive"
_TEMPLATE: Final = "change the template or what the notifier returns, `cloud-cron check`, deploy, then redrive"
_RECIPIENT: Final = "correct the recipient where it is configured or chosen, deploy, then redrive"
_TIME: Final = "its function was ended before it could say why: see its log, and give it more timeout= or memory="

REMEDIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("CC230", "CC231", "CC232", "CC233", "CC234", "CC235", "CC236"), _RETURN),
    **dict.fromkeys(("CC301", "CC310", "CC311", "CC320", "CC321", "CC322"), _RECIPIENT),
    "CC302": "name somebody in recipients=, or return SKIP to tell nobody, then redrive",
    "CC303": "admit the recipient in allow_recipients=, or choose another, then redrive",
    "CC312": "add the region of the number to regions, or correct the number, then redrive",
    "CC313": "install the extra cloud-cron[sms] where it is sent from, then redrive",
    **dict.fromkeys(("CC401", "CC402", "CC403", "CC404", "CC405", "CC406", "CC407", "CC410", "CC411"), _TEMPLATE),
    **dict.fromkeys(("CC604", "CC605", "CC606"), _PUBLISH),
    **dict.fromkeys(("CC602", "CC603", "CC612"), _SENDER),
    "CC610": "it is of a later version of cloud-cron: deploy the notifier again, then redrive",
    "CC611": "whoever was told of it may be told twice, so that it is not sent: drop it, and run its task again",
    "CC613": "its payload is gone, for which it is kept a horizon after its run: drop it, and run its task again",
    "CC614": "its payload was changed where it lies: drop it, and run its task again",
    "attempts": "the notifier raised that each time: correct it or wait until it is over, then redrive",
    "expired": "it was put off for a day: see that its provider takes messages again, then redrive",
    "ambiguous": "look at the provider's own records, then `cloud-cron dlq resolve` with --sent or --resend",
    "unknown": "its worker died over it: look at the provider's own records, then `cloud-cron dlq resolve`",
    "undelivered": "let the topic write to the notifier's queue: deploy again, then redrive",
    **dict.fromkeys(("receives", "abandoned", "Sandbox.Timedout", "Runtime.OutOfMemory", "Runtime.ExitError"), _TIME),
    "missed": "make it with a redrive, or `cloud-cron backfill`; see that whoever runs it is up",
}
