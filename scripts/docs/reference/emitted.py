"""What templates hold: every type of resource with its properties, of examples/basic and of an app that uses all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cloud_cron import CloudCron
from cloud_cron.config import Settings, resolve
from cloud_cron_cli.deploy.template import artifacts, synthesize
from scripts.docs.reference.projects import basic

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.template import Part

_ACCOUNT: Final = "123456789012"
_EVERY: Final[Mapping[str, Any]] = {
    "kms_key": f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "boundary": f"arn:aws:iam::{_ACCOUNT}:policy/boundary",
    "role_path": "/jobs/",
    "tags": {"team": "ops"},
    "alarms_email": ("ops@example.org",),
    "alarms_tasks": ("errors", "missed"),
    "notifiers": {"mail": {"max_concurrency": 4}},
    "channels": {"email": {"events": True, "create_identity": True}},
    "watch": "ops",
    "protect": True,
    "image": {"keep": 5, "pull_accounts": ("210987654321",)},
}
_FUNCTION: Final[Mapping[str, Any]] = {
    "architecture": "arm64",
    "ephemeral_storage": 1024,
    "subnets": ["subnet-1a2b3c4d"],
    "security_groups": ["sg-1a2b3c4d"],
    "tracing": True,
    "reserved_concurrency": 5,
    "log_retention": 90,
}

Kinds = dict[str, list[Mapping[str, Any]]]
"""The resources of each type, whole."""


@cache
def plain() -> tuple[Part, ...]:
    """The stacks of examples/basic."""
    project = basic()
    return *synthesize(project.model, project.settings, None), artifacts(project.model, project.settings)


@cache
def full() -> tuple[Part, ...]:
    """The stacks of an app with every option that adds a resource or a property."""
    settings = Settings("prod", **_EVERY)
    model = resolve(_app().model(), settings)
    image = f"{_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:{'0' * 64}"
    templates = {"news": {"subject": "News for {{name}}", "html": "<p>{{name}}</p>"}}
    parts = synthesize(model, settings, image, ses_templates=templates)
    return *parts, artifacts(model, settings)


def by_type(parts: tuple[Part, ...]) -> Kinds:
    """The resources of several stacks by type, in the order of the alphabet."""
    found: Kinds = {}
    for part in parts:
        for resource in part.template["Resources"].values():
            found.setdefault(resource["Type"], []).append(resource)
    return dict(sorted(found.items()))


def _app() -> CloudCron:
    app = CloudCron("shop")
    app.schedule(
        "cron(0 8 ? * MON-FRI *)",
        topics=["orders", "ops"],
        timezone="Europe/Berlin",
        window=10,
        overlap="queue",
        env={"LEVEL": "high"},
        secrets={"db": "secretsmanager:shop/db"},
        permissions=[{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}],
        function=_FUNCTION,
        description="Every weekday",
        name="export",
    )(_nothing)
    told: dict[str, Any] = {"topics": ["orders"], "sender": "shop@example.org", "recipients": ["ada@example.org"]}
    app.notifier("email", name="mail", function=_FUNCTION, **told)(_nothing)
    app.notifier("email", name="news", ses_template=True, function={"architecture": "arm64"}, **told)(_nothing)
    app.notifier("print", name="tell", topics=["ops"], function={"architecture": "arm64"})(_nothing)
    return app


def _nothing(argument: Any) -> None:  # noqa: ANN401 - whatever a function is given
    """What a function does does not matter to a template."""
