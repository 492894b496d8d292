"""The reference, made of the code: a page for each name, as the text that stands in no file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scripts.docs.reference import api, commands, configuration, costs, resources, shapes, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "reference/commands.md": commands.page,
    "reference/api.md": api.page,
    "reference/configuration.md": configuration.page,
    "reference/variables.md": variables.page,
    "reference/json.md": shapes.page,
    "reference/resources.md": resources.page,
    "reference/costs.md": costs.page,
}
