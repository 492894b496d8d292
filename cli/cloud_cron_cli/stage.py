"""A stage on AWS, put together for a command: the project, and the ports on AWS's clients."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cloud_cron.errors import NotFound
from cloud_cron_cli import runs
from cloud_cron_cli.deploy import aws_logs, ses_templates
from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_cloudformation import CloudFormation
from cloud_cron_cli.deploy.aws_leavings import AwsLeavings
from cloud_cron_cli.deploy.aws_logs import AwsLogs
from cloud_cron_cli.deploy.aws_mail import AwsMail
from cloud_cron_cli.deploy.aws_place import AwsPlace
from cloud_cron_cli.deploy.aws_standing import AwsStanding
from cloud_cron_cli.deploy.aws_storage import S3Storage
from cloud_cron_cli.deploy.deployed import main_of, read
from cloud_cron_cli.deploy.desired import App
from cloud_cron_cli.deploy.ports import Tools
from cloud_cron_cli.identity import session_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.ports import Display, Images, Prepared
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
    """What a stage is known by: enough for whoever changes nothing in it."""
    return App(project.model, project.settings)


def whole_app(project: Project) -> App:
    """Everything that is deployed of a project; raises what `ses_templates.read` raises."""
    return App(project.model, project.settings, ses_templates.read(project.model, project.folder))


class NoImages:
    """For commands that make none."""

    def prepared(self, app: App, found: Deployed) -> Prepared:  # noqa: ARG002 - the port's signature
        """A mistake of ours."""
        raise AssertionError

    def running(self, functions: Sequence[str]) -> frozenset[str]:  # noqa: ARG002 - the same
        """A mistake of ours."""
        raise AssertionError


def standing_of(choices: Choices, project: Project) -> AwsStanding:
    """What tells how the stage stands; no call is made yet."""
    return AwsStanding(session_of(choices, project))


def place_of(choices: Choices, project: Project) -> AwsPlace:
    """What stands on AWS of a stage, for whoever operates it: reads its stacks; CC826 when there are none."""
    session = session_of(choices, project)
    return AwsPlace(project, _found(session, project), session, AwsAccount(session))


def logs_of(choices: Choices, project: Project, names: Sequence[str]) -> AwsLogs:
    """The log of a stage on AWS, as far as it may be about these names: reads its stacks.

    `NotFound` CC826 when nothing is deployed, or not that part; CC720 and CC721 for a name that nothing has.
    """
    session = session_of(choices, project)
    found = _found(session, project)
    main_of(found, project.model.name, project.stage)
    known = {owner for source in aws_logs.sources(found) for owner in source.about.values()}
    for part in map(runs.part, names):
        if part not in known:
            project.part(part)
            message = f"{part!r} is not deployed at stage {project.stage}"
            raise NotFound("CC826", message, hint="cloud-cron deploy")
    return AwsLogs(session, aws_logs.sources(found, names), SystemTime())


def _found(session: AwsSession, project: Project) -> Deployed:
    return read(CloudFormation(session), project.model.name, project.stage, app_of(project).tags)


def tools(choices: Choices, project: Project, display: Display, images: Images | None = None) -> Tools:
    """The ports on AWS; no call is made, and nothing of AWS imported, yet."""
    session = session_of(choices, project)
    account = AwsAccount(session)
    leavings = AwsLeavings(session, account)
    found = images or NoImages()
    return Tools(
        CloudFormation(session), S3Storage(session), leavings, account, SystemTime(), display, found, AwsMail(session)
    )
