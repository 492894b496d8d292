"""The pytest plug-in: its fixtures, its marker and its options, from the plug-in itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cloud_cron.testing import plugin
from scripts.docs.reference.writing import docstring, joined, table

if TYPE_CHECKING:
    import pytest

FIXTURES = (plugin.cron, plugin.cron_aws)


class Listing:
    """Takes the place of pytest's parser, and writes down what it is told."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self.options: list[tuple[str, str]] = []
        self.settings: list[tuple[str, str]] = []

    def getgroup(self, _: str) -> Self:
        """One group is as good as another."""
        return self

    def addoption(self, name: str, **said: Any) -> None:  # noqa: ANN401 - argparse's
        """An option of pytest's command line."""
        takes = said.get("metavar") or "|".join(said.get("choices", ()))
        self.options.append((f"{name} {takes}".rstrip(), said["help"]))

    def addini(self, name: str, help: str, default: object) -> None:  # noqa: A002, ARG002 - pytest's own words
        """A setting of `[tool.pytest.ini_options]`."""
        self.settings.append((name, help))


def section() -> str:
    """The section of the plug-in."""
    said = listed()
    return joined(
        "## The pytest plug-in",
        "It is there wherever cloud-cron and pytest are installed, and needs no set-up: the folder of a test module's "
        "project is on `sys.path`, its `cloud-cron.toml` is read for the stage `test`, and no secret is resolved.",
        table(["fixture", "is"], [(f"`{each.__name__}`", " ".join(docstring(each).split())) for each in FIXTURES]),
        _marker(),
        table(["option of pytest", "does"], [(f"`{name}`", meaning) for name, meaning in said.options]),
        table(["setting of pytest", "is"], [(f"`{name}`", meaning) for name, meaning in said.settings]),
    ).rstrip()


def listed() -> Listing:
    """What the plug-in declares."""
    found = Listing()
    parser: pytest.Parser = found  # type: ignore[assignment]  # all that the plug-in asks of one
    plugin.pytest_addoption(parser)
    return found


def _marker() -> str:
    call, _, meaning = plugin._MARKER.partition(": ")  # noqa: SLF001 - what pytest shows is told
    return f"`@pytest.mark.{call}` says {meaning}."
