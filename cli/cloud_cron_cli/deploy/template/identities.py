"""Identities of Amazon SES, made on request and never deleted: other stages send from them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron import channels
from cloud_cron.channels import addresses
from cloud_cron_cli.deploy.template.intrinsics import sub
from cloud_cron_cli.deploy.template.scope import Piece, logical

if TYPE_CHECKING:
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.template.scope import Scope

TOKENS: Final = 3
"""DNS records by which SES knows a domain (CloudFormation User Guide, AWS::SES::EmailIdentity, return values)."""


def wanted(model: AppModel) -> list[str]:
    """The domains and addresses that `create_identity` asks for, each once."""
    found: dict[str, None] = {}
    for notifier in model.notifiers:
        if notifier.channel != "email":
            continue
        options = channels.options_of(channels.find("email"), notifier.options)
        if options.create_identity and options.sender and not options.smtp:
            address = addresses.bare(options.sender)
            found[address if options.create_identity == "address" else address.rpartition("@")[2]] = None
    return list(found)


def logical_id(name: str) -> str:
    """The logical id of an identity."""
    return logical("Identity", name)


def made(scope: Scope) -> Piece:
    """The identities; of a domain, its DNS records as outputs, ready to be copied into its zone."""
    names = wanted(scope.model)
    resources = {
        logical_id(name): {
            "Type": "AWS::SES::EmailIdentity",
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"EmailIdentity": name, "Tags": scope.tags},
        }
        for name in names
    }
    outputs = {
        f"{logical_id(name)}Dkim{number}": {"Value": sub(_record(logical_id(name), number))}
        for name in names
        if "@" not in name
        for number in range(1, TOKENS + 1)
    }
    return Piece(resources, outputs)


def _record(own: str, number: int) -> str:
    return f"${{{own}.DkimDNSTokenName{number}}} CNAME ${{{own}.DkimDNSTokenValue{number}}}"
