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
        settings.stable_attribute,
        settings.bind_dn,
        *settings.attributes,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def reading(settings: DirectorySettings) -> str:
    """Return, as text, the settings that say who is read: with others, others may vanish or be renamed."""
    parts = {
        "user_base": settings.user_base,
        "user_filter": settings.user_filter,
        "group_base": settings.group_base,
        "group_filter": settings.group_filter,
        "name_attribute": settings.name_attribute,
        "bind_dn": settings.bind_dn,
    }
    return json.dumps(parts, ensure_ascii=False)
