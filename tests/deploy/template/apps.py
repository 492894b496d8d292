"""Apps whose templates the tests look at: from next to nothing to everything at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_cron import CloudCron
from cloud_cron.config import Settings, resolve
from cloud_cron.config.loading import load
from cloud_cron_cli.deploy.template import Part, artifacts, synthesize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.model import AppModel

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:" + "0" * 64
KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
GIVEN = "arn:aws:sns:eu-central-1:123456789012:company-orders.fifo"
TEMPLATES = {"weekly": {"subject": "News for {{name}}", "html": "<p>{{name}} ${x}</p>"}}
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "basic"


def nothing(argument: Any) -> None:
    """What a task or a notifier does does not matter to a template."""


def app(tasks: int = 1, *, name: str = "shop", topics: int = 1, notifiers: int = 1) -> CloudCron:
    """So many hourly tasks, each publishing to one of the topics, and notifiers that hear every topic."""
    made = CloudCron(name)
    for number in range(tasks):
        made.schedule("rate(1 hour)", topics=[f"orders{number % topics}"], name=f"task{number}")(nothing)
    for number in range(notifiers):
        made.notifier("print", topics=[f"orders{n}" for n in range(topics)], name=f"tell{number}")(nothing)
    return made


def everything() -> CloudCron:
    """One of each, with every option."""
    made = CloudCron("shop")
    function = {
        "architecture": "arm64", "ephemeral_storage": 1024, "subnets": ["subnet-1a2b3c4d"],
        "security_groups": ["sg-1a2b3c4d"], "tracing": True, "reserved_concurrency": 5, "log_retention": 90,
    }  # fmt: skip
    made.schedule(
        "cron(0 8 ? * MON-FRI *)", "rate(1 day)", topics=["orders", "ops"], timezone="Europe/Berlin", window=10,
        timeout=300, retries=1, env={"LEVEL": "high"}, secrets={"db": "secretsmanager:shop/db", "key": "ssm:/shop/key"},
        permissions=[{"Action": "s3:GetObject", "Resource": "arn:${AWS::Partition}:s3:::shop/${aws:username}/*"}],
        function=function, description="Everything at once", name="export",
    )(nothing)  # fmt: skip
    made.schedule("rate(5 minutes)", name="quiet", function={"architecture": "arm64"})(nothing)
    made.schedule(name="by-hand", overlap="skip", function={"architecture": "arm64"})(nothing)
    made.schedule("at(2030-01-01T00:00:00)", enabled=False, name="once", function={"architecture": "arm64"})(nothing)
    made.notifier(
        "email", topics=["orders"], name="mail_it", sender="Shop <shop@example.org>", recipients=["ada@example.org"],
        configuration_set="events", timeout=120, batch_size=5, function=function,
    )(nothing)  # fmt: skip
    made.notifier("print", name="tell", function={"architecture": "arm64"})(nothing)
    return made


def by_ses() -> CloudCron:
    """Mails that Amazon SES renders: by a template of ours, and by one that is there."""
    made = CloudCron("shop")
    made.schedule("rate(1 day)", topics=["news"], name="gather")(nothing)
    sent: Any = {"topics": ["news"], "sender": "shop@example.org", "recipients": ["ada@example.org"]}
    made.notifier("email", name="weekly", ses_template=True, **sent)(nothing)
    made.notifier("email", name="company", ses_template="company-news", **sent)(nothing)
    return made


def settings(stage: str = "dev", **more: Any) -> Settings:
    return Settings(stage, **more)


def resolved(made: CloudCron, given: Settings) -> AppModel:
    return resolve(made.model(), given)


def parts(made: CloudCron, given: Settings | None = None, **more: Any) -> list[Part]:
    found = given or settings()
    return synthesize(resolved(made, found), found, IMAGE, **{"ses_templates": TEMPLATES, **more})


def example() -> list[Part]:
    """The example; nothing of it stays where another test could find it."""
    from cloud_cron.loader import load_app  # noqa: PLC0415 - beside its one use

    found, path, modules = load(EXAMPLE, "dev"), list(sys.path), set(sys.modules)
    try:
        model = resolve(load_app(EXAMPLE).model(), found)
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(EXAMPLE)):
                del sys.modules[name]
    return synthesize(model, found, IMAGE)


FULL: Mapping[str, Any] = {
    "kms_key": KEY,
    "boundary": "arn:aws:iam::123456789012:policy/boundary",
    "role_path": "/jobs/",
    "tags": {"team": "ops"},
    "alarms_email": ("ada@example.org",),
    "alarms_arns": ("arn:aws:sns:eu-central-1:123456789012:alarms",),
    "alarms_tasks": ("errors", "missed"),
    "tasks": {"once": {"alarms": ()}, "by-hand": {"alarms": "errors"}},
    "notifiers": {"tell": {"max_concurrency": 4}},
    "watch": "ops",
    "protect": True,
    "image": {"keep": 5, "pull_accounts": ("210987654321", "345678901234")},
}

WORLDS: Mapping[str, Callable[[], list[Part]]] = {
    "nothing": lambda: parts(CloudCron("shop")),
    "one": lambda: parts(app()),
    "example": example,
    "everything": lambda: parts(everything(), settings(**FULL)),
    "given": lambda: parts(everything(), settings(topics={"orders": GIVEN})),
    "retiring": lambda: parts(everything(), settings(topics={"orders": GIVEN}), retiring={"orders"}),
    "fifty": lambda: parts(app(50, topics=3, notifiers=2)),
    "several": lambda: parts(app(150, topics=60, notifiers=3), settings(alarms_tasks=("errors",))),
    "ses": lambda: parts(by_ses(), settings(channels={"email": {"create_identity": True}})),
    "events": lambda: parts(by_ses(), settings(channels={"email": {"events": True}}, watch="ops")),
    "events-everything": lambda: parts(everything(), settings(**FULL, channels={"email": {"events": True}})),
    "open": lambda: synthesize(resolved(app(), settings()), settings(), None),
    "artifacts": lambda: [artifacts(resolved(app(), settings()), settings())],
    "artifacts-full": lambda: [artifacts(resolved(everything(), settings(**FULL)), settings(**FULL))],
    "artifacts-given": lambda: [artifacts(resolved(app(), settings()), settings(image={"repository": "team/shop"}))],
}
