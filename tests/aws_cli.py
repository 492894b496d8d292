"""Commands of the AWS CLI that a page shows, read as that tool reads them, and held to the models that it goes by.

Of its own commands, which no model has, and of shorthand for structures there are none on our pages.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, StructureShape
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from pathlib import Path

    from botocore.model import Shape

    from tests.pages import Page

EVERYWHERE = {"region", "profile", "output", "query", "endpoint-url"}
"""Options that every command takes, each with a value."""


class WrongError(Exception):
    """What the AWS CLI would refuse."""


class Call(NamedTuple):
    """What a command asks of AWS: an operation by its name in the service's model, and its parameters.

    `files` are the parameters whose value is in a file: its name by that of the parameter.
    """

    service: str
    operation: str
    parameters: dict[str, Any]
    files: dict[str, str]

    def read(self, folder: Path) -> dict[str, Any]:
        """The parameters, those in files included, as boto3 takes them."""
        return {**self.parameters, **{name: (folder / file).read_text("utf-8") for name, file in self.files.items()}}


def calls(page: Page) -> list[Call]:
    """Every command of the AWS CLI in the shell blocks of a page, in order; raises `WrongError`."""
    return [read(words) for words in page.elsewhere("aws")]


def read(words: list[str]) -> Call:
    """One command, without its name: raises `WrongError` for what the model of its service does not have."""
    service, command, *rest = words
    model = _model(service)
    operation = next((name for name in model.operation_names if xform_name(name, "-") == command), None)
    if operation is None:
        raise WrongError(f"aws {service} has no {command}")
    shape = model.operation_model(operation).input_shape
    given, files = _parameters(shape, rest)
    report = ParamValidator().validate({**given, **dict.fromkeys(files, "{}")}, shape)
    if report.has_errors():
        raise WrongError(f"aws {service} {command}: {report.generate_report()}")
    return Call(service, operation, given, files)


@cache
def _model(service: str) -> Any:
    session = botocore.session.Session()
    if service not in session.get_available_services():
        raise WrongError(f"there is no service {service}")
    return session.get_service_model(service)


def _parameters(shape: StructureShape, words: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters by their names in the model, and those whose values are in files."""
    names = {xform_name(name, "-"): name for name in shape.members}
    given: dict[str, Any] = {}
    files: dict[str, str] = {}
    for option, values in _options(words):
        if option in EVERYWHERE:
            continue
        if option not in names:
            raise WrongError(f"there is no --{option}; there are {', '.join(sorted(names))}")
        name = names[option]
        _, is_file, file = values[0].partition("://") if values else ("", "", "")
        if is_file and values[0].startswith(("file:", "fileb:")):
            files[name] = file
        else:
            given[name] = _value(shape.members[name], values)
    return given, files


def _options(words: list[str]) -> list[tuple[str, list[str]]]:
    """Each option with the words that follow it; a word before the first one is the file that an answer goes to."""
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("--"):
            found.append((word[2:], []))
        elif found:
            found[-1][1].append(word)
    return found


def _value(shape: Shape, values: list[str]) -> Any:
    """A value as the CLI makes it of its words."""
    match shape.type_name:
        case "structure" | "map":
            return json.loads(" ".join(values))
        case "list":
            assert isinstance(shape, ListShape)
            return json.loads(values[0]) if values[0].startswith("[") else values
        case "boolean":
            return True
        case "integer" | "long":
            return int(values[0])
        case _:
            return values[0]
