"""A template as text, and the digest by which a deploy knows that nothing has changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTPUT: Final = "TemplateDigest"
LARGEST: Final = 1_000_000
MOST: Final = 500


def dumps(template: Mapping[str, Any]) -> str:
    """The template as JSON, one line for each resource and output: a change is one line of a diff."""
    sections = [f"{json.dumps(name)}: {_section(value)}" for name, value in template.items()]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def digest(template: Mapping[str, Any], parameters: Mapping[str, str], tags: Mapping[str, str]) -> str:
    """What a stack would be made of, in 64 hexadecimal digits; the output that tells it is left out of it."""
    outputs = {name: value for name, value in template["Outputs"].items() if name != OUTPUT}
    parts = [{**template, "Outputs": outputs}, dict(parameters), dict(tags)]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def sealed(template: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The template with its digest as an output."""
    return {**template, "Outputs": {**template["Outputs"], OUTPUT: {"Value": digest}}}


def check_size(stack: str, template: Mapping[str, Any], text: str) -> None:
    """Refuse what CloudFormation would: 500 resources or 1 MB (CloudFormation User Guide, "Quotas"): CC857."""
    resources, size = len(template["Resources"]), len(text.encode())
    if resources > MOST:
        message = f"stack {stack} would have {resources} resources, and CloudFormation takes {MOST}"
        hint = "rename some of its notifiers, which then move to another stack, or let them hear fewer topics"
        raise ConfigError("CC857", message, hint=hint)
    if size > LARGEST:
        message = f"the template of stack {stack} has {size:,} bytes, and CloudFormation takes {LARGEST:,}"
        largest = max(template["Resources"], key=lambda name: len(json.dumps(template["Resources"][name])))
        raise ConfigError("CC857", message, hint=f"its largest resource is {largest}: shorten what it is given")


def _section(value: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return json.dumps(value)
    lines = [f"  {json.dumps(name)}: {json.dumps(item)}" for name, item in value.items()]
    return "{\n" + ",\n".join(lines) + "\n}"
