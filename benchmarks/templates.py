"""How soon a template is ready in a fresh process: compiled from its text, or read as an image has it compiled.

Jinja is loaded before the clock starts, in either case: it costs the same. Fresh interpreters, which run
from bytecode as in an image, take turns, so that all meet the same neighbours.
"""

from __future__ import annotations

import compileall
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import cloud_cron
import cloud_cron_templates
from cloud_cron.model import AppModel, NotifierModel
from cloud_cron.rendering.templates import LAYOUTS
from cloud_cron_cli.deploy.images.interpreters import RUNNING
from cloud_cron_cli.deploy.images.templating import compiled

GOAL = 0.10
ROUNDS = 15
APP = AppModel("shop", notifiers=(NotifierModel("mail_report", "email"), NotifierModel("default", "email")))
READY = """
import sys, time
from pathlib import Path
sys.path.insert(0, {path!r})
from cloud_cron.rendering import Templates
from cloud_cron.rendering.engine import Engine
import jinja2.bccache
templates = Templates(Path({folder!r}))
begin = time.perf_counter()
for name in {names!r}:
    templates.engine("html" if name.endswith(".html") else "text").file(name)
print(1000 * (time.perf_counter() - begin))
"""


def main() -> None:
    """Measure, and print the figures beside the goal."""
    compileall.compile_dir(Path(cloud_cron.__file__).parent, quiet=1)
    with TemporaryDirectory(prefix="cloud-cron-") as name:
        plain, made = Path(name) / "plain", Path(name) / "made"
        for project in (plain, made):
            fill(project / "templates")
        for path, data in compiled(APP, made, RUNNING, version("jinja2")).items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_bytes(data)
        print(f"templates ready to render, ms in a fresh process, median of {ROUNDS}   goal {GOAL:.2f} of the text's")
        print(f"{'':28}{'from text':>10}{'compiled':>10}{'ratio':>7}")
        for title, names in {
            "a mail of the scaffold": names_of("mail_report"),
            "the default layout of a mail": names_of("default"),
        }.items():
            rounds = [(ready(plain, names), ready(made, names)) for _ in range(ROUNDS)]
            text, code = (median(times) for times in zip(*rounds, strict=True))
            print(f"{title:28}{text:10.2f}{code:10.2f}{code / text:7.3f}")


def fill(folder: Path) -> None:
    """The templates of the scaffold, and the default layouts under names of an app's own."""
    shutil.copytree(LAYOUTS, folder, ignore=shutil.ignore_patterns("__*"))
    scaffold = Path(cloud_cron_templates.__file__).parent / "project" / "templates"
    for path in scaffold.iterdir():
        shutil.copy(path, folder / path.name.removesuffix(".tmpl"))


def names_of(stem: str) -> list[str]:
    """The three parts of a mail."""
    return [f"{stem}.subject.txt", f"{stem}.txt", f"{stem}.html"]


def ready(project: Path, names: list[str]) -> float:
    """Milliseconds until the templates can be rendered."""
    path = str(Path(cloud_cron.__file__).parent.parent)
    code = READY.format(path=path, folder=str(project / "templates"), names=names)
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
