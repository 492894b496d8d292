from __future__ import annotations

import pytest

from cloud_cron_cli.failures import user_traceback

# Rows 84 to 89 and 94 to 99 of the bad inputs, as a person meets them: exit code 2, words, no traceback of ours.


def lines(result):
    assert "cloud_cron_cli" not in result.stderr
    return result.stderr.splitlines()


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (["lst"], "error there is no command 'lst'", "did you mean `cloud-cron list`?"),
        (["chekc", "--strict"], "error there is no command 'chekc'", "did you mean `cloud-cron check`?"),
        (["frobnicate"], "error there is no command 'frobnicate'", "see `cloud-cron --help`"),
        (["list", "--jsn"], "error No such option '--jsn'", "see `cloud-cron list --help`"),
        (["next"], "error Missing argument 'EXPR'.", "see `cloud-cron next --help`"),
        (["check", "everything"], "error Got unexpected extra argument (everything)", "see `cloud-cron check --help`"),
        (["--stage"], "error Option '--stage' requires an argument.", "see `cloud-cron --help`"),
        (["invoke", "mornign"], "error CC720 there is no task 'mornign'", "did you mean 'morning'?"),
        (["render", "mail_reprot"], "error CC721 there is no notifier 'mail_reprot'", "did you mean 'mail_report'?"),
        (["list", "--stage", "Prod"], "error CC110 stage name 'Prod' must match", "did you mean 'prod'?"),
        (["list", "--app", "ap"], "error CC701 there is no module 'ap' in", "did you mean --app app?"),
    ],
)
def test_a_misuse_is_told_in_two_lines(project, run, line, message, hint):
    project(**{"cloud-cron.toml": "[stages.prod]"})

    result = run(*line)

    assert result.exit_code == 2
    assert not result.stdout
    first, last = lines(result)
    assert first.startswith(message)
    assert last == f"  hint {hint}"


def test_a_misspelt_stage_is_told_with_the_file(project, run):
    project(**{"cloud-cron.toml": "[stages.production]"})

    result = run("list", "--stage", "prodction")

    assert result.exit_code == 2
    assert lines(result) == [
        "error CC510 there is no stage 'prodction' in the file, and 'production' is close to it",
        "  at   cloud-cron.toml",
        "  hint say --stage production, or add [stages.prodction] if it is meant",
    ]


@pytest.mark.parametrize("line", [["list"], ["check"], ["graph"], ["invoke", "x"], ["render", "x"]])
def test_outside_of_a_project_the_way_to_one_is_told(project, run, line):
    project(None)

    result = run(*line)

    assert result.exit_code == 2
    told = result.stdout + result.stderr
    assert "error CC701 there is no app.py and no cloud-cron.toml in " in told
    assert "  hint go to your project's folder, or begin one with `cloud-cron init`" in told


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (
            "x = 1\nvariable_x",
            [
                "Traceback (most recent call last):",
                '  File "{folder}/app.py", line 2, in <module>',
                "    variable_x",
                "NameError: name 'variable_x' is not defined",
                "error CC702 app.py raised NameError: name 'variable_x' is not defined",
                "  at   app.py:2",
                "  hint correct that line",
            ],
        ),
        (
            "import helper",
            [
                "Traceback (most recent call last):",
                '  File "{folder}/app.py", line 1, in <module>',
                "    import helper",
                '  File "{folder}/helper.py", line 2, in <module>',
                "    1 / 0",
                "ZeroDivisionError: division by zero",
                "error CC702 helper.py raised ZeroDivisionError: division by zero",
                "  at   helper.py:2",
                "  hint correct that line",
            ],
        ),
        (
            "def broken(:",
            [
                '  File "{folder}/app.py", line 1',
                "    def broken(:",
                "SyntaxError: invalid syntax",
                "error CC702 app.py is not Python: invalid syntax",
                "  at   app.py:1",
                "  hint correct that line",
            ],
        ),
        (
            "raise SystemExit('no')",
            [
                "Traceback (most recent call last):",
                '  File "{folder}/app.py", line 1, in <module>',
                "    raise SystemExit('no')",
                "SystemExit: no",
                "error CC702 app.py ended the program when it was imported (exit code 'no')",
                "  at   app.py:1",
                '  hint put what is to run only as a script under `if __name__ == "__main__":`',
            ],
        ),
        (
            "import no_such_package",
            [
                "Traceback (most recent call last):",
                '  File "{folder}/app.py", line 1, in <module>',
                "    import no_such_package",
                "ModuleNotFoundError: No module named 'no_such_package'",
                "error CC702 app.py imports 'no_such_package', which is not there",
                "  at   app.py:1",
                "  hint install the package that provides it into this environment",
            ],
        ),
    ],
)
def test_a_module_that_raises_is_shown_with_the_users_own_traceback(project, run, app, told):
    folder = project(app, **{"helper.py": "x = 1\n1 / 0"})

    result = run("list")

    assert result.exit_code == 2
    shown = [line for line in lines(result) if line.strip(" ^~")]
    assert shown == [line.replace("{folder}/", f"{folder}{'/' if '/' in str(folder) else chr(92)}") for line in told]


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (
            'from cloud_cron import CloudCron\na = CloudCron("a")\nb = CloudCron("b")',
            "error CC703 app.py has several apps: a = CloudCron('a'), b = CloudCron('b')",
        ),
        ("app = 3", "error CC704 'app' of app.py is no CloudCron, but of type int"),
        (
            "from cloud_cron import CloudCron\napp = CloudCron('a')\n@app.schedule('0 9 * * *')\ndef x(): ...",
            "error CC102 `0 9 * * *` has five fields",
        ),
    ],
)
def test_a_mistake_in_the_app_is_told_without_a_traceback(project, run, app, told):
    project(app)

    result = run("list")

    assert result.exit_code == 2
    assert lines(result)[0].startswith(told)


def test_our_traceback_is_shown_with_debug(project, run):
    project("app = 3")

    assert "cloud_cron_cli" in run("list", "--debug").stderr


def test_a_fault_of_ours_is_told_in_words_and_exit_code_1(project, run):
    project(
        """
        from cloud_cron import CloudCron
        class Broken(CloudCron):
            def model(self): raise KeyError("lost")
        app = Broken("x")
        """
    )
    result = run("list")

    assert result.exit_code == 1
    assert lines(result) == [
        "error unexpected KeyError: 'lost'",
        "  hint this is a fault of cloud-cron itself; --debug shows where",
    ]


def test_an_interrupt_ends_quietly(project, run):
    project("import os, signal\nos.kill(os.getpid(), signal.SIGINT)")

    result = run("list")

    assert result.exit_code == 130
    assert not result.stdout.strip()
    assert not result.stderr.strip()


def test_a_users_traceback_has_its_causes_and_members_but_not_our_frames(project, run):
    try:
        try:
            raise KeyError("first")  # noqa: TRY301
        except KeyError as error:
            raise ExceptionGroup("several", [ValueError("one"), TypeError("two")]) from error
    except ExceptionGroup as error:
        told = "\n".join(user_traceback(error))

    assert "KeyError: 'first'" in told
    assert "ValueError: one" in told
    assert "test_failures.py" in told
