"""What an image is made of, as a bill of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron import __version__
from cloud_cron_cli.deploy.images.cyclonedx import bill, component, library, quoted
from cloud_cron_cli.deploy.images.packages import OWN, Package

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.images.cyclonedx import Component


class Contents(NamedTuple):
    """What is in an image: the app and the hash of its sources, the base by reference and digest, and the packages."""

    app: str
    source: str
    base: str
    base_digest: str
    packages: Sequence[Package]


def sbom(contents: Contents, timestamp: str | None = None) -> bytes:
    """The bill; without a time stamp (RFC 3339) its bytes depend on the contents alone."""
    purl = f"pkg:generic/{quoted(contents.app)}@{quoted(contents.source)}"
    app = component("application", contents.app, contents.source, purl)
    libraries = [library(each) for each in (Package(OWN, __version__, ()), *sorted(contents.packages))]
    components = [_base(contents), *libraries]
    return bill(app, components, {purl: [each["bom-ref"] for each in components]}, timestamp)


def _base(contents: Contents) -> Component:
    """The base image, by its digest; the name of its repository tells where it is."""
    algorithm, _, digest = contents.base_digest.partition(":")
    name = contents.base.partition("@")[0]
    repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    last = repository.rpartition("/")[2].lower()
    purl = f"pkg:oci/{quoted(last)}@{quoted(contents.base_digest)}?repository_url={quoted(repository)}"
    hashes = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": digest}]
    return {**component("container", repository, contents.base_digest, purl), "hashes": hashes}
