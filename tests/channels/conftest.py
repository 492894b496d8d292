"""The context of one delivery, with parts that a test scripts."""

from __future__ import annotations

import pytest

from cloud_cron import Context, Message
from cloud_cron.model import NotifierModel
from cloud_cron.rendering import NotifierParts, Templates


@pytest.fixture
def context_of(tmp_path):
    """A delivery of `{"kind": "frost"}` on topic alerts; the options are the notifier's."""

    def make(channel, payload=None, **options):
        model = NotifierModel("tell", channel, where="app.py:12", **options)
        message = Message("alerts", {"kind": "frost"} if payload is None else payload, "MESSAGE")
        parts = NotifierParts(model, "weather", Templates(tmp_path))
        return Context("weather", "prod", "tell", message, "ada@example.org", parts, model.options)

    return make
