"""ECR's own API: logins that are kept, and blobs in parts. ECR is played on loopback where the emulator is wrong."""

from __future__ import annotations

import base64
import json
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

import pytest
from moto import mock_aws

from cloud_cron.errors import DeployError, ImageError
from cloud_cron_cli.deploy.aws_ecr import EcrLogin, EcrUploader
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.images.registry.credentials import Login
from tests.deploy.images.clients import held

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
LIFE = 12 * 3600
DATA = bytes(range(256)) * 40


class Ecr:
    """ECR's JSON protocol: logins, and layers in parts; `fail` is the next answer's error."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.regions: list[str] = []
        self.parts: list[bytes] = []
        self.layers: dict[str, bytes] = {}
        self.sizes: list[tuple[int, int]] = []
        self.now = 1_900_000_000
        self.fail: dict[str, str] = {}
        self.garbles = False

    def answer(self, action, asked):
        if action in self.fail:
            return 400, {"__type": self.fail[action], "message": f"{action} is refused"}
        return 200, getattr(self, action)(asked)

    def GetAuthorizationToken(self, asked):  # noqa: N802 - ECR's name
        token = base64.b64encode(f"AWS:word-{len(self.asked)}".encode()).decode()
        return {"authorizationData": [{"authorizationToken": token, "expiresAt": self.now + LIFE}]}

    def InitiateLayerUpload(self, asked):  # noqa: N802 - the same
        assert (asked["registryId"], asked["repositoryName"]) == ("123456789012", "shop/app")
        return {"uploadId": "u", "partSize": 4096}

    def UploadLayerPart(self, asked):  # noqa: N802 - the same
        self.parts.append(base64.b64decode(asked["layerPartBlob"]))
        self.sizes.append((asked["partFirstByte"], asked["partLastByte"]))
        return {"lastByteReceived": asked["partLastByte"]}

    def CompleteLayerUpload(self, asked):  # noqa: N802 - the same
        data = b"".join(self.parts) + (b"!" if self.garbles else b"")
        name = f"sha256:{sha256(data).hexdigest()}"
        self.layers[name] = data
        return {"layerDigest": name}


@pytest.fixture
def ecr(monkeypatch):
    played = Ecr()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            played.asked.append(action)
            played.regions.append(self.headers["Authorization"].split("/")[2])
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, plain = played.answer(action, json.loads(body))
            data = json.dumps(plain).encode()
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Say nothing."""

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        played.session = AwsSession("eu-central-1", endpoint_url=f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
        yield played
        server.shutdown()


def test_a_login_is_asked_for_once_and_again_before_it_ends(ecr):
    logins = EcrLogin(ecr.session, lambda: ecr.now)

    assert [logins.login("eu-central-1") for _ in range(3)] == [Login("AWS", "word-1")] * 3
    ecr.now += LIFE - 300
    assert logins.login("eu-central-1") == Login("AWS", "word-2")
    assert ecr.asked == ["GetAuthorizationToken"] * 2


def test_each_region_has_a_login_of_its_own(ecr):
    logins = EcrLogin(ecr.session, lambda: ecr.now)

    assert logins.login("eu-central-1") != logins.login("us-east-1")
    assert ecr.regions == ["eu-central-1", "us-east-1"]


def test_a_login_that_is_not_allowed_says_what_to_allow(ecr):
    ecr.fail["GetAuthorizationToken"] = "AccessDeniedException"

    with pytest.raises(DeployError, match=r"CC803 .*ecr:GetAuthorizationToken"):
        EcrLogin(ecr.session).login("eu-central-1")


def test_a_blob_goes_in_parts_of_the_size_that_ecr_names(ecr):
    heard: list[int] = []
    blob = held(DATA)

    uploader = EcrUploader.of(ecr.session, HOST)
    assert uploader is not None
    uploader.upload("shop/app", blob, heard.append)

    assert ecr.layers[blob.descriptor.digest] == DATA
    assert ecr.sizes == [(0, 4095), (4096, 8191), (8192, 10239)]
    assert heard == [4096, 4096, 2048]
    assert set(ecr.regions) == {"eu-central-1"}


def test_a_blob_that_is_there_already_is_well(ecr):
    ecr.fail["CompleteLayerUpload"] = "LayerAlreadyExistsException"

    EcrUploader(ecr.session.client("ecr"), "123456789012").upload("shop/app", held(DATA), lambda _: None)


@pytest.mark.parametrize("action", ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"])
def test_a_blob_that_is_refused_says_what_to_allow(ecr, action):
    ecr.fail[action] = "AccessDeniedException"

    with pytest.raises(DeployError, match=rf"CC803 .*ecr:{action}"):
        EcrUploader(ecr.session.client("ecr"), "123456789012").upload("shop/app", held(DATA), lambda _: None)


def test_a_blob_that_arrives_otherwise_is_told(ecr):
    ecr.garbles = True

    with pytest.raises(ImageError, match=r"CC874 .*shop/app"):
        EcrUploader(ecr.session.client("ecr"), "123456789012").upload("shop/app", held(DATA), lambda _: None)


@pytest.mark.parametrize("host", ["quay.io", "public.ecr.aws", "127.0.0.1:5000"])
def test_only_ecr_has_an_api_of_its_own(host):
    assert EcrUploader.of(AwsSession("eu-central-1"), host) is None


@pytest.mark.moto
def test_the_emulators_login_is_read(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        login = EcrLogin(AwsSession("eu-central-1")).login("eu-central-1")

    assert login == Login("AWS", "123456789012-auth-token")
