"""Who a command is to AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.aws_session import AwsSession

if TYPE_CHECKING:
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project


def session_of(choices: Choices, project: Project | None) -> AwsSession:
    """Who we are to AWS, and where."""
    return AwsSession(
        choices.region or (project.settings.region if project else None), choices.profile, choices.endpoint_url
    )
