"""What a test with fixture `cron` costs: beside the same test through moto, and beside an empty pytest session.

The cost of one test is the slope between a session with one such test and a session with many, so that neither imports
nor pytest's own start count. A test publishes ten messages and drains them; the one through moto has a fresh mock, an
SNS FIFO topic and an SQS FIFO queue. CPU is user + system time of child processes as the kernel accounts it; sessions
that are compared take turns, and all run from bytecode. Needs a POSIX system.
"""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import cloud_cron

GOAL_OF_MOTO = 0.03
GOAL_OF_SESSION = 1.6
PAIRS = 9
SLOPES = 5
MANY = {"fixture": 100, "moto": 11}

APP = """
from cloud_cron import CloudCron

app = CloudCron("shop")

@app.schedule("cron(0 8 * * ? *)", topics=["orders"])
def export(run):
    return {"orders": [{"n": n} for n in range(10)]}

@app.notifier("print")
def tell(message):
    return f"order {message.payload['n']}"
"""
EMPTY = """
def test_nothing():
    pass
"""
FIXTURE = """
import pytest

@pytest.mark.parametrize("n", range({count}))
def test_ten_messages(cron, n):
    cron.run("export")
    assert len(cron.deliver()) == 10
"""
MOTO = """
import boto3, json, pytest
from moto import mock_aws

@pytest.mark.parametrize("n", range({count}))
@mock_aws
def test_ten_messages(n):
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    sns, sqs = session.client("sns"), session.client("sqs")
    topic = sns.create_topic(Name="orders.fifo", Attributes={{"FifoTopic": "true"}})["TopicArn"]
    queue = sqs.create_queue(QueueName="mail.fifo", Attributes={{"FifoQueue": "true"}})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={{"RawMessageDelivery": "true"}})
    for number in range(10):
        body = json.dumps({{"n": number}})
        sns.publish(TopicArn=topic, Message=body, MessageGroupId="export", MessageDeduplicationId=str(number))
    drained = []
    while batch := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            drained.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert len(drained) == 10
"""


def main() -> None:
    """Measure, and print the figures beside the goals."""
    compileall.compile_dir(Path(cloud_cron.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fixture, moto = (median(slopes) for slopes in zip(*(tests(root) for _ in range(SLOPES)), strict=True))
        print(f"a test that publishes ten messages and drains them, median of {SLOPES} slopes")
        print(f"  with fixture cron          {fixture:7.2f} ms CPU")
        print(f"  through moto               {moto:7.2f} ms CPU")
        print(f"  ratio                      {fixture / moto:7.3f} (goal {GOAL_OF_MOTO})")
        pairs = [sessions(root) for _ in range(PAIRS + 1)][1:]
        empty, one = (median(sides) for sides in zip(*pairs, strict=True))
        print(f"a session with one such test, median of {PAIRS} pairs")
        print(f"  with fixture cron          {one:7.1f} ms CPU")
        print(f"  empty, without the plug-in {empty:7.1f} ms CPU")
        print(f"  ratio                      {median(b / a for a, b in pairs):7.2f} (goal {GOAL_OF_SESSION})")


def tests(root: Path) -> tuple[float, float]:
    """Milliseconds of CPU of one more test, with the fixture and through moto."""
    return slope(root, "fixture", FIXTURE), slope(root, "moto", MOTO, "-p", "no:cloud_cron")


def slope(root: Path, name: str, test: str, *arguments: str) -> float:
    """Milliseconds of CPU of one more test."""
    count = MANY[name]
    few = session(root / f"{name}-1", test.format(count=1), *arguments)
    many = session(root / f"{name}-{count}", test.format(count=count), *arguments)
    return (many - few) / (count - 1)


def sessions(root: Path) -> tuple[float, float]:
    """Milliseconds of CPU of an empty session, and of one with one test."""
    empty = session(root / "empty", EMPTY, "-p", "no:cloud_cron")
    return empty, session(root / "one", FIXTURE.format(count=1))


def session(folder: Path, test: str, *arguments: str) -> float:
    """Milliseconds of CPU of a pytest session in a project of its own."""
    folder.mkdir(exist_ok=True)
    for name, text in {"app.py": APP, "test_it.py": test, "pytest.ini": "[pytest]\n"}.items():
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=False, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    main()
