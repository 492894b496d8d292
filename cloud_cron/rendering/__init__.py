"""From a notifier's value to the parts of its content: its own templates, else the default layouts.

Templates are the app's, data is anybody's: Jinja runs sandboxed, undefined names are errors, html is escaped, and what
a template may do and give is bounded. Importing this package loads no template engine; the first rendering does. It
knows no channel beyond the contract, and neither the runtime nor AWS.
"""

from __future__ import annotations

from cloud_cron.rendering.parts import NotifierParts, check_templates
from cloud_cron.rendering.templates import Templates

__all__ = ["NotifierParts", "Templates", "check_templates"]
