"""`cloud-cron package`: everything that a deploy would make, as files."""

from __future__ import annotations

import json

APP = """
from cloud_cron import CloudCron

app = CloudCron("weather")

@app.schedule("rate(1 hour)")
def hourly(): ...
"""


def test_the_files_and_what_is_told_of_them(project, run):
    folder = project(APP)
    answer = json.loads(run("package", "out", "--json").stdout)

    assert answer["files"] == ["Dockerfile", "image/", "template.json", "model.json"]
    assert all((folder / "out" / name).exists() for name in answer["files"])
    assert (folder / "out" / "image" / "app" / "app.py").read_text() == (folder / "app.py").read_text()


def test_a_second_call_writes_the_same(project, run):
    folder = project(APP)
    run("package", "out")

    def held():
        return {path.relative_to(folder): path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()}

    first = held()
    run("package", "out")
    assert held() == first


def test_what_pip_will_choose_by_itself_is_said(project, run):
    project(APP, **{"requirements.txt": f"httpx==1 --hash=sha256:{'a' * 64}\n"})

    assert "are not checked without cloud-cron.lock" in run("package", "out").stderr


def test_a_folder_that_is_not_ours_is_left_alone(project, run):
    folder = project(APP)
    (folder / "out" / "image").mkdir(parents=True)

    answer = run("package", "out")

    assert answer.exit_code != 0
    assert "CC708" in answer.stderr
    assert "did not write it" in answer.stderr
