"""Tasks and notifiers that went under one name and came under another: all else about them is the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Template = Mapping[str, Any]


class Rename(NamedTuple):
    """`name="<old>"` on the decorator would keep what is deployed."""

    kind: str
    old: str
    new: str


def find(before: Iterable[Template], after: Iterable[Template]) -> list[Rename]:
    """The pairs, each name in one of them at most."""
    was, shall = _pieces(before), _pieces(after)
    gone = {key: shape for key, shape in was.items() if key not in shall}
    found = []
    for (kind, new), shape in shall.items():
        if (kind, new) in was:
            continue
        old = next((name for (other, name), its in gone.items() if other == kind and its == shape), None)
        if old is not None:
            del gone[kind, old]
            found.append(Rename(kind, old, new))
    return found


def _pieces(templates: Iterable[Template]) -> dict[tuple[str, str], str]:
    """What stands for each task and notifier, without its name."""
    found = {}
    for template in templates:
        for logical, output in template.get("Outputs", {}).items():
            said = _said(output.get("Value"))
            if said and said["kind"] in {"task", "notifier"}:
                found[said["kind"], said["name"]] = _shape(template["Resources"], logical, said["name"])
    return found


def _shape(resources: Mapping[str, Any], logical: str, name: str) -> str:
    own = {key.removeprefix(logical): value for key, value in resources.items() if key.startswith(logical)}
    text = json.dumps(own, sort_keys=True)
    for resource in own.values():
        for field in ("FunctionName", "Name", "LogGroupName"):
            fixed = resource.get("Properties", {}).get(field)
            if isinstance(fixed, str):
                text = text.replace(fixed, "@")
    text = text.replace(logical, "@")
    return re.sub(rf"(?<![A-Za-z0-9_-]){re.escape(name)}(?![A-Za-z0-9_-])", "@", text)


def _said(value: Any) -> Any:  # noqa: ANN401 - JSON
    text = value.get("Fn::Sub") if isinstance(value, dict) else value
    return json.loads(text) if isinstance(text, str) and text.startswith('{"kind"') else None
