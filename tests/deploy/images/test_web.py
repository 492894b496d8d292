"""Trust, proxies, and how a registry of this machine is spoken to."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.reference import Reference
from cloud_cron_cli.deploy.images.registry import lines
from cloud_cron_cli.deploy.images.registry.credentials import Login
from cloud_cron_cli.deploy.images.registry.registries import Registries
from tests.deploy.images.clients import Known, held, image, layer, patience, repository, stored
from tests.deploy.images.proxies import Proxy
from tests.deploy.images.registry import Basic, Registry, Rules, Silence, Status

NAME = "registry.example"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def trusting(monkeypatch, tmp_path, authority, variable="SSL_CERT_FILE"):
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv(variable, str(tmp_path / "authority.pem"))


def over_tls(authority, *names, rules=None, **dates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **dates).configure_cert(context)
    registry = Registry(rules or Rules(), tls=context)
    stored(registry, "app", image(layer()), "1")
    return registry


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_of_ones_own_is_trusted_when_it_is_named(monkeypatch, tmp_path, authority, variable):
    trusting(monkeypatch, tmp_path, authority, variable)
    with over_tls(authority, "127.0.0.1", rules=Rules(auth=Basic())) as registry:
        assert repository(registry, credentials=Known(Login("AWS", "hunter2"))).document("1")


def test_an_authority_that_nobody_named_is_not_trusted(authority):
    with (
        over_tls(authority, "127.0.0.1") as registry,
        pytest.raises(ImageError, match=r"CC875 .*local issuer.*SSL_CERT_FILE"),
    ):
        repository(registry).document("1")


def test_a_certificate_of_another_name_is_not_trusted(monkeypatch, tmp_path, authority):
    trusting(monkeypatch, tmp_path, authority)
    with (
        over_tls(authority, "other.example") as registry,
        pytest.raises(ImageError, match=r"CC875 .*IP address mismatch"),
    ):
        repository(registry).document("1")


@pytest.mark.parametrize(
    ("first", "words"), [(1, r"CC879 .*not valid yet.*NTP"), (-2, r"CC875 .*expired.*clock is ahead")]
)
def test_a_certificate_of_another_time_is_told_as_that(monkeypatch, tmp_path, authority, first, words):
    trusting(monkeypatch, tmp_path, authority)
    today = datetime.now(UTC)
    dates = {"not_before": today + timedelta(days=first), "not_after": today + timedelta(days=first + 1)}
    with over_tls(authority, "127.0.0.1", **dates) as registry, pytest.raises(ImageError, match=words):
        repository(registry).document("1")


def test_a_file_of_authorities_that_is_none(monkeypatch, tmp_path, authority):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with (
        over_tls(authority, "127.0.0.1") as registry,
        pytest.raises(ImageError, match=r"CC875 .*missing\.pem cannot be read"),
    ):
        repository(registry).document("1")


def test_storage_that_does_without_tls_is_told_nothing():
    with Registry() as registry:
        registry.play("GET", "blobs", Status(307, (("Location", "http://storage.example/blob"),)))

        with pytest.raises(ImageError, match=r"CC875 .*without TLS.*storage\.example"):
            next(repository(registry).read("sha256:1"))


def test_a_registry_of_this_machine_may_break_off_at_the_first_request():
    with Registry() as registry:
        stored(registry, "app", image(layer()), "1")
        registry.play("GET", "manifests", Silence(), Status(400), None)

        with pytest.raises(ImageError, match="CC870 the registry answers 400"):
            repository(registry).document("1")
        assert repository(registry).document("1")


@pytest.mark.parametrize(
    "place", ["http://[bad/", "ftp://127.0.0.1/blob", "file:///etc/passwd", f"//{'a' * 64}.example/"]
)
@pytest.mark.parametrize("what", ["manifests/1", "uploads"])
def test_a_place_that_is_none_is_not_gone_to(place, what):
    with Registry() as registry:
        moved = Status(307 if "1" in what else 202, (("Location", place),))
        registry.play("GET", "manifests", *[moved] * 5)
        registry.play("POST", "uploads", *[moved] * 5)

        with pytest.raises(ImageError, match=r"CC870 .*breaks off"):
            repository(registry).document("1") if "1" in what else repository(registry).upload(held(b"x"), print)


def test_a_realm_that_is_no_place_is_not_asked():
    with Registry() as registry:
        registry.play("GET", "manifests", Status(401, (("WWW-Authenticate", 'Bearer realm="http://[bad/"'),)))

        with pytest.raises(ImageError, match="CC870"):
            repository(registry).document("1")


def test_an_answer_that_no_registry_would_give_is_not_read_to_its_end():
    with Registry() as registry:
        registry.play("GET", "manifests", *[Status(200, (), bytes(lines.MOST + 1))] * 5)

        with pytest.raises(ImageError, match=r"CC870 .*more than 32 MiB"):
            repository(registry).document("1")


class TestProxies:
    @pytest.fixture
    def registry(self, monkeypatch, tmp_path, authority):
        trusting(monkeypatch, tmp_path, authority)
        with over_tls(authority, NAME) as registry:
            yield registry

    @pytest.fixture
    def app(self):
        return Registries(Known(), patience())(Reference(NAME, "app"))

    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
    @pytest.mark.parametrize("form", ["http://ada:hunter2@{}", "{}"])
    def test_a_proxy_of_the_environment_is_used(self, monkeypatch, registry, app, variable, form):
        with Proxy(registry.host) as proxy:
            monkeypatch.setenv(variable, form.format(proxy.host))

            assert app.document("1")
            assert proxy.asked[0].startswith(f"CONNECT {NAME}:443 HTTP/1.")
            assert ("Basic YWRhOmh1bnRlcjI=" in proxy.asked[0]) is ("@" in form)

    def test_names_that_go_without_a_proxy(self, monkeypatch, registry, app):
        with Proxy(registry.host) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
            monkeypatch.setenv("NO_PROXY", ".example")

            with pytest.raises(RuntimeError, match=f"wanted {NAME}"):
                app.document("1")

    def test_this_machine_is_never_asked_for_over_a_proxy(self, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
        with Registry() as registry:
            assert repository(registry).holds("1") is None

    def test_a_proxy_that_is_not_there(self, monkeypatch, app):
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

        with pytest.raises(
            ImageError, match=r"CC870 .*by the proxy 127\.0\.0\.1:1, which .*refused \(registry\.example\)"
        ):
            app.document("1")

    @pytest.mark.parametrize("port", ["99999", "x", "]"])
    def test_a_proxy_whose_address_is_none_is_refused_and_its_password_not_shown(self, monkeypatch, app, port):
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:hunter2@[::1]:{port}")

        with pytest.raises(ImageError, match=r"CC870 the proxy cannot be used.*http://proxy") as caught:
            app.document("1")
        assert "hunter2" not in str(caught.value)

    def test_a_proxy_of_another_kind(self, monkeypatch, app):
        monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")

        with pytest.raises(ImageError, match=r"CC870 the proxy cannot be used.*http://"):
            app.document("1")
