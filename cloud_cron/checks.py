"""What a declared value may be: one small check per kind, each with an error that names the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cloud_cron.errors import DeclarationError, did_you_mean

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

    from cloud_cron.notifier_model import NotifierModel
    from cloud_cron.task_model import TaskModel

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
APP: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
STAGE: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]+")

_CATCHUPS: Final = ("latest", "none")
_ORDERS: Final = ("task", "message")
_SHOWN: Final = 60

FUNCTION_OPTIONS: Final = frozenset(
    {
        "architecture",
        "ephemeral_storage",
        "subnets",
        "security_groups",
        "tracing",
        "reserved_concurrency",
        "log_retention",
        "kms_key",
    }
)
SECRET_SCHEMES: Final = ("secretsmanager:", "ssm:/", "env:", "file:")
HEARTBEAT: Final = r"https://[^\s@]+|http://(localhost|127\.0\.0\.1|\[::1\])([:/]\S*)?"
"""What may hear that all is well."""


def identifier(value: object, kind: str, pattern: re.Pattern[str] = NAME) -> None:
    """A name that every resource, file and id can carry: CC110."""
    if isinstance(value, str) and pattern.fullmatch(value):
        return
    if isinstance(value, str) and value.startswith("_"):
        message = f"{kind} name {value!r} begins with an underscore, which is reserved"
    else:
        message = f"{kind} name {value!r} must match {pattern.pattern}"
    raise DeclarationError("CC110", message, hint="give it another one with name=" if kind != "app" else None)


def topics(value: object, *, required: bool = False) -> tuple[str, ...]:
    """A list of topic names, each once: CC120."""
    if isinstance(value, str) or not isinstance(value, (list, tuple)):
        hint = f"write topics=[{value!r}]" if isinstance(value, str) else 'write topics=["reports"]'
        raise DeclarationError("CC120", f"topics must be a list of names, not {value!r}", hint=hint)
    for topic in value:
        if not (isinstance(topic, str) and TOPIC.fullmatch(topic)):
            shown = repr(topic) if len(repr(topic)) < _SHOWN else f"{repr(topic)[:50]}… ({len(topic)} characters)"
            message = f"topic {shown} must match {TOPIC.pattern}"
            raise DeclarationError("CC120", message, hint="use letters, digits, - and _")
    if len(set(value)) < len(value):
        raise DeclarationError("CC120", f"topics names one topic twice: {list(value)}", hint="name each once")
    if required and not value:
        hint = "leave topics out to hear every topic of the app"
        raise DeclarationError("CC120", "topics is empty, so the notifier would never be called", hint=hint)
    return tuple(value)


def whole(name: str, value: object, low: int, high: int | None = None) -> None:
    """A whole number within bounds: CC113."""
    bounds = f"from {low} to {high}" if high is not None else f"of at least {low}"
    if isinstance(value, bool) or not isinstance(value, int) or value < low or (high is not None and value > high):
        raise DeclarationError("CC113", f"{name}={value!r} must be a whole number {bounds}")


def choice(name: str, value: object, known: Iterable[str]) -> None:
    """One of a few words: CC113."""
    words = list(known)
    if value not in words:
        hint = did_you_mean(value, words) if isinstance(value, str) else None
        raise DeclarationError("CC113", f"{name}={value!r} must be one of {', '.join(words)}", hint=hint)


def boolean(name: str, value: object) -> None:
    """True or False: CC113."""
    if not isinstance(value, bool):
        raise DeclarationError("CC113", f"{name}={value!r} must be True or False")


def text(name: str, value: object, limit: int | None = None) -> None:
    """A string or None: CC113."""
    if value is not None and not isinstance(value, str):
        raise DeclarationError("CC113", f"{name}={value!r} must be a string")
    if limit is not None and isinstance(value, str) and len(value) > limit:
        raise DeclarationError("CC113", f"{name} has {len(value)} characters, at most {limit} are allowed")


def catchup(value: object) -> None:
    """`latest`, `none` or `all(<limit>)`: CC113."""
    if isinstance(value, str) and (value in _CATCHUPS or re.fullmatch(r"all\([1-9][0-9]{0,4}\)", value)):
        return
    raise DeclarationError("CC113", f"catchup={value!r} must be latest, none or all(<limit>)", hint='such as "all(24)"')


def order(value: object) -> None:
    """`task`, `message` or `payload:<key>`: CC113."""
    if isinstance(value, str) and (value in _ORDERS or re.fullmatch(r"payload:.+", value)):
        return
    hint = "a function cannot be given: the group is a value of the payload" if callable(value) else None
    raise DeclarationError("CC113", f"order={value!r} must be task, message or payload:<key>", hint=hint)


def mapping(name: str, value: object) -> None:
    """A mapping with string keys: CC113. Its values are not shown, because they may be secrets."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return
    what = "a mapping whose keys are not all strings" if isinstance(value, Mapping) else type(value).__name__
    raise DeclarationError("CC113", f"{name} must be a mapping with string keys, not {what}")


def strings(name: str, value: object) -> tuple[str, ...]:
    """A string, or a list of strings, as a tuple: CC113."""
    given = (value,) if isinstance(value, str) else value
    if isinstance(given, (list, tuple)) and all(isinstance(item, str) for item in given):
        return tuple(given)
    raise DeclarationError("CC113", f"{name} must be a string or a list of strings", hint=f'such as {name}=["..."]')


def environment(value: Mapping[str, Any]) -> None:
    """Environment variables, names and values strings; the runtime's own names are taken: CC113.

    Names as Lambda allows them (Lambda Developer Guide, "Environment variables").
    """
    mapping("env", value)
    for name, content in value.items():
        if not (isinstance(name, str) and VARIABLE.fullmatch(name) and isinstance(content, str)):
            message = f"env {name!r}: {content!r} must be a name matching {VARIABLE.pattern} with a string"
            raise DeclarationError("CC113", message)
        if name.startswith(("CLOUD_CRON_", "AWS_LAMBDA_")) or name in {"AWS_REGION", "_HANDLER"}:
            raise DeclarationError("CC113", f"env {name!r} is set by the runtime itself", hint="choose another name")


def secrets(value: Mapping[str, Any]) -> None:
    """References to secrets, never values: CC506."""
    mapping("secrets", value)
    for name, reference in value.items():
        if not isinstance(reference, str) or not reference.startswith(SECRET_SCHEMES) or reference in SECRET_SCHEMES:
            message = f"secret {name!r} must be a reference ({', '.join(SECRET_SCHEMES)}); the value given is not shown"
            raise DeclarationError("CC506", message, hint=f'such as secrets={{"{name}": "secretsmanager:shop/{name}"}}')


def permissions(value: Iterable[Any]) -> None:
    """A list of IAM statements, each naming its Resource: CC115."""
    hint = 'such as [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]'
    if not isinstance(value, (list, tuple)):
        raise DeclarationError("CC115", "permissions must be a list of IAM statements", hint=hint)
    for index, statement in enumerate(value):
        missing = {"Action", "Resource"} - (set(statement) if isinstance(statement, Mapping) else set())
        if missing:
            message = f"permissions[{index}] lacks {' and '.join(sorted(missing))}"
            raise DeclarationError("CC115", message, hint=hint)


def known_keys(name: str, value: Iterable[str], known: Iterable[str]) -> None:
    """No key but the known ones: CC114, with the closest name."""
    names = sorted(known)
    for key in value:
        if key not in names:
            raise DeclarationError("CC114", f"{name} does not know {key!r}", hint=did_you_mean(str(key), names))


def function(part: TaskModel | NotifierModel) -> None:
    """What tasks and notifiers have in common, because each is one function."""
    whole("timeout", part.timeout, 1)
    whole("memory", part.memory, 128, 10_240)
    boolean("enabled", part.enabled)
    environment(part.env)
    secrets(part.secrets)
    permissions(part.permissions)
    known_keys("function", part.function, FUNCTION_OPTIONS)
