"""What a project asks for, from whichever of its files says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ConfigError, ImageError, closest
from cloud_cron_cli.deploy.images.packages import OWN, canonical, lines, name_of
from cloud_cron_cli.deploy.images.secrecy import holds_password

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES: Final = ("pylock.toml", "uv.lock", "requirements.txt", "pyproject.toml")
"""In this order; the first that is there is the one."""
_OPTION: Final = re.compile(r"(-[a-zA-Z]|--[a-z-]+)[=\s]?\s*(.*)")
_INDEX: Final = frozenset({"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index"})
_NO_MATTER: Final = frozenset(
    {"--no-binary", "--only-binary", "--pre", "--prefer-binary", "--require-hashes", "--trusted-host", "--use-feature"}
)
"""What else pip takes in such a file, and what changes nothing here: only wheels are taken, each with a hash."""
_MORE: Final = frozenset({"-r", "--requirement"})
_LESS: Final = frozenset({"-c", "--constraint"})
_EDITABLE: Final = frozenset({"-e", "--editable"})
_SOURCES: Final = re.compile(r"(-e|--editable)\b|(\S+\s*@\s*)?((git|hg|svn|bzr)\+|file:)|\.{0,2}/|[^\s;@]+[/\\]")


class Asked(NamedTuple):
    """Lines of a requirements file: what is wanted, what it may be at most, and where else to look.

    `source` is the file of the project that says it. With `exported`, uv reads the lines from its own lock, which
    `told` stands for, and `named` are the packages that `pyproject.toml` asks for.
    """

    source: str
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    told: str = ""
    exported: bool = False
    named: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The packages that the project names itself."""
        return frozenset(self.named) | {name for line in self.requirements if (name := name_of(line))}


def asked(folder: Path, named: str | None) -> Asked:
    """What the project asks for, without cloud-cron itself, which comes from the running installation.

    `named` is a file of the project, None for the first of FILES. Raises `ImageError`: CC862 for a dependency that is
    sources and no wheel, CC863 for a file that cannot be read; `ConfigError` CC506 for a package at an address with a
    password.
    """
    name = named or next((name for name in FILES if (folder / name).is_file()), None)
    if name is None:
        return Asked("the app")
    kind = name.rpartition("/")[2]
    if kind == "uv.lock":
        return _uv_lock(folder / name)
    if kind == "pyproject.toml":
        return _project(folder / name)
    if kind.startswith("pylock.") and kind.endswith(".toml"):
        return _pylock(folder / name)
    return _requirements(folder / name, name)


def _requirements(path: Path, source: str) -> Asked:
    """A requirements file, with those that it names."""
    found = list(_followed(path, _MORE, ()))
    kinds = {kind: tuple(dict.fromkeys(line for each, line in found if each == kind)) for kind in ("", "-c", "-f")}
    return Asked(source, kinds[""], kinds["-c"], kinds["-f"])


def _followed(path: Path, kind: frozenset[str], above: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    """The lines of a file, each as `""` for what is wanted, `-c` for a constraint, `-f` for a place to look."""
    path = path.resolve()
    if path in above:
        return
    for line in lines(_text(path)):
        option = _OPTION.fullmatch(line)
        if option and option[1] in _MORE | _LESS:
            further = _LESS if option[1] in _LESS or kind is _LESS else _MORE
            yield from _followed(path.parent / option[2], further, (*above, path))
        elif option and option[1] in _INDEX:
            yield "-f", _place(path, option[1], option[2])
        elif option and option[1] not in _NO_MATTER | _EDITABLE:
            raise _unknown(option[1], path)
        elif name_of(line) != OWN and (not option or option[1] in _EDITABLE):
            yield "-c" if kind is _LESS else "", wheel(line, path.name)


def _place(path: Path, option: str, value: str) -> str:
    """An option that says where packages are; a folder is one beside the file."""
    beside = path.parent / value
    return (
        f"{option} {beside.resolve()}"
        if option in {"-f", "--find-links"} and beside.exists()
        else f"{option} {value}".strip()
    )


def _project(path: Path) -> Asked:
    """`[project] dependencies`, and what uv is told of further indexes."""
    plain = _table(path)
    project = plain.get("project", {})
    if "dependencies" in project.get("dynamic", ()):
        message = f"{path.name} leaves its dependencies to a build backend, and nothing is built here"
        raise ImageError("CC863", message, hint="list them there, or name a requirements file under [image]")
    wanted = [line for line in map(str, project.get("dependencies", ())) if name_of(line) != OWN]
    return Asked(path.name, tuple(wheel(line, path.name) for line in wanted), (), _indexes(plain))


def _uv_lock(path: Path) -> Asked:
    """The lock of uv, unless `pyproject.toml` has moved on: CC863."""
    text, beside = _text(path), path.with_name("pyproject.toml")
    project = _table(beside)
    wanted = {name_of(str(line)) for line in project.get("project", {}).get("dependencies", ())}
    own = canonical(str(project.get("project", {}).get("name", "")))
    packages = [each for each in _table(path).get("package", ()) if canonical(each["name"]) == own]
    known = {canonical(each["name"]) for one in packages for each in one.get("metadata", {}).get("requires-dist", ())}
    absent = sorted(name for name in wanted - known if name)
    if absent:
        message = f"uv.lock does not know {', '.join(absent)} of pyproject.toml"
        raise ImageError("CC863", message, hint="run `uv lock`")
    return Asked(
        path.name,
        options=_indexes(project),
        told="\n".join(text.splitlines()),
        exported=True,
        named=tuple(sorted(filter(None, wanted))),
    )


def _pylock(path: Path) -> Asked:
    """A lock of PEP 751: the packages that come as wheels, with the conditions under which they are wanted."""
    found = []
    for each in _table(path).get("packages", ()):
        name = canonical(each["name"])
        if name == OWN or each.get("directory", {}).get("path") in {".", "./"}:
            continue
        if "version" not in each or "directory" in each or "vcs" in each or "archive" in each:
            raise _nowheel(name, path.name)
        marker = f" ; {each['marker']}" if "marker" in each else ""
        hashes = sorted(f" --hash=sha256:{wheel['hashes']['sha256']}" for wheel in each.get("wheels", ()))
        found.append(f"{name}=={each['version']}{marker}{''.join(hashes)}")
    return Asked(path.name, tuple(found))


def _indexes(plain: dict[str, Any]) -> tuple[str, ...]:
    """The indexes of `[[tool.uv.index]]` that uv would ask only for packages that name them."""
    listed = plain.get("tool", {}).get("uv", {}).get("index", ())
    return tuple(f"--extra-index-url {each['url']}" for each in listed if each.get("explicit"))


def wheel(line: str, source: str) -> str:
    """The line, unless it names sources: CC862; or a password, which the lock would hold: `ConfigError` CC506."""
    if holds_password(line.encode()):
        message = f"{name_of(line) or 'a package'} of {source} is at an address with a password (it is not shown)"
        hint = (
            "take the password out of it and keep it in ~/.netrc, where uv and pip look: a lock and an image are read"
        )
        raise ConfigError("CC506", message, where=source, hint=hint)
    bare = line.partition(" --hash")[0].partition(";")[0].strip()
    if _SOURCES.match(bare) and not bare.endswith(".whl"):
        raise _nowheel(bare, source)
    if bare.endswith(".whl") and "://" not in bare.replace("file://", ""):
        message = f"{bare} of {source} is a file of this machine"
        raise ImageError("CC862", message, where=source, hint="put `--find-links FOLDER` and NAME==VERSION instead")
    return line


def _unknown(option: str, path: Path) -> ImageError:
    """One that is mistyped would let packages come from elsewhere."""
    near = closest(option, _INDEX | _MORE | _LESS | _EDITABLE | _NO_MATTER)
    hint = f"did you mean {near}?" if near else "remove it"
    return ImageError("CC863", f"{path.name} has an option {option}, which is none", where=str(path), hint=hint)


def _nowheel(what: str, source: str) -> ImageError:
    hint = "put its code into the project, or build a wheel of it and name the folder with --find-links"
    return ImageError("CC862", f"{what} of {source} is sources and no wheel", where=source, hint=hint)


def _table(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - only images read these files

    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ImageError("CC863", f"{path.name} cannot be read: {error}", where=str(path), hint="correct it") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"{path.name} cannot be read: {why}"
        raise ImageError("CC863", message, where=str(path), hint="correct it, or name another under [image]") from error
