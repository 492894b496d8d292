"""Which files of a project are in its image."""

from __future__ import annotations

import os
import random
import socket
import sys

import pytest

from cloud_cron.errors import ConfigError, ImageError
from cloud_cron_cli.deploy.images.files import LARGEST, find

KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETKEYx"


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def paths(folder, *include):
    return [file.path for file in find(folder, include).files]


def test_what_the_rules_leave_is_found_in_order(tmp_path):
    write(
        tmp_path, {"app.py": "", "b/c.txt": "", "b.txt": "", ".dockerignore": "*.csv\n", "a.csv": "", "tests/x.py": ""}
    )

    assert paths(tmp_path) == ["app.py", "b.txt", "b/c.txt"]


def test_what_is_taken_back_from_a_folder_that_stays_out_is_found(tmp_path):
    write(tmp_path, {"data/a.json": "", "data/b.json": "", ".dockerignore": "data\n!data/b.json\n"})

    assert paths(tmp_path) == ["data/b.json"]


def test_a_virtual_environment_of_any_name_stays_out(tmp_path):
    write(tmp_path, {"app.py": "", "py313/pyvenv.cfg": "", "py313/lib/x.py": "", ".dockerignore": "!py313\n"})

    assert paths(tmp_path) == ["app.py"]


def test_an_image_that_was_written_into_the_project_stays_out_of_the_next(tmp_path):
    write(tmp_path, {"app.py": "", "made/oci-layout": "{}", "made/blobs/sha256/00": "", "shop.cdx.json": "{}"})

    assert paths(tmp_path) == ["app.py"]


def test_names_with_spaces_and_beyond_ascii_are_kept(tmp_path):
    write(tmp_path, {"two words.txt": "", "雪.txt": "", "a\nb.txt": "", "back\\slash": ""})

    assert set(paths(tmp_path)) == {"two words.txt", "雪.txt", "a\nb.txt", "back\\slash"}


def test_the_key_is_that_of_names_contents_and_programs(tmp_path):
    one = write(tmp_path / "one", {"app.py": "x = 1\n", "a/b.txt": "b"})
    key = find(one).key

    assert find(write(tmp_path / "elsewhere", {"a/b.txt": "b", "app.py": "x = 1\n"})).key == key
    assert find(write(tmp_path / "two", {"app.py": "x = 2\n", "a/b.txt": "b"})).key != key
    assert find(write(tmp_path / "three", {"app.py": "x = 1\n", "a/c.txt": "b"})).key != key
    (one / "app.py").chmod(0o755)
    assert find(one).key != key
    (one / "app.py").chmod(0o600)
    os.utime(one / "app.py", (1, 1))
    assert find(one).key == key


def test_a_large_file_is_not_held_but_counts_whole(tmp_path):
    data = random.Random(0).randbytes(3 << 20)
    (tmp_path / "model.bin").write_bytes(data)
    key = find(tmp_path).key

    assert find(tmp_path).files[0].data == tmp_path / "model.bin"
    (tmp_path / "model.bin").write_bytes(data[:-1] + b"x")
    assert find(tmp_path).key != key


def test_a_link_inside_of_the_project_stands_for_what_it_leads_to(tmp_path):
    write(tmp_path, {"shared/a.txt": "a", "tests/data.json": "{}"})
    (tmp_path / "a.txt").symlink_to("shared/a.txt")
    (tmp_path / "data.json").symlink_to(tmp_path / "tests" / "data.json")
    (tmp_path / "again").symlink_to("shared")

    assert [(file.path, file.data) for file in find(tmp_path).files] == [
        ("a.txt", b"a"),
        ("again/a.txt", b"a"),
        ("data.json", b"{}"),
        ("shared/a.txt", b"a"),
    ]


@pytest.mark.parametrize(
    ("name", "target", "why"),
    [
        ("loop", "loop", "loop is a link that cannot be followed: loop"),
        ("gone", "nowhere", "gone is a link that leads to nothing: nowhere"),
        ("out", "/etc", "out is a link out of the project, to /etc"),
        ("beside", "../other", "beside is a link out of the project, to ../other"),
        ("here", ".", "here is a link to a folder that it is in"),
        ("a/b/up", "../../a", "a/b/up is a link to a folder that it is in"),
    ],
)
def test_a_link_that_cannot_be_in_an_image_is_named(tmp_path, name, target, why):
    project = write(tmp_path / "project", {"a/b/c.txt": ""})
    (tmp_path / "other").mkdir()
    (project / name).symlink_to(target)

    with pytest.raises(ImageError) as caught:
        find(project)

    assert (caught.value.code, caught.value.message, caught.value.where) == ("CC867", why, name)


def test_two_folders_that_link_to_each_other_are_a_circle(tmp_path):
    write(tmp_path, {"a/x.txt": "", "b/y.txt": ""})
    (tmp_path / "a" / "b").symlink_to("../b")
    (tmp_path / "b" / "a").symlink_to("../a")

    with pytest.raises(ImageError, match="CC867"):
        find(tmp_path)


def test_a_link_that_is_left_out_may_lead_anywhere(tmp_path):
    write(tmp_path, {"app.py": "", ".dockerignore": "out\nloop\n"})
    (tmp_path / "out").symlink_to("/etc")
    (tmp_path / "loop").symlink_to("loop")

    assert paths(tmp_path) == ["app.py"]


def test_a_project_that_is_itself_behind_a_link_is_found(tmp_path):
    write(tmp_path / "real", {"app.py": "", "a/b.txt": ""})
    (tmp_path / "real" / "c.txt").symlink_to("a/b.txt")
    (tmp_path / "link").symlink_to("real")

    assert paths(tmp_path / "link") == ["a/b.txt", "app.py", "c.txt"]


def test_what_is_no_file_is_named(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImageError, match="CC867 pipe is no file"):
        find(tmp_path)
    (tmp_path / "pipe").unlink()
    monkeypatch.chdir(tmp_path)  # a socket's path may be no longer than 107 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("app.sock")
        with pytest.raises(ImageError, match=r"CC867 app\.sock is no file"):
            find(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_utf8_is_shown(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("")

    with pytest.raises(ImageError, match=r"CC867 caf\\xe9\.txt has a name that is not UTF-8"):
        find(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_named(tmp_path):
    write(tmp_path, {"app.py": ""})
    (tmp_path / "app.py").chmod(0)

    with pytest.raises(ImageError, match=r"CC867 app\.py cannot be read"):
        find(tmp_path)


def test_a_file_over_two_gibibytes_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "dump.sql").open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(ImageError, match=r"CC866 dump\.sql has 2\.1 GB"):
        find(tmp_path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "TOKEN=1"),
        ("shop/.env.production", ""),
        ("prod.env", ""),
        ("id_rsa", ""),
        ("certs/server.key", "x"),
        ("server.pem", KEY),
        ("both.pem", CERTIFICATE + KEY),
        ("store.p12", ""),
        ("credentials", ""),
        ("notes.txt", KEY),
        ("notes.txt", "\n-----BEGIN RSA PRIVATE KEY-----\n"),
        ("notes.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ("account.json", '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\nMII"}'),
        ("settings.py", f'AWS_SECRET_ACCESS_KEY = "{AWS_SECRET}"'),
        ("settings.ini", f"aws_secret_access_key={AWS_SECRET}\n"),
        ("settings.json", f'{{"secretAccessKey": "{AWS_SECRET}"}}'),
        ("requirements.txt", "--index-url https://ada:hunter2@pypi.example.org/simple\n"),
        ("requirements/aws.in", "zz @ https://:hunter2@example.org/zz-1-py3-none-any.whl\n"),
        ("pyproject.toml", '[[tool.uv.index]]\nurl = "https://ada:hunter2@pypi.example.org/simple"\n'),
        ("pip.conf", "index-url = https://ghp_0123456789abcdefghij@pypi.example.org/simple\n"),
    ],
)
def test_what_looks_like_a_secret_is_refused_by_name(tmp_path, path, text):
    write(tmp_path, {"app.py": "", path: text})

    with pytest.raises(ConfigError) as caught:
        find(tmp_path)

    assert (caught.value.code, caught.value.where) == ("CC865", path)
    assert f"write {path} to .dockerignore" in (caught.value.hint or "")
    assert f'include = ["{path}"]' in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "TOKEN="),
        ("ca.pem", CERTIFICATE),
        ("public.key", "-----BEGIN PUBLIC KEY-----\n"),
        ("id_rsa.pub", ""),
        ("secrets.py", ""),
        ("keys.py", f"BEGINNING = {KEY!r}"),
        ("settings.py", 'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"'),
        ("settings.py", "aws_secret_access_key = os.environ['SECRET']"),
        ("environment", ""),
        ("requirements.txt", "--index-url https://${USER}:${PASSWORD}@pypi.example.org/simple\n"),
        ("requirements.txt", "-i https://pypi.example.org:8443/simple  # by ada@example.org\n"),
        ("app.py", 'URL = "https://ada:hunter2@localhost/"'),
        ("monkey", ""),
    ],
)
def test_what_is_no_secret_goes_in(tmp_path, path, text):
    write(tmp_path, {path: text})

    assert paths(tmp_path) == [path]


def test_all_that_looks_like_a_secret_is_named_at_once(tmp_path):
    write(tmp_path, {f"{name}.key": "" for name in "abcdefg"})

    with pytest.raises(ConfigError, match=r"a\.key \(by its name\); .*e\.key \(by its name\); and 2 more"):
        find(tmp_path)


def test_what_the_configuration_includes_or_the_rules_leave_out_is_no_matter(tmp_path):
    write(tmp_path, {".env": "", "certs/a.pem": "", "certs/b.pem": "", ".dockerignore": ".env\n"})

    assert paths(tmp_path, "certs/*.pem") == ["certs/a.pem", "certs/b.pem"]


def test_a_link_to_a_secret_is_a_secret(tmp_path):
    write(tmp_path, {".env": "TOKEN=1", ".dockerignore": ".env\n"})
    (tmp_path / "settings.txt").symlink_to(".env")

    with pytest.raises(ConfigError, match=r"CC865 .*settings\.txt"):
        find(tmp_path)
