"""What a task returns, where a person reads it."""

from __future__ import annotations

APP = """
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule(topics=["all"])
def go(run): return {"all": {"x": "a\\x00\\x1b[2Jb\\x9b"}}

@app.notifier("print", topics=["all"])
def repeat(message): return message.payload["x"]

@app.schedule()
def fail(run): raise ValueError("a\\x00\\x1b[2Jb\\x9b")
"""


def test_control_characters_are_escaped(project, run):
    project(APP)
    shown, failed = run("invoke", "go"), run("invoke", "fail")

    assert "a\\x00\\x1b[2Jb\\x9b" in shown.stdout
    assert "task 'fail' raised ValueError: a\\x00\\x1b[2Jb\\x9b" in failed.stderr
    for text in (shown.stdout, failed.stderr):
        assert not set(text) & {"\x00", "\x1b", "\x9b"}
