"""What `docker build` gets: all that the Dockerfile copies, of the same files as an image made without Docker."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from importlib.metadata import version
from types import MappingProxyType

import pytest

from cloud_cron import CloudCron, __version__
from cloud_cron.config import Settings
from cloud_cron.errors import ConfigError, ImageError
from cloud_cron_cli.deploy.dockerfile import dockerfile, needed
from cloud_cron_cli.deploy.images import asking, bytecode, context, files, lockfile, requirements, templating
from cloud_cron_cli.deploy.images.building import Recipe
from cloud_cron_cli.deploy.images.layers import Entry
from cloud_cron_cli.deploy.images.lockfile import BasePin, Lock, Pinned
from cloud_cron_cli.deploy.images.options import ImageOptions
from cloud_cron_cli.deploy.images.runtime_files import runtime_files
from cloud_cron_cli.deploy.images.targets import Target

HERE = "{}.{}".format(*sys.version_info[:2])
DIGEST = "sha256:" + "a" * 64
SHOP = CloudCron("shop")


@SHOP.schedule("rate(1 hour)")
def hourly():
    """A task."""


MODEL = SHOP.model()
POST = CloudCron("shop")


@POST.notifier("email", topics=["reports"], recipients=["ada@example.org"])
def mail():
    """A notifier with a template."""


MAIL = POST.model()


@pytest.fixture
def project(tmp_path):
    """Writes a project, and gives what its image is made from."""

    def written(files=MappingProxyType({}), **options):
        folder = tmp_path / "shop"
        for name, text in {"app.py": "x = 1\n", **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return Recipe(folder, MODEL, Settings("dev"), ImageOptions(HERE, **options))

    return written


def held(made):
    """The files by name."""
    return {entry.path: entry.data for entry in made.entries}


def lines(made, name="requirements.txt"):
    """A file of requirements without its first line, which is a remark."""
    return held(made)[name].decode().splitlines()[1:]


def test_the_files_are_those_of_an_image_made_without_docker(project):
    recipe = project({"tests/test_app.py": "", "data/names ü.txt": "ü", ".dockerignore": "notes.md", "notes.md": "-"})
    made = held(context.context(recipe))

    own = {entry.path: entry.data for entry in files.find(recipe.folder).entries("app")}
    runtime = {entry.path: entry.data for entry in runtime_files().entries("runtime")}
    runtime |= {f"runtime/{path}": data for path, data in templating.layouts(HERE, version("jinja2")).items()}
    assert {name: data for name, data in made.items() if name.startswith("app/")} == own
    assert {name: data for name, data in made.items() if name.startswith("runtime/")} == runtime
    assert {"app/app.py", "app/data/names ü.txt"} <= set(own)
    assert not {"app/tests/test_app.py", "app/notes.md"} & set(own)


def test_templates_are_compiled_where_this_machine_has_the_python_for_it(project):
    texts = {"templates/mail.txt": "{{ x }}"}
    here = context.context(project(texts)._replace(model=MAIL))
    elsewhere = context.context(project(texts)._replace(model=MAIL, options=ImageOptions("3.99")))

    def made(context):
        return [name for name in held(context) if name.startswith("app/templates/") and "__jinja__" in name]

    assert len(made(here)) == 1
    assert made(elsewhere) == []


def test_whatever_the_dockerfile_copies_is_there(project, tmp_path):
    made = context.context(project())
    context.write(made, tmp_path / "out")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", made.dockerfile, re.MULTILINE)
    named = {name for line in copied for name in line.split()}

    assert named == {
        f"image/{name}"
        for name in ("requirements.txt", "constraints.txt", "finish.py", "compiler.py", "runtime/", "app/")
    }
    assert all((tmp_path / "out" / name).exists() for name in named)
    assert (tmp_path / "out" / "Dockerfile").read_text() == made.dockerfile


@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_modes_are_those_of_an_image_whatever_the_umask(project, tmp_path, umask):
    recipe = project({"run.sh": "#!/bin/sh"})
    (recipe.folder / "run.sh").chmod(0o700)
    before = os.umask(umask)
    try:
        context.write(context.context(recipe), tmp_path / "out")
    finally:
        os.umask(before)

    def mode(name):
        return stat.S_IMODE((tmp_path / "out" / "image" / name).stat().st_mode)

    assert [mode("app/app.py"), mode("app/run.sh"), mode("requirements.txt")] == [0o644, 0o755, 0o644]


def test_a_later_one_takes_the_place_of_an_earlier_one(project, tmp_path):
    recipe = project({"old.py": ""})
    context.write(context.context(recipe), tmp_path / "out")
    (recipe.folder / "old.py").unlink()

    context.write(context.context(recipe), tmp_path / "out")

    assert [path.name for path in (tmp_path / "out" / "image" / "app").iterdir()] == ["app.py"]


def test_a_copy_within_the_project_does_not_go_into_the_next_one(project):
    recipe = project()
    first = context.context(recipe)
    context.write(first, recipe.folder / "out")

    assert context.context(recipe) == first


def test_a_folder_that_somebody_else_made_is_left_alone(project, tmp_path):
    (tmp_path / "out" / "image").mkdir(parents=True)
    (tmp_path / "out" / "image" / "cat.png").write_text("mine")

    with pytest.raises(FileExistsError):
        context.write(context.context(project()), tmp_path / "out")
    assert (tmp_path / "out" / "image" / "cat.png").read_text() == "mine"


def test_without_a_lock_pip_chooses_the_versions(project):
    made = context.context(
        project({"requirements.txt": "# mine\nhttpx>=0.28\n-c limits.txt\n", "limits.txt": "idna<4\n"})
    )

    assert lines(made) == [*needed(MODEL), "httpx>=0.28"]
    assert lines(made, "constraints.txt") == ["idna<4"]
    assert made.notes == ()


def test_a_lock_that_answers_is_what_is_installed(project):
    recipe = project({"requirements.txt": "httpx\n"})
    text = f"httpx==0.28.1 \\\n    --hash={DIGEST}\n"
    target = Target(recipe.options.python, recipe.options.architecture)
    inputs = requirements._inputs(asking.asked(recipe.folder, None), needed(MODEL), target)
    lockfile.write(recipe.folder, Lock(HERE, {}, {str(target): Pinned(inputs, text)}))

    made = context.context(recipe)

    assert "\n".join(lines(made)) + "\n" == text
    assert lines(made, "constraints.txt") == []
    assert made.notes == ()


def test_a_lock_that_does_not_answer_any_more_is_told(project):
    recipe = project()
    target = Target(recipe.options.python, recipe.options.architecture)
    lockfile.write(recipe.folder, Lock(HERE, {}, {str(target): Pinned("sha256:other", "boto3==1\n")}))

    made = context.context(recipe)

    assert lines(made) == needed(MODEL)
    assert "cloud-cron.lock does not answer" in made.notes[0]


def test_the_lock_of_uv_is_stood_for_by_the_project(project):
    plain = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["httpx>=0.28"]\n'
    lock = 'version = 1\n[[package]]\nname = "shop"\n[package.metadata]\nrequires-dist = [{ name = "httpx" }]\n'

    made = context.context(project({"pyproject.toml": plain, "uv.lock": lock}))

    assert lines(made) == [*needed(MODEL), "httpx>=0.28"]


def test_hashes_of_some_packages_alone_are_not_checked_and_that_is_told(project):
    made = context.context(project({"requirements.txt": f"httpx==0.28.1 --hash={DIGEST}\n"}))

    assert lines(made)[-1] == "httpx==0.28.1"
    assert "not checked without cloud-cron.lock" in made.notes[0]


def test_other_indexes_are_named_and_folders_of_this_machine_are_told(project, tmp_path):
    (tmp_path / "shop" / "wheels").mkdir(parents=True)
    text = "--extra-index-url https://pypi.example.com/simple\n--find-links wheels\nhttpx\n"

    made = context.context(project({"requirements.txt": text}))

    assert lines(made)[0] == "--extra-index-url https://pypi.example.com/simple"
    assert not any("find-links" in line for line in lines(made))
    assert "wheels is of this machine" in made.notes[0]


def test_an_index_with_a_password_is_not_written_down(project):
    text = "--extra-index-url https://ada:hunter2@pypi.example.com/simple\nhttpx\n"

    made = context.context(project({"requirements.txt": text, ".dockerignore": "requirements.txt\n"}))

    assert not any("index" in line for line in lines(made))
    assert "--extra-index-url holds a password, and is left out" in made.notes[0]
    assert b"hunter2" not in b"".join(entry.data for entry in made.entries if isinstance(entry.data, bytes))


def test_what_looks_like_a_secret_is_refused(project):
    with pytest.raises(ConfigError, match="CC865"):
        context.context(project({".env": "PASSWORD=hunter2"}))


def test_a_lock_that_cannot_be_read_is_refused(project):
    with pytest.raises(ImageError, match="CC869"):
        context.context(project({"cloud-cron.lock": "no = toml ="}))


@pytest.mark.parametrize(
    ("options", "pin", "expected"),
    [
        ({}, None, "ARG PYTHON=3.13\nARG BASE=public.ecr.aws/lambda/python:${PYTHON}\n"),
        ({"base": "mine:1"}, None, "ARG BASE=mine:1\n"),
        ({"base": "mine:1"}, BasePin("mine:1", DIGEST), f"ARG BASE=mine:1@{DIGEST}\n"),
        ({"base": "mine:2"}, BasePin("mine:1", DIGEST), "ARG BASE=mine:2\n"),
        ({"base": f"mine@{DIGEST}"}, BasePin(f"mine@{DIGEST}", DIGEST), f"ARG BASE=mine@{DIGEST}\n"),
        (
            {},
            BasePin("public.ecr.aws/lambda/python:3.13", DIGEST),
            f"ARG BASE=public.ecr.aws/lambda/python:3.13@{DIGEST}\n",
        ),
        ({}, BasePin("public.ecr.aws/lambda/python:3.12", DIGEST), "ARG PYTHON=3.13\n"),
    ],
)
def test_the_base_is_an_argument_and_pinned_where_the_lock_knows_it(options, pin, expected):
    assert expected in dockerfile(MODEL, ImageOptions("3.13", **options), pin)


def test_the_dockerfile_names_platform_app_and_entrypoint_and_no_stage():
    text = dockerfile(MODEL, ImageOptions("3.13", architecture="arm64"))

    assert "--platform linux/arm64 --provenance=false" in text
    assert f'LABEL cloud-cron.app="shop" cloud-cron.version="{__version__}"' in text
    assert text.endswith('CMD ["cloud_cron.runtime.entrypoint.handler"]\n')
    assert not re.search(r"__[A-Z]+__|RUN --mount|COPY --chmod|<<", text), "the builder of old takes none of these"


@pytest.fixture
def finished(project, tmp_path):
    """Runs what the image runs over a folder."""
    context.write(context.context(project()), tmp_path / "out")

    def finished(folder, *more):
        program = str(tmp_path / "out" / "image" / "finish.py")
        command = [sys.executable, program, str(folder), "/var/task", *more]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return finished


def test_bytecode_is_the_same_bytes_as_without_docker(finished, tmp_path):
    sources = {"app.py": b"def f(x: int = 3) -> str:\n    return f'{x!r}'\n", "deep/er/b.py": b"import os\n"}
    for name, data in sources.items():
        (tmp_path / "layer" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "layer" / name).write_bytes(data)

    finished(tmp_path / "layer")

    made = bytecode.compiled([Entry(f"var/task/{name}", data) for name, data in sources.items()], HERE).entries
    assert {
        path.relative_to(tmp_path / "layer").as_posix(): path.read_bytes()
        for path in (tmp_path / "layer").rglob("*.pyc")
    } == {entry.path.removeprefix("var/task/"): entry.data for entry in made}


def test_every_user_can_read_what_is_finished_and_no_time_is_left(finished, tmp_path):
    layer = tmp_path / "layer"
    (layer / "deep").mkdir(parents=True, mode=0o700)
    for name, mode in {"deep/app.py": 0o600, "run.sh": 0o700, "data": 0o444}.items():
        (layer / name).write_text("")
        (layer / name).chmod(mode)

    finished(layer)

    modes = {path.relative_to(layer).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in layer.rglob("*")}
    assert {name: modes[name] for name in ("deep", "deep/app.py", "run.sh", "data")} == {
        "deep": 0o755,
        "deep/app.py": 0o644,
        "run.sh": 0o755,
        "data": 0o644,
    }
    assert {path.stat().st_mtime for path in (layer, *layer.rglob("*"))} == {0}


def test_what_is_no_python_of_this_version_is_told_and_left(finished, tmp_path):
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "old.py").write_text("print 'two'\n")

    assert "/var/task/old.py is not compiled" in finished(tmp_path / "layer")


def test_what_pip_notes_about_this_machine_goes(finished, tmp_path):
    notes = tmp_path / "layer" / "thing-1.dist-info"
    notes.mkdir(parents=True)
    (tmp_path / "layer" / "bin").mkdir()
    for name in ("INSTALLER", "REQUESTED", "direct_url.json", "METADATA"):
        (notes / name).write_text("x")
    (tmp_path / "layer" / "thing.py").write_text("")
    rows = [
        "thing.py,sha256=x,0",
        "../../bin/thing,,",
        "thing-1.dist-info/INSTALLER,,",
        "a,b,c",
        "thing-1.dist-info/RECORD,,",
    ]
    (notes / "RECORD").write_text("\n".join(rows) + "\n")

    finished(tmp_path / "layer", "installed")

    assert sorted(path.name for path in notes.iterdir()) == ["METADATA", "RECORD"]
    assert (notes / "RECORD").read_text() == "thing-1.dist-info/RECORD,,\nthing.py,sha256=x,0\n"
    assert not (tmp_path / "layer" / "bin").exists()


def test_a_folder_bin_of_the_app_stays(finished, tmp_path):
    (tmp_path / "layer" / "bin").mkdir(parents=True)

    finished(tmp_path / "layer")

    assert (tmp_path / "layer" / "bin").exists()


def test_an_app_without_packages_is_finished_too(finished, tmp_path):
    finished(tmp_path / "layer", "installed")

    assert list((tmp_path / "layer").iterdir()) == []
