"""What commands make and move images with, put together: the user's cache, registries, and ECR."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_ecr import EcrLogin, EcrUploader
from cloud_cron_cli.deploy.aws_functions import running
from cloud_cron_cli.deploy.aws_registry import EcrRegistry
from cloud_cron_cli.deploy.aws_repository import EcrTags
from cloud_cron_cli.deploy.images.cache import users_cache
from cloud_cron_cli.deploy.images.deploying import AppImages, Means
from cloud_cron_cli.deploy.images.registry.credentials import DockerCredentials, Keyring
from cloud_cron_cli.deploy.images.registry.registries import Registries
from cloud_cron_cli.identity import session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron_cli.deploy.images.options import Wish
    from cloud_cron_cli.deploy.images.ports import Transfers
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project


def means_of(choices: Choices, project: Project | None, transfers: Transfers, say: Callable[[str], None]) -> Means:
    """The means; nothing is asked, and nothing of AWS imported, yet."""
    session, cache = session_of(choices, project), users_cache()
    return Means(
        Registries(Keyring(DockerCredentials(), EcrLogin(session)), cache=cache),
        cache,
        transfers,
        say,
        partial(EcrTags.of, session),
        partial(EcrUploader.of, session),
        EcrRegistry(session, AwsAccount(session)),
        partial(running, session),
    )


def images_of(project: Project, means: Means, wish: Wish, *, keeps_lock: bool = True) -> AppImages:
    """The images of a project."""
    return AppImages(project.folder, means, wish, keeps_lock=keeps_lock)
