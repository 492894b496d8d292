"""AWS's clients for a person's machine: region, profile and endpoint as they were chosen on the command line."""

from __future__ import annotations

import os
from typing import Any, Final

from cloud_cron.errors import UnsupportedError
from cloud_cron_cli.deploy.aws_errors import asking

PATIENCE: Final = 30.0


class AwsSession:
    """Clients by botocore's names of services, each made when it is first asked for; botocore is imported then."""

    def __init__(self, region: str | None = None, profile: str | None = None, endpoint_url: str | None = None) -> None:
        """What is None comes from the environment and the files of AWS."""
        self._region = region
        self._profile = profile
        self._endpoint_url = endpoint_url
        self._made: dict[tuple[str, float], Any] = {}
        self._session: Any = None

    @property
    def region(self) -> str:
        """The region; `UnsupportedError` CC805 when none is known. botocore itself reads AWS_DEFAULT_REGION alone."""
        region = self._region or os.environ.get("AWS_REGION") or self._botocore().get_config_variable("region")
        if not region:
            hint = 'give --region, set AWS_REGION, or write region = "eu-central-1" in cloud-cron.toml'
            raise UnsupportedError("CC805", "no AWS region is known", hint=hint)
        return str(region)

    @property
    def partition(self) -> str:
        """The family of regions that this one is of, such as `aws`, by botocore's list of them."""
        with asking(f"the partition of {self.region}"):
            return str(self._botocore().get_partition_for_region(self.region))

    @property
    def suffix(self) -> str:
        """What the names of AWS's hosts end in here, such as `amazonaws.com`."""
        return str(self._outputs["dnsSuffix"])

    def is_own(self, host: str) -> bool:
        """Whether a host is one of AWS's here; over IPv6, too, they end as in `api.aws` and `on.aws`."""
        newer = self._outputs["dualStackDnsSuffix"].partition(".")[2]
        return host.endswith((f".{self.suffix}", f".{newer}"))

    @property
    def _outputs(self) -> dict[str, Any]:
        known = self._botocore().get_component("data_loader").load_data("partitions")["partitions"]
        found: dict[str, Any] = next(each["outputs"] for each in known if each["id"] == self.partition)
        return found

    def elsewhere(self, region: str) -> AwsSession:
        """The same person in a region, which may be this one."""
        return self if region == self.region else AwsSession(region, self._profile, self._endpoint_url)

    def client(self, service: str, seconds: float = PATIENCE) -> Any:  # noqa: ANN401 - whatever botocore makes of it
        """The client of a service, which waits so long for an answer.

        `UnsupportedError` CC801 without credentials or profile, CC805 without a region.
        """
        if (service, seconds) not in self._made:
            with asking(f"{service} client"):
                self._made[service, seconds] = self._make(service, seconds)
        return self._made[service, seconds]

    def _make(self, service: str, seconds: float) -> Any:  # noqa: ANN401 - the same
        from botocore.config import Config  # noqa: PLC0415 - a command that fails earlier does without

        attempts = {} if os.environ.get("AWS_MAX_ATTEMPTS") else {"total_max_attempts": 6}
        retries: Any = {"mode": "standard", **attempts}
        style: Any = {"addressing_style": "path"} if self._endpoint_url else {}
        config = Config(connect_timeout=5, read_timeout=seconds, retries=retries, s3=style)
        session = self._botocore()
        region = self.region
        if session.get_credentials() is None:
            hint = "run `aws configure` or `aws sso login`, give --profile, or set AWS_ACCESS_KEY_ID"
            raise UnsupportedError("CC801", "there are no AWS credentials", hint=hint)
        return session.create_client(service, region_name=region, endpoint_url=self._endpoint_url, config=config)

    def _botocore(self) -> Any:  # noqa: ANN401 - botocore's session
        if self._session is None:
            from botocore.session import Session  # noqa: PLC0415 - the same

            self._session = Session(profile=self._profile)
        return self._session
