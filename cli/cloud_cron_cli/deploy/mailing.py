"""What Amazon SES lacks for an app to be heard, told before anything is changed; and identities that are there already.

SES Developer Guide, "Request production access"; "Verified identities".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron import channels
from cloud_cron.channels import addresses
from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.ports import Standing
from cloud_cron_cli.deploy.removing import LET_GO
from cloud_cron_cli.deploy.template import identities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.channels.email import EmailOptions
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.ports import MailService, Tools


def explain(tools: Tools, app: App) -> None:
    """Say what would keep mails from being sent; nothing is asked for an app that sends none by SES."""
    mailed = _mailed(app.model)
    if not mailed:
        return
    senders = list(dict.fromkeys(addresses.bare(options.sender) for options in mailed))
    templates = dict.fromkeys(options.ses_template for options in mailed if isinstance(options.ses_template, str))
    for text in _lacking(tools.mail, senders, set(identities.wanted(app.model))):
        tools.display.say(text)
    for name in templates:
        if not tools.mail.has_template(name):
            tools.display.say(f"there is no template {name} in SES here: mails by it wait until there is one")


def check(tools: Tools, app: App, found: Deployed) -> None:
    """Refuse to make an identity that somebody else made: `ConfigError` CC815."""
    wanted = identities.wanted(app.model)
    if not wanted:
        return
    resources = tools.stacks.resources(found.main.id) if found.main else []
    held = {each.logical for each in resources if each.status not in {*LET_GO, "CREATE_FAILED"}}
    for name in wanted:
        if identities.logical_id(name) in held:
            continue
        if tools.mail.identity(name) in {Standing.VERIFIED, Standing.UNVERIFIED}:
            message = f"create_identity asks for {name}, which is an identity of SES in this account and region already"
            hint = "leave create_identity out at this stage: every stage may send from an identity that is there"
            raise ConfigError("CC815", message, hint=hint)


def _lacking(mail: MailService, senders: list[str], made: set[str]) -> Iterator[str]:
    account = mail.account()
    if account is None:
        yield "whether SES mails anybody could not be asked: that takes ses:GetAccount"
    elif account.sandboxed:
        yield (
            "SES keeps this account in its sandbox: it mails verified recipients alone, 200 in a day; "
            "ask for production access under SES, Account dashboard"
        )
    if account is not None and account.paused:
        yield "SES has paused sending for this account: see its Account dashboard"
    for sender in senders:
        known = [mail.identity(name) for name in _covering(sender)]
        if Standing.VERIFIED in known or Standing.UNKNOWN in known:
            continue
        if made & set(_covering(sender)):
            yield f"sender {sender} is to be verified when its identity is made: see `cloud-cron outputs` and its mail"
        else:
            yield f"sender {sender} is not verified in SES, neither address nor domain: its mails wait until one is"


def _covering(sender: str) -> list[str]:
    """The identities that may speak for an address."""
    return [sender, sender.rpartition("@")[2]]


def _mailed(model: AppModel) -> list[EmailOptions]:
    """The options of every notifier that mails by SES."""
    kind = channels.find("email")
    found = [each for each in model.notifiers if each.channel == kind.name and each.enabled]
    options: list[EmailOptions] = [channels.options_of(kind, each.options) for each in found]
    return [each for each in options if each.sender and not each.smtp]
