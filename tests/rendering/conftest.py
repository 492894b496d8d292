"""A notifier's parts on a folder of templates, and the context of one delivery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloud_cron import Context, Message
from cloud_cron.channels import find
from cloud_cron.errors import RenderError
from cloud_cron.model import NotifierModel
from cloud_cron.rendering import NotifierParts, Templates

DUE = datetime(2030, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    """An empty folder of templates; `tmp_path` around it is out of bounds."""
    made = tmp_path / "templates"
    made.mkdir()
    return made


@pytest.fixture
def parts_of(folder):
    """NotifierParts of a notifier called `mail_report`, declared at app.py:12."""

    def make(channel="email", **options):
        model = NotifierModel(options.pop("name", "mail_report"), channel, where="app.py:12", **options)
        return NotifierParts(model, "weather", Templates(folder))

    return make


@pytest.fixture
def context_of(parts_of):
    """The context of one delivery of a run's message on topic reports."""

    def make(channel="email", payload=None, *, run=True, secrets=None, **options):
        message = Message(
            "reports",
            {} if payload is None else payload,
            "MESSAGE",
            "morning" if run else None,
            "morning@2030-01-01T08:00:00Z" if run else None,
            DUE if run else None,
            DUE,
            secrets=secrets or {},
        )
        return Context("weather", "prod", "mail_report", message, "ada@example.org", parts_of(channel, **options))

    return make


@pytest.fixture
def deliver(context_of):
    """Render what a notifier returned, by its channel."""

    def make(value, channel="email", **options):
        return find(channel).render(value, context_of(channel, **options))

    return make


@pytest.fixture
def render(context_of):
    """Render one inline template with variables, as plain text unless said otherwise."""

    def make(template, variables=None, part="text", **options):
        context = context_of(**{part: template}, **options)
        return context.parts.render(part, context.variables(variables or {}))

    return make


@pytest.fixture
def refused(render):
    """The error of an inline template."""

    def make(template, variables=None, part="text", **options):
        with pytest.raises(RenderError) as caught:
            render(template, variables, part, **options)
        assert caught.value.where == "app.py:12"
        assert caught.value.hint
        return caught.value

    return make
