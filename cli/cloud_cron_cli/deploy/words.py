"""Changes of resources in words: who may do what, when a task runs, and which properties differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROLE: Final = "AWS::IAM::Role"
_POLICY: Final = "AWS::IAM::ManagedPolicy"
_SCHEDULE: Final = "AWS::Scheduler::Schedule"
_LONGEST: Final = 60


def of(was: dict[str, Any] | None, shall: dict[str, Any] | None) -> tuple[str, ...]:
    """What is worth knowing of a resource that is added (`was` None), removed (`shall` None) or changed."""
    kind = (shall or was or {})["Type"]
    before, after = (each.get("Properties", {}) if each else {} for each in (was, shall))
    match kind:
        case "AWS::IAM::Role" | "AWS::IAM::ManagedPolicy":
            found = [*_permissions(before, after), *_others(before, after, skip=("Policies", "PolicyDocument"))]
        case "AWS::Scheduler::Schedule":
            found = [*_schedule(before, after), *_others(before, after, skip=_TIMES)]
        case _:
            found = list(_others(before, after))
    return tuple(found) if was and shall else tuple(found if kind in {_ROLE, _POLICY, _SCHEDULE} else ())


_TIMES: Final = ("ScheduleExpression", "ScheduleExpressionTimezone", "State")


def _permissions(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Statements that come and go."""
    was, shall = _statements(before), _statements(after)
    for text in shall:
        if text not in was:
            yield f"may {text}"
    for text in was:
        if text not in shall:
            yield f"may no longer {text}"


def _statements(properties: dict[str, Any]) -> list[str]:
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
    return [_statement(each) for document in documents for each in _several(document["Statement"])]


def _statement(statement: dict[str, Any]) -> str:
    actions = ", ".join(_several(statement.get("Action", statement.get("NotAction", []))))
    resources = ", ".join(map(_spelled, _several(statement.get("Resource", "*"))))
    condition = f" if {json.dumps(statement['Condition'])}" if "Condition" in statement else ""
    denied = "not " if statement.get("Effect") == "Deny" else ""
    return f"{denied}{actions} on {resources}{condition}"


def _schedule(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    was, shall = _times(before), _times(after)
    if not before:
        yield f"runs {shall}"
    elif not after:
        yield f"ran {was}"
    elif was != shall:
        yield f"runs {shall}, ran {was}"


def _times(properties: dict[str, Any]) -> str:
    zone = properties.get("ScheduleExpressionTimezone", "UTC")
    off = ", switched off" if properties.get("State") == "DISABLED" else ""
    return f"{properties.get('ScheduleExpression')} {zone}{off}"


def _others(before: dict[str, Any], after: dict[str, Any], skip: tuple[str, ...] = ()) -> Iterator[str]:
    """Properties that differ, with their values where they are short."""
    if not before or not after:
        return
    for name in sorted(before.keys() | after.keys()):
        if name in skip or before.get(name) == after.get(name):
            continue
        if isinstance(before.get(name), dict) and isinstance(after.get(name), dict):
            yield from (f"{name}.{text}" for text in _others(before[name], after[name]))
            continue
        old, new = _spelled(before.get(name)), _spelled(after.get(name))
        yield f"{name}: {old} -> {new}" if len(old) + len(new) <= _LONGEST else name


def _several(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _spelled(value: Any) -> str:  # noqa: ANN401 - the same
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), *_]}:
            return name
        case {"Fn::Sub": str(text)}:
            return text
        case None:
            return "none"
        case _:
            return json.dumps(value)
