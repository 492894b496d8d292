"""Secrets as a task or notifier sees them: names, each resolved when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.ports import Secrets


class SecretValues(Mapping[str, str]):
    """The secrets of one task or notifier, each resolved when it is asked for; never shown."""

    def __init__(self, references: Mapping[str, str], secrets: Secrets) -> None:
        """`references` by the names that the user's code knows them by."""
        self._references = references
        self._secrets = secrets

    def __getitem__(self, name: str) -> str:
        """The value; KeyError for a name that was not declared."""
        return self._secrets.get(name, self._references[name])

    def __contains__(self, name: object) -> bool:
        """Whether the name was declared; nothing is resolved for that."""
        return name in self._references

    def __iter__(self) -> Iterator[str]:
        """The declared names."""
        return iter(self._references)

    def __len__(self) -> int:
        """How many are declared."""
        return len(self._references)

    def __repr__(self) -> str:
        """Names only."""
        return f"SecretValues({sorted(self._references)})"
