"""A small installation in a directory of its own, for tests that start from a configuration file."""

from pathlib import Path

TEMPLATE = """
state_dir = "{directory}/state"
[database]
url = "{url}"
[keys]
file = "{directory}/keys/keys"
[audit]
heads_dir = "{directory}/heads"
[radius]
auth_port = {auth_port}
acct_port = {acct_port}
[web]
listen = "127.0.0.1:{web_port}"
[organizations.hangang]
name = "한강전자"
realm = "hangang.example"
[organizations.hangang.directory]
url = "{ldap_url}"
tls = "none"
bind_dn = "{bind_dn}"
bind_password = "{bind_password}"
user_base = "ou=people,dc=hangang,dc=example"
group_base = "ou=groups,dc=hangang,dc=example"
[roles]
admin = ["hangang/it-admins"]
"""

DEFAULTS = {
    "auth_port": 0,
    "acct_port": 0,
    "web_port": 0,
    "ldap_url": "ldap://127.0.0.1:9",
    "bind_dn": "",
    "bind_password": "",
}


def write_config(directory: Path, url: str = "", **changes: object) -> Path:
    """The path of a good configuration; without a url it has SQLite in the directory."""
    path = directory / "officegate.toml"
    values = (
        DEFAULTS | {"directory": directory, "url": url or f"sqlite:///{directory}/db/gate.sqlite"} | changes
    )
    path.write_text(TEMPLATE.format(**values), "utf-8")
    return path
