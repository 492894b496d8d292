from __future__ import annotations

import json

APP = """
from cloud_cron import CloudCron

app = CloudCron("weather")

@app.schedule("rate(6 hours)", topics=["reports"], secrets={"db": "env:DB"})
def morning(run):
    assert run.secrets["db"] == "x"
    print("called")
    return {"reports": {"n": 1}}

@app.notifier("print", topics=["reports"])
def tell(message):
    return "told"
"""


def test_the_json_shape(project, run, monkeypatch):
    monkeypatch.setenv("DB", "x")
    folder = project(APP)
    result = run("simulate", "--days", "1", "--faults", "none", "--seeds", "2", "--json")
    found = json.loads(result.stdout)
    assert found == {
        "seeds": 2, "runs": 8, "effects": 8, "crashes": 0, "lost": 0, "max_acceptances": 1, "duplicates": 0, "doubt": 0,
        "order_breaks": 0, "faults": 0, "calls": found["calls"], "raised": 0, "story": None,
    }  # fmt: skip
    assert found["calls"] > 80
    assert "called" in result.stderr
    assert not (folder / ".cloud-cron").exists()


def test_it_says_in_words_what_was_played(project, run, monkeypatch):
    monkeypatch.setenv("DB", "x")
    project(APP)
    lines = run("simulate", "--days", "2", "--faults", "rough", "--seeds", "3", "-q").stdout.splitlines()
    assert lines[0].startswith("✓ nothing lost, nobody told too often, nothing out of order")
    assert "2 virtual days, 3 times, rough faults" in lines[0]
    rows = {line.split()[0]: line.split()[1] for line in lines[2:]}
    assert int(rows["runs"]) >= 24
    assert int(rows["faults"]) > 5


def test_a_task_that_raises_is_said(project, run, monkeypatch):
    monkeypatch.setenv("DB", "other")
    project(APP)
    result = run("simulate", "--days", "0.5", "--faults", "none", "--seeds", "1")
    assert result.exit_code == 0
    assert "attempts that raised: 6" in result.stdout
    assert "some tasks raised: `cloud-cron invoke TASK` shows why" in result.stderr


def test_what_there_is_not(project, run):
    project(APP)
    for options in (["--faults", "wild"], ["--days", "0"], ["--seeds", "0"]):
        result = run("simulate", *options)
        assert (result.exit_code, result.stdout) == (2, "")
