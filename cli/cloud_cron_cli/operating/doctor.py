"""What is not as it should be: everything that needs a person, then what is good to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron_cli.operating import letter_findings, mail_findings, owners, part_findings, run_findings
from cloud_cron_cli.operating.findings import ERROR
from cloud_cron_cli.operating.letters import Letter, LostRun

if TYPE_CHECKING:
    from cloud_cron_cli.operating.findings import Finding
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.project import Project


class Diagnosis(NamedTuple):
    """What was found, and how many letters nobody could look at, at least."""

    findings: list[Finding]
    unseen: int

    @property
    def is_well(self) -> bool:
        """Whether nothing needs a person."""
        return not any(finding.severity == ERROR for finding in self.findings)


def examine(project: Project, place: Place) -> Diagnosis:
    """Look at everything; nothing is changed."""
    heap, vitals = owners.every(place), place.vitals()
    found = [
        *part_findings.find(place, vitals),
        *run_findings.lost(place, [each for each in heap.seen if isinstance(each, LostRun)]),
        *([] if vitals.idle else run_findings.left(place, vitals.under_way)),
        *letter_findings.find(project, place, [each for each in heap.seen if isinstance(each, Letter)]),
        *mail_findings.unheard(vitals.unheard),
        *mail_findings.told(project, place),
        *run_findings.skipped(vitals.newest),
    ]
    return Diagnosis(sorted(found, key=lambda finding: finding.severity != ERROR), heap.unseen)
