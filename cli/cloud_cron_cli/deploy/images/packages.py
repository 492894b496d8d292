"""Packages with version and hashes, as the text of a requirements file and as values."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron_cli.deploy.images.targets import Target

FORMAT: Final = 1
"""Grows when the same packages are installed as other files."""
OWN: Final = "cloud-cron"
_NAME: Final = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*")
_HASH: Final = re.compile(r"--hash[=\s]+(sha256:[0-9a-f]{64})")
_WHEEL: Final = r"/[^/]*?-([^/-]+)(?:-[^/-]+){3,4}\.whl"


class Package(NamedTuple):
    """One package, of the index unless it has an address of its own; any of the hashes is good."""

    name: str
    version: str
    hashes: tuple[str, ...]
    url: str | None = None

    def __str__(self) -> str:
        """As a requirements file has it."""
        pin = f"{self.name}=={self.version}" if self.url is None else f"{self.name} @ {self.url}"
        return " \\\n    --hash=".join([pin, *self.hashes])


class Locked(NamedTuple):
    """Packages as text, in order of name; `options` are where else they are, which changes nothing about them.

    `asked` are those that the project itself names. `modules` are all that is loaded of the packages that they begin
    with, for each of which folders that they never reach are left out.
    """

    text: str
    target: Target
    options: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    modules: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of whatever is installed from it."""
        told = [str(FORMAT), str(self.target), *self.modules, self.text]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def trimmed(self, modules: Iterable[str]) -> Locked:
        """The same with no more of packages than these modules need, but of those that the project names."""
        needed = (name for name in modules if canonical(name.partition(".")[0]) not in self.asked)
        return self._replace(modules=tuple(sorted(needed)))

    def pins(self, name: str, version: str) -> bool:
        """Whether this is among them; the text is searched, since to read all of it takes long."""
        return bool(re.search(rf"^{re.escape(name)}=={re.escape(version)}(?!\S)", self.text, re.MULTILINE))

    @property
    def packages(self) -> tuple[Package, ...]:
        """What the text says."""
        return parsed(self.text)


def text_of(packages: Iterable[Package]) -> str:
    """The text of a requirements file, which depends on the packages alone."""
    tidy = (each._replace(name=canonical(each.name), hashes=tuple(sorted(set(each.hashes)))) for each in packages)
    return "".join(f"{package}\n" for package in sorted(tidy))


@lru_cache(maxsize=2)
def parsed(text: str) -> tuple[Package, ...]:
    """The packages of a requirements file in which each has one version; lines that are none are passed over."""
    return tuple(package for line in lines(text) if (package := _package(line)))


def lines(text: str) -> list[str]:
    """The lines of a requirements file, joined where they go on, without remarks (pip, "Requirements File Format")."""
    whole = re.sub(r"\\\r?\n", " ", text)
    bare = (re.sub(r"(^|\s)#.*", "", line).strip() for line in whole.splitlines())
    return [re.sub(r"\s+", " ", line) for line in bare if line]


def name_of(line: str) -> str | None:
    """The package that a line asks for, None for an option or an address alone."""
    found = _NAME.match(line)
    return canonical(found[1]) if found and re.match(r"[<>=!~;@(\s-]|\Z", line[found.end() :]) else None


def canonical(name: str) -> str:
    """The one spelling of a name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(line: str) -> Package | None:
    name, found = name_of(line), _NAME.match(line)
    if name is None or found is None:
        return None
    what = re.split(r" --hash|\s;", line[found.end() :])[0].strip()
    hashes = tuple(_HASH.findall(line))
    if what.startswith("=="):
        return Package(name, what.lstrip("=").partition(";")[0].strip(), hashes)
    if what.startswith("@"):
        url = what.removeprefix("@").strip()
        version = re.search(_WHEEL, url)
        return Package(name, version[1] if version else "", hashes, url)
    return None
