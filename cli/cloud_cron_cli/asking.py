"""Questions to a person: asked on stderr, and never of a pipe."""

from __future__ import annotations

import sys

import click

from cloud_cron.errors import UnsupportedError


def agreed(question: str, *, yes: bool) -> None:
    """Go on only if the person agrees; Abort if not, CC825 where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UnsupportedError("CC825", f"nobody is there to answer: {question}", hint="say --yes")
    click.confirm(question, abort=True, err=True)
