"""Every key of cloud-cron.toml, from the rules that check it.

A rule says what it takes when it is given what it does not take. What a key is for stands here, in `MEANINGS`: a key
without a sentence, or a sentence without a key, is an error.
"""

from __future__ import annotations

import inspect
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron import channels
from cloud_cron.checks import FUNCTION_OPTIONS
from cloud_cron.config import rules
from cloud_cron.config.places import Place, Source
from cloud_cron.errors import ConfigError
from scripts.docs.reference.meanings import FUNCTION, MEANINGS
from scripts.docs.reference.writing import docstring, joined, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORDS: Final = "a string or a list of strings"
_ROOT: Final = Place(Source("cloud-cron.toml", ""))


class Key(NamedTuple):
    """One key: its path, what it takes, and an example."""

    path: str
    takes: str
    example: str


def page() -> str:
    """The page of the configuration."""
    found = list(every_key())
    told = {key.path for key in found}
    if told != set(MEANINGS) or set(FUNCTION) != FUNCTION_OPTIONS:
        odd = sorted(told ^ set(MEANINGS)) + sorted(set(FUNCTION) ^ FUNCTION_OPTIONS)
        message = f"meanings.py and the rules do not agree on {odd}"
        raise LookupError(message)
    rows = [(f"`{key.path}`", key.takes, _meant(key)) for key in found]
    return joined(
        "# Configuration",
        "`cloud-cron.toml` stands beside `app.py`, and is optional. `[stages.NAME]` may hold any of these keys, and "
        "counts for that stage alone. The most specific word counts: `[stages.S.tasks.N]`, `[tasks.N]`, the "
        "decorator, `[stages.S]`, the top level, `[channels.X]`, the default; in this order. Tables such as `env` "
        "are merged key by key, lists are replaced. A key that nobody reads is an error with the closest one.",
        "## Keys",
        table(["key", "takes", "meaning"], rows),
        "## Functions",
        "Keys of `function`, at the top level and of a task or notifier:",
        table(["key", "meaning"], [(f"`{name}`", meaning) for name, meaning in FUNCTION.items()]),
        "## Channels",
        "`[channels.NAME]` holds the options of a channel, `recipients` for whoever names none, and `redirect_to`, the "
        "one address that stands in for all of them in stages that are not protected. `[notifiers.N]` takes the same "
        "options, for that notifier alone, and so does the decorator.",
        *(_channel(name) for name in channels.BUILT_IN),
    )


def _meant(key: Key) -> str:
    """What the key is for, with an example that it does not say itself."""
    meaning = MEANINGS[key.path]
    value = key.example.removeprefix(", such as ")
    return meaning if value in meaning else meaning + key.example


def every_key() -> Iterator[Key]:
    """Every key that the rules know, in their order; options of channels are the channels' own."""
    settings: Mapping[str, Any] = rules._SETTINGS  # noqa: SLF001 - what the rules say is what is told
    for name, rule in settings.items():
        if name not in {"channels", "notifiers"}:
            yield from _of(name, rule)
    for name, rule in rules.NOTIFIER_KEYS.items():
        yield from _of(f"notifiers.<name>.{name}", rule)


def _of(path: str, rule: Any) -> Iterator[Key]:  # noqa: ANN401 - a rule, which is a function
    """The keys of a rule: itself, or those of the table that it is."""
    inside = inspect.getclosurevars(rule).nonlocals.get("keys") if rule is not rules._FUNCTION else None  # noqa: SLF001
    if inside is None:
        yield _leaf(path, rule)
    elif callable(inside):  # a table of any names
        yield from _of(f"{path}.<name>", inspect.getclosurevars(inside).nonlocals["rule"])
    else:
        for name, each in inside.items():
            yield from _of(f"{path}.{name}", each)


def _leaf(path: str, rule: Any) -> Key:  # noqa: ANN401 - the same
    """What the rule says about what it does not take."""
    takes, example, ending = "", "", ""
    wrongs: tuple[object, ...] = (date(2030, 1, 1), "\n", [], -1)
    for wrong in wrongs:
        try:
            rule(_ROOT / path, wrong)
        except ConfigError as error:
            said = error.message.partition(" must be ")[2].partition(", not ")[0]
            ending = ", or a list of such" if error.message.endswith(" is empty") else ending
            takes = takes if said == _WORDS and takes else said or takes
            hint = error.hint or ""
            example = hint if hint.startswith('such as "') else example
    is_example = example and " or " not in takes
    return Key(
        path, takes + (ending if takes != _WORDS else ""), f", {example}".replace('"', "`") if is_example else ""
    )


def _channel(name: str) -> str:
    kind = channels.find(name).options
    defaults = [(f"`{field.name}`", f"`{field.default!r}`") for field in fields(kind) if field.init]
    return joined(
        f"### {name}",
        docstring(kind),
        table(["option", "default"], defaults) if defaults else "",
    ).rstrip()
