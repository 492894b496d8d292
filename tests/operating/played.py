"""The emulator moto on the loopback interface, with what it lacks: move tasks of SQS, calls of functions, our stack.

What it does not answer is answered as AWS does it, by the world that is played at the moment.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.operating.aws_world import Aws


class Played:
    """A WSGI application before moto's own; `world` is who answers."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - beside its one use
            DomainDispatcherApplication,
            create_backend_app,
        )

        self.moto: Any = DomainDispatcherApplication(create_backend_app)
        self.world: Aws | None = None

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        path, target = environ["PATH_INFO"], environ.get("HTTP_X_AMZ_TARGET", "")
        if self.world and target == "AmazonSQS.StartMessageMoveTask":
            answer, said = self.world.move({"body": self._body(environ)})
            return self._said(start, answer.status_code, said)
        if self.world and path.endswith("/invocations"):
            if "HTTP_X_AMZ_INVOCATION_TYPE" not in environ:
                said, error = self.world.answered(path, json.loads(self._body(environ)))
                start("200 OK", [("X-Amz-Function-Error", error)] if error else [])
                return [json.dumps(said).encode()]
            headers = {"X-Amz-Invocation-Type": environ["HTTP_X_AMZ_INVOCATION_TYPE"]}
            answer, _ = self.world.invoke({"headers": headers, "url_path": path, "body": self._body(environ)})
            return self._said(start, answer.status_code, {})
        if self.world and "/cloudformation/" in environ.get("HTTP_AUTHORIZATION", ""):
            status, said = described(self.world, parse_qs(self._body(environ).decode()))
            start(f"{status} said", [("Content-Type", "text/xml")])
            return [said.encode()]
        return self.moto(environ, start)

    def _body(self, environ: dict[str, Any]) -> bytes:
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        return body

    def _said(self, start: Any, status: int, said: dict[str, Any]) -> list[bytes]:
        error = said.get("Error")
        shown = {"__type": f"com.amazonaws.sqs#{error['Code']}", "message": error["Message"]} if error else said
        start(f"{status} said", [("Content-Type", "application/x-amz-json-1.0")])
        return [json.dumps(shown).encode()]


def described(world: Aws, asked: dict[str, list[str]]) -> tuple[int, str]:
    """The one stack that there is (CloudFormation API reference, DescribeStacks)."""
    assert asked["Action"] == ["DescribeStacks"]
    [name] = asked["StackName"]
    if name != "shop-dev":
        text = f"<Code>ValidationError</Code><Message>Stack with id {name} does not exist</Message>"
        return 400, f"<ErrorResponse><Error><Type>Sender</Type>{text}</Error></ErrorResponse>"
    tags = {"managed_by": "cloud-cron", "app": "shop", "stage": "dev"}
    members = {
        "Outputs": [_pair("OutputKey", key, "OutputValue", value) for key, value in world.outputs().items()],
        "Tags": [_pair("Key", key, "Value", value) for key, value in tags.items()],
    }
    lists = "".join(f"<{name}>{''.join(several)}</{name}>" for name, several in members.items())
    stack = "<StackName>shop-dev</StackName><StackId>arn:stack</StackId><StackStatus>UPDATE_COMPLETE</StackStatus>"
    when = "<CreationTime>2030-01-01T00:00:00Z</CreationTime>"
    result = f"<Stacks><member>{stack}{when}{lists}</member></Stacks>"
    return (
        200,
        f"<DescribeStacksResponse><DescribeStacksResult>{result}</DescribeStacksResult></DescribeStacksResponse>",
    )


def _pair(first: str, key: str, second: str, value: str) -> str:
    return f"<member><{first}>{escape(key)}</{first}><{second}>{escape(value)}</{second}></member>"


@contextmanager
def served() -> Iterator[tuple[Played, str]]:
    """The application, and its URL."""
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415 - the same

    class Quiet(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            """Nothing."""

    played = Played()
    server = make_server("127.0.0.1", 0, played, threaded=True, request_handler=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield played, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
