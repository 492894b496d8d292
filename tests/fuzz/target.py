"""What is fuzzed: a reader of text from outside, and what holds for whatever it is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from cloud_cron.errors import CloudCronError

_REGRESSIONS: Final = Path(__file__).parent / "regressions"
_LONGEST: Final = 1_000
"""Characters that an error may have: it stands in a log, in an alarm, and in the attribute of a dead letter."""


class Target(NamedTuple):
    """`check` raises AssertionError for what does not hold, and whatever the reader should not have raised.

    `modules` are those that the fuzzer watches although they are imported late; `words` are put into what it makes up;
    `is_json` says that it shall change values of JSON rather than bytes.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: tuple[str, ...]
    modules: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    is_json: bool = False


def text_of(data: bytes) -> str:
    """Any bytes as text: what is no UTF-8 becomes halves of surrogate pairs, which text from JSON may hold too."""
    return data.decode("utf-8", "surrogateescape")


def json_of(data: bytes) -> Any:
    """The value that the bytes are, as Lambda reads it; ValueError for none."""
    try:
        return json.loads(text_of(data))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def assert_well_said(error: CloudCronError, codes: Collection[str]) -> None:
    """A refusal has one of the documented codes, says what to do, and is short enough to be kept."""
    assert error.code in codes, str(error)
    assert error.message
    assert error.hint, str(error)
    assert len(str(error)) <= _LONGEST, f"{len(str(error))} characters: {str(error)[:200]}"


def regressions(target: str) -> list[bytes]:
    """Inputs that once broke something, each a file: `regressions/TARGET/WHAT_IT_WAS`."""
    return [file.read_bytes() for file in sorted((_REGRESSIONS / target).glob("*"))]
