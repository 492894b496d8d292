"""The bill of materials of the wheel: what it needs to run, in the shape of the bills of images."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.images import cyclonedx
from cloud_cron_cli.deploy.images.packages import OWN, Package
from scripts.release import lock
from scripts.release.artefacts import of_what_is_built
from scripts.release.outcomes import Failed, Ok, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.release.tree import Built, Tree


@of_what_is_built
def check(tree: Tree, built: Built) -> Outcome:
    """Write what the wheel needs to `cloud-cron.cdx.json`, as a bill of materials."""
    pinned = lock.exported(tree)
    if pinned.code:
        return Failed(f"uv.lock could not be read: {pinned.last}")
    digest = hashlib.sha256(built.wheel.read_bytes()).hexdigest()
    wheel = Package(OWN, tree.version, (f"sha256:{digest}",))
    packages = lock.packages(pinned.text)
    file = tree.out / f"{OWN}.cdx.json"
    file.write_bytes(sbom(wheel, packages, lock.needs(tree.read("uv.lock"))))
    return Ok(f"{file.relative_to(tree.root).as_posix()}: {len(packages)} packages")


def sbom(wheel: Package, packages: Sequence[Package], needs: Mapping[str, Sequence[str]]) -> bytes:
    """The bill; its bytes depend on the wheel and the lock alone."""
    subject, *others = [cyclonedx.library(each) for each in (wheel, *sorted(packages))]
    references = {name: [each["bom-ref"] for each in others if each["name"] == name] for name in needs}
    return cyclonedx.bill(
        subject,
        others,
        {
            each["bom-ref"]: [ref for name in needs.get(each["name"], ()) for ref in references.get(name, ())]
            for each in (subject, *others)
        },
    )
