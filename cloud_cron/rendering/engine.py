"""Compiles and runs templates. This module loads Jinja."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jinja2 import BaseLoader, Template, TemplateNotFound, nodes

from cloud_cron.errors import RenderError
from cloud_cron.rendering import budget, failures
from cloud_cron.rendering.sandbox import Sandbox
from cloud_cron.rendering.templates import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType

    from jinja2 import Environment

    from cloud_cron.rendering.limits import Limit
    from cloud_cron.rendering.precompiled import Precompiled
    from cloud_cron.rendering.templates import Templates


_AT_A_TIME: Final = 16
"""Pieces of text between two looks at how long it has become: few, because each may be as long as a payload."""


class Compiled(NamedTuple):
    """A template that is ready, and how errors name it: what it is, its place, and an inline one's decorator's line."""

    template: Template
    name: str
    place: str
    where: str | None = None

    def render(self, variables: Mapping[str, Any], limit: Limit) -> str:
        """What the template gives; raises `RenderError` (CC401 to CC406)."""
        try:
            with budget.Account():
                return self._text(variables, limit)
        except Exception:  # noqa: BLE001 - templates and data are anybody's
            with failures.told(self.name, self.where, variables):
                self.template.environment.handle_exception()  # which raises it again, with the template's own lines

    def _text(self, variables: Mapping[str, Any], limit: Limit) -> str:
        """The same; of what grows too long, the rest is not made."""
        context = self.template.new_context(variables)  # type: ignore[arg-type]  # any mapping will do: it is copied
        making = self.template.root_render_func(context)
        chunks: list[str] = []
        room = limit.most
        while some := list(islice(making, _AT_A_TIME)):
            room -= sum(map(len, some))  # at least so much of any unit; exactly, and slower, below
            if room < 0:
                break
            chunks += some
        text = "".join(chunks)
        if room < 0 or limit.measure(text) > limit.most:
            raise limit.exceeded(f"what {self.template.name} gives", self.place)
        return text


class Engine:
    """Renders the files of one folder, and texts that may include them."""

    def __init__(self, templates: Templates, *, autoescape: bool) -> None:
        """What a template includes is escaped as the template itself is, whatever its name."""
        self._templates = templates
        self._made = _precompiled(templates, autoescape=autoescape)
        self._environment = Sandbox(loader=_Folder(templates), autoescape=autoescape, bytecode_cache=self._made)
        self._files: dict[str, Compiled] = {}
        self._inline: dict[tuple[str, str], Compiled] = {}

    def file(self, name: str) -> Compiled:
        """The template of that name, compiled once; raises `RenderError` (CC401, CC402)."""
        if name not in self._files:
            with failures.told(f"template {name}"):
                template = self._environment.get_template(name)
            self._files[name] = Compiled(template, f"template {name}", f"{template.filename}:1")
        return self._files[name]

    def inline(self, text: str, label: str, where: str) -> Compiled:
        """The text as a template, compiled once; `label` names it in errors, `where` is its decorator's line."""
        key = (text, label)
        if key not in self._inline:
            with failures.told(label, where):
                ready = self._made.code(text, label, label) if self._made else None
                code = ready or self._environment.compile(text, name=label, filename=label)
                made = self._environment.make_globals(None)
                template = Template.from_code(self._environment, code, made, None)
            self._inline[key] = Compiled(template, label, where, where)
        return self._inline[key]

    def compiled(self, text: str, name: str, filename: str) -> tuple[CodeType, list[str]]:
        """The code of a template, and the templates that it names; raises `RenderError` (CC402)."""
        with failures.told(filename):
            named = [wanted for wanted, _ in references(self._environment.parse(text, name, filename))]
            return self._environment.compile(text, name=name, filename=filename), named

    def check(self, text: str, label: str, where: str | None = None) -> Iterator[RenderError]:
        """Every mistake that can be seen without data, here and in what is included, extended or imported."""
        seen: set[str] = set()
        waiting = [(text, label, where)]
        while waiting:
            source, name, place = waiting.pop()
            try:
                with failures.told(name, place):
                    tree = self._environment.parse(source, name, name)
                    self._environment.compile(source, name=name, filename=name)
            except RenderError as error:
                yield error
                continue
            for wanted, line in references(tree):
                if wanted in seen:
                    continue
                seen.add(wanted)
                try:
                    found = self._templates.read(wanted)
                except RenderError as error:
                    yield error
                    continue
                if found is None:
                    yield failures.not_found(wanted, place or f"{name}:{line}")
                else:
                    waiting.append((found, f"{self._templates.label}/{wanted}", None))


def _precompiled(templates: Templates, *, autoescape: bool) -> Precompiled | None:
    """What was compiled beforehand, in an image; nothing is loaded for it elsewhere."""
    folder = templates.folder / COMPILED if templates.folder else None
    if folder is None or not folder.is_dir():
        return None
    from cloud_cron.rendering.precompiled import Precompiled, folder_name  # noqa: PLC0415 - images alone have some

    return Precompiled(folder / folder_name(), autoescape=autoescape)


def references(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """The templates that a template names outright and cannot do without, with the lines that name them."""
    for node in tree.find_all((nodes.Extends, nodes.Import, nodes.FromImport, nodes.Include)):
        name = node.template  # type: ignore[attr-defined]  # all four have one
        if isinstance(name, nodes.Const) and isinstance(name.value, str) and not getattr(node, "ignore_missing", False):
            yield name.value, node.lineno


class _Folder(BaseLoader):
    """Loads the files of a folder, which do not change while a process lives."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja's signature
        """The text, how errors spell its place, and that it is current."""
        text = self._templates.read(template)
        if text is None:
            raise TemplateNotFound(template)
        return text, f"{self._templates.label}/{template}", lambda: True
