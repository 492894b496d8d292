"""Which files look like secrets: by their names, or by how their contents begin.

An image is read by whoever may pull it, and kept for months: a secret belongs into Secrets Manager or Parameter Store.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD: Final = 64 << 10
"""How many bytes of a file are looked at."""

_NAMES: Final = (
    *(".env", ".env.*", "*.env", ".envrc"),
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "*.key", "*.pem", "*.p12", "*.pfx", "*.ppk", "*.jks", "*.keystore"),
    *("credentials", "credentials.json", "client_secret*.json", "secrets.json", "secrets.toml", "secrets.y*ml"),
    *(".netrc", ".pgpass", ".pypirc", ".npmrc", ".htpasswd", ".git-credentials", ".dockercfg"),
    *("*.kdbx", "*.tfstate", "*.tfvars"),
)
_EXAMPLES: Final = r"\.(?:dist|example|sample|template)$"
_ANY: Final = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in _NAMES))
_BLOCK: Final = rb"-----BEGIN ([A-Z0-9 ]+)-----"
_PUBLIC: Final = frozenset({b"CERTIFICATE", b"PUBLIC KEY", b"RSA PUBLIC KEY", b"TRUSTED CERTIFICATE", b"X509 CRL"})
_PRIVATE: Final = re.compile(rb"\s*(?:-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File)")
_AWS: Final = (
    rb"(?i:aws_?secret_?(?:access_?)?key|secret_?access_?key)[\"'\s]*[:=]\s*[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
)
_PASSWORD: Final = re.compile(rb"https?://(?:[^/\s:@]*:[^/\s@${<*\"']+|[A-Za-z0-9_-]{20,})@")
_LISTS: Final = (".txt", ".in", ".toml", ".conf", ".ini", ".cfg", ".lock")
"""How files end that say from where packages come."""


def suspicion(name: str, data: bytes) -> str | None:
    """Why a file of this name that begins so looks like a secret, in words; None when it does not."""
    if _PRIVATE.match(data):
        return "it is a private key"
    if b'"private_key"' in data and b"PRIVATE KEY-----" in data and name.endswith(".json"):
        return "it holds a private key, as the file of a service account does"
    if (b"ecret" in data or b"ECRET" in data) and any(b"EXAMPLE" not in found for found in re.findall(_AWS, data)):
        return "it holds an access key of AWS"
    if name.endswith(_LISTS) and holds_password(data):
        return "it holds a password in an address"
    if _ANY.fullmatch(name.lower()) and not re.search(_EXAMPLES, name) and not _is_public(data):
        return "by its name"
    return None


def holds_password(data: bytes) -> bool:
    """Whether an address in it names a password, or a token in the place of a user; `${NAME}` is none."""
    return bool(_PASSWORD.search(data))


def is_meant(path: str, include: Sequence[str]) -> bool:
    """Whether the configuration says that this file is no secret."""
    return any(path == name or fnmatchcase(path, name) for name in include)


def _is_public(data: bytes) -> bool:
    """Whether there is nothing in it but certificates and public keys."""
    blocks = re.findall(_BLOCK, data)
    return bool(blocks) and all(block in _PUBLIC for block in blocks)
