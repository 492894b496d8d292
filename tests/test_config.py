from __future__ import annotations

import pytest

from cloud_cron import CloudCron, CloudCronError
from cloud_cron.config import Settings, load, resolve
from cloud_cron.config.resolving import resolve_one
from cloud_cron.errors import ConfigError

FIFO = "arn:aws:sns:eu-central-1:123456789012:reports.fifo"
STANDARD = FIFO.removesuffix(".fifo")
TOKEN = "0123456789abcdef0123456789ABCDEF"


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def read(folder, text, stage="dev"):
    (folder / "cloud-cron.toml").write_text(text, encoding="utf-8")
    return load(folder, stage)


def refused(folder, text, stage="dev"):
    with pytest.raises(ConfigError) as caught:
        read(folder, text, stage)
    return caught.value


def weather():
    app = CloudCron("weather")

    @app.schedule("rate(1 hour)", topics=["reports"], timeout=30, retries=1, env={"UNIT": "C", "LANG": "de"})
    def morning():
        return None

    @app.notifier("email", topics=["reports"], secrets={"db": "secretsmanager:shop/db"})
    def mail(message):
        return message.payload

    @app.notifier("print", topics=["reports"])
    def show(message):
        return message.payload

    return app


def resolved(folder, text, stage="dev", app=None):
    return resolve((app or weather()).model(), read(folder, text, stage))


def test_without_a_file_everything_has_its_default(folder):
    assert load(folder, "prod") == Settings("prod")
    assert Settings("prod").horizon == 35 * 86_400


def test_every_key_is_read(folder):
    settings = read(
        folder,
        f"""
        entry = "jobs:weather"
        region = "eu-central-1"
        python = "3.13"
        architecture = "arm64"
        tags = {{ team = "data" }}
        function = {{ tracing = true }}
        protect = true
        [topics]
        reports = "{FIFO}"
        [watch]
        topic = "ops"
        [alarms]
        email = "ada@example.org"
        arns = ["{STANDARD}"]
        [image]
        base = "public.ecr.aws/lambda/python:3.13"
        keep = 5
        include = ["tests/.env"]
        [ledger]
        horizon = "40d"
        [channels.email]
        sender = "Weather <weather@example.org>"
        recipients = ["ada@example.org"]
        [tasks.morning]
        timeout = 90
        [notifiers.mail]
        enabled = false
        [secrets]
        db = "env:DB"
        """,
    )

    assert settings == Settings(
        "dev",
        entry="jobs:weather",
        region="eu-central-1",
        python="3.13",
        architecture="arm64",
        tags={"team": "data"},
        function={"architecture": "arm64", "tracing": True},
        protect=True,
        topics={"reports": FIFO},
        watch="ops",
        alarms_email=("ada@example.org",),
        alarms_arns=(STANDARD,),
        image={"base": "public.ecr.aws/lambda/python:3.13", "keep": 5, "include": ("tests/.env",)},
        horizon=40 * 86_400.0,
        channels={"email": {"sender": "Weather <weather@example.org>", "recipients": ("ada@example.org",)}},
        tasks={"morning": {"timeout": 90}},
        notifiers={"mail": {"enabled": False}},
        secrets={"db": "env:DB"},
    )


def test_an_image_of_a_stage_is_what_the_stage_says_of_it(folder):
    text = """
    [image]
    repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/shop"
    build_args = { A = "1", B = "2" }
    [stages.prod.image]
    repository = "shop"
    build_args = { B = "3" }
    """

    assert read(folder, text, "prod").image == {"repository": "shop", "build_args": {"A": "1", "B": "3"}}
    assert read(folder, text).image["repository"].endswith("/team/shop")


def test_a_stage_overrides_key_by_key_and_leaves_other_stages_alone(folder):
    text = """
    region = "eu-central-1"
    tags = { team = "data", cost = "1" }
    [tasks.morning]
    timeout = 90
    env = { UNIT = "F", MODE = "slow" }
    [stages.prod]
    region = "us-east-1"
    protect = true
    tags = { cost = "2" }
    [stages.prod.tasks.morning]
    env = { UNIT = "K" }
    """
    prod, dev = read(folder, text, "prod"), read(folder, text)

    assert (prod.region, prod.protect, dict(prod.tags)) == ("us-east-1", True, {"team": "data", "cost": "2"})
    assert prod.tasks == {"morning": {"timeout": 90, "env": {"UNIT": "K", "MODE": "slow"}}}
    assert (dev.region, dev.protect, dict(dev.tags)) == ("eu-central-1", False, {"team": "data", "cost": "1"})
    assert dev.tasks == {"morning": {"timeout": 90, "env": {"UNIT": "F", "MODE": "slow"}}}


def test_settings_cannot_be_changed(folder):
    settings = read(folder, '[tasks.morning]\nenv = { UNIT = "F" }')

    with pytest.raises(TypeError):
        settings.tasks["morning"]["env"]["UNIT"] = "K"


def test_a_byte_order_mark_is_no_mistake(folder):
    (folder / "cloud-cron.toml").write_bytes(b'\xef\xbb\xbfregion = "eu-central-1"\r\n')

    assert load(folder, "dev").region == "eu-central-1"


# What nobody could mean


@pytest.mark.parametrize(
    ("text", "table", "hint", "line"),
    [
        ('regoin = "eu-central-1"', "the top level", "did you mean 'region'?", 1),
        ('[channels.email]\nrecipents = ["a@example.org"]', "[channels.email]", "did you mean 'recipients'?", 2),
        ("[channels.emial]\n", "channel 'emial'", "did you mean 'email'?", 1),
        ("[tasks.morning]\ntimout = 3", "[tasks.morning]", "did you mean 'timeout'?", 2),
        (
            '[tasks.morning]\nsender = "a@example.org"',
            "[tasks.morning]",
            "a task sends nothing: write it under [notifiers.<name>]",
            2,
        ),
        (
            "[stages.prod]\n[stages.prod.tasks.morning]\nmemry = 1",
            "[stages.prod.tasks.morning]",
            "did you mean 'memory'?",
            3,
        ),
        ("[stages.prod.stages.x]", "[stages.prod]", "a stage cannot hold another one", 1),
        ('[watch]\ntopics = ["ops"]', "[watch]", "did you mean 'topic'?", 2),
        ("function = { memory = 3 }", "[function]", "known: architecture, ", 1),
        ('[image]\nbilder = "docker"', "[image]", "did you mean 'builder'?", 2),
        ("[image]\nlifecycle = {}", "[image]", "write keep = 30", 2),
        ('[stages.prod.image]\nplatform = "arm64"', "[stages.prod.image]", 'write architecture = "arm64"', 2),
    ],
)
def test_an_unknown_key_is_refused_with_the_closest_one(folder, text, table, hint, line):
    error = refused(folder, text)

    assert error.code == "CC501"
    assert table in error.message
    assert error.hint.startswith(hint)
    assert error.where == f"cloud-cron.toml:{line}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("region = 3", "region must be a region of AWS, not a whole number"),
        ('region = "Frankfurt"', "region must be a region of AWS"),
        ("python = 3.13", "python must be a version of Python, in quotes, not a number"),
        ('architecture = "arm"', "architecture must be arm64 or x86_64"),
        ('protect = "yes"', "protect must be true or false, not a string"),
        ("tags = { team = 1 }", "[tags] team must be a string, not a whole number"),
        ('tasks = "morning"', "tasks must be a table, not a string"),
        ("[tasks]\nmorning = 3", "[tasks] morning must be a table, not a whole number"),
        ('[tasks.morning]\ntimeout = "90"', "[tasks.morning] timeout must be a whole number, not a string"),
        ("[tasks.morning]\nenabled = 1", "[tasks.morning] enabled must be true or false, not a whole number"),
        ("[tasks.morning]\nmemory = true", "[tasks.morning] memory must be a whole number, not true or false"),
        ("[channels.email]\nrecipients = [1]", "[channels.email] recipients must be a string or a list of strings"),
        ("[channels.email]\nrecipients = []", "[channels.email] recipients is empty"),
        ('[ledger]\nhorizon = "5 weeks"', "[ledger] horizon must be a number of days"),
        ("[ledger]\nhorizon = 35", "[ledger] horizon must be a number of days, not a whole number"),
        ("entry = 2030-01-01", "entry must be a module, or module:attribute, not a date or time"),
        ('[topics]\nreports = "reports"', "[topics] reports must be the ARN of an SNS topic"),
        ('[secrets]\ndb = "hunter2"', "[secrets] db must be a reference to a secret, never its value"),
        ('[watch]\ntopic = "a b"', "[watch] topic must be the name of a topic"),
        ('[watch]\nheartbeat = "http://example.org"', "[watch] heartbeat must be an https:// address, or a reference"),
        ('[watch]\nheartbeat = "https://a@example.org"', "[watch] heartbeat must be an https:// address"),
        ('[watch]\nheartbeat = "ssm:"', "[watch] heartbeat must be an https:// address, or a reference to one"),
        ("stages = 3", "stages must be a table"),
        ('image = "shop:1"', "image must be a table, not a string"),
        ('[image]\nbuilder = "kaniko"', "[image] builder must be auto or layers or docker"),
        ('[image]\nbase = "my image"', "[image] base must be the name of an image"),
        ('[image]\nrepository = "shop:1"', "[image] repository must be a repository, without tag and digest"),
        ('[image]\nrepository = "Shop"', "[image] repository must be a repository, without tag and digest"),
        ('[image]\nkeep = "30"', "[image] keep must be a whole number, not a string"),
        ("[image]\nkeep = 0", "[image] keep must be 1 to 10,000"),
        ('[image]\ntag = "live-1"', "[image] tag must be a tag, which may not begin with live- or b-"),
        ('[image]\nbuild_args = ["A=1"]', "[image] build_args must be a table, not a list"),
        ('[image]\npull_accounts = "shop"', "[image] pull_accounts must be the number of an account"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_place(folder, text, message):
    error = refused(folder, text)

    assert error.code == "CC502"
    assert error.message.startswith(message)
    assert error.where == f"cloud-cron.toml:{len(text.splitlines())}"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('region = "x"\nregion eu', "cloud-cron.toml:2:8"),
        ("region = eu-central-1", "cloud-cron.toml:1:10"),
        ("[tasks", "cloud-cron.toml:1:7"),
        ("region = ", "cloud-cron.toml:1:10"),
    ],
)
def test_what_is_no_toml_is_refused_by_line_and_column(folder, text, where):
    error = refused(folder, text)

    assert (error.code, error.where) == ("CC503", where)


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("[stages.dev]\n[stages.prod]\n[stages.dev]", "[stages.dev]", 3),
        ('region = "eu-central-1"\nregion = "us-east-1"', "'region'", 2),
        ("tags = { a = '1', a = '2' }", "'tags'", 1),
        ("[tasks.a]\n[tasks.a]", "[tasks.a]", 2),
    ],
)
def test_what_is_said_twice_is_refused(folder, text, what, line):
    error = refused(folder, text)

    assert (error.code, error.where) == ("CC504", f"cloud-cron.toml:{line}")
    assert error.message == f"{what} is there already"


@pytest.mark.parametrize(
    ("text", "secret", "place"),
    [
        ('[channels.sms]\nsecret = "SK0123456789abcdef0123456789abcdef"', "SK0123", "[channels.sms] secret"),
        ('[tasks.morning]\nenv = { KEY = "AKIAIOSFODNN7EXAMPLE" }', "AKIA", "[tasks.morning.env] KEY"),
        (
            f'[stages.prod.tasks.morning.env]\nAUTH_TOKEN = "{TOKEN}"',
            TOKEN,
            "[stages.prod.tasks.morning.env] AUTH_TOKEN",
        ),
        ('tags = { a = "-----BEGIN PRIVATE KEY-----" }', "BEGIN", "[tags] a"),
        ('[channels.email]\nrecipients = ["x", "AKIAIOSFODNN7EXAMPLE"]', "AKIA", "[channels.email] recipients"),
        ('[channels.email]\nsmtp = "smtp://ada:tiger@example.org"', "tiger", "[channels.email] smtp"),
        (f'unknown_secret = "{TOKEN}"', TOKEN, "unknown_secret"),
    ],
)
def test_a_pasted_secret_is_refused_and_not_shown(folder, text, secret, place):
    error = refused(folder, text)

    assert error.code == "CC505"
    assert place in error.message
    assert secret not in str(error)


def test_a_reference_and_a_harmless_digest_are_no_secrets(folder):
    text = f'[secrets]\nauth_token = "secretsmanager:{TOKEN}"\n[tasks.morning.env]\nREVISION = "{TOKEN}"'

    assert read(folder, text).tasks["morning"]["env"]["REVISION"] == TOKEN


@pytest.mark.parametrize(("content", "where"), [(b"a = 1\nb = '\xff'", "cloud-cron.toml:2"), (None, "cloud-cron.toml")])
def test_a_file_that_cannot_be_read_says_why(folder, content, where):
    file = folder / "cloud-cron.toml"
    file.write_bytes(content) if content else file.mkdir()

    with pytest.raises(ConfigError) as caught:
        load(folder, "dev")

    assert (caught.value.code, caught.value.where) == ("CC503", where)


# Stages


@pytest.mark.parametrize(
    ("stage", "text", "hint"),
    [
        ("Prod", "[stages.prod]", "did you mean 'prod'?"),
        ("pr-12", "", "use lower case letters and digits, such as prod"),
        ("", "", "use lower case letters and digits, such as prod"),
    ],
)
def test_a_stage_that_no_resource_could_be_named_after_is_refused(folder, stage, text, hint):
    error = refused(folder, text, stage)

    assert (error.code, error.hint) == ("CC110", hint)


def test_a_table_of_such_a_stage_is_refused_too(folder):
    error = refused(folder, "[stages.Prod]")

    assert (error.code, error.where) == ("CC110", "cloud-cron.toml:1")


def test_a_misspelt_stage_is_refused(folder):
    error = refused(folder, "[stages.staging]", "stagign")

    assert (error.code, error.hint) == ("CC510", "say --stage staging, or add [stages.stagign] if it is meant")


@pytest.mark.parametrize("stage", ["dev", "test", "pr12", "staging"])
def test_a_stage_needs_no_table(folder, stage):
    assert read(folder, "[stages.staging]\n[stages.tst]\n[stages.deva]", stage).stage == stage


# Applied to a model


def test_a_model_without_settings_gets_only_default_recipients():
    model = weather().model()

    after = resolve(model, Settings("dev"))

    assert after.tasks == model.tasks
    assert after.notifier("mail") == model.notifier("mail")
    assert [notifier.recipients for notifier in after.notifiers] == [(), ("stdout",)]


def test_the_most_specific_word_counts(folder):
    app = CloudCron("weather")

    @app.notifier("email", topics=["reports"], recipients=["decorator@example.org"], sender="decorator@example.org")
    def said(message):
        return message.payload

    @app.notifier("email", topics=["reports"])
    def silent(message):
        return message.payload

    base = '[channels.email]\nrecipients = "channel@example.org"\nsender = "channel@example.org"\n'
    stage = '[stages.prod.channels.email]\nrecipients = ["stage@example.org"]\n'
    own = (
        '[notifiers.said]\nrecipients = ["own@example.org"]\n[stages.prod.notifiers.said]\nsender = "own@example.org"\n'
    )

    def recipients(text, stage):
        model = resolved(folder, text, stage, app)
        return {n.name: (n.recipients, n.options["sender"]) for n in model.notifiers}

    decorator, channel = ("decorator@example.org",), ("channel@example.org",)
    assert recipients(base, "dev") == {"said": (decorator, *decorator), "silent": (channel, *channel)}
    assert recipients(base + stage, "prod")["silent"] == (("stage@example.org",), *channel)
    assert recipients(base + stage, "prod")["said"] == (decorator, *decorator)
    assert recipients(base + own, "dev")["said"] == (("own@example.org",), *decorator)
    assert recipients(base + own, "prod")["said"] == (("own@example.org",), "own@example.org")


def test_tasks_are_overridden_key_by_key(folder):
    text = """
    architecture = "arm64"
    function = { tracing = true }
    [tasks.morning]
    timeout = 90
    env = { UNIT = "K" }
    function = { tracing = false }
    [stages.prod.tasks.morning]
    retries = 0
    enabled = false
    """
    task = resolved(folder, text, "prod").task("morning")

    assert (task.timeout, task.retries, task.memory, task.enabled) == (90, 0, 256, False)
    assert dict(task.env) == {"UNIT": "K", "LANG": "de"}
    assert dict(task.function) == {"architecture": "arm64", "tracing": False}


def test_recipients_are_spelled_as_the_channel_spells_them(folder):
    model = resolved(folder, '[channels.email]\nrecipients = ["Ada <ada@EXAMPLE.org>"]')

    assert model.notifier("mail").recipients == ("ada@example.org",)


def test_secrets_are_overridden_by_name(folder):
    model = resolved(folder, '[secrets]\ndb = "env:A"\n[stages.prod.secrets]\ndb = "env:DB"', "prod")

    assert model.notifier("mail").secrets == {"db": "env:DB"}
    assert model.notifier("show").secrets == {}


@pytest.mark.parametrize(
    ("text", "line", "error"),
    [
        ("[tasks.mornin]", 1, ("CC501", "app 'weather' has no task 'mornin'", "did you mean 'morning'?")),
        ("[notifiers.mial]", 1, ("CC501", "app 'weather' has no notifier 'mial'", "did you mean 'mail'?")),
        ("\n[stages.prod.tasks.evening]", 2, ("CC501", "app 'weather' has no task 'evening'", "known: morning")),
        (
            f'[topics]\nreport = "{FIFO}"',
            2,
            ("CC501", "app 'weather' has no topic 'report'", "did you mean 'reports'?"),
        ),
        ('[secrets]\nbd = "env:DB"', 2, ("CC501", "app 'weather' has no secret 'bd'", "known: db")),
        (
            '[notifiers.mail]\nreplyto = "a@example.org"',
            2,
            ("CC501", "[notifiers.mail] does not know 'replyto'", "did you mean 'reply_to'?"),
        ),
        ("[tasks.morning]\ntimeout = 0", 1, ("CC113", "timeout=0 must be a whole number of at least 1", None)),
        (
            "[stages.dev.notifiers.mail]\nmemory = 5",
            1,
            ("CC113", "memory=5 must be a whole number from 128 to 10240", None),
        ),
        (
            f'[topics]\nreports = "{STANDARD}"',
            2,
            (
                "CC511",
                "notifier 'mail' hears topic 'reports', which is mapped to a standard topic",
                "map it to the ARN of a FIFO topic, or let no notifier of this app hear it",
            ),
        ),
    ],
)
def test_what_does_not_fit_the_app_is_refused_at_its_line(folder, text, line, error):
    with pytest.raises(CloudCronError) as caught:
        resolved(folder, text)

    assert (caught.value.code, caught.value.message, caught.value.hint) == error
    assert caught.value.where == f"cloud-cron.toml:{line}"


@pytest.mark.parametrize("hears", [True, False])
def test_two_names_of_one_topic_are_refused_where_somebody_hears_it(folder, hears):
    app = CloudCron("weather")
    app.schedule(topics=["reports", "alerts"], name="morning")(lambda: None)
    if hears:
        app.notifier("print", topics=["reports"], name="show")(lambda message: "")
    text = f'[topics]\nalerts = "{FIFO}"\nreports = "{FIFO}"'

    if not hears:
        assert resolved(folder, text, app=app).topics == ("reports", "alerts")
        return
    with pytest.raises(ConfigError, match="'reports' and 'alerts' are one: notifier 'show' would hear both") as caught:
        resolved(folder, text, app=app)
    assert (caught.value.code, caught.value.where) == ("CC504", "cloud-cron.toml:3")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('[channels.email]\nrecipients = ["ada@example.org", "ada"]', "CC301", 2),
        ('[stages.prod.channels.email]\nsender = "ada"', "CC132", 1),
        ('[stages.prod.notifiers.mail]\nrecipients = ["ada@example.org", "ada"]', "CC301", 2),
        ("[notifiers.mail]\nsender = 3", "CC132", 1),
        ('[alarms]\nemail = ["ada"]', "CC301", 2),
    ],
)
def test_an_address_or_option_that_the_channel_refuses_is_found_in_every_stage(folder, text, code, line):
    with pytest.raises(CloudCronError) as caught:
        resolved(folder, text)

    assert (caught.value.code, caught.value.where) == (code, f"cloud-cron.toml:{line}")


def test_a_bad_recipient_is_named_by_its_place_in_the_list(folder):
    with pytest.raises(CloudCronError, match=r"recipients\[1\]: "):
        resolved(folder, '[notifiers.mail]\nrecipients = ["ada@example.org", "ada"]')


@pytest.mark.parametrize("given", ["https://hc-ping.com/x", "http://localhost:1/x", "ssm:/heart", "file:/run/heart"])
def test_a_heartbeat_is_an_address_or_a_reference_to_one_and_a_stage_may_have_another(folder, given):
    text = f'[watch]\nheartbeat = "https://example.org"\n[stages.prod.watch]\nheartbeat = "{given}"'
    assert read(folder, text, "prod").heartbeat == given


def test_the_watch_topic_may_be_mapped_though_no_task_names_it(folder):
    model = resolved(folder, f'[watch]\ntopic = "ops"\n[topics]\nops = "{STANDARD}"')

    assert model.topics == ("reports",)


def test_a_misspelt_plug_in_channel_names_what_there_is(folder):
    assert "known: apprise, email, print, sms, webhook" in refused(folder, "[channels.pigeon]").message


@pytest.mark.parametrize(
    ("entry", "templates"),
    [(None, "mails"), ("jobs", "mails"), ("shop.jobs", "shop/mails"), ("shop.night.jobs:app", "shop/night/mails")],
)
def test_templates_are_beside_the_entry_module(entry, templates):
    app = CloudCron("shop", templates="mails")

    assert resolve(app.model(), Settings("dev", entry=entry)).templates == templates


def test_a_tag_may_be_called_env_and_differ_by_stage(folder):
    text = '[tags]\nenv = "a"\nfunction = "b"\n[stages.prod.tags]\nenv = "c"\n'

    assert read(folder, text, "prod").tags == {"env": "c", "function": "b"}


REDIRECTS = """
[channels.email]
redirect_to = "me@Example.ORG"
[stages.prod]
protect = true
[stages.test.channels.email]
redirect_to = "you@example.org"
"""


@pytest.mark.parametrize(
    ("stage", "to"),
    [("dev", "me@example.org"), ("test", "you@example.org"), ("prod", None), ("branch7", "me@example.org")],
)
def test_a_stage_that_is_not_protected_is_redirected(folder, stage, to):
    model = resolved(folder, REDIRECTS, stage)

    assert [part.redirect_to for part in model.notifiers] == [to, None]
    assert [part.redirect_to for part in resolve_one(weather().model(), load(folder, stage), "mail").notifiers] == [
        to,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "line", "code", "setting"),
    [
        ("protect = true\n[channels.email]\nredirect_to = 'me@b.org'", 3, "CC516", "[channels.email] redirect_to"),
        (
            "[stages.prod]\nprotect = true\n[stages.prod.channels.sms]\nredirect_to = '+12025550123'",
            4,
            "CC516",
            "[stages.prod.channels.sms] redirect_to",
        ),
        (
            "protect = true\n[stages.prod.channels.email]\nredirect_to = 'me@b.org'",
            3,
            "CC516",
            "[stages.prod.channels.email] redirect_to",
        ),
        ("[channels.email]\nredirect_to = 'me@b'", 2, "CC301", "[channels.email] redirect_to"),
        ('[channels.email]\nredirect_to = "me@b.org\\nBcc: eve@b.org"', 2, "CC301", "[channels.email] redirect_to"),
        ("[channels.sms]\nredirect_to = '2025550123'", 2, "CC310", "[channels.sms] redirect_to"),
        ("[channels.email]\nredirect_to = ['me@b.org']", 2, "CC502", "[channels.email] redirect_to"),
        ("redirect_to = 'me@b.org'", 1, "CC501", "the top level"),
        ("[stages.dev]\nredirect_to = 'me@b.org'", 2, "CC501", "[stages.dev]"),
        ("[notifiers.mail]\nredirect_to = 'me@b.org'", 2, "CC501", "[notifiers.mail]"),
    ],
)
def test_who_receives_in_place_of_all_is_refused_where_it_cannot_be(folder, text, line, code, setting):
    with pytest.raises(CloudCronError) as caught:
        resolved(folder, text, "branch7")
    error = caught.value

    assert (error.code, error.where) == (code, f"cloud-cron.toml:{line}")
    assert error.message.startswith(setting)
    assert error.hint


def test_a_stage_that_is_not_protected_may_be_redirected_where_the_others_are(folder):
    text = "protect = true\n[stages.dev]\nprotect = false\n[stages.dev.channels.email]\nredirect_to = 'me@b.org'"

    assert resolved(folder, text).notifiers[0].redirect_to == "me@b.org"
    assert resolved(folder, text, "prod").notifiers[0].redirect_to is None
