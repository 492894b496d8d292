"""The optional `cloud-cron.toml` beside the entry module: what differs between places, and from stage to stage.

Reading it (`load`) gives the frozen `Settings` of one stage; applying them to a model (`resolve`) gives another model,
which is all that the other parts of cloud-cron look at. Every key of every stage is checked at once, so that a mistake
in `[stages.prod]` is found on the laptop. Nothing here reads the environment, and no value may be a secret.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Final

    from cloud_cron.config.loading import load
    from cloud_cron.config.resolving import resolve
    from cloud_cron.config.settings import Settings

__all__ = ["FILE", "Settings", "load", "resolve"]

FILE: Final = "cloud-cron.toml"
_HOMES = {"Settings": "settings", "load": "loading", "resolve": "resolving"}


def __getattr__(name: str) -> object:
    """Import what reads and applies a file on first use: a function whose app has none does without (PEP 562)."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 - only the first use pays for it

    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
