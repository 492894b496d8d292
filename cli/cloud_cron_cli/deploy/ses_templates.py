"""The template files of a project that Amazon SES is given: read before anything is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.channels import templated
from cloud_cron.rendering import NotifierParts, Templates
from cloud_cron_cli.deploy.template.ses_templates import is_made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cloud_cron.model import AppModel


def read(model: AppModel, folder: Path) -> dict[str, Mapping[str, str]]:
    """The parts of every template that the stack makes, by the name of its notifier.

    Raises `RenderError`: CC407 for one that is not there, lacks a part or is too large, CC402 for a broken one.
    """
    files = Templates(folder / model.templates, model.templates)
    found: dict[str, Mapping[str, str]] = {}
    for notifier in model.notifiers:
        if is_made(notifier):
            parts = NotifierParts(notifier, model.name, files)
            for error in parts.check():
                raise error
            found[notifier.name] = templated.sources(parts)
    return found
