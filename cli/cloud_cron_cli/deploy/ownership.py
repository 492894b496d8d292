"""What is ours: it carries our tags. Nothing else is changed or deleted, whatever its name is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.stacks import Stack

EMPTY: Final = "REVIEW_IN_PROGRESS"

_MARKS: Final = ("managed_by", "app", "stage")


def marks(tags: Mapping[str, str]) -> dict[str, str]:
    """The three tags that say whose something is."""
    return {name: tags[name] for name in _MARKS}


def is_ours(found: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    """Whether these tags are of the same app and stage."""
    return all(found.get(name) == value for name, value in marks(tags).items())


def check(stack: Stack, tags: Mapping[str, str]) -> None:
    """Refuse a stack of somebody else: `ConfigError` CC810.

    One whose first change set was not executed holds nothing, and carries no tags before it is (CloudFormation API
    reference, CreateChangeSet: "no template or resources").
    """
    if stack.status == EMPTY and not stack.tags:
        return
    if not is_ours(stack.tags, tags):
        whose = ", ".join(f"{name}={stack.tags[name]}" for name in _MARKS if name in stack.tags) or "none of our tags"
        message = f"there is a stack {stack.name} already that is not of app {tags['app']}, stage {tags['stage']}"
        hint = f"it carries {whose}: choose another app name or --stage"
        raise ConfigError("CC810", message, hint=hint)


def check_topic(name: str, found: Mapping[str, str] | None, tags: Mapping[str, str]) -> None:
    """Refuse a topic of somebody else: `ConfigError` CC811; `found` None is a topic that is not there."""
    if found is not None and not is_ours(found, tags):
        message = f"there is a topic {name} already that is not of app {tags['app']}, stage {tags['stage']}"
        raise ConfigError("CC811", message, hint="give its ARN under [topics], or rename ours")
