"""Which authorities are trusted: the system's, and those of the files that are commonly named."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from cloud_cron.errors import ImageError


def context() -> ssl.SSLContext:
    """Certificates and names are checked; SSL_CERT_FILE is OpenSSL's own, REQUESTS_CA_BUNDLE adds a file or folder.

    `ImageError` CC875 for a file that cannot be read.
    """
    made = ssl.create_default_context()
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle:
        try:
            made.load_verify_locations(**{"capath" if Path(bundle).is_dir() else "cafile": bundle})
        except OSError as error:
            hint = "REQUESTS_CA_BUNDLE must name a file of certificates in PEM form"
            raise ImageError("CC875", f"{bundle} cannot be read: {error}", hint=hint) from error
    return made
