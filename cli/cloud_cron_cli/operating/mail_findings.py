"""Findings about mails after they were sent: what their provider told of them, and what it told in vain.

The ledger counts such mails under hashes of their recipients, and forgets them after a horizon: no command takes one
out, so that these are good to know and nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.runtime.listening import COUNTED
from cloud_cron.runtime.mail_events import TOLD
from cloud_cron_cli import words
from cloud_cron_cli.operating.findings import ERROR, NOTE, Finding, command
from cloud_cron_cli.operating.reading import recipients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.ports import Key, Record
    from cloud_cron_cli.operating.place import Place, Unheard
    from cloud_cron_cli.project import Project

SHOWN: Final = 3
"""Addresses that are named in one finding."""

_CHANNEL: Final = "email"


class _Mail(NamedTuple):
    """One mail: what became of it, in the provider's own word too, and its recipient if the configuration has them."""

    word: str
    detail: str
    address: str | None


def unheard(found: Unheard | None) -> list[Finding]:
    """Events that lie in the dead-letter queue of the function that hears them."""
    if found is None:
        return []
    what = words.count(found.total, "event")
    message = f"{what} of mails could not be recorded, so that what became of these mails is not known: {found.reason}"
    return [Finding("unheard", ERROR, None, message, found.commands, found.total)]


def told(project: Project, place: Place) -> list[Finding]:
    """One for each notifier that mails, and each word that somebody should do something about."""
    found = []
    for notifier in project.model.notifiers:
        records = place.ledger.records(f"{COUNTED}{notifier.name}") if notifier.channel == _CHANNEL else ()
        mails = [_mail(project, notifier.name, key, record) for key, record in records]
        for word in TOLD:
            several = [mail for mail in mails if mail.word == word]
            if several:
                found.append(_told(notifier.name, word, several))
    return found


def _mail(project: Project, notifier: str, key: Key, record: Record) -> _Mail:
    """Of a record whose sort key is the word, the message, and what the ledger calls the delivery."""
    message, _, delivery = key.sort.partition("|")[2].rpartition("|")
    known = recipients(project, notifier, message)
    return _Mail(record.state.lower(), record.reason, known.get(delivery))


def _told(name: str, word: str, mails: Sequence[_Mail]) -> Finding:
    what, detail = words.count(len(mails), "mail"), mails[-1].detail
    message = f"{what} of {name} {_WORDS[word]}: {_who(mails)}{f' ({detail})' if detail else ''}"
    return Finding(word, NOTE, name, message, _commands(name, word), len(mails))


def _who(mails: Sequence[_Mail]) -> str:
    """The addresses that the configuration has, a few of them, and whether there are others."""
    known = list(dict.fromkeys(mail.address for mail in mails if mail.address))
    others = len(known[SHOWN:]) + sum(mail.address is None for mail in mails)
    more = ["others"] if others and known else ["recipients that the configuration does not name"] if others else []
    return words.listed([*known[:SHOWN], *more])


def _commands(name: str, word: str) -> tuple[str, ...]:
    """What SES has suppressed, and why; of a mail that went nowhere, the log."""
    if word == "refused":
        return (command("logs", name),)
    return (f"aws sesv2 list-suppressed-destinations --reasons {_REASONS[word]}",)


_REASONS: Final = {"bounced": "BOUNCE", "complained": "COMPLAINT"}
_WORDS: Final = {
    "bounced": "bounced, because there is no such recipient or Amazon SES suppresses it; nobody is told there",
    "complained": "came to somebody who calls it unwanted, and who should get no more",
    "refused": "was taken by Amazon SES and passed on to nobody",
}

KINDS: Final = tuple(_WORDS)
"""Findings by the provider's word."""
