"""The metadata of the wheel: what an index shows, and what an installer goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zipfile import Path as InZip

from markdown_it import MarkdownIt
from packaging.metadata import Metadata
from packaging.utils import canonicalize_name
from trove_classifiers import classifiers as known

from scripts.release.artefacts import of_what_is_built
from scripts.release.outcomes import Outcome, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.release.tree import Built, Tree

NAME: Final = "cloud-cron"
_LICENCE: Final = "Apache-2.0"
_MARKDOWN: Final = "text/markdown"


@of_what_is_built
def check(tree: Tree, built: Built) -> Outcome:
    """Whether an index would take the metadata, and show what is meant."""
    (info,) = (path for path in InZip(built.wheel).iterdir() if path.name.endswith(".dist-info"))
    text = (info / "METADATA").read_text(encoding="utf-8")
    absent = [name for name in _licence_files(text) if not (info / "licenses" / name).exists()]
    problems = [*problems_of(text, tree.version), *(f"the wheel has no {name}" for name in absent)]
    return judged(problems, _note(text))


def problems_of(text: str, version: str) -> Iterator[str]:
    """What is wrong with the metadata of that version (PyPA, "Core metadata specifications")."""
    try:
        said = Metadata.from_email(text, validate=True)
    except ExceptionGroup as wrong:
        yield from map(str, wrong.exceptions)
        return
    if (canonicalize_name(said.name), str(said.version)) != (NAME, version):
        yield f"it is of {said.name} {said.version}, and this is {NAME} {version}"
    if said.license_expression != _LICENCE or not said.license_files:
        yield f"the licence is {said.license_expression}, of {len(said.license_files or ())} files: {_LICENCE} is meant"
    yield from _classified(said.classifiers or [])
    insecure = [url for url in (said.project_urls or {}).values() if not url.startswith("https://")]
    yield from (f"{url} is no address of https" for url in insecure)
    yield from _described(said)


def links_within(description: str) -> list[str]:
    """Links to files beside the description, of which an index has none."""
    inline = [child for token in MarkdownIt().parse(description) for child in token.children or ()]
    targets = (str(child.attrs.get("href") or child.attrs.get("src") or "#") for child in inline)
    return [target for target in targets if "://" not in target and not target.startswith(("#", "mailto:"))]


def _classified(classifiers: list[str]) -> Iterator[str]:
    """Classifiers that an index refuses: unknown ones, and a licence beside the expression (PEP 639)."""
    if not classifiers:
        yield "there is no classifier"
    for classifier in classifiers:
        if classifier not in known or classifier.startswith("License ::"):
            yield f"{classifier} is no classifier that an index takes"


def _described(said: Metadata) -> Iterator[str]:
    """Whether the summary is a line, and the description a page of markdown with a title."""
    if not said.summary:
        yield "there is no summary"
    if (said.description_content_type or "").partition(";")[0] != _MARKDOWN:
        yield f"the description is of {said.description_content_type or 'no type'}: {_MARKDOWN} is meant"
    elif not MarkdownIt().render(said.description or "").startswith("<h1>"):
        yield "the description does not begin with a title"


def _licence_files(text: str) -> list[str]:
    return Metadata.from_email(text, validate=False).license_files or []


def _note(text: str) -> str:
    """What there is, and what an index makes less of than the tree does."""
    said = Metadata.from_email(text, validate=False)
    described, dead = said.description or "", links_within(said.description or "")
    return (
        f"{len(said.classifiers or ())} classifiers, {len(said.project_urls or {})} URLs, "
        f"{len(described.splitlines())} lines of description, {len(dead)} links of it lead to files that an index lacks"
    )
