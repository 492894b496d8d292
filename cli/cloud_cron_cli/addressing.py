"""Command lines to run next, at the place that this one is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cloud_cron_cli.options import Choices

_OURS: Final = "cloud-cron "
_HOSTS: Final = frozenset({f"{_OURS}serve", f"{_OURS}dev"})
"""A host is begun at no other place than here."""


def addressed(line: str, choices: Choices, *, dev: bool = False, remote: bool = False) -> str:
    """The line with what was chosen for this command, whoever it is to be run by."""
    there = _options(
        (choices.region, f"--region {choices.region}"),
        (choices.profile, f"--profile {choices.profile}"),
        (choices.endpoint_url, f"--endpoint-url {choices.endpoint_url}"),
    )
    if not line.startswith(_OURS):
        return f"{line}{there}"
    stage = _options((choices.app, f"--app {choices.app}"), (choices.stage != "dev", f"--stage {choices.stage}"))
    here = _options((dev, "--dev"), (remote, "--remote"))
    return f"{line}{stage}{there}{'' if line in _HOSTS else here}"


def _options(*given: tuple[object, str]) -> str:
    return "".join(f" {text}" for wanted, text in given if wanted)
