"""A line of a function's log on AWS, as the host of one machine would have written it.

JSON are the lines of our runtime, of the channel `print`, of what an app logs, of Lambda's runtime client about what
was raised, and of Lambda itself about an invocation. Everything else is what somebody printed, or Lambda in plain text
(Lambda Developer Guide, "Configuring JSON and plain text log formats").
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.runtime.lambda_log import LOGGER

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORM: Final = "platform"
"""The event of a line that Lambda wrote of an invocation; at level debug, unless something went wrong."""

_LEVELS: Final = {"trace": "debug", "warn": "warning", "fatal": "critical"}
_KNOWN: Final = frozenset({"debug", "info", "warning", "error", "critical"})
_PRINTED: Final = f"{LOGGER}.print"
_READ: Final = frozenset({"timestamp", "time", "level", "event", "message", "logger", "requestId", "request_id"})
_RAISED: Final = frozenset({"errorType", "errorMessage", "stackTrace", "location"})

_REQUEST: Final = r"(?P<request>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_TOLD: Final = re.compile(rf"(?:START|END|REPORT) RequestId: {_REQUEST}|INIT_START |INIT_REPORT ")
_CUT_OFF: Final = re.compile(rf"(?:\S+Z|RequestId:) {_REQUEST} (?:Task timed out|Error: |Process exited)")
_BAD_STATUS: Final = re.compile(r"\bStatus: (?!success)")


def entry(at: int, text: str, about: Mapping[str, str]) -> dict[str, Any]:
    """What `logs` shows: `time`, `level`, `event`, who it is `about`, `request_id` where it is known, and the rest.

    `at` is in milliseconds since 1970. Every text is a line of some kind, and nothing in it is taken for `time`.
    """
    match _object(text):
        case {"type": str(kind), "record": record} if kind.startswith(f"{PLATFORM}."):
            told = {**_platform(kind, record), **about}
        case {"logger": str(logger), "event": str(event)} as said if logger == LOGGER:
            told = _ours(event, said)
        case {"level": str()} as said if "message" in said or "errorMessage" in said:
            told = {**_logged(said), **about}
        case _:
            told = _printed(text.rstrip())
    time = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"time": time, "level": "info", "event": "output", **about, **told}


def _object(text: str) -> Any:  # noqa: ANN401 - JSON
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def _ours(event: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """A line of our runtime: the fields are those of one machine; what it says for Lambda's sake is left out."""
    message = said.get("message", "")
    told = {} if message == f"{event} {said.get('status')}" else {"message": message}
    return {**_common(said), "event": event, **told, **_rest(said)}


def _logged(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the app logged, what the channel `print` printed, or what Lambda's runtime client says was raised."""
    if "message" not in said:
        rest = {name: value for name, value in _rest(said).items() if name not in _RAISED}
        return {**_common(said), "event": "raised", **rest, "message": _summary(said)}
    message = said["message"] if isinstance(said["message"], str) else json.dumps(said["message"], ensure_ascii=False)
    if said.get("logger") == _PRINTED:
        return {**_common(said), "event": "output", "message": message}
    logger = {"logger": said["logger"]} if "logger" in said else {}
    return {**_common(said), "event": "log", **logger, "message": message, **_rest(said)}


def _platform(kind: str, record: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """What Lambda tells of an invocation.

    That one failed is in its report; `runtimeDone` says the same before (Lambda Developer Guide, "Lambda Telemetry API
    Event schema reference").
    """
    said = record if isinstance(record, dict) else {"reason": str(record)}
    failed = said.get("status", "success") != "success" and not kind.lower().endswith("runtimedone")
    bad = failed or kind == f"{PLATFORM}.fault"
    level = "error" if bad else "warning" if kind == f"{PLATFORM}.logsDropped" else "debug"
    metrics = said.get("metrics")
    whole = {**said, **(metrics if isinstance(metrics, dict) else {}), "code": said.get("errorType", "")}
    names = [name for name, value in whole.items() if isinstance(value, str | int | float)]
    plain = {name: whole[name] for name in names if name not in _READ | _RAISED | {"traceback"}}
    return {**_common(said), "level": level, "event": PLATFORM, "message": kind, **plain}


def _printed(text: str) -> dict[str, Any]:
    """A line that is no JSON, or none that we know."""
    told, cut = _TOLD.match(text), _CUT_OFF.match(text)
    found = told or cut
    request = found["request"] if found else None
    fields = {"request_id": request} if request else {}
    if not found:
        return {"message": text}
    bad = cut or _BAD_STATUS.search(text)
    return {"level": "error" if bad else "debug", "event": PLATFORM, **fields, "message": text}


def _common(said: Mapping[str, Any]) -> dict[str, Any]:
    level = str(said.get("level", "info")).lower()
    level = _LEVELS.get(level, level)
    request = said.get("requestId")
    known = {"level": level if level in _KNOWN else "info"}
    return {**known, "request_id": request} if isinstance(request, str) and request else known


def _rest(said: Mapping[str, Any]) -> dict[str, Any]:
    """Every other field by its own name, but that frames and what was raised are one traceback, as Python prints it."""
    rest = {name: value for name, value in said.items() if name not in _READ}
    frames = said.get("stackTrace")
    if isinstance(frames, list) and frames:
        last = _summary(said) if said.get("errorMessage") else str(said.get("reason") or _summary(said))
        rest = {name: value for name, value in rest.items() if name not in _RAISED}
        rest["traceback"] = "".join(["Traceback (most recent call last):\n", *map(str, frames), last])
    raised = rest.pop("traceback", None)
    return {**rest, "traceback": str(raised)} if raised else rest


def _summary(said: Mapping[str, Any]) -> str:
    parts = [str(said[name]) for name in ("errorType", "errorMessage") if said.get(name)]
    return ": ".join(parts)
