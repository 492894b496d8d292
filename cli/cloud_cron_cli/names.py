"""Names of the user's own app for the shell to complete; whatever fails, there are just none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import click
    from click.shell_completion import CompletionItem

    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project


def tasks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    """The tasks of the app, with their schedules."""
    return _items(ctx, incomplete, lambda project: {t.name: " ".join(t.schedules) for t in project.model.tasks})


def notifiers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - the same
    """The notifiers of the app, with their channels."""
    return _items(ctx, incomplete, lambda project: {n.name: n.channel for n in project.model.notifiers})


def parts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tasks and notifiers."""
    return [*tasks(ctx, param, incomplete), *notifiers(ctx, param, incomplete)]


def stages(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - the same
    """The stages that the configuration names, and the one that is always there."""
    try:
        import tomllib  # noqa: PLC0415 - only a completion pays for it

        from cloud_cron.config import FILE  # noqa: PLC0415 - the same
        from cloud_cron_cli.project import home  # noqa: PLC0415 - the same

        text = (home(_choices(ctx)) / FILE).read_text(encoding="utf-8-sig")
        names = ["dev", *tomllib.loads(text).get("stages", {})]
    except Exception:  # noqa: BLE001 - a completion must not disturb the line that is being written
        names = ["dev"]
    return _starting(incomplete, dict.fromkeys(names, ""))


def templates(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - the same
    """What a project can begin as."""
    from cloud_cron_cli.blueprints import blueprints  # noqa: PLC0415 - only a completion pays for it

    return _starting(incomplete, blueprints())


def _items(ctx: click.Context, incomplete: str, named: Callable[[Project], dict[str, str]]) -> list[CompletionItem]:
    try:
        from cloud_cron_cli.project import opened  # noqa: PLC0415 - only a completion pays for it

        names = named(opened(_choices(ctx)))
    except (Exception, SystemExit):  # noqa: BLE001 - a completion must not disturb the line that is being written
        return []
    return _starting(incomplete, names)


def _starting(incomplete: str, names: dict[str, str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a completion pays for it

    return [CompletionItem(name, help=text or None) for name, text in names.items() if name.startswith(incomplete)]


def _choices(ctx: click.Context) -> Choices:
    from cloud_cron_cli.options import Choices  # noqa: PLC0415 - imports this module's users

    return ctx.find_object(Choices) or Choices()
