"""CloudFormation's functions as values, and ARNs that hold in every partition, region and account."""

from __future__ import annotations

import json
import re
from typing import Any, Final

Value = dict[str, Any]

_PSEUDO: Final = re.compile(r"\$\{AWS::(Partition|Region|AccountId|URLSuffix)\}")


def ref(logical: str) -> Value:
    """The resource's or parameter's own value."""
    return {"Ref": logical}


def att(logical: str, attribute: str) -> Value:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [logical, attribute]}


def sub(text: str) -> Value:
    """Text in which `${Name}` and `${Name.Attribute}` are replaced."""
    return {"Fn::Sub": text}


def arn(service: str, resource: str) -> Value:
    """The ARN of something in the stack's own region and account; `resource` may hold `${...}`."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def replaced(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value with each text that names a pseudo parameter (`${AWS::Region}`) turned into one that is replaced.

    Other `${...}`, such as the policy variable `${aws:username}`, stay as they are.
    """
    match value:
        case str() if _PSEUDO.search(value):
            return sub(re.sub(r"\$\{(?!AWS::)", "${!", value))
        case dict():
            return {key: replaced(item) for key, item in value.items()}
        case list() | tuple():
            return [replaced(item) for item in value]
        case _:
            return value


def json_text(fields: dict[str, Any]) -> Value | str:
    """An object as JSON text; `${...}` in its strings is replaced."""
    text = json.dumps(fields, separators=(",", ":"))
    return sub(text) if "${" in text else text
