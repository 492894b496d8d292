"""The parts of one notifier's content: inline text first, then files of the app, then the default layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import RenderError, did_you_mean
from cloud_cron.rendering import limits
from cloud_cron.rendering.templates import ENDINGS, Templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cloud_cron.model import AppModel, NotifierModel
    from cloud_cron.rendering.engine import Compiled

PARTS: Final = ("subject", "text", "html")


class Inline(NamedTuple):
    """A template that stands in the decorator."""

    text: str
    name: str


class File(NamedTuple):
    """A template in the folder."""

    name: str


class NotifierParts:
    """Renders the parts of one notifier; implements `channels.context.Parts`."""

    def __init__(self, model: NotifierModel, app_name: str, templates: Templates) -> None:
        """Nothing is read before something is rendered."""
        self._model = model
        self._app = app_name
        self._templates = templates
        self._where = model.where or f"notifier {model.name}"
        self._sources: dict[str, Inline | File | None] = {}
        self._compiled: dict[str, Compiled] = {}
        self._limit = limits.of_sms(model.options) if model.channel == "sms" else limits.MAIL

    def has(self, part: str) -> bool:
        """Whether the notifier has a template of its own for that part; raises `RenderError` (CC401)."""
        return self.source(part) is not None

    def raw(self, part: str) -> str | None:
        """The notifier's own template for that part as it was written, or None.

        Raises `RenderError`: CC401 and CC402.
        """
        match self.source(part):
            case Inline(text, _):
                return text
            case File(name):
                return self._templates.read(name)
            case None:
                return None

    def render(self, part: str, variables: Mapping[str, Any]) -> str:
        """The part from the notifier's own template, else from the default layout.

        Raises `RenderError`: CC401 to CC406 from the template, CC405, CC410 and CC411 from what it gave.
        """
        source = self.source(part)
        if source is None:
            from cloud_cron.rendering.layout import render  # noqa: PLC0415 - loads Jinja

            return render(self._model.channel, part, self._app, variables)
        compiled = self._compiled.get(part) or self._ready(source, part)
        text = compiled.render(variables, self._limit)
        named = f"the {part} from {source.name}"
        if part == "subject":
            return limits.subject(text.strip(), named, compiled.place)
        return limits.body(part, text, named, self._limit, compiled.place)

    def check(self) -> list[RenderError]:
        """Every mistake that can be seen without data, in all parts."""
        if self.is_foreign:
            return self._foreign_errors()
        errors: list[RenderError] = []
        for part in PARTS:
            try:
                source = self.source(part)
                if isinstance(source, Inline):
                    engine = self._templates.engine(part)
                    errors += engine.check(source.text, source.name, self._where)
                elif source is not None:
                    text = self._templates.read(source.name) or ""
                    label = f"{self._templates.label}/{source.name}"
                    errors += self._templates.engine(part).check(text, label)
            except RenderError as error:
                errors.append(error)
                if error.code == "CC401":
                    break
        return errors

    @property
    def is_foreign(self) -> bool:
        """Whether the notifier's templates are in the language of somebody else, who renders them."""
        return bool(self._model.options.get("ses_template"))

    def _foreign_errors(self) -> list[RenderError]:
        """The mistakes of a template for Amazon SES; one that SES shall be given must be there: CC407."""
        from cloud_cron.channels import templated  # noqa: PLC0415 - only such a notifier pays for it

        try:
            found = templated.sources(self)
        except RenderError as error:
            return [error.at(self._where)]
        if found or self._model.options["ses_template"] is not True:
            return []
        name = f"{self._templates.label}/{self._model.template or self._model.name}"
        message = f"ses_template=True of notifier {self._model.name!r} needs a template, in SES's own language"
        hint = f"create {name}.subject.txt and {name}.txt or .html"
        return [RenderError("CC407", message, where=self._where, hint=hint)]

    def _ready(self, source: Inline | File, part: str) -> Compiled:
        """The part's template, kept for the next message."""
        engine = self._templates.engine(part)
        match source:
            case Inline(text, name):
                self._compiled[part] = engine.inline(text, name, self._where)
            case File(name):
                self._compiled[part] = engine.file(name)
        return self._compiled[part]

    def source(self, part: str) -> Inline | File | None:
        """Where the part comes from; None means the default layout; raises `RenderError` (CC401)."""
        if part not in self._sources:
            self._sources[part] = self._found(part)
        return self._sources[part]

    def _found(self, part: str) -> Inline | File | None:
        model = self._model
        inline = getattr(model, part, None)
        if inline is not None:
            return Inline(inline, f"{part}=")
        self._check_template()
        name = f"{model.template or model.name}{ENDINGS.get(part, f'.{part}')}"
        return File(name) if self._templates.path(name) else None

    def _check_template(self) -> None:
        """A template that was asked for must be there, in one part that the channel has: CC401."""
        from cloud_cron.channels import find  # noqa: PLC0415 - not needed by whoever only names this class

        model = self._model
        if model.template is None:
            return
        files = [f"{model.template}{ENDINGS[part]}" for part in find(model.channel).parts if part in ENDINGS]
        if any(self._templates.path(file) for file in files):
            return
        message = f"template {model.template!r} of notifier {model.name!r} is not there: no {' or '.join(files)}"
        known = self._templates.names()
        hint = did_you_mean(model.template, known) if known else f"create {self._templates.label}/{files[-1]}"
        raise RenderError("CC401", f"{message} in {self._templates.label}", where=self._where, hint=hint)


def check_templates(model: AppModel, templates: Templates) -> list[RenderError]:
    """Compile every template of every notifier, without data; the mistakes, each once."""
    found: Iterable[RenderError] = (
        error for notifier in model.notifiers for error in NotifierParts(notifier, model.name, templates).check()
    )
    return list({(error.code, error.where, error.message): error for error in found}.values())
