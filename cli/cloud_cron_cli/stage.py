"""A stage on AWS, put together for a command: the project, and the ports on AWS's clients."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_cloudformation import CloudFormation
from cloud_cron_cli.deploy.aws_leavings import AwsLeavings
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.aws_standing import AwsStanding
from cloud_cron_cli.deploy.aws_storage import S3Storage
from cloud_cron_cli.deploy.desired import App
from cloud_cron_cli.deploy.ports import Tools

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.ports import Display
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project


class SystemTime:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def token(self) -> str:
        """Sixteen hexadecimal digits."""
        return os.urandom(8).hex()


def app_of(project: Project) -> App:
    """What is deployed of a project."""
    return App(project.model, project.settings)


def standing_of(choices: Choices, project: Project) -> AwsStanding:
    """What tells how the stage stands; no call is made yet."""
    return AwsStanding(_session(choices, project))


def tools(choices: Choices, project: Project, display: Display) -> Tools:
    """The ports on AWS; no call is made, and nothing of AWS imported, yet."""
    session = _session(choices, project)
    account = AwsAccount(session)
    return Tools(
        CloudFormation(session), S3Storage(session), AwsLeavings(session, account), account, SystemTime(), display
    )


def _session(choices: Choices, project: Project) -> AwsSession:
    return AwsSession(choices.region or project.settings.region, choices.profile, choices.endpoint_url)
