"""Every check, in the order in which they are made: what is quick comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scripts.release import artefacts, audit, bill, changelog, installing, licences, metadata, suites, version

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.release.outcomes import Outcome
    from scripts.release.tree import Tree


class Check(NamedTuple):
    """What can be asked for by its name."""

    name: str
    run: Callable[[Tree], Outcome]

    @property
    def question(self) -> str:
        """What it answers."""
        return (self.run.__doc__ or "").splitlines()[0].rstrip(".")


CHECKS: Final = (
    Check("version", version.check),
    Check("changelog", changelog.check),
    Check("build", artefacts.build),
    Check("contents", artefacts.contents),
    Check("metadata", metadata.check),
    Check("sdist", artefacts.sdist),
    Check("install", installing.check),
    Check("sbom", bill.check),
    Check("licences", licences.check),
    Check("audit", audit.check),
    Check("docs", suites.docs),
    Check("examples", suites.examples),
    Check("campaign", suites.campaign),
)
