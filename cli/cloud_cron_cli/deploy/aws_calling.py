"""Calls a function of Lambda and waits for what comes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.aws_session import AwsSession

_MARGIN: Final = 30
"""Seconds beyond its timeout that a function may take to start, and its answer to arrive."""


class Raised(NamedTuple):
    """What ended a call: the exception's class, its text, and its frames as Python prints them, the outermost first."""

    kind: str
    message: str
    frames: tuple[str, ...]


def called(session: AwsSession, function: str, event: Mapping[str, Any], timeout: float) -> Mapping[str, Any] | Raised:
    """What the function returned or raised, which has `timeout` seconds for it. Raises what `asking` raises.

    A call that is lost is made again, so that the event has to say which run it asks for. The shape of an error is that
    of Lambda's runtime client (Lambda Developer Guide, "Lambda function errors in Python"); a function that was cut off
    has a message alone.
    """
    with asking(f"lambda:InvokeFunction of {function}"):
        client = session.client("lambda", timeout + _MARGIN)
        answer = client.invoke(FunctionName=function, Payload=json.dumps(dict(event)).encode())
        said = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" not in answer:
        returned: Mapping[str, Any] = said
        return returned
    frames = tuple(str(frame).rstrip("\n") for frame in said.get("stackTrace") or ())
    return Raised(str(said.get("errorType", "")), str(said.get("errorMessage", "")), frames)
