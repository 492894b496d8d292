"""`cloud-cron package`: everything that a deploy would make, as files to read or to deploy by other means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cloud_cron.errors import UnsupportedError
from cloud_cron_cli.deploy import deployable, ses_templates
from cloud_cron_cli.deploy.images.context import FOLDER, Context, context
from cloud_cron_cli.deploy.images.context import write as write_context
from cloud_cron_cli.deploy.images.making import recipe_of
from cloud_cron_cli.deploy.images.options import Wish
from cloud_cron_cli.deploy.template import Part, check_size, dumps, synthesize
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, dim, good, strong
from cloud_cron_cli.project import Project, opened
from cloud_cron_cli.table import HELP


@click.command("package", cls=Command, short_help=HELP["package"])
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--image-uri", metavar="URI", help="The image of every function; without it, a parameter of the template."
)
@click.pass_obj
def command(choices: Choices, out: Path, image_uri: str | None) -> None:
    """Write Dockerfile, template.json and model.json to the folder OUT, which is created if need be.

    Beside the Dockerfile is the folder `image`, with all that it needs: `docker build OUT` makes the image. Beyond 450
    resources there are further templates, template-p1.json and so on: deploy them in order, each as a stack of its own,
    with the outputs of the first as their parameters. With --json: {"app", "stage", "folder", "files": [names],
    "stacks": [{"stack", "template", "resources"}]}, where `resources` is how many.
    """
    project = opened(choices)
    parts = packaged(project, image_uri)
    texts = files(project, parts)
    made = context(recipe_of(project.folder, project.model, project.settings, Wish()))
    write(out, texts, made)
    told = Output(choices)
    for note in made.notes:
        told.note(note)
    _tell(told, project, parts, out, ["Dockerfile", f"{FOLDER}/", *texts])


def packaged(project: Project, image: str | None) -> list[Part]:
    """The stacks of a project that nothing is deployed of; raises as `deployable.check` and `ses_templates.read`."""
    deployable.check(project.model, project.settings)
    given = ses_templates.read(project.model, project.folder)
    return synthesize(project.model, project.settings, image, ses_templates=given)


def files(project: Project, parts: list[Part]) -> dict[str, str]:
    """What is written, by name."""
    templates = {_name(part): dumps(part.template) for part in parts}
    for part, text in zip(parts, templates.values(), strict=True):
        check_size(part.stack, part.template, text)
    return {
        **templates,
        "model.json": _model(project.model.to_json()),
    }


def write(folder: Path, texts: dict[str, str], made: Context) -> None:
    """Write the files, replacing those of an earlier call and templates that the app has no more of: CC708."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in set(folder.glob("template-p*.json")) - {folder / name for name in texts}:
            stale.unlink()
        write_context(made, folder)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise UnsupportedError("CC708", message, hint="name a folder that is yours to write to") from error


def _model(plain: dict[str, Any]) -> str:
    """The model as JSON, a line for each task and notifier."""
    lines = {name: json.dumps(value) for name, value in plain.items()}
    for name in ("tasks", "notifiers"):
        items = ",\n".join(f"  {json.dumps(item)}" for item in plain[name])
        lines[name] = f"[\n{items}\n]" if items else "[]"
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {text}" for name, text in lines.items()) + "\n}\n"


def _name(part: Part) -> str:
    return "template.json" if part.key == "main" else f"template-{part.key}.json"


def _tell(out: Output, project: Project, parts: list[Part], folder: Path, names: list[str]) -> None:
    if out.json:
        written = {"folder": str(folder), "files": names, "stacks": [_told(part) for part in parts]}
        out.data({"app": project.model.name, "stage": project.stage, **written})
        return
    out.say(f"{good('✓')} {strong(project.model.name)} {dim(f'stage {project.stage}')} in {folder}")
    for name in names:
        out.say(f"  {name}")
    for part in parts:
        out.note(dim(f"stack {part.stack}: {len(part.template['Resources'])} resources"))


def _told(part: Part) -> dict[str, Any]:
    return {"stack": part.stack, "template": _name(part), "resources": len(part.template["Resources"])}
