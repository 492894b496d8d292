"""Questions to a person: asked on stderr, and never of a pipe."""

from __future__ import annotations

import sys

import click

from cloud_cron.errors import UnsupportedError


def agreed(question: str, *, yes: bool) -> None:
    """Go on only if the person agrees; raises as `ask` does, and CC825 where nobody can be asked."""
    if yes:
        return
    if not somebody():
        raise _unanswered(question)
    ask(question)


def somebody() -> bool:
    """Whether a person may be at standard input, which a process can be started without."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> None:
    """Ask it; Abort if the person does not agree, and CC825 when the terminal ends before an answer."""
    try:
        click.confirm(question, abort=True, err=True)
    except click.Abort as error:
        if not isinstance(error.__context__, EOFError):
            raise
        click.echo(err=True)  # the cursor stands behind the question
        raise _unanswered(question) from None


def _unanswered(question: str) -> UnsupportedError:
    return UnsupportedError("CC825", f"nobody is there to answer: {question}", hint="say --yes")
