"""The port `Registry`: where ECR keeps repositories, on AWS and in an emulator that takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.aws_account import AwsAccount
    from cloud_cron_cli.deploy.aws_session import AwsSession


class EcrRegistry(NamedTuple):
    """Nothing is asked yet."""

    session: AwsSession
    account: AwsAccount

    def uri(self, name: str) -> str:
        """The URI of a repository, there or not yet: on AWS by names alone, while an emulator is asked."""
        if self._is_emulated:
            return self._told(name)
        region, account = self.account.place()
        return f"{account}.dkr.ecr.{region}.{self.session.suffix}/{name}"

    def serves(self, uri: str) -> bool:
        """Whether images may go there: whoever speaks to an emulator of ECR has no business with AWS's registries."""
        host = uri.partition("/")[0].partition(":")[0]
        return not (self.session.is_own(host) and self._is_emulated)

    @property
    def _is_emulated(self) -> bool:
        endpoint = urlsplit(self.session.client("ecr").meta.endpoint_url)
        return not self.session.is_own(endpoint.hostname or "")

    def _told(self, name: str) -> str:
        """The repository by itself, else by the registry that a login is for (ECR API Reference)."""
        client = self.session.client("ecr")
        with asking(f"ecr:DescribeRepositories of {name}"):
            try:
                found = client.describe_repositories(repositoryNames=[name])["repositories"]
                return str(found[0]["repositoryUri"])
            except client.exceptions.RepositoryNotFoundException:
                pass
        with asking("ecr:GetAuthorizationToken"):
            place = client.get_authorization_token()["authorizationData"][0]["proxyEndpoint"]
        return f"{place.rpartition('://')[2].rstrip('/')}/{name}"
