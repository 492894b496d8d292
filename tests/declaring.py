"""What tests of declarations share: a line as errors name it, and the error of a declaration."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Any

import pytest

from cloud_cron import CloudCronError, Run


def here(offset: int = 0) -> str:
    """The caller's line, moved by `offset`, as errors name it."""
    frame = sys._getframe(1)
    return f"{PurePath(frame.f_code.co_filename).name}:{frame.f_lineno + offset}"


def refusal(declare: Any, *args: Any, **options: Any) -> CloudCronError:
    """The error of a decorator that is called with these arguments and applied to a task."""
    with pytest.raises(CloudCronError) as caught:
        declare(*args, **options)(a_task)
    return caught.value


def a_task(run: Run) -> None:
    """A function that any decorator would take."""
