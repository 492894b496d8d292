"""The default layouts: what a message looks like when nobody designed a template for it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import RenderError
from cloud_cron.rendering import columns, limits
from cloud_cron.rendering.templates import ENDINGS, LAYOUTS, Templates
from cloud_cron.rendering.view import view

if TYPE_CHECKING:
    from collections.abc import Mapping

LABEL: Final = "cloud_cron/layouts"
"""How errors spell their folder."""
_NO_LIMIT: Final = limits.Limit(40_000_000, "bytes", len)


@cache
def _layouts() -> Templates:
    return Templates(LAYOUTS, LABEL)


@cache
def _name(channel: str, part: str) -> str | None:
    """The layout of that part: of the channel if it has one, else of all. They are the library's own, and stay."""
    names = [f"{stem}{ENDINGS.get(part, f'.{part}')}" for stem in (channel, "default")]
    return next((name for name in names if _layouts().path(name)), None)


def render(channel: str, part: str, app: str, variables: Mapping[str, Any]) -> str:
    """The default of that part: of the channel if it has one, else of all; raises `RenderError` (CC401) for no layout.

    Data is shown whole or with a remark that there is more, so that no layout fails for the size of a payload.
    """
    name = _name(channel, part)
    if name is None:
        message = f"there is no default layout for the part {part!r}"
        raise RenderError("CC401", message, hint=f"give the notifier a template for {part}")
    shown = view(app, variables)
    given = {"view": shown, "text_of": columns.text_of, "one_line": columns.one_line}
    return _layouts().engine(part).file(name).render(given, _NO_LIMIT)
