"""What happens when a schedule fires or a queue has messages: the same functions on Lambda and on one machine.

The cores are plain functions over `cloud_cron.ports`: no clock, no randomness, no AWS client, so that they can be
crashed at every call. Nothing here may import the local engine, the testing kit or the command line.
"""

from __future__ import annotations

from cloud_cron.runtime.entrypoint import Runtime, handle

__all__ = ["Runtime", "handle"]
