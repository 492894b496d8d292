"""What happens when a schedule fires or a queue has messages: the same functions on Lambda and on one machine.

The cores are plain functions over `cloud_cron.ports`: no clock, no randomness, no AWS client, so that they can be
crashed at every call. Nothing here may import the local engine, the testing kit or the command line.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from cloud_cron.runtime.dispatch import Runtime, handle

__all__ = ["Runtime", "handle"]


def __getattr__(name: str) -> object:
    """Load what is public on first use: a function on Lambda loads what it needs, and no more (PEP 562)."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from cloud_cron.runtime import dispatch  # noqa: PLC0415 - see above

    return getattr(dispatch, name)
