"""What Lambda calls: every function of an app, whatever it is, has the handler `cloud_cron.runtime.entrypoint.handler`.

Importing this module does nothing. `handler` is made when it is asked for, which awslambdaric does once, while the
function is initialised; which task or notifier it stands for is never guessed from an event, but said by the
environment variable CLOUD_CRON_HANDLER.
"""

from __future__ import annotations

import os


def __getattr__(name: str) -> object:
    """`handler`, ready for its first event; raises what `function.from_environment` raises."""
    if name == "handler":
        from cloud_cron.runtime.function import from_environment  # noqa: PLC0415 - only Lambda asks for it

        return from_environment(os.environ)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
