"""Templates of Amazon SES that a stack makes of a notifier's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.channels.templated import name_of
from cloud_cron_cli.deploy.template import policies
from cloud_cron_cli.deploy.template.intrinsics import arn

if TYPE_CHECKING:
    from cloud_cron.model import NotifierModel
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

_PARTS: Final = {"subject": "SubjectPart", "text": "TextPart", "html": "HtmlPart"}


def is_made(notifier: NotifierModel) -> bool:
    """Whether the stack makes a template for a notifier."""
    return notifier.channel == "email" and notifier.options.get("ses_template") is True


def resources(scope: Scope, notifier: NotifierModel, own: str) -> dict[str, Value]:
    """The template under its logical id; none for a notifier that has none of its own."""
    if not is_made(notifier):
        return {}
    parts = {_PARTS[part]: text for part, text in scope.ses_templates.get(notifier.name, {}).items()}
    template = {"TemplateName": _name(scope, notifier), **parts}
    return {
        f"{own}Template": {"Type": "AWS::SES::Template", "Properties": {"Template": template, "Tags": scope.tags}},
    }


def statements(scope: Scope, notifier: NotifierModel) -> list[Value]:
    """The use of that template, beside that of the sender's identity, which the channel asks for."""
    if not is_made(notifier):
        return []
    return [policies.allow("ses:SendEmail", arn("ses", f"template/{_name(scope, notifier)}"))]


def _name(scope: Scope, notifier: NotifierModel) -> str:
    return name_of(True, scope.model.name, scope.stage, notifier.name)  # noqa: FBT003 - the option's own value
