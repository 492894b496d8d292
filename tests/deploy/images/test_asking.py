"""What a project asks for."""

from __future__ import annotations

import pytest

from cloud_cron.errors import ConfigError, ImageError
from cloud_cron_cli.deploy.images.asking import Asked, asked

A, B = "a" * 64, "b" * 64
PYLOCK = f"""
lock-version = "1.0"
[[packages]]
name = "zz-app"
directory = {{ path = "." }}
[[packages]]
name = "Cloud_Cron"
version = "1"
[[packages]]
name = "zz-dep"
version = "2.0"
marker = "python_version > '3'"
wheels = [{{ name = "x", hashes = {{ sha256 = "{B}" }} }}, {{ name = "y", hashes = {{ sha256 = "{A}" }} }}]
"""


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(text, encoding="utf-8")


def refused(folder, named=None) -> ImageError:
    with pytest.raises(ImageError) as caught:
        asked(folder, named)
    return caught.value


def test_a_project_of_one_file_asks_for_nothing(tmp_path):
    assert asked(tmp_path, None) == Asked("the app")


def test_the_nearest_to_a_lock_comes_first(tmp_path):
    found: list[str] = []
    write(
        tmp_path,
        pyproject__toml="[project]\nname='a'\ndependencies=['zz-p']",
        pylock__toml=PYLOCK,
        requirements__txt="r",
    )
    (tmp_path / "uv.lock").write_text(
        "version = 1\n[[package]]\nname='a'\n[package.metadata]\nrequires-dist=[{name='zz-p'}]"
    )
    while len(found) < 4:
        found.append(asked(tmp_path, None).source)
        (tmp_path / found[-1]).unlink()
        if found[-1] == "uv.lock":
            write(tmp_path, pyproject__toml="[project]\nname='a'")
    assert found == ["pylock.toml", "uv.lock", "requirements.txt", "pyproject.toml"]


def test_the_file_that_is_named_is_the_one(tmp_path):
    write(tmp_path, requirements__txt="a")
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "prod.txt").write_text("b==1\n")
    assert asked(tmp_path, "deps/prod.txt") == Asked("deps/prod.txt", ("b==1",))


def test_a_file_that_is_named_must_be_there(tmp_path):
    assert refused(tmp_path, "prod.txt").code == "CC863"


def test_requirements_files_are_followed(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.txt").write_text("b\n-c limits.txt\n-r ../requirements.txt\n-f wheels\n")
    (tmp_path / "more" / "limits.txt").write_text("b<2\n-r further.txt\n")
    (tmp_path / "more" / "further.txt").write_text("c<3\n")
    (tmp_path / "more" / "wheels").mkdir()
    write(
        tmp_path,
        requirements__txt="# ours\n--extra-index-url https://x/simple\na\n--requirement=more/a.txt\n--pre\na\n",
    )
    assert asked(tmp_path, None) == Asked(
        "requirements.txt", ("a", "b"), ("b<2", "c<3"),
        ("--extra-index-url https://x/simple", f"-f {(tmp_path / 'more' / 'wheels').resolve()}"),
    )  # fmt: skip


def test_cloud_cron_comes_from_the_running_installation(tmp_path):
    write(
        tmp_path,
        requirements__txt="cloud-cron[sms]==1.0 --hash=sha256:aa\nCloud_Cron\ncloud-cron-more\n-c c.txt",
        c__txt="cloud-cron<2\n",
    )
    assert asked(tmp_path, None) == Asked("requirements.txt", ("cloud-cron-more",))
    write(tmp_path, p__toml="")
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies=['cloud-cron[sms]', 'a']")
    assert asked(tmp_path, "pyproject.toml").requirements == ("a",)


def test_a_remark_or_another_end_of_line_asks_for_nothing_else(tmp_path):
    write(tmp_path, a__txt="a>=1\nb\n")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf# the same\r\na>=1   # because\r\n\r\nb\r\n")
    assert asked(tmp_path, "b.txt")[1:] == asked(tmp_path, "a.txt")[1:]


def test_a_lock_of_pep_751_is_read(tmp_path):
    write(tmp_path, pylock__toml=PYLOCK)
    line = f"zz-dep==2.0 ; python_version > '3' --hash=sha256:{A} --hash=sha256:{B}"
    assert asked(tmp_path, None) == Asked("pylock.toml", (line,))


def test_an_explicit_index_of_uv_is_asked_too(tmp_path):
    write(
        tmp_path,
        pyproject__toml="[[tool.uv.index]]\nurl='https://a'\nexplicit=true\n[[tool.uv.index]]\nurl='https://b'\n",
    )
    assert asked(tmp_path, None).options == ("--extra-index-url https://a",)


@pytest.mark.parametrize(
    "line",
    [
        "-e .", "-e ../lib", "--editable lib", "./lib", "../lib", "lib/inner", "/srv/lib", "git+https://x/y.git",
        "zz @ git+ssh://x/y.git@main", "zz @ file:///srv/zz", "./wheels/zz-1.0-py3-none-any.whl", "zz @ file:///w/zz-1-py3-none-any.whl",
    ],
)  # fmt: skip
def test_sources_are_not_installed(tmp_path, line):
    write(tmp_path, requirements__txt=f"zz-dep\n{line}\n")
    error = refused(tmp_path)
    assert (error.code, error.where) == ("CC862", "requirements.txt")


@pytest.mark.parametrize(
    "line",
    [
        "zz @ https://ada:hunter2@example.org/zz-1-py3-none-any.whl",
        "zz @ git+https://ada:hunter2@example.org/zz.git",
        "-e git+https://ada:hunter2@example.org/zz.git#egg=zz",
        "https://ada:hunter2@example.org/zz-1-py3-none-any.whl",
    ],
)
def test_a_package_at_an_address_with_a_password_is_refused_and_the_password_not_shown(tmp_path, line):
    write(tmp_path, requirements__txt=f"{line}\n")

    with pytest.raises(ConfigError, match=r"CC506 .*requirements\.txt.*netrc") as caught:
        asked(tmp_path, None)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "line", ["a @ https://x/a-1-py3-none-any.whl", "a>=1,<2", "a[b]~=1.0; sys_platform == 'linux/x'"]
)
def test_wheels_are(tmp_path, line):
    write(tmp_path, requirements__txt=line)
    assert asked(tmp_path, None).requirements == (line,)


@pytest.mark.parametrize(
    ("name", "data", "code", "told"),
    [
        ("requirements.txt", b"\xff", "CC863", "it is not UTF-8"),
        ("requirements.txt", b"--index-ulr https://x/simple\nzz", "CC863", "an option --index-ulr, which is none"),
        ("requirements.txt", b"-r none.txt", "CC863", "none.txt cannot be read: No such file or directory"),
        ("pyproject.toml", b"[project", "CC863", "pyproject.toml cannot be read"),
        (
            "pyproject.toml",
            b"[project]\ndynamic=['dependencies']",
            "CC863",
            "leaves its dependencies to a build backend",
        ),
        ("uv.lock", b"", "CC863", "pyproject.toml cannot be read"),
        ("pylock.toml", b"[[packages]]\nname='a'\nversion='1'\nvcs={}", "CC862", "a of pylock.toml is sources"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path, name, data, code, told):
    (tmp_path / name).write_bytes(data)
    error = refused(tmp_path)
    assert (error.code, told in error.message) == (code, True)


def test_an_option_of_pip_that_changes_nothing_here_is_passed_over(tmp_path):
    write(tmp_path, requirements__txt="--pre\n--trusted-host x\n--only-binary=:all:\nzz\n")
    assert asked(tmp_path, None) == Asked("requirements.txt", ("zz",))


def test_a_lock_of_uv_that_is_behind_is_told(tmp_path):
    write(tmp_path, pyproject__toml="[project]\nname='A_b'\ndependencies=['cloud-cron', 'new>=1']")
    (tmp_path / "uv.lock").write_text(
        "[[package]]\nname='a-b'\n[package.metadata]\nrequires-dist=[{name='cloud-cron'}]\n"
    )
    assert "uv.lock does not know new of pyproject.toml" in refused(tmp_path).message
