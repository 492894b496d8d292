"""Command lines to run next, as a person can copy them."""

from __future__ import annotations

import pytest

from cloud_cron_cli.addressing import addressed
from cloud_cron_cli.options import Choices


def chosen(**given):
    choices = Choices()
    vars(choices).update(given)
    return choices


def test_what_was_chosen_is_chosen_again():
    choices = chosen(app="shop:app", stage="prod", region="eu-central-1")
    whole = "cloud-cron logs mail --app shop:app --stage prod --region eu-central-1"
    assert addressed("cloud-cron logs mail", choices, remote=True) == f"{whole} --remote"
    assert addressed("cloud-cron serve", choices, dev=True) == whole.replace("logs mail", "serve")
    assert addressed("aws sqs list-queues", choices) == "aws sqs list-queues --region eu-central-1"
    assert addressed("cloud-cron dlq list", Choices(), dev=True) == "cloud-cron dlq list --dev"


def test_a_shell_takes_each_for_one_word():
    assert addressed("cloud-cron status", chosen(profile="my team")) == "cloud-cron status --profile 'my team'"


@pytest.mark.parametrize("url", ["http://me:secret@localhost:4566/x", "http://me:p@secret@localhost:4566/x"])
def test_a_password_is_shown_to_nobody(url):
    shown = addressed("cloud-cron status", chosen(endpoint_url=url))
    assert "secret" not in shown
    assert shown.endswith(" --endpoint-url http://localhost:4566/x")
