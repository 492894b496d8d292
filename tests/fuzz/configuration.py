"""cloud-cron.toml: its text, for two stages."""

from __future__ import annotations

import re
from typing import Any, Final

from cloud_cron.config import FILE, Settings
from cloud_cron.config.loading import settings_of
from cloud_cron.errors import CloudCronError
from tests.bad_input.catalogue.configuration import TEXTS
from tests.fuzz.target import Target, assert_well_said, text_of

_CODES: Final = frozenset(
    {
        *("CC110", "CC113", "CC132", "CC133", "CC301", "CC302", "CC310", "CC311", "CC312", "CC320", "CC321", "CC322"),
        *("CC501", "CC502", "CC503", "CC504", "CC505", "CC506", "CC510", "CC516"),
    }
)
_SECRET: Final = re.compile(r"AKIA[A-Z0-9]{16}")


def check(data: bytes) -> None:
    """A refusal names the file and no secret, and any stage refuses what one does; what is read is read the same."""
    text = text_of(data)
    found, again, other = (_read(text, stage) for stage in ("dev", "dev", "prod"))
    assert found == again
    if isinstance(found, Settings):
        assert isinstance(other, Settings) or other[0] in {"CC110", "CC510"}
        assert found.horizon > 0


def _read(text: str, stage: str) -> Settings | tuple[Any, ...]:
    try:
        return settings_of(text, stage)
    except CloudCronError as error:
        assert_well_said(error, _CODES)
        assert_tells_the_place_alone(error)
        return error.code, error.message, error.where, error.hint


def assert_tells_the_place_alone(error: CloudCronError) -> None:
    """It is in the file, and no secret of it is repeated."""
    assert (error.where or FILE).startswith(FILE), str(error)
    assert not _SECRET.search(str(error))


TARGET: Final = Target(
    "configuration",
    check,
    seeds=(
        *TEXTS,
        'region = "eu-central-1"\n[stages.prod]\nprotect = true\n[stages.prod.channels.sms]\nfrom_number = "+1"\n',
        '[channels.email]\nsender = "shop@example.org"\nsmtp = "smtps://ada@mail.example.org"\nsecret = "env:SMTP"\n',
        '[tasks.export]\nenv = { KEY = "AKIAIOSFODNN7EXAMPLE" }\nretries = 1\n[ledger]\nhorizon = "35d"\n',
        'entry = "jobs:app"\npython = "3.13"\narchitecture = "arm64"\n[tags]\nteam = "a"\n[function]\nmemory = 1\n',
        '[topics]\nreports = "arn:aws:sns:eu-central-1:123456789012:reports.fifo"\n[watch]\ntopic = "reports"\n',
        '[image]\nbase = "python:3.13"\nbuild_args = { A = "b" }\n[alarms]\nemail = ["a@b.org"]\ntasks = ["errors"]\n',
        '[channels.webhook]\nrecipients = ["https://example.org/x"]\n[secrets]\ndb = "ssm:/x"\n[iam]\npath = "/a/"\n',
    ),
    modules=("cloud_cron.config.rules", "cloud_cron.config.pasted", "cloud_cron.channels"),
    words=(
        *("[stages.prod]", "[channels.email]", "[channels.sms]", "[channels.webhook]", "[channels.apprise]"),
        *("[notifiers.a]", "[tasks.a]", "[image]", "[ledger]", "[alarms]", "[watch]", "[topics]", "[secrets]", "[iam]"),
        *("recipients = ", "redirect_to = ", "sender = ", "smtp = ", "secret = ", "env:X", "true", "1979-05-27"),
        *('"""', "'''", "\\u0000", "+12025550123", "ada@example.org", "https://", "nan", "[[", "\ufeff"),
    ),
)
