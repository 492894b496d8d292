"""Bytecode for an image: as Python itself would make it, and the same every time."""

from __future__ import annotations

import importlib.util
import marshal
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cloud_cron
from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import compiler
from cloud_cron_cli.deploy.images.bytecode import compiled
from cloud_cron_cli.deploy.images.interpreters import RUNNING, interpreter
from cloud_cron_cli.deploy.images.layers import Entry

PACKAGE = Path(cloud_cron.__path__[0])
MODULES = [Entry(f"var/task/cloud_cron/{path.relative_to(PACKAGE)}", path) for path in sorted(PACKAGE.rglob("*.py"))]
HASHED = """
import hashlib, sys
from tests.deploy.images.test_bytecode import MODULES
from cloud_cron_cli.deploy.images.bytecode import compiled
from cloud_cron_cli.deploy.images.interpreters import RUNNING
print(hashlib.sha256(repr(compiled(MODULES, RUNNING)).encode()).hexdigest())
"""


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_it_is_what_pythons_own_compiler_makes(tmp_path):
    source = tmp_path / "app.py"
    source.write_text("def f(a):\n    return {a, 'x', 3.5}\n", encoding="utf-8")
    code = f"import py_compile; py_compile.compile({str(source)!r}, 'own.pyc', '/var/task/app.py', invalidation_mode="
    mode = f"py_compile.PycInvalidationMode.{py_compile.PycInvalidationMode.UNCHECKED_HASH.name})"
    subprocess.run([sys.executable, "-I", "-S", "-c", code + mode], cwd=tmp_path, check=True)

    found = compiled([Entry("var/task/app.py", source)], RUNNING)

    assert found.entries == (
        Entry(f"var/task/__pycache__/app.{sys.implementation.cache_tag}.pyc", (tmp_path / "own.pyc").read_bytes()),
    )


def test_python_finds_it_beside_its_source_and_never_compares_them(tmp_path):
    source = Entry("shop/app.py", b"import sys\nVALUE = sys._getframe().f_code.co_filename\n")
    for entry in (source, *compiled([source], RUNNING).entries):
        (tmp_path / entry.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / entry.path).write_bytes(entry.data if isinstance(entry.data, bytes) else b"")
    (tmp_path / "shop" / "app.py").write_text("VALUE = 'compiled anew'\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("found_app", tmp_path / "shop" / "app.py")
    assert spec
    assert spec.loader

    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert module.VALUE in {"/shop/app.py", str(tmp_path / "shop" / "app.py")}


def test_files_and_bytes_and_what_is_no_python(tmp_path):
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    found = compiled([Entry("a.py", tmp_path / "a.py"), Entry("b/a.py", b"x = 1\n"), Entry("c.txt", b"x =")], RUNNING)

    tag = sys.implementation.cache_tag
    assert [entry.path for entry in found.entries] == [f"__pycache__/a.{tag}.pyc", f"b/__pycache__/a.{tag}.pyc"]
    assert found.failures == ()
    assert compiled([Entry("c.txt", b"")], "2.7").entries == ()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"x = 1\ny = = 2\n", 2),
        (b"\xff\xfe", None),
        (b"x = '\0'", None),
        (b"(" * 300, None),
        (b"# -*- coding: no -*-", None),
    ],
)
def test_what_does_not_compile_is_told_and_the_rest_is_compiled(source, line):
    found = compiled([Entry("app.py", source), Entry("other.py", b"")], RUNNING)

    assert [failure.path for failure in found.failures] == ["app.py"]
    assert found.failures[0].error.filename == "app.py"
    assert found.failures[0].error.msg
    assert line is None or found.failures[0].error.lineno == line
    assert [Path(entry.path).name.partition(".")[0] for entry in found.entries] == ["other"]


def test_a_file_with_a_doubtful_escape_compiles_silently(capfd):
    assert compiled([Entry("app.py", b"x = '\\d'\n")], RUNNING).failures == ()
    assert capfd.readouterr() == ("", "")


def test_two_processes_with_other_seeds_and_other_imports_make_the_same():
    root = Path(__file__).parents[3]
    paths = os.pathsep.join([str(root), str(root / "cli")])
    said = [
        subprocess.run(
            [sys.executable, "-c", first + HASHED],
            env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": seed, "PYTHONNODEBUGRANGES": ranges},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for first, seed, ranges in (("", "1", ""), ("import cloud_cron.local.host, asyncio\n", "2", "1"))
    ]

    assert said[0] == said[1]
    assert len(MODULES) > 150


def test_an_interpreter_whose_own_bytecode_interns_characters_makes_the_same():
    file = compiler.__file__
    begun = f"import sys; sys.intern('}}'); exec(compile(open({file!r}).read(), {file!r}, 'exec'))"
    source = [("/var/task/app.py", b"def halves(text):\n    return text.split('}')\n")]

    made = [
        subprocess.run(
            [sys.executable, "-I", "-S", *words], input=marshal.dumps(source, 2), capture_output=True, check=True
        ).stdout
        for words in ([file], ["-c", begun])
    ]

    assert made[0] == made[1]


@pytest.mark.parametrize("other", [version for version in ("3.11", "3.12", "3.13", "3.14") if version != RUNNING])
def test_another_version_is_compiled_by_another_python(other):
    try:
        program = interpreter(other)
    except ImageError:
        pytest.skip(f"there is no Python {other} here")

    found = compiled([Entry("app.py", b"x = 1\n")], other)

    assert found.entries[0].path == f"__pycache__/app.cpython-{other.replace('.', '')}.pyc"
    magic = "import importlib.util, sys; sys.stdout.write(importlib.util.MAGIC_NUMBER.hex())"
    expected = subprocess.run([program, "-c", magic], capture_output=True, text=True, check=True).stdout
    assert isinstance(found.entries[0].data, bytes)
    assert found.entries[0].data[:4].hex() == expected


def test_the_first_interpreter_that_is_what_it_is_called_is_taken(tmp_path):
    broken = script(tmp_path / "shim", "exit 127")
    other = script(tmp_path / "other", 'echo "cpython 3.9"')
    right = script(tmp_path / "right", 'echo "cpython 3.19"')

    assert interpreter("3.19", [str(tmp_path / "gone"), broken, other, right]) == right


def test_no_interpreter_of_the_version_is_told_with_a_way_out():
    with pytest.raises(ImageError) as caught:
        interpreter("3.19", [])

    assert caught.value.code == "CC868"
    assert f'python = "{RUNNING}"' in (caught.value.hint or "")


def test_an_interpreter_that_breaks_off_is_named(tmp_path, monkeypatch):
    script(
        tmp_path / "python3.19", 'case "$*" in *print*) echo "cpython 3.19";; *) echo "no memory" >&2; exit 1;; esac'
    )
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + str(Path(shutil.which("sh") or "/bin/sh").parent))

    with pytest.raises(ImageError, match=r"CC868 .*python3\.19 broke off while it compiled: no memory"):
        compiled([Entry("app.py", b"")], "3.19")
