"""What a deploy makes, from the templates of examples/basic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron_cli.deploy.template import artifacts, synthesize
from scripts.docs.reference.projects import basic
from scripts.docs.reference.writing import joined, table

if TYPE_CHECKING:
    from collections.abc import Mapping


def page() -> str:
    """The page of the resources."""
    project = basic()
    [part] = synthesize(project.model, project.settings, None)
    beside = artifacts(project.model, project.settings)
    tasks, notifiers = (", ".join(f"`{each.name}`" for each in parts) for parts in (
        project.model.tasks, project.model.notifiers))  # fmt: skip
    topics = ", ".join(f"`{name}`" for name in project.model.topics)
    return joined(
        "# Resources",
        "What a deploy of `examples/basic` makes, by type. `cloud-cron package OUT` writes the same templates for your "
        "own app, and `cloud-cron plan` compares them with what is deployed.",
        f"The example has the task {tasks}, the topics {topics} and the notifiers {notifiers}.",
        f"## Stack {part.stack}",
        _types(part.template),
        f"## Stack {beside.stack}",
        "The image and the records of deploys:",
        _types(beside.template),
    )


def _types(template: Mapping[str, Any]) -> str:
    """The resources of a template by type, in the order of the alphabet."""
    names: dict[str, list[str]] = {}
    for name, resource in template["Resources"].items():
        names.setdefault(resource["Type"], []).append(name)
    rows = [
        (f"`{kind}`", str(len(made)), ", ".join(f"`{name}`" for name in made)) for kind, made in sorted(names.items())
    ]
    return table(["type", "how many", "logical names"], rows)
