"""The port `Account`: whose account it is, and what digest a tag of an image stands for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.aws_session import AwsSession

_DIGEST: Final = re.compile(r"\S+@sha256:[0-9a-f]{64}")
_ECR: Final = re.compile(
    r"(?P<registry>(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.:-]+)"
    r"/(?P<repository>[a-z0-9][a-z0-9._/-]*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
)


class AwsAccount:
    """The account of the credentials, asked for once."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session
        self._arn: str | None = None

    def place(self) -> tuple[str, str]:
        """Region and account number, by GetCallerIdentity."""
        return self._session.region, self._caller().split(":")[4]

    def arn(self, service: str) -> str:
        """What the ARN of everything of a service begins with here, without the last colon."""
        region, account = self.place()
        return f"arn:{self._caller().split(':')[1]}:{service}:{region}:{account}"

    def resolve(self, image: str) -> str:
        """The image by its digest: CC813 for what is no image of ECR, or not there."""
        if _DIGEST.fullmatch(image):
            return image
        found = _ECR.fullmatch(image)
        if not found:
            hint = (
                "name an image of ECR: <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag> or @sha256:<digest>"
            )
            raise ConfigError("CC813", f"{image!r} is no image that Lambda could run", hint=hint)
        if found["region"] != self._session.region:
            message = f"the image is in {found['region']}, and the app is deployed to {self._session.region}"
            raise ConfigError("CC813", message, hint="Lambda runs images of its own region alone: push it there")
        repository, tag = found["repository"], found["tag"] or "latest"
        client = self._session.client("ecr")
        with asking(f"ecr:DescribeImages of {repository}:{tag}"):
            try:
                answer = client.describe_images(
                    registryId=found["account"], repositoryName=repository, imageIds=[{"imageTag": tag}]
                )
            except (client.exceptions.ImageNotFoundException, client.exceptions.RepositoryNotFoundException) as error:
                message = f"there is no image {repository}:{tag} in ECR of account {found['account']}"
                raise ConfigError(
                    "CC813", message, hint="push it first, or check repository, tag and region"
                ) from error
        return f"{found['registry']}/{repository}@{answer['imageDetails'][0]['imageDigest']}"

    def has_image(self, image: str) -> bool:
        """Whether an image by its digest may be there: whoever may not look into the registry leaves that to its owner.

        One of another region is not there: Lambda would not find it either.
        """
        name, _, digest = image.partition("@")
        found = _ECR.fullmatch(name)
        if not found or found["region"] != self._session.region:
            return not found
        client = self._session.client("ecr")
        with asking(f"ecr:DescribeImages of {image}"):
            try:
                client.describe_images(
                    registryId=found["account"],
                    repositoryName=found["repository"],
                    imageIds=[{"imageDigest": digest}],
                )
            except (client.exceptions.ImageNotFoundException, client.exceptions.RepositoryNotFoundException):
                return False
            except client.exceptions.ClientError:
                return True
        return True

    def key_policy(self, key: str) -> dict[str, Any] | None:
        """The policy of a key; None when it may not be read, which is for the key's owner to decide."""
        client = self._session.client("kms")
        try:
            answer = client.get_key_policy(KeyId=key, PolicyName="default")
        except client.exceptions.ClientError as error:
            if error.response["Error"].get("Code") == "AccessDeniedException":
                return None
            with asking(f"kms:GetKeyPolicy of {key}"):
                raise
        policy: dict[str, Any] = json.loads(answer["Policy"])
        return policy

    def caller(self) -> str:
        """Who the credentials are, by their ARN."""
        return self._caller()

    def _caller(self) -> str:
        if self._arn is None:
            with asking("sts:GetCallerIdentity"):
                self._arn = str(self._session.client("sts").get_caller_identity()["Arn"])
        return self._arn
