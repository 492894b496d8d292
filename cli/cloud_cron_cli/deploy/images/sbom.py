"""What an image is made of, as a CycloneDX bill of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.images.requirements import Package


class Contents(NamedTuple):
    """What is in an image: `app` and its source hash, the base by reference and digest, and the packages."""

    app: str
    source: str
    base: str
    base_digest: str
    packages: Sequence[Package]


def sbom(contents: Contents, timestamp: str | None = None) -> bytes:
    """The bill as JSON (CycloneDX 1.6); without a time stamp its bytes depend on the contents alone."""
    raise NotImplementedError
