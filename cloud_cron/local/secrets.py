"""Secrets on one machine: from the environment, from a file such as a systemd credential, or from AWS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_cron.errors import NotFound, UnsupportedError
from cloud_cron.runtime.redacting import know

if TYPE_CHECKING:
    from cloud_cron.ports import Secrets


class MachineSecrets:
    """Resolves `env:NAME` and `file:PATH`, each time it is asked; what AWS keeps, `aws` resolves where there is one."""

    def __init__(self, aws: Secrets | None = None) -> None:
        """Without `aws`, its stores are not asked."""
        self._aws = aws

    def get(self, name: str, reference: str) -> str:
        """The value behind the reference: CC507 when it is not there, CC508 for a reference of another place."""
        scheme, _, rest = reference.partition(":")
        match scheme:
            case "env":
                value = os.environ.get(rest)
                if value is None:
                    message = f"secret {name!r}: the environment has no {rest}"
                    raise NotFound("CC507", message, hint=f"set {rest}, or refer to another place")
                return know(value)
            case "file":
                try:
                    return know(Path(rest).read_text(encoding="utf-8").strip())
                except UnicodeDecodeError:
                    message = f"secret {name!r}: {rest} is not UTF-8 text"
                    raise NotFound(
                        "CC507", message, hint="refer to a file that holds the secret and nothing else"
                    ) from None
                except OSError as error:
                    message = f"secret {name!r}: {rest} cannot be read: {error.strerror}"
                    raise NotFound("CC507", message, hint="check the path and its permissions") from None
            case _:
                return self._from_aws(name, reference)

    def forget(self, reference: str) -> None:
        """Only what comes from AWS is kept."""
        if self._aws:
            self._aws.forget(reference)

    def _from_aws(self, name: str, reference: str) -> str:
        why = "which is not asked here"
        try:
            if self._aws:
                return self._aws.get(name, reference)
        except UnsupportedError as error:
            why = f"and {error.message}"
        message = f"secret {name!r} is kept in {reference.partition(':')[0]}, {why}"
        hint = "give this stage an env: or file: reference, or this machine a region and credentials of AWS"
        raise UnsupportedError("CC508", message, hint=hint)
