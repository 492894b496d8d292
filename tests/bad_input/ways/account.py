"""An account of AWS that is played on loopback: each action answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK: Final = "weather-dev-artifacts"
_ARN: Final = f"arn:aws:cloudformation:x:1:stack/{STACK}/1"


class Answer(NamedTuple):
    """A body with its status; `code` is what a refusal is called."""

    body: str
    status: int = 200
    code: str = ""


Given = Mapping[str, str]
Says = Callable[[Given], Answer]
Play = Mapping[str, Says]
"""What each action answers, by what it is given; of SES, by the part of the path that names what it is about."""


def refusal(code: str, message: str, status: int = 400) -> Says:
    """The answer of an action that is refused, for protocols of XML and of JSON."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    xml = Answer(f"<ErrorResponse>{error}<RequestId>r1</RequestId></ErrorResponse>", status, code)
    plain = Answer(json.dumps({"__type": code, "message": message}), status, code)
    return lambda given: xml if "Action" in given else plain


def answer(action: str, result: str) -> Says:
    """The answer of an action, for protocols of XML."""
    return lambda given: Answer(f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")


_CALLER: Final = answer(
    "GetCallerIdentity",
    "<Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>U</UserId><Account>123456789012</Account>",
)
_ABSENT: Final = refusal("ValidationError", "Stack with id x does not exist")
_NONE: Final = answer("DescribeStacks", "<Stacks/>")
_UNPLAYED: Final = refusal("AccessDenied", "this account lets nobody do that", 403)


def absent(given: Given) -> Answer:
    """DescribeStacks where no stack is there."""
    return _ABSENT(given) if "StackName" in given else _NONE(given)


NOWHERE: Final[Play] = {"GetCallerIdentity": _CALLER, "DescribeStacks": absent}
"""Nothing is deployed."""


def stack(status: str) -> Says:
    """DescribeStacks where the first stack of the stage is in that state, and no other is there."""
    tags = {"managed_by": "cloud-cron", "app": "weather", "stage": "dev"}
    written = "".join(f"<member><Key>{key}</Key><Value>{value}</Value></member>" for key, value in tags.items())
    found = answer(
        "DescribeStacks",
        f"<Stacks><member><StackName>{STACK}</StackName><StackId>{_ARN}</StackId><StackStatus>{status}</StackStatus>"
        "<StackStatusReason>a queue could not be deleted</StackStatusReason>"
        f"<CreationTime>2030-01-01T00:00:00Z</CreationTime><Tags>{written}</Tags></member></Stacks>",
    )
    return lambda given: found(given) if STACK in given.get("StackName", STACK) else absent(given)


class FailingRollback:
    """A rollback that fails whenever it is asked for; its event carries the token of whoever asked last."""

    def __init__(self) -> None:
        self._token = "nobody"

    @property
    def play(self) -> Play:
        """How the stack answers."""
        return {
            "DescribeStacks": stack("UPDATE_ROLLBACK_FAILED"),
            "DescribeStackEvents": self._events,
            "ContinueUpdateRollback": self._begun,
        }

    def _begun(self, given: Given) -> Answer:
        self._token = given["ClientRequestToken"]
        return answer("ContinueUpdateRollback", "")(given)

    def _events(self, given: Given) -> Answer:
        member = (
            f"<member><EventId>{self._token}</EventId><StackName>{STACK}</StackName><StackId>{_ARN}</StackId>"
            f"<LogicalResourceId>{STACK}</LogicalResourceId><PhysicalResourceId>{_ARN}</PhysicalResourceId>"
            "<ResourceType>AWS::CloudFormation::Stack</ResourceType><Timestamp>2030-01-01T00:00:00Z</Timestamp>"
            "<ResourceStatus>UPDATE_ROLLBACK_FAILED</ResourceStatus>"
            f"<ClientRequestToken>{self._token}</ClientRequestToken></member>"
        )
        return answer("DescribeStackEvents", f"<StackEvents>{member}</StackEvents>")(given)


@contextmanager
def played(play: Play) -> Iterator[str]:
    """The address of the account; what nobody plays is refused."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            given = {key: values[0] for key, values in parse_qs(body).items()}
            target = str(self.headers.get("X-Amz-Target", "")).rpartition(".")[2]
            self._answer(play.get(given.get("Action", target), _UNPLAYED)(given))

        def do_GET(self) -> None:
            self._answer(play.get(self.path.split("/")[3], _UNPLAYED)({}))

        def _answer(self, said: Answer) -> None:
            body = said.body.encode()
            self.send_response(said.status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amzn-ErrorType", said.code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Whoever asked was interrupted."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
