"""`cloud-cron render`: what a notifier would send about a payload."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloud_cron.errors import CloudCronError, Outcome
from cloud_cron.rendered import as_json
from cloud_cron.runtime.machine import SystemClock
from cloud_cron_cli import contents, inputs, names
from cloud_cron_cli.diagnostics import ERROR, Diagnostic, tell
from cloud_cron_cli.failures import DONE, FAILED, tell_user_traceback
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, doubtful, strong
from cloud_cron_cli.previews import Preview, preview
from cloud_cron_cli.project import Project, opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from cloud_cron.model import NotifierModel


@click.command(
    "render",
    cls=Command,
    short_help=HELP["render"],
    epilog="""\b
Examples:
  cloud-cron render mail_report
  echo '{"station": "KSEA"}' | cloud-cron render mail_report --payload -""",
)
@click.argument("notifier", shell_complete=names.notifiers)
@click.option("--payload", "source", metavar="FILE|-", help="JSON to tell of.  [the first sample of its topics]")
@click.option("--open", "opens", is_flag=True, help="Show the html part in the browser.")
@click.pass_obj
def command(choices: Choices, notifier: str, source: str | None, *, opens: bool) -> int:
    """Preview what a notifier would send, to its first recipient.

    The notifier's function is called and its templates are rendered; nothing is sent. Without --payload it tells of the
    first payload in samples/<topic>.json. Headers are those of the mail that would leave, and -v shows its html.
    """
    project = opened(choices)
    model = project.notifier(notifier)
    topic, given = _given(model, source) if source else _sampled(project, model)
    try:
        shown = preview(project, model, topic, given, SystemClock().now())
    except CloudCronError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the user's function raises
        _told(model, error)
        return FAILED
    _show(Output(choices), shown)
    if opens:
        _open(Output(choices), shown)
    return DONE


def _given(notifier: NotifierModel, source: str) -> tuple[str, dict[str, Any]]:
    """The payload that was handed over, under the first topic that the notifier hears; of a list, the first one."""
    value = inputs.read(source)
    first = value[0] if isinstance(value, list) and value else value
    return next(iter(notifier.topics), "preview"), inputs.as_payload(first, inputs.told(source))


def _sampled(project: Project, notifier: NotifierModel) -> tuple[str, dict[str, Any]]:
    """The first sample of the first topic that has one; CC707 when none has."""
    for topic in notifier.topics:
        for sample in inputs.samples(project.folder, topic):
            return topic, sample.payload
    files = " or ".join(f"{inputs.FOLDER}/{topic}.json" for topic in notifier.topics) or "a topic that it hears"
    message = f"there is no sample for notifier {notifier.name!r}: no {files}"
    raise inputs.InputError("CC707", message, hint="write one, or hand a payload over with --payload FILE")


def _show(out: Output, shown: Preview) -> None:
    name, channel = shown.notifier.name, shown.notifier.channel
    if out.json:
        content = None if shown.content is None else {**dict(shown.content), **shown.details}
        out.data({"notifier": name, "channel": channel, "content": as_json(content)})
        return
    if shown.content is None:
        out.say(f"{strong(name)} skips this message: nobody is told")
        return
    to = shown.recipient or doubtful("nobody: it has no recipient")
    instead = doubtful(f"  to {shown.notifier.redirect_to} instead") if shown.notifier.redirect_to else ""
    out.say(f"{strong(name)}  {dim(channel)} → {accent(to) if shown.recipient else to}{instead}")
    for line in contents.shown(shown.content, shown.details, whole=out.verbose):
        out.say(line)


def _told(notifier: NotifierModel, error: Exception) -> None:
    """What the function raised: its word about the message, or its traceback."""
    if isinstance(error, Outcome):
        message = f"notifier {notifier.name!r} raised {type(error).__name__}: {error.reason or 'no reason given'}"
        tell(Diagnostic(ERROR, None, message, notifier.where), sys.stderr)
    else:
        tell_user_traceback(error)


def _open(out: Output, shown: Preview) -> None:
    """Write the html part, or the text, where a browser can read it, and show it there."""
    import webbrowser  # noqa: PLC0415 - only --open needs it
    from base64 import b64encode  # noqa: PLC0415 - the same
    from html import escape  # noqa: PLC0415 - the same

    from cloud_cron_cli.letterbox import aside  # noqa: PLC0415 - the same

    if shown.content is None:
        return
    fields: dict[str, Any] = dict(shown.content)
    html = fields.get("html") or f"<pre>{escape(str(fields.get('text') or fields))}</pre>"
    for file in fields.get("attachments", ()):
        data = f"data:{file.content_type};base64,{b64encode(file.bytes).decode()}"
        html = html.replace(f"cid:{file.name}", data)
    path = Path(tempfile.mkdtemp(prefix="cloud-cron-")) / f"{shown.notifier.name}.html"
    path.write_text(html, encoding="utf-8-sig")  # a browser takes a file without a mark for another encoding
    out.note(f"wrote {path}")
    with aside():
        opened = webbrowser.open(path.as_uri())
    if not opened:
        out.note("no browser could be opened; open that file yourself")
