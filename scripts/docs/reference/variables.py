"""What a template may use: the variables, the message, the filters, from the sandbox that renders it."""

from __future__ import annotations

from dataclasses import fields

from cloud_cron.channels.context import Variables
from cloud_cron.messages import Message
from cloud_cron.rendering import limits, words
from cloud_cron.rendering.sandbox import Sandbox
from scripts.docs.reference.writing import docstring, joined, table

_AMBIENT = {
    "message": "the message that is told of",
    "recipient": "who is told, in the channel's own spelling",
    "app": "the app's name",
    "stage": "the stage's name",
}


def page() -> str:
    """The page of the templates."""
    sandbox = Sandbox()
    filters = sorted(name for name in sandbox.filters if not name.startswith("cc_"))
    shown = [field for field in fields(Message) if field.name != "secrets"]
    return joined(
        "# Template variables",
        "Templates are [Jinja](https://jinja.palletsprojects.com/templates/) in `templates/`: "
        "`<notifier>.subject.txt`, `<notifier>.txt` and `<notifier>.html`, or `subject=`, `text=` and `html=` of the "
        "decorator, or the layout that is built in. A name that is missing is an error, and in html what a variable "
        "holds is escaped.",
        "## Variables",
        "The keys of the mapping that the notifier returns, and these where it has none of that name:",
        table(["variable", "is"], [(f"`{name}`", _AMBIENT[name]) for name in _ambient()]),
        "## The message",
        docstring(Message).partition("\n\n")[2],
        table(["attribute", "type"], [(f"`message.{field.name}`", f"`{field.type}`") for field in shown]),
        "Secrets are not to be had in a template.",
        "## Filters",
        "Those of Jinja and `safe_url`, which lets through `http`, `https`, `mailto` and `tel` addresses alone:",
        ", ".join(f"`{name}`" for name in filters) + ".",
        "## Limits",
        f"A subject is one line of at most {limits.LONGEST_SUBJECT} characters, a part of a mail has at most "
        f"{limits.MAIL.most:,} {limits.MAIL.unit}, and a text has at most {limits.SMS.most:,} {limits.SMS.unit}. What "
        "a template makes on the way is bounded, too.",
        "## Keys and units",
        "The built-in layout shows a key as a heading, `station_name` as Station name. A last word that is a unit is "
        "shown as one:",
        table(["ending", "unit"], [(f"`_{name}`", unit) for name, unit in words._UNITS.items()]),  # noqa: SLF001
    )


def _ambient() -> list[str]:
    """The names that are there whatever the notifier returns."""

    class Nothing:
        message = recipient = app = stage = None

    return list(Variables(Nothing(), {}, {}))  # type: ignore[arg-type]  # its names are all that is asked for
