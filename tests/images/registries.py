"""CNCF's registry on the loopback interface: as ECR is, with TLS and a user called AWS, or open to everybody."""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from tests.loopback import free_port, until

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

USER: Final = "AWS"
TOKEN: Final = "token"
_HASHED: Final = "$2y$04$abcdefghijklmnopqrstuuXW5JZg9aMqUYNJxQVUKvcx/Agx.PPZe"  # the token, by bcrypt
_LINE: Final = re.compile(r'"(?P<method>[A-Z]+) (?P<path>/\S*) HTTP/1\.1" (?P<status>\d{3})')


class Request(NamedTuple):
    """A request as the registry's log has it."""

    method: str
    path: str
    status: int


class Registry:
    """The process; its folder holds what is pushed. With an authority it serves TLS, and asks who is there."""

    def __init__(self, folder: Path, authority: trustme.CA | None = None) -> None:
        self.folder = folder
        self.authority = authority
        self.host = f"127.0.0.1:{free_port()}"
        self.log = folder / "registry.log"
        self.certificates = folder / "authority.pem"
        """A file of whom to trust."""

    @property
    def url(self) -> str:
        return f"{'https' if self.authority else 'http'}://{self.host}"

    @property
    def credentials(self) -> str:
        """As a header, and Docker's configuration, have them."""
        return base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()

    def __enter__(self) -> Self:
        file = self.folder / "registry.json"  # JSON is YAML
        file.write_text(json.dumps(self._configuration()), encoding="utf-8")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", str(file)], stdout=log, stderr=log)
        try:
            until("the registry is ready", self._ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def _configuration(self) -> dict[str, Any]:
        plain = {
            "version": 0.1,
            "log": {"level": "error", "accesslog": {"disabled": False}},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}, "delete": {"enabled": True}},
            "http": {"addr": self.host, "secret": "loopback"},
        }
        if self.authority is None:
            return plain
        made = self.authority.issue_cert("127.0.0.1", "localhost")
        certificate, key, users = (self.folder / name for name in ("tls.pem", "key.pem", "users"))
        certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        key.write_bytes(made.private_key_pem.bytes())
        users.write_text(f"{USER}:{_HASHED}\n", encoding="utf-8")
        self.certificates.write_bytes(self.authority.cert_pem.bytes())
        tls = {"certificate": str(certificate), "key": str(key)}
        return {
            **plain,
            "http": {**plain["http"], "tls": tls},  # type: ignore[dict-item]
            "auth": {"htpasswd": {"realm": "ecr", "path": str(users)}},
        }

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            self.call("GET", "/v2/").close()
        except OSError:
            return False
        return True

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """A request; urllib's answer."""
        url = path if path.startswith("http") else f"{self.url}{path}"
        request = urllib.request.Request(url, data, method=method)  # noqa: S310 - loopback
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        trusted = None
        if self.authority:
            request.add_header("Authorization", f"Basic {self.credentials}")
            trusted = ssl.create_default_context(cafile=str(self.certificates))
        return urllib.request.urlopen(request, timeout=60, context=trusted)  # noqa: S310 - the same

    def docker_config(self, folder: Path) -> Path:
        """A folder with what `docker login` writes."""
        folder.mkdir(parents=True, exist_ok=True)
        plain = {"auths": {self.host: {"auth": self.credentials}}}
        (folder / "config.json").write_text(json.dumps(plain), encoding="utf-8")
        return folder

    def requests(self, after: int = 0) -> list[Request]:
        """What it was asked, from so many requests on."""
        found = _LINE.finditer(self.log.read_text(encoding="utf-8"))
        return [Request(each["method"], each["path"], int(each["status"])) for each in found][after:]
