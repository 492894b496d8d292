"""A deploy of what is deployed already: a whole `cloud-cron deploy` against stacks whose digests are those of the app.

The stacks are answers on the loopback interface, one for each DescribeStacks; any other call is an error, so that an
unchanged deploy is seen to be one look at each stack. CPU is user + system time of the child process as the kernel
accounts it.
"""

from __future__ import annotations

import compileall
import os
import resource
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from _app import IMAGE, write

import cloud_cron
import cloud_cron_cli
from cloud_cron.config import Settings, resolve
from cloud_cron.loader import load_app
from cloud_cron_cli.deploy.template import artifacts, digest, synthesize, tags

GOAL = 0.6
ROUNDS = 9
TASKS = 10
NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


def main() -> None:
    """Measure, and print the figure beside its goal."""
    for package in (cloud_cron, cloud_cron_cli):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, TASKS)
        asked: list[str] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(stacks(root), asked))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        times = [cpu(root, f"http://127.0.0.1:{server.server_address[1]}") for _ in range(ROUNDS + 1)][1:]
        server.shutdown()
    print(f"an unchanged deploy of {TASKS} tasks, median of {ROUNDS} rounds")
    print(f"  calls                      {len(asked) / (ROUNDS + 1):7.1f}: {', '.join(asked[:2])}")
    print(f"  CPU                        {median(times):7.2f} s (goal {GOAL})")


def stacks(folder: Path) -> dict[str, str]:
    """What DescribeStacks says of each stack."""
    settings = Settings("dev")
    model = resolve(load_app(folder).model(), settings)
    marks = tags(model, settings)
    answers = {}
    for part in (artifacts(model, settings), *synthesize(model, settings, IMAGE)):
        values = {name: text(output["Value"]) for name, output in part.template["Outputs"].items()}
        values |= {"TemplateDigest": digest(part.template, {}, marks), "Parts": "0", "Image": IMAGE}
        answers[part.stack] = answer(part.stack, values, marks)
    return answers


def text(value: object) -> str:
    """The value of an output; what CloudFormation would replace stays as it is."""
    return str(value["Fn::Sub"]) if isinstance(value, dict) and "Fn::Sub" in value else str(value)


def answer(stack: str, outputs: dict[str, str], marks: dict[str, str]) -> str:
    """The XML of one stack."""
    identity = f"arn:aws:cloudformation:eu-central-1:123456789012:stack/{stack}/0"
    told = "".join(members("OutputKey", "OutputValue", outputs))
    tagged = "".join(members("Key", "Value", marks))
    return (
        f'<DescribeStacksResponse xmlns="{NAMESPACE}"><DescribeStacksResult><Stacks><member>'
        f"<StackName>{stack}</StackName><StackId>{identity}</StackId><StackStatus>UPDATE_COMPLETE</StackStatus>"
        "<CreationTime>2026-01-01T00:00:00Z</CreationTime><EnableTerminationProtection>false</EnableTerminationProtection>"
        f"<Outputs>{told}</Outputs><Tags>{tagged}</Tags>"
        "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )


def members(key: str, value: str, pairs: dict[str, str]) -> list[str]:
    """Pairs as a list of XML."""
    return [f"<member><{key}>{name}</{key}><{value}>{escape(said)}</{value}></member>" for name, said in pairs.items()]


def handler(answers: dict[str, str], asked: list[str]) -> type[BaseHTTPRequestHandler]:
    """A server that answers DescribeStacks, and notes what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked.append(f"{form['Action'][0]} {form.get('StackName', [''])[0]}")
            body = answers.get(form.get("StackName", [""])[0], "") if form["Action"][0] == "DescribeStacks" else ""
            self.send_response(200 if body else 500)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def cpu(folder: Path, url: str) -> float:
    """Seconds of CPU of one deploy, which must find nothing to do."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "cloud_cron_cli", "deploy", "--image-uri", IMAGE]
    command += ["--region", "eu-central-1", "--endpoint-url", url]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env={**kept, **keys}, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or "nothing has changed" not in done.stdout:
        sys.exit(f"{done.stdout}\n{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
