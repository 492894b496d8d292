"""`cloud-cron image build` and `push`: a project, packages of an index in a folder, and a registry that is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from moto import mock_aws

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.desired import Desired, target
from cloud_cron_cli.deploy.images.archive import opened
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.interpreters import RUNNING
from cloud_cron_cli.deploy.images.making import builder_of, made, recipe_of
from cloud_cron_cli.deploy.images.oci import Platform
from cloud_cron_cli.deploy.images.options import Wish
from cloud_cron_cli.deploy.images.preflight import check
from cloud_cron_cli.deploy.shipping import built
from cloud_cron_cli.deploy.template import artifacts
from cloud_cron_cli.options import Choices
from cloud_cron_cli.project import opened as opened_project
from cloud_cron_cli.stage import app_of
from tests.deploy.images.clients import stored
from tests.deploy.images.conftest import uv_cache, wheelhouse, wheels  # noqa: F401 - fixtures
from tests.deploy.images.made import image, settings, tar
from tests.deploy.images.registry import Registry, Rules

APP = """
from cloud_cron import CloudCron

app = CloudCron("shop")


@app.schedule("rate(1 hour)")
def tick():
    return None
"""
LOADED = """
import contextlib, json, sys
before = set(sys.modules)
from cloud_cron_cli.main import cli
with contextlib.suppress(SystemExit):
    cli(["image", "push", "{destination}", "--json"])
print(json.dumps(sorted(set(sys.modules) - before)))
"""
NEEDLESS = {
    *("boto3", "botocore", "importlib.metadata", "jinja2", "rich", "urllib.request", "urllib3"),
    *("concurrent.futures", "csv", "difflib", "logging", "traceback", "zipfile"),
    *(f"cloud_cron_cli.deploy.images.{name}" for name in ("archive", "docker", "installing", "pip", "tools", "uv")),
}
"""What a push does without that has the packages of its image."""
BASE = tar("var/", "var/runtime/", "var/runtime/bootstrap")
TOLD = {"Entrypoint": ["/lambda-entrypoint.sh"], "Env": ["LAMBDA_TASK_ROOT=/var/task"], "WorkingDir": "/var/task"}


@pytest.fixture(scope="module")
def user(tmp_path_factory):
    return tmp_path_factory.mktemp("user")


@pytest.fixture(autouse=True)
def shared_cache(user, monkeypatch):
    """A user whose cache has what the tests before have made: the runtime is compiled once for all of them."""
    monkeypatch.setenv("CLOUD_CRON_CACHE", str(user / "cache"))
    monkeypatch.setenv("DOCKER_CONFIG", str(user / "docker"))


@pytest.fixture
def registry():
    """With a base image of one layer."""
    with Registry(Rules(strict=True, immutable=True)) as found:
        stored(found, "python", image(BASE, config=settings(BASE, config=TOLD)), "1")
        yield found


@pytest.fixture
def shop(registry, project, wheelhouse):  # noqa: F811 - the fixture
    """A project whose packages are as small as can be."""
    for name in ("boto3", "jinja2", "tzdata"):
        wheelhouse.wheel(name, "9000.0")
    config = f'python = "{RUNNING}"\n[image]\nbase = "{registry.host}/python:1"\nbuilder = "layers"\n'
    return project(APP, **{"cloud-cron.toml": config})


def told(done):
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("own_cache", "shop")
def test_an_image_is_built_once_and_is_the_same_again(run):
    first, second = told(run("image", "build", "--json")), told(run("image", "build", "--json"))

    assert [layer["holds"] for layer in first["layers"]] == ["base", "dependencies", "runtime", "app"]
    assert first["digest"] == second["digest"]
    assert all(layer["reused"] for layer in second["layers"])
    assert first["size"] > sum(layer["size"] for layer in first["layers"])


def test_what_was_built_is_told_in_words_and_written(shop, run, tmp_path):
    done = run("image", "build", "--output", "out", "--sbom", "out.cdx.json")

    assert done.exit_code == 0, done.stderr
    assert "✓ shop sha256:" in done.stdout
    assert (shop / "cloud-cron.lock").exists()
    assert json.loads((shop / "out.cdx.json").read_text())["bomFormat"] == "CycloneDX"
    written = opened(shop / "out", FileCache(tmp_path / "other"))
    check(written, Platform("amd64"), contents=True)
    assert written.digest in done.stdout


@pytest.mark.usefixtures("shop")
def test_an_image_is_pushed_and_the_second_time_nothing_is_sent(registry, run):
    first = told(run("image", "push", f"{registry.host}/shop:1", "--json"))
    registry.forget()
    second = told(run("image", "push", f"{registry.host}/shop:1", "--json"))

    assert registry.tags("shop") == {"1": first["digest"]}
    assert first["uri"] == f"{registry.host}/shop@{first['digest']}"
    assert first["tags"] == ["1"]
    assert (second["digest"], second["sent"], second["tags"]) == (first["digest"], 0, [])
    assert registry.changes() == []


def test_one_changed_line_asks_no_more_than_it_must_and_loads_no_more(shop, registry, run):
    told(run("image", "push", f"{registry.host}/shop:1", "--json"))
    (shop / "app.py").write_text(APP + "# changed\n")
    registry.forget()

    code = LOADED.format(destination=f"{registry.host}/shop:2")
    done = subprocess.run([sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert registry.counted() == {
        "HEAD manifest": 1,
        "HEAD blob": 5,
        "POST upload": 2,
        "PUT blob": 2,
        "PUT manifest": 1,
    }
    assert set(json.loads(done.stdout.splitlines()[-1])) & NEEDLESS == set()


def test_a_fresh_machine_sends_its_app_alone(shop, registry, run, tmp_path, monkeypatch):
    told(run("image", "push", f"{registry.host}/shop", "--json"))
    monkeypatch.setenv("CLOUD_CRON_CACHE", str(tmp_path / "fresh"))
    (shop / "app.py").write_text(APP + "# changed\n")

    second = told(run("image", "push", f"{registry.host}/shop:2", "--json"))

    assert {part["name"].split()[0] for part in second["parts"] if part["how"] == "sent"} == {"app", "configuration"}
    assert len(registry.tags("shop")) == 2


@pytest.mark.usefixtures("shop")
def test_frozen_fails_where_the_lock_would_change(run):
    assert "CC869" in run("image", "build", "--frozen").stderr
    assert run("image", "build").exit_code == 0
    assert run("image", "build", "--frozen").exit_code == 0


@pytest.mark.usefixtures("shop")
def test_a_file_that_cannot_be_written_is_named(run):
    assert "CC708" in run("image", "build", "--sbom", "nowhere/out.json").stderr


def test_a_project_with_a_dockerfile_is_built_by_docker_unless_it_says_otherwise(shop):
    model, found = _loaded()
    (shop / "Dockerfile").write_text("FROM scratch\n")
    (shop / "cloud-cron.toml").write_text("")
    without = recipe_of(shop, model, opened_project(Choices()).settings, Wish())

    assert builder_of(recipe_of(shop, model, found, Wish())) == "layers"
    assert builder_of(without) == "docker"
    assert builder_of(recipe_of(shop, model, found, Wish("docker"))) == "docker"


def test_build_arguments_are_for_docker(shop):
    (shop / "cloud-cron.toml").write_text('[image]\nbuild_args = { A = "1" }\n')
    model, found = _loaded()
    nothing = None

    with pytest.raises(ConfigError, match="CC502"):
        made(recipe_of(Path(os.curdir), model, found, Wish()), nothing, Wish())  # type: ignore[arg-type]  # unused


def _loaded():
    project = opened_project(Choices())
    return project.model, project.settings


@pytest.fixture
def account(monkeypatch):
    """An account of AWS in this process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield AwsSession("eu-central-1")


@pytest.mark.moto
@pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")
def test_without_a_destination_an_image_goes_to_the_repository_of_the_stage(shop, registry, run, account):
    with (shop / "cloud-cron.toml").open("a") as file:
        file.write(f'repository = "{registry.host}/shop"\ntag = "1.0"\n')
    stack = _artifacts()
    tags = [{"Key": name, "Value": value} for name, value in stack.tags.items()]
    account.client("cloudformation").create_stack(StackName=stack.stack, TemplateBody=stack.template, Tags=tags)

    first = told(run("image", "push", "--region", "eu-central-1", "--json"))
    words = ("image", "copy", f"{registry.host}/python:1", "--region", "eu-central-1", "--tag", "base", "--json")
    copied = told(run(*words))

    assert first["repository"]["uri"] == copied["repository"]["uri"] == f"{registry.host}/shop"
    own = {built(first["digest"]): first["digest"], "1.0": first["digest"]}
    assert registry.tags("shop") == {**own, "base": copied["digest"]}


@pytest.mark.moto
def test_a_plan_makes_the_image_and_keeps_the_lock_to_itself(shop, run, account):
    done = run("plan", "--region", "eu-central-1", "--json")

    assert done.exit_code == 0, done.stderr
    changes = json.loads(done.stdout)["changes"]
    assert {"AWS::ECR::Repository", "AWS::Lambda::Function"} <= {each["kind"] for each in changes}
    assert not (shop / "cloud-cron.lock").exists()
    assert account.client("cloudformation").describe_stacks()["Stacks"] == []


@pytest.mark.moto
@pytest.mark.usefixtures("account")
def test_a_plan_that_cannot_make_the_image_says_why(shop, registry, run):
    (shop / "cloud-cron.toml").write_text(f'[image]\nbase = "{registry.host}/python:2"\n')

    done = run("plan", "--region", "eu-central-1", "--exit-code")

    assert done.exit_code == 1
    assert "CC860" in done.stderr


def _artifacts():
    """The artifacts stack of the project, as a deploy would ask for it."""
    app = app_of(opened_project(Choices()))
    store = artifacts(app.model, app.settings)
    return target(Desired(app, store, [], None), store, {})
