"""What commands print with --json: what their help says, and for some the shape of what is printed."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from click.testing import CliRunner

from cloud_cron import channels
from cloud_cron.channels.mail import AttachmentContent
from cloud_cron_cli.main import cli
from scripts.docs.reference.commands import every
from scripts.docs.reference.projects import BASIC
from scripts.docs.reference.writing import block, joined, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLES: Final = (
    ("list",),
    ("graph",),
    ("next", "rate(1 hour)"),
    ("render", "report"),
    ("invoke", "hourly"),
)

_OWN: Final = frozenset({"payload", "result"})
"""What an app itself decides about."""


def page() -> str:
    """The page of the shapes."""
    return joined(
        "# JSON",
        "With `--json` a command prints one JSON value on standard output, and everything else on standard error. "
        "`logs` and `dev` print one for each line.",
        "## What the help says",
        *(f"**`{name}`**: {said}" for name, said in sorted(_said())),
        "## Content",
        "What leaves through a channel, as `invoke` and `render` tell it, and as `content` in a test, where bytes are "
        "bytes and not their number. Plug-ins have content of their own.",
        table(["channel", "content"], map(_content, channels.BUILT_IN)),
        "## What is printed",
        "The types of what these commands print of `examples/basic`; of each list the first item is shown, and "
        "`object` is what the app itself says.",
        *(joined(f"### {words[0]}", block(f"$ cloud-cron {' '.join(_quoted(words))} --json", "console"),
                 block(shape(_printed(words)))).rstrip() for words in _SAMPLES),
    )  # fmt: skip


def _content(name: str) -> tuple[str, str]:
    return f"`{name}`", f"`{{{', '.join(_fields(channels.find(name).content))}}}`"


def _fields(kind: type) -> Iterator[str]:
    """The fields of a kind of content; attachments are content, too."""
    for field in fields(kind):
        inner = f": [{{{', '.join(_fields(AttachmentContent))}}}]" if field.name == "attachments" else ""
        yield f'"{field.name}"{inner}'


def shape(value: Any, indent: int = 0) -> str:  # noqa: ANN401 - whatever JSON holds
    """The value with the names of types in the place of what is in it."""
    pad = "  " * (indent + 1)
    match value:
        case dict() if value:
            shown = {key: "object" if key in _OWN else shape(item, indent + 1) for key, item in value.items()}
            lines = (f"{pad}{json.dumps(key)}: {text}" for key, text in shown.items())
            return "{\n" + ",\n".join(lines) + f"\n{pad[2:]}}}"
        case list() if value:
            return f"[{shape(value[0], indent)}]"
        case dict() | list() | None:
            return json.dumps(value)
        case _:
            return {bool: "true or false", str: "text"}.get(type(value), "number")


def _said() -> list[tuple[str, str]]:
    """What the help of each command says about JSON."""
    found = []
    for name, command in every():
        text = " ".join((command.help or "").split())
        match = re.search(r"With --json:? (.*?\.)(?= [A-Z]|$)", text)
        if match:
            found.append((name, _marked(match[1])))
    return found


def _marked(text: str) -> str:
    """The text with its JSON as code."""
    depth, out = 0, []
    for letter in text:
        depth += letter == "{"
        out.append("`{" if letter == "{" and depth == 1 else "}`" if letter == "}" and depth == 1 else letter)
        depth -= letter == "}"
    return "".join(out)


def _quoted(words: tuple[str, ...]) -> list[str]:
    return [f'"{word}"' if " " in word else word for word in words]


def _printed(words: tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever it is
    with chdir(BASIC):
        done = CliRunner().invoke(cli, [*words, "--json"], standalone_mode=False)
    return json.loads(done.stdout)
