"""The tags of a repository of ECR: what a registry's own API does not tell, or do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.images.registry.credentials import ECR_HOST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.images.reference import Reference

_MOST: Final = 100
"""Images of one call (ECR API Reference, `BatchDeleteImage`)."""


class EcrTags(NamedTuple):
    """Port `Tags`."""

    client: Any
    registry: str
    name: str

    @classmethod
    def of(cls, session: AwsSession, repository: Reference) -> EcrTags | None:
        """Those of a repository; None for one that is not ECR's."""
        found = ECR_HOST.fullmatch(repository.host)
        if not found:
            return None
        return cls(session.elsewhere(found["region"]).client("ecr"), found["account"], repository.name)

    def all(self) -> Mapping[str, str]:
        """Every tag with its digest, by ListImages; none where there is no repository yet."""
        place = {"registryId": self.registry, "repositoryName": self.name}
        pages = self.client.get_paginator("list_images").paginate(**place, filter={"tagStatus": "TAGGED"})
        with asking(f"ecr:ListImages of {self.name}"):
            try:
                found = [each for page in pages for each in page["imageIds"]]
            except self.client.exceptions.RepositoryNotFoundException:
                return {}
        return {each["imageTag"]: each["imageDigest"] for each in found}

    def remove(self, tags: Sequence[str]) -> None:
        """Take tags away, by BatchDeleteImage: an image whose last tag goes, goes too."""
        for first in range(0, len(tags), _MOST):
            ids = [{"imageTag": tag} for tag in tags[first : first + _MOST]]
            with asking(f"ecr:BatchDeleteImage of {self.name}"):
                self.client.batch_delete_image(registryId=self.registry, repositoryName=self.name, imageIds=ids)
