"""HTTP for the registry in memory: what each path answers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socketserver
import threading
from contextlib import suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from time import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

from cloud_cron_cli.deploy.images.oci import Document, digest
from tests.deploy.images.lambda_rules import refusal

if TYPE_CHECKING:
    import ssl

    from tests.deploy.images.registry import Registry

FLIPPED = bytes(byte ^ 1 for byte in range(256))


class Server(socketserver.ThreadingTCPServer):
    """A thread for each connection; all of them end with the server."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, registry: Registry, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.registry = registry
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self._tls = tls
        self._open: set[Any] = set()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def finish_request(self, request: Any, address: Any) -> None:
        with suppress(OSError):
            request = self._tls.wrap_socket(request, server_side=True) if self._tls else request
            self._open.add(request)
            super().finish_request(request, address)
        self._open.discard(request)
        request.close()

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no news."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(2)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    _routes: ClassVar = (
        (re.compile(r"/v2/?"), "_root"),
        (re.compile(r"/token"), "_token"),
        (re.compile(r"/storage/(.+)/(sha256:.+)"), "_storage"),
        (re.compile(r"/v2/(.+)/manifests/([^/]+)"), "_manifest"),
        (re.compile(r"/v2/(.+)/blobs/uploads/([^/]*)"), "_upload"),
        (re.compile(r"/v2/(.+)/blobs/([^/]+)"), "_blob"),
    )

    @property
    def registry(self) -> Registry:
        return self.server.registry

    def answer(self) -> None:
        self.fault = self.registry.fault(self.command, self.path)
        kind = type(self.fault).__name__
        if kind == "Silence":
            self._log(0, 0)
            self.close_connection = True
            return
        self.body = self._read()
        if kind == "Status":
            self._send(self.fault.code, self.fault.body, **dict(self.fault.headers))  # type: ignore[union-attr]
            return
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query))
        for pattern, method in self._routes:
            if found := pattern.fullmatch(parts.path):
                if method in {"_token", "_storage"} or self._admitted(found):
                    getattr(self, method)(*found.groups())
                return
        self._send(404)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = answer  # noqa: N815 - names of http.server

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, code: int, body: bytes = b"", **headers: str) -> None:
        kind = type(self.fault).__name__
        cut = self.fault.after if kind == "Cut" else len(body)  # type: ignore[union-attr]
        self._log(code, len(getattr(self, "body", b"")))
        if kind == "Lost":
            self.close_connection = True
            return
        self.send_response_only(code)
        self.send_header("Date", formatdate(time() + self.registry.rules.skew, usegmt=True))
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.translate(FLIPPED) if kind == "Wrong" else memoryview(body)[:cut])
        self.close_connection |= kind == "Cut"

    def _log(self, status: int, sent: int) -> None:
        from tests.deploy.images.registry import Request  # noqa: PLC0415 - it imports this module

        self.registry.requests.append(Request(self.command, self.path, status, sent, dict(self.headers)))

    def _refuse(self, code: int, word: str, message: str = "") -> None:
        self._send(code, json.dumps({"errors": [{"code": word, "message": message or word}]}).encode())

    # Who may do what

    def _admitted(self, found: re.Match[str]) -> bool:
        auth: Any = self.registry.rules.auth
        header = self.headers.get("Authorization", "")
        name = found[1] if found.re.groups else ""
        action = "pull" if self.command in {"GET", "HEAD"} else "push"
        match type(auth).__name__:
            case "NoneType":
                return True
            case "Basic":
                word = base64.b64encode(":".join(auth).encode()).decode()
                admitted, challenge = header == f"Basic {word}", 'Basic realm="registry"'
            case _:
                scope = f"repository:{name}:{'pull' if action == 'pull' else 'pull,push'}"
                admitted = {name, action} <= self.registry.tokens.get(header.removeprefix("Bearer "), set())
                challenge = (
                    f'Bearer realm="{self.registry.scheme}://{self.registry.host}/token",service="test",scope="{scope}"'
                )
        if not admitted:
            self._send(401, b'{"errors":[{"code":"UNAUTHORIZED"}]}', WWW_Authenticate=challenge)
        return admitted

    def _token(self) -> None:
        auth: Any = self.registry.rules.auth
        asked = {**self.query, **{name: values[0] for name, values in parse_qs(self.body.decode()).items()}}
        word = base64.b64encode(f"{auth.user}:{auth.password}".encode()).decode()
        known = self.headers.get("Authorization") == f"Basic {word}" or (
            auth.identity is not None and asked.get("refresh_token") == auth.identity
        )
        if not known and (auth.user or "Authorization" in self.headers):
            self._refuse(401, "UNAUTHORIZED")
            return
        _, name, actions = asked["scope"].split(":")
        token = uuid4().hex
        self.registry.tokens[token] = {name, *(actions.split(",") if known else ["pull"])}
        self._send(200, json.dumps({"token": token, "expires_in": 300}).encode())

    # What is there

    def _root(self) -> None:
        self._send(200, b"{}")

    def _storage(self, name: str, wanted: str) -> None:
        if "Authorization" in self.headers:
            self._refuse(400, "InvalidArgument", "Only one auth mechanism allowed")
        else:
            self._serve(self.registry.blobs[name, wanted])

    def _blob(self, name: str, wanted: str) -> None:
        data = self.registry.blobs.get((name, wanted))
        if data is None:
            self._refuse(404, "BLOB_UNKNOWN")
        elif self.registry.rules.redirects and self.command == "GET":
            self._send(307, Location=f"{self.registry.scheme}://{self.registry.storage}/storage/{name}/{wanted}?sig=1")
        else:
            self._serve(data)

    def _serve(self, data: bytes) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not found or not self.registry.rules.ranges:
            self._send(200, data)
        elif int(found[1]) >= len(data):
            self._send(416)
        else:
            part, size = data[int(found[1]) :], len(data)
            self._send(206, part, Content_Range=f"bytes {found[1]}-{size - 1}/{size}")

    def _upload(self, name: str, session: str) -> None:
        registry, rules = self.registry, self.registry.rules
        if self.command == "POST":
            source = registry.blobs.get((self.query.get("from", ""), self.query.get("mount", "")))
            if source is not None and rules.mounts:
                registry.blobs[name, self.query["mount"]] = source
                self._send(201)
                return
            session = uuid4().hex
            registry.uploads[session] = []
            self._send(202, Location=f"/v2/{name}/blobs/uploads/{session}?state=1")
        elif session not in registry.uploads:
            self._refuse(404, "BLOB_UPLOAD_UNKNOWN")
        elif self.command == "PATCH":
            if not (registry.uploads[session] and rules.loses_chunks):
                registry.uploads[session].append(self.body)
            self._send(201 if rules.loses_chunks else 202, Location=f"/v2/{name}/blobs/uploads/{session}?state=2")
        else:
            self._finish(name, session)

    def _finish(self, name: str, session: str) -> None:
        if self.body and not self.registry.rules.takes_puts:
            self._refuse(400, "BLOB_UPLOAD_INVALID", "send it by PATCH")
            return
        data = b"".join([*self.registry.uploads.pop(session), self.body])
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != self.query["digest"]:
            self._refuse(400, "DIGEST_INVALID")
        else:
            self.registry.blobs[name, self.query["digest"]] = data
            self._send(201)

    def _manifest(self, name: str, reference: str) -> None:
        if self.command == "PUT":
            self._take(name, reference, Document(self.headers["Content-Type"], self.body))
            return
        found = self.registry.manifests.get((name, reference))
        if found is None or found.media_type not in self.headers.get("Accept", ""):
            self._refuse(404, "MANIFEST_UNKNOWN")
        else:
            self._send(200, found.raw, Content_Type=found.media_type, Docker_Content_Digest=found.digest)

    def _take(self, name: str, reference: str, document: Document) -> None:
        registry = self.registry
        there = registry.manifests.get((name, reference))
        plain = json.loads(document.raw)
        wanted = [each["digest"] for each in [*plain.get("layers", ()), *filter(None, [plain.get("config")])]]
        if ":" in reference and reference != document.digest:
            self._refuse(400, "DIGEST_INVALID")
        elif any((name, each) not in registry.blobs for each in wanted):
            self._refuse(400, "MANIFEST_BLOB_UNKNOWN")
        elif any((name, each["digest"]) not in registry.manifests for each in plain.get("manifests", ())):
            self._refuse(400, "MANIFEST_UNKNOWN")
        elif registry.rules.immutable and there is not None and there.raw != document.raw:
            self._refuse(400, "TAG_INVALID", f"The image tag '{reference}' already exists and the tag is immutable")
        elif registry.rules.strict and (why := refusal(document, lambda each: registry.blobs[name, each])):
            self._refuse(400, "MANIFEST_INVALID", why)
        else:
            registry.add(name, document, reference)
            self._send(201, Docker_Content_Digest=digest(document.raw))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
