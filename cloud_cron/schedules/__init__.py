"""The schedule language of Amazon EventBridge Scheduler, as pure functions.

It exists so that a test, a laptop, one machine and AWS agree on when a task is due, and so that an expression AWS would
refuse, or read otherwise than its author meant, is found where it was written. `Schedule` answers when; `describe` says
it in words; `lint` finds what is legal and still a mistake; `emit` gives the expression to hand to AWS.

Nothing here reads a clock, the environment or the network, and nothing here may import the rest of the package but
`cloud_cron.errors`. Only `Schedule` is loaded at once: the words, the linter and the explanations of mistakes are
imported when they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.schedules.schedule import Schedule

if TYPE_CHECKING:
    from cloud_cron.schedules.emission import Emitted, emit
    from cloud_cron.schedules.findings import Finding
    from cloud_cron.schedules.linter import lint
    from cloud_cron.schedules.words import describe

__all__ = ["Emitted", "Finding", "Schedule", "describe", "emit", "lint"]

_HOMES = {"Emitted": "emission", "Finding": "findings", "describe": "words", "emit": "emission", "lint": "linter"}


def __getattr__(name: str) -> object:
    """Import a public name from its module on first use (PEP 562)."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 - only the first use pays for it

    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every public name, loaded or not."""
    return sorted({*globals(), *__all__})
