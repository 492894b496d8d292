"""A project as the simulator takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.aws.clients import MachineClients
from cloud_cron.aws.secrets import AwsSecrets
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.runtime.machine import SystemClock
from cloud_cron.testing.backends import InMemory
from cloud_cron.testing.setup import Setup

if TYPE_CHECKING:
    from cloud_cron_cli.project import Project


def setup_of(project: Project) -> Setup:
    """The app with the configuration of its stage, and its real secrets."""
    secrets = MachineSecrets(AwsSecrets(MachineClients(), SystemClock()))
    return Setup(project.app, project.model, project.settings, project.folder, secrets, InMemory())
