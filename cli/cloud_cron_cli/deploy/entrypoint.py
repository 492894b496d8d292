"""What every function of an app is started with."""

from __future__ import annotations

from typing import Final

ENTRYPOINT: Final = "cloud_cron.runtime.entrypoint.handler"
"""One handler, which looks into its environment for the task or notifier that it is."""
