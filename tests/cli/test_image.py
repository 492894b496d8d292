"""`cloud-cron image` against a registry that is one, on the loopback interface."""

from __future__ import annotations

import json

import pytest

from cloud_cron_cli.deploy.images.oci import OCI, Document, canonical
from cloud_cron_cli.deploy.shipping import built
from tests.bad_input.ways.account import NOWHERE, Answer, played
from tests.deploy.images.clients import stored
from tests.deploy.images.made import image, packed, settings, tar
from tests.deploy.images.registry import Registry, Rules, Status

LAYER = tar("var/", "var/task/", "var/task/app.py")

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def registry():
    with Registry(Rules(immutable=True)) as found:
        yield found


def made(architecture="amd64"):
    return image(LAYER, config=settings(LAYER, architecture=architecture))


def listed(registry, name, *images):
    """An index of images, by their architectures; its digest."""
    entries = []
    for architecture in images:
        each = made(architecture)
        stored(registry, name, each)
        manifest = {"mediaType": each.manifest.media_type, "digest": each.digest, "size": len(each.manifest.raw)}
        entries.append({**manifest, "platform": {"os": "linux", "architecture": architecture}})
    index = {"schemaVersion": 2, "mediaType": OCI.listing, "manifests": entries}
    return registry.add(name, Document(OCI.listing, canonical(index)), "1")


def test_a_copy_keeps_its_digest_and_is_told_with_what_moved(registry, run):
    stored(registry, "team/base", made(), "1")

    done = run("image", "copy", f"{registry.host}/team/base:1", f"{registry.host}/shop:2", "--json")

    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["digest"] == told["source_digest"] == made().digest
    assert told["uri"] == f"{registry.host}/shop@{made().digest}"
    assert told["repository"] == {"uri": f"{registry.host}/shop", "arn": None}
    assert told["tags"] == ["2"]
    assert {part["how"] for part in told["parts"]} <= {"mounted", "sent"}
    assert registry.tags("shop") == {"2": made().digest}


def test_a_copy_in_words_and_again(registry, run):
    stored(registry, "base", made(), "1")
    words = ("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop")

    first, second = run(*words), run(*words)

    assert f"✓ {registry.host}/base:1 is {registry.host}/shop@{made().digest}" in first.stdout
    assert f"tagged {built(made().digest)}" in first.stdout
    assert "nothing was sent: it is all there" in second.stdout
    assert registry.tags("shop") == {built(made().digest): made().digest}


def test_of_an_index_one_platform_is_copied_by_the_name_lambda_has_for_it(registry, run):
    index = listed(registry, "base", "amd64", "arm64")
    words = ("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop:1")

    assert "CC880" in run(*words).stderr
    told = json.loads(run(*words, "--platform", "x86_64", "--json").stdout)
    assert f"of the index {index}" in run(*words, "--platform", "x86_64").stdout

    assert told["source_digest"] == index
    assert told["digest"] == made("amd64").digest
    assert "CC883" in run(*words, "--platform", "windows/amd64").stderr


def test_a_dry_copy_sends_nothing(registry, run):
    stored(registry, "base", made(), "1")
    registry.forget()

    done = run(
        "image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop", "--tag", "a", "--tag", "b", "--dry-run"
    )

    assert done.exit_code == 0, done.stderr
    assert "would be" in done.stdout
    assert registry.changes() == []
    assert registry.tags("shop") == {}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["{host}/base:2", "{host}/shop"], "CC872"),
        (["Base Image", "{host}/shop"], "CC877"),
        (["{host}/base:1", "{host}/shop@sha256:" + "0" * 64], "name a repository"),
        (["{host}/base:1", "{host}/shop", "--platform", "mips"], "--platform mips"),
    ],
)
def test_what_cannot_be_copied_says_why(registry, run, words, code):
    stored(registry, "base", made(), "1")

    done = run("image", "copy", *(word.format(host=registry.host) for word in words))

    assert done.exit_code in {1, 2}
    assert code in done.stderr


@pytest.mark.parametrize("listed", [3, [3], [{"platform": {"architecture": "amd64", "os": "linux"}, "digest": "../x"}]])
def test_an_index_that_is_none_is_told(registry, run, listed):
    index = {"schemaVersion": 2, "mediaType": OCI.listing, "manifests": listed}
    registry.add("base", Document(OCI.listing, canonical(index)), "1")

    done = run("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop:1", "--platform", "x86_64")

    assert done.exit_code == 2
    assert "CC881" in done.stderr


@pytest.mark.parametrize(
    ("fault", "code", "ends"), [(Status(429), "CC873", 1), (Status(403), "CC871", 1), (Status(404), "CC872", 2)]
)
def test_trouble_on_the_way_ends_otherwise_than_a_mistake_in_what_was_asked(registry, run, fault, code, ends):
    registry.play("GET", "manifests", fault._replace(headers=(("Retry-After", "3600"),)))

    done = run("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop:1")

    assert (code in done.stderr, done.exit_code) == (True, ends), done.stderr


def test_a_tag_that_is_another_image_is_not_moved(registry, run):
    stored(registry, "base", made(), "1")
    stored(registry, "shop", image(tar("var/", "var/other")), "1")

    assert "CC886" in run("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop:1").stderr


def test_a_copy_to_the_stage_needs_a_project_and_an_account(registry, project, run):
    project()
    stored(registry, "base", made(), "1")

    assert "CC805" in run("image", "copy", f"{registry.host}/base:1").stderr


def test_the_cache_is_pruned_to_its_limit_or_emptied(run, own_cache):
    folder = own_cache / "cache" / "blobs"
    folder.mkdir(parents=True)
    (folder / "sha256-1").write_bytes(b"x" * 2_000)

    assert run("image", "prune").stdout == f"✓ 0 B freed  2.0 kB kept in {own_cache / 'cache'}\n"
    told = json.loads(run("image", "prune", "--all", "--json").stdout)
    assert told == {"folder": str(own_cache / "cache"), "freed": 2_000, "kept": 0}


@pytest.mark.parametrize(
    "words", [("prune", "--all"), ("build",), ("copy", "registry.example/a:1", "registry.example/b")]
)
def test_a_cache_that_is_a_file_is_refused_before_anything_is_done(project, run, monkeypatch, words):
    file = project() / "thesis.txt"
    file.write_text("mine", encoding="utf-8")
    monkeypatch.setenv("CLOUD_CRON_CACHE", str(file))
    done = run("image", *words)

    assert (done.exit_code, done.stdout) == (2, "")
    assert f"error CC876 CLOUD_CRON_CACHE={file} can be no folder" in done.stderr
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "words", [("push",), ("copy", "registry.example/a:1"), ("copy", "registry.example/a:1", "--dry-run")]
)
def test_with_an_emulator_nothing_is_sent_to_aws_nor_made(project, run, monkeypatch, words):
    project()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    own = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/weather-dev-artifacts"
    told = Answer(json.dumps({"repositories": [{"repositoryUri": own}]}))
    with played({**NOWHERE, "DescribeRepositories": lambda _: told}) as url:
        done = run("image", *words, "--region", "eu-central-1", "--endpoint-url", url)

    assert done.exit_code == 2
    assert f"error CC813 the image would go to AWS, to {own}" in done.stderr
    assert "repository = " in done.stderr


def test_a_registry_that_fails_is_named(registry, run):
    registry.play("GET", r"/manifests/", *[Status(403)] * 3)

    done = run("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "CC871" in done.stderr


def test_packed_layers_are_what_the_registry_gets(registry, run):
    stored(registry, "base", made(), "1")

    run("image", "copy", f"{registry.host}/base:1", f"{registry.host}/shop")

    assert packed(LAYER) in {data for (name, _), data in registry.blobs.items() if name == "shop"}
