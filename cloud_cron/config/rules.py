"""What the file may say: every key with the kind of value it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.checks import FUNCTION_OPTIONS, HEARTBEAT, SECRET_SCHEMES, STAGE, TOPIC
from cloud_cron.errors import RecipientError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cloud_cron.config.places import Place

    Rule = Callable[[Place, Any], None]

_KINDS: Final = {bool: "true or false", int: "a whole number", float: "a number", str: "a string", list: "a list"}
_LIKE: Final = {
    "true or false": "write true or false, without quotes",
    "a whole number": "write digits alone, without quotes",
    "a number": "write digits alone, without quotes",
    "a list": 'write a list, such as ["..."]',
    "a string or a list of strings": 'write text in quotes, or a list of such, as in ["..."]',
}


def _is(kind: type, meaning: str | None = None) -> Rule:
    """A value of exactly that type."""

    def rule(place: Place, value: object) -> None:
        if type(value) is not kind:
            raise _wrong(place, meaning or _KINDS[kind], value)

    return rule


def _matching(pattern: str, meaning: str, hint: str) -> Rule:
    """Text of that form; `meaning` says it in words and `hint` gives an example."""

    def rule(place: Place, value: object) -> None:
        if not isinstance(value, str):
            raise _wrong(place, meaning, value, hint)
        if not re.fullmatch(pattern, value):
            raise place.error("CC502", f"{place.setting} must be {meaning}", hint)

    return rule


def _one_of(*words: str) -> Rule:
    def rule(place: Place, value: object) -> None:
        if value not in words:
            hint = did_you_mean(value, words) if isinstance(value, str) else f'such as "{words[0]}"'
            raise place.error("CC502", f"{place.setting} must be {' or '.join(words)}", hint)

    return rule


def _between(low: int, high: int) -> Rule:
    """A whole number in a range, both ends included."""

    def rule(place: Place, value: object) -> None:
        _NUMBER(place, value)
        if not low <= value <= high:  # type: ignore[operator]  # a number, as the rule above says
            raise place.error("CC502", f"{place.setting} must be {low} to {high:,}", f"such as {low}")

    return rule


def _words(each: Rule | None = None) -> Rule:
    """One string, or a list of strings that is not empty."""

    def rule(place: Place, value: object) -> None:
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            raise _wrong(place, "a string or a list of strings", value)
        if not items:
            raise place.error("CC502", f"{place.setting} is empty", "leave it out")
        for item in items if each else ():
            each(place, item)  # type: ignore[misc]  # the loop is empty without it

    return rule


def _table(keys: Mapping[str, Rule] | Callable[[Place, str], Rule], alias: Mapping[str, str] | None = None) -> Rule:
    """A table whose keys each have a rule; `alias` gives the remedy for a key that people expect there."""

    def rule(place: Place, value: object) -> None:
        if not isinstance(value, dict):
            hint = f"write a header, [{'.'.join(place.path)}], and its keys below"
            raise _wrong(place, "a table", value, hint)
        for key, item in value.items():
            if callable(keys):
                keys(place, key)(place / key, item)
            elif key in keys:
                keys[key](place / key, item)
            else:
                raise unknown(place / key, keys, (alias or {}).get(key))

    return rule


def unknown(place: Place, known: Iterable[str], hint: str | None = None) -> Exception:
    """CC501 for a key that nobody reads."""
    key = place.path[-1]
    table = type(place)(place.source, place.path[:-1])
    return place.error("CC501", f"{table.table} does not know {key!r}", hint or did_you_mean(key, known))


def _wrong(place: Place, wanted: str, value: object, hint: str | None = None) -> Exception:
    """CC502 for a value of another type, which is told and the value is not: it may be private."""
    given = "a table" if isinstance(value, dict) else _KINDS.get(type(value), "a date or time")
    remedy = hint or _LIKE.get(wanted, "write text in quotes")
    return place.error("CC502", f"{place.setting} must be {wanted}, not {given}", remedy)


def _address(place: Place, value: str) -> None:
    """A mail address; CC301."""
    from cloud_cron.channels.addresses import bare  # noqa: PLC0415 - only a file with alarms pays for it

    try:
        bare(value)
    except RecipientError as error:
        raise place.error(error.code, f"{place.setting}: {error.message}", error.hint) from None


def _anything(place: Place, value: object) -> None:
    """Left to whoever knows what it means."""


def _channel(place: Place, name: str) -> Rule:
    """The table of one channel: its own options, the recipients of whoever names none, and who stands in for all."""
    from cloud_cron.config import by_channel  # noqa: PLC0415 - only a file with channels pays for it

    kind = by_channel.find(place / name, name)
    known = {**dict.fromkeys(by_channel.options(kind), _anything), by_channel.RECIPIENTS: _words()}
    known[by_channel.REDIRECT] = _TEXT

    def rule(place: Place, value: Any) -> None:  # noqa: ANN401 - whatever TOML holds
        _table(known)(place, value)
        by_channel.check(place, kind, value)

    return rule


def _stage(place: Place, name: str) -> Rule:
    if not STAGE.fullmatch(name):
        hint = "use lower case letters and digits, such as prod"
        raise (place / name).error("CC110", f"stage name {name!r} must match {STAGE.pattern}", hint)
    return _table(_SETTINGS, {**_NOT_AT_THE_TOP, "stages": "a stage cannot hold another one"})


def _each(rule: Rule) -> Rule:
    """A table of any names, all of the same kind."""
    return _table(lambda _place, _name: rule)


_TEXT: Final = _is(str)
_FLAG: Final = _is(bool)
_NUMBER: Final = _is(int)
_FUNCTION: Final = _table(dict.fromkeys(FUNCTION_OPTIONS, _anything))
_REFERRING: Final = rf"({'|'.join(map(re.escape, SECRET_SCHEMES))}).+"
_REFERENCE: Final = _matching(
    _REFERRING,
    "a reference to a secret, never its value",
    'such as "secretsmanager:shop/db"',
)
_ARN: Final = _matching(
    r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?",
    "the ARN of an SNS topic",
    'such as "arn:aws:sns:eu-central-1:123456789012:reports.fifo"',
)
_KEY: Final = _matching(
    r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
    "the ARN of a key",
    'such as "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-..."',
)
_BOUNDARY: Final = _matching(
    r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]+",
    "the ARN of a managed policy",
    'such as "arn:aws:iam::123456789012:policy/boundary"',
)
_ROLE_PATH: Final = _matching(r"/([\w+=,.@-]+/)*", "a path of IAM", 'such as "/jobs/"')
_COMMON: Final[dict[str, Rule]] = {
    "enabled": _FLAG,
    "timeout": _NUMBER,
    "memory": _NUMBER,
    "env": _each(_TEXT),
    "function": _FUNCTION,
}
_ALARMS: Final = _words(_one_of("errors", "missed"))
TASK_KEYS: Final[dict[str, Rule]] = {**_COMMON, "retries": _NUMBER, "alarms": _ALARMS}
NOTIFIER_KEYS: Final[dict[str, Rule]] = {**_COMMON, "recipients": _words(), "max_concurrency": _NUMBER}
_NOT_A_TASKS: Final = dict.fromkeys(("recipients", "sender"), "a task sends nothing: write it under [notifiers.<name>]")


def _notifier(place: Place, value: object) -> None:
    """What every notifier takes; further keys are options of its channel, which only the app knows."""
    _table(lambda _place, key: NOTIFIER_KEYS.get(key, _anything))(place, value)


_ANY_IMAGE: Final = _matching(
    r"[A-Za-z0-9\[][A-Za-z0-9.:_/@\[\]-]*", "the name of an image", 'such as "public.ecr.aws/lambda/python:3.13"'
)
_REPOSITORY: Final = _matching(
    r"([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*",
    "a repository, without tag and digest",
    'such as "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"',
)
_TAG: Final = _matching(
    r"(?!live-|b-)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}",
    "a tag, which may not begin with live- or b-: those are ours",
    'such as "2.1.0"',
)
_IMAGE: Final[dict[str, Rule]] = {
    "base": _ANY_IMAGE,
    "builder": _one_of("auto", "layers", "docker"),
    "repository": _REPOSITORY,
    "requirements": _TEXT,
    "include": _words(),
    "build_args": _each(_TEXT),
    "keep": _between(1, 10_000),
    "tag": _TAG,
    "pull_accounts": _words(_matching(r"[0-9]{12}", "the number of an account", 'such as "123456789012"')),
}
_NOT_AN_IMAGES: Final = {
    "lifecycle": "write keep = 30; for other rules, name a repository of your own",
    "kms_key": "write it at the top level",
    "platform": 'write architecture = "arm64" at the top level',
    "architecture": "write it at the top level",
    "python": "write it at the top level",
}


_SETTINGS: Final[dict[str, Rule]] = {
    "entry": _matching(r"[\w.]+(:\w+)?", "a module, or module:attribute", 'such as "app:app"'),
    "region": _matching(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region of AWS", 'such as "eu-central-1"'),
    "python": _matching(r"3\.[0-9]{1,2}", "a version of Python, in quotes", 'such as "3.13"'),
    "architecture": _one_of("arm64", "x86_64"),
    "tags": _each(_TEXT),
    "function": _FUNCTION,
    "protect": _FLAG,
    "topics": _each(_ARN),
    "watch": _table(
        {
            "topic": _matching(TOPIC.pattern, "the name of a topic", 'such as "ops"'),
            "heartbeat": _matching(
                rf"{HEARTBEAT}|{_REFERRING}",
                "an https:// address, or a reference to one",
                'such as "https://hc-ping.com/..."',
            ),
        }
    ),
    "alarms": _table({"email": _words(_address), "arns": _words(_ARN), "tasks": _ALARMS}),
    "iam": _table({"permissions_boundary": _BOUNDARY, "path": _ROLE_PATH}),
    "kms_key": _KEY,
    "image": _table(_IMAGE, _NOT_AN_IMAGES),
    "ledger": _table({"horizon": _matching(r"[1-9][0-9]{0,3}d", "a number of days", 'such as "35d"')}),
    "channels": _table(_channel),
    "tasks": _each(_table(TASK_KEYS, _NOT_A_TASKS)),
    "notifiers": _each(_notifier),
    "secrets": _each(_REFERENCE),
}
_NOT_AT_THE_TOP: Final = {"redirect_to": "write it under [channels.email], and under [channels.sms] as a number"}
_WHOLE: Final = _table({**_SETTINGS, "stages": _table(_stage)}, _NOT_AT_THE_TOP)


def check(root: Place, document: Mapping[str, Any]) -> None:
    """Refuse the first thing in the document that nobody could mean: CC501, CC502, CC516, CC110."""
    _WHOLE(root, document)
    protected = document.get("protect", False)
    _redirects(root, document, protected=protected)
    for name, stage in document.get("stages", {}).items():
        _redirects(root / "stages" / name, stage, protected=stage.get("protect", protected))


def _redirects(place: Place, layer: Mapping[str, Any], *, protected: bool) -> None:
    """CC516 where one table both protects a stage and sends its mail to somebody else."""
    for name, channel in layer.get("channels", {}).items() if protected else ():
        if "redirect_to" in channel:
            at = place / "channels" / name / "redirect_to"
            hint = "leave it out here: at the top level it counts for the stages that are not protected"
            raise at.error("CC516", f"{at.setting} is said of what is protected, which tells its own recipients", hint)
