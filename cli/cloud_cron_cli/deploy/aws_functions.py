"""Which images functions run, whatever a template says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.aws_session import AwsSession

_AT_ONCE: Final = 4


def running(session: AwsSession, functions: Sequence[str]) -> frozenset[str]:
    """The digests of their images, by GetFunction; a function that is not there runs none."""
    client = session.client("lambda")

    def image(function: str) -> str:
        with asking(f"lambda:GetFunction of {function}"):
            try:
                code = client.get_function(FunctionName=function)["Code"]
            except client.exceptions.ResourceNotFoundException:
                return ""
        return str(code.get("ResolvedImageUri") or code.get("ImageUri", ""))

    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only a deploy asks

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        uris = list(pool.map(image, functions))
    return frozenset(uri.rpartition("@")[2] for uri in uris if "@" in uri)
