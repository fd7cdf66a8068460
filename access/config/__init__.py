"""The configuration: officegate.toml and OFFICEGATE_* variables, read and checked whole at start. ◆"""

from access.config.checks import sqlite_file
from access.config.loading import DEFAULT_FILE, ConfigErrors, load, parse
from access.config.values import (
    AuditSettings,
    AuthoritySettings,
    DatabaseSettings,
    EnforceSettings,
    HomeServerSettings,
    HostPort,
    KeySettings,
    Language,
    OrganizationSettings,
    RadiusSettings,
    RealmSettings,
    RoleSettings,
    Settings,
    TlsVersion,
    WebSettings,
    WorkerSettings,
)

__all__ = [
    "DEFAULT_FILE",
    "AuditSettings",
    "AuthoritySettings",
    "ConfigErrors",
    "DatabaseSettings",
    "EnforceSettings",
    "HomeServerSettings",
    "HostPort",
    "KeySettings",
    "Language",
    "OrganizationSettings",
    "RadiusSettings",
    "RealmSettings",
    "RoleSettings",
    "Settings",
    "TlsVersion",
    "WebSettings",
    "WorkerSettings",
    "load",
    "parse",
    "sqlite_file",
]
