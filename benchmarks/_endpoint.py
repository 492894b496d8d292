"""An AWS that takes everything: answers what a task's ledger and topics need, and remembers what it was asked."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

TOPIC = "arn:aws:sns:us-east-1:123456789012:shop-dev-reports.fifo"
PUBLISHED = """<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Failed/>
<Successful><member><Id>0</Id><MessageId>m</MessageId><SequenceNumber>1</SequenceNumber></member></Successful>
</PublishBatchResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishBatchResponse>"""


class Call(NamedTuple):
    """One call: the service and operation as boto3 names them, and its arguments."""

    service: str
    operation: str
    arguments: dict[str, Any]


class Endpoint:
    """The server; `calls` are those of the first function that used it."""

    def __enter__(self) -> Self:
        """Begin to answer."""
        self.calls: list[Call] = []
        self._is_over = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """What a publishing function is told."""
        resources = {"topics": {"reports": TOPIC}, "table": "ledger"}
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {"AWS_ENDPOINT_URL": url, "CLOUD_CRON_RESOURCES": json.dumps(resources)}

    @property
    def names(self) -> list[str]:
        """The operations that were called by the first function."""
        return [call.operation for call in self.calls]

    def remember(self, call: Call) -> None:
        """Keep a call of the first function."""
        if not self._is_over:
            self.calls.append(call)

    def by_hand(self) -> str:
        """A handler that makes the calls that were made so far, and nothing else; later ones are not remembered."""
        self._is_over = True
        services = dict.fromkeys(call.service for call in self.calls)
        made = [f'{service} = boto3.client("{service}")' for service in services]
        called = [f"    {call.service}.{call.operation}(**{call.arguments!r})" for call in self.calls]
        return "\n".join(["import boto3", *made, "def handler(event, context):", *called, "    return {}", ""])


def _handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer one call."""
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            target = self.headers.get("X-Amz-Target")
            endpoint.remember(_dynamodb(target, text) if target else _sns(text))
            body = b"{}" if target else PUBLISHED.encode()
            kind = "application/x-amz-json-1.0" if target else "text/xml"
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _dynamodb(target: str, text: str) -> Call:
    operation = re.sub(r"(?<!^)(?=[A-Z])", "_", target.rpartition(".")[2]).lower()
    return Call("dynamodb", operation, json.loads(text))


def _sns(text: str) -> Call:
    """The members of a batch of one."""
    given = dict(parse_qsl(text))
    mark = "PublishBatchRequestEntries.member.1."
    entry = {
        name.removeprefix(mark): value
        for name, value in given.items()
        if name.startswith(mark) and "." not in name.removeprefix(mark)
    }
    return Call("sns", "publish_batch", {"TopicArn": given["TopicArn"], "PublishBatchRequestEntries": [entry]})
