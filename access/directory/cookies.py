"""What a kept position belongs to: with other searches it means nothing."""

import hashlib
import json

from access.directory.settings import DirectorySettings


def fingerprint(settings: DirectorySettings) -> str:
    """Return what changes with the searches or the server."""
    parts = (
        settings.url,
        settings.user_base,
        settings.user_filter,
        settings.group_base,
        settings.group_filter,
        settings.name_attribute,
        settings.bind_dn,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
