"""From an app to templates: beside a process that writes plain dicts, beside chalice, and as the app grows.

The plain process builds role, log group, function, rule and permission for each task, as somebody might by hand, and
prints them with `json.dumps(indent=2)`; ours loads the app and prints every template. With a command `chalice` on the
path, or named by CHALICE, `chalice package` of as many schedules takes its turn beside `cloud-cron package`. CPU is
user + system time of child processes as the kernel accounts it; processes that are compared take turns. Generation
alone is measured inside one process, its memory by tracemalloc.
"""

from __future__ import annotations

import compileall
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from statistics import median
from time import process_time

from _app import IMAGE, write

import cloud_cron
import cloud_cron_cli
from cloud_cron import CloudCron
from cloud_cron.config import Settings, resolve
from cloud_cron_cli.deploy.template import dumps, synthesize

GOAL_OF_PLAIN = 3.0
GOAL_OF_CHALICE = 3.0
ROUNDS = 9
TASKS = 100
SIZES = (10, 100, 500, 1000, 2000)

OURS = """
import sys
from pathlib import Path
from cloud_cron.config import Settings, resolve
from cloud_cron.loader import load_app
from cloud_cron_cli.deploy.template import dumps, synthesize

settings = Settings("dev")
for part in synthesize(resolve(load_app(Path.cwd()).model(), settings), settings, sys.argv[1]):
    print(dumps(part.template))
"""
PLAIN = """
import json, sys
topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "orders.fifo", "FifoTopic": True}}
resources = {"Topic": topic}
trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
for number in range(int(sys.argv[2])):
    name = f"task{number}"
    logs = {"Fn::GetAtt": [f"{name}Logs", "Arn"]}
    statements = [
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": logs},
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}},
    ]
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    resources[f"{name}Role"] = {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}, "Policies": [policy]}}
    resources[f"{name}Logs"] = {"Type": "AWS::Logs::LogGroup", "Properties": {
        "LogGroupName": f"/aws/lambda/{name}", "RetentionInDays": 30}}
    function = {"Fn::GetAtt": [f"{name}Function", "Arn"]}
    resources[f"{name}Function"] = {"Type": "AWS::Lambda::Function", "Properties": {
        "FunctionName": name, "PackageType": "Image", "Code": {"ImageUri": sys.argv[1]},
        "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]}, "Timeout": 60, "MemorySize": 256,
        "Environment": {"Variables": {"TOPIC": {"Ref": "Topic"}}}}}
    resources[f"{name}Rule"] = {"Type": "AWS::Events::Rule", "Properties": {
        "ScheduleExpression": "rate(1 hour)", "Targets": [{"Id": "0", "Arn": function}]}}
    resources[f"{name}Permission"] = {"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": f"{name}Function"},
        "Principal": "events.amazonaws.com", "SourceArn": {"Fn::GetAtt": [f"{name}Rule", "Arn"]}}}
print(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, indent=2))
"""
CHALICE_APP = """
from chalice import Chalice
app = Chalice(app_name="shop")
{tasks}
"""
CHALICE_TASK = """
@app.schedule("rate(1 hour)")
def task{number}(event):
    return None
"""


def main() -> None:
    """Measure, and print the figures beside the goals."""
    for package in (cloud_cron, cloud_cron_cli):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        processes(Path(folder))
    growth()


def processes(root: Path) -> None:
    """Whole processes, in turns."""
    ours, plain, chalice = projects(root)
    script, package = [sys.executable, "synth.py", IMAGE], [sys.executable, "-m", "cloud_cron_cli", "package", "out"]
    bare = [sys.executable, "plain.py", IMAGE, str(TASKS)]
    other = os.environ.get("CHALICE") or shutil.which("chalice")
    seen = []
    for _ in range(ROUNDS + 1):
        theirs = cpu([other, "package", "out"], chalice) if other else 0.0
        seen.append((cpu(script, ours), cpu(bare, plain), cpu(package, ours), theirs))
    ours_, plain_, package_, theirs = (median(column) for column in zip(*seen[1:], strict=True))
    print(f"a whole process for {TASKS} tasks, median of {ROUNDS} rounds")
    print(f"  load the app, print the templates {ours_:7.1f} ms CPU")
    print(f"  plain dicts, json.dumps           {plain_:7.1f} ms CPU")
    print(
        f"  ratio                             {median(row[0] / row[1] for row in seen[1:]):7.2f} (goal {GOAL_OF_PLAIN})"
    )
    print(f"  cloud-cron package                {package_:7.1f} ms CPU")
    if other:
        times = median(row[3] / row[2] for row in seen[1:])
        print(f"  chalice package                   {theirs:7.1f} ms CPU")
        print(f"  ratio                             {times:7.2f} (goal {GOAL_OF_CHALICE} or more)")
    else:
        print("  chalice package                   not installed: name it with CHALICE=...")


def projects(root: Path) -> tuple[Path, Path, Path]:
    """A project of ours, a plain script, and a project of chalice; with as many schedules each."""
    folders = root / "ours", root / "plain", root / "chalice"
    for folder in folders:
        folder.mkdir()
    write(folders[0], TASKS)
    (folders[0] / "synth.py").write_text(OURS, encoding="utf-8")
    (folders[1] / "plain.py").write_text(PLAIN, encoding="utf-8")
    (folders[2] / ".chalice").mkdir()
    config = '{"version": "2.0", "app_name": "shop", "stages": {"dev": {}}}'
    (folders[2] / ".chalice" / "config.json").write_text(config, encoding="utf-8")
    (folders[2] / "requirements.txt").write_text("", encoding="utf-8")
    tasks = "".join(CHALICE_TASK.format(number=number) for number in range(TASKS))
    (folders[2] / "app.py").write_text(CHALICE_APP.format(tasks=tasks), encoding="utf-8")
    return folders


def cpu(command: list[str], folder: Path) -> float:
    """Milliseconds of CPU of a command that succeeds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["AWS_DEFAULT_REGION"] = "eu-central-1"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def nothing(argument: object) -> None:
    """What a task does does not matter here."""


def growth() -> None:
    """Generation alone, by the number of tasks."""
    print("generation and serialisation alone")
    for size in SIZES:
        app = CloudCron("shop")
        for number in range(size):
            app.schedule("rate(1 hour)", topics=["orders"], name=f"task{number}")(nothing)
        app.notifier("print", name="tell")(nothing)
        settings = Settings("dev")
        model = resolve(app.model(), settings)
        times = []
        for _ in range(3):
            start = process_time()
            parts = synthesize(model, settings, IMAGE)
            texts = [dumps(part.template) for part in parts]
            times.append(process_time() - start)
        tracemalloc.start()
        kept = synthesize(model, settings, IMAGE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        each = 1e6 * median(times) / size
        weight = sum(map(len, texts)) / size / 1024
        shown = f"{1000 * median(times):7.1f} ms, {each:4.0f} us each;  {peak / size / 1024:5.1f} KiB of memory each"
        print(f"  {size:5} tasks  {shown}, {weight:.1f} of template;  {len(kept)} stacks")


if __name__ == "__main__":
    main()
