"""Every command by name, with its one line of help, under the headings that `--help` shows.

The line stands here and not only in the command's own module, so that `--help` imports none of them.
"""

from __future__ import annotations

from typing import Final

SECTIONS: Final[dict[str, dict[str, str]]] = {
    "Write": {
        "init": "Begin a project that runs and whose tests pass.",
        "check": "Find mistakes in app, configuration, schedules and templates.",
    },
    "Look": {
        "list": "Show tasks with their next runs, notifiers and topics.",
        "graph": "Draw who publishes what, and who hears it.",
        "next": "Explain a schedule and show when it fires next.",
    },
    "Try": {
        "invoke": "Run a task once and show everything that comes of it.",
        "render": "Preview what a notifier would send.",
        "simulate": "Let days of the app go by in which everything goes wrong.",
    },
    "Run": {
        "dev": "Run the app here while you write it, with hot reload.",
        "serve": "Run the app here for good, with its real channels.",
    },
    "Operate": {
        "status": "Show how each task went last, what waits, and what went wrong.",
        "doctor": "Tell in words what went wrong, with the next command for each.",
        "logs": "Show what was written down, here or on AWS, and what comes.",
        "pause": "Let tasks skip their times, and notifiers keep their messages.",
        "resume": "Let paused tasks and notifiers go on.",
        "backfill": "Make runs of the past, in place of those that were not made.",
        "dlq": "Look at dead letters, try them again, settle what is in doubt.",
        "backup": "Copy the database while its host goes on.",
    },
    "Deploy": {
        "image": "Build the app's image without Docker, push it, copy images.",
        "plan": "Show what a deploy would change on AWS.",
        "deploy": "Bring a stage on AWS to what the app is here.",
        "destroy": "Delete a stage from AWS, with all that it holds.",
        "outputs": "Show the names and ARNs of what is deployed.",
        "package": "Write Dockerfile, CloudFormation templates and model to a folder.",
    },
    "Set up": {
        "completion": "Print the script that completes words in your shell.",
    },
}

HELP: Final = {name: text for commands in SECTIONS.values() for name, text in commands.items()}
