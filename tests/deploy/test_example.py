"""deploy/officegate.toml.example: loads as it stands once its secrets are there, and shows every section."""

import tomllib
from pathlib import Path

import pytest

from access.config import Settings, load
from access.config.reader import setting_keys
from access.config.spellings import SPELLINGS
from tests.layering import ROOT

EXAMPLE = ROOT / "deploy" / "officegate.toml.example"
COMPANIES = ("hangang", "namsan")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The example with the files it names, in a directory of ours."""
    text = EXAMPLE.read_text("utf-8").replace("/etc/officegate", str(tmp_path))
    for company in COMPANIES:
        (tmp_path / f"{company}-ldap-password").write_text("hidden-word\n")
    (tmp_path / "partner-secret").write_text("a secret of sixteen\n")
    path = tmp_path / "officegate.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_example_is_a_good_configuration(installed):
    settings = load(installed, {})

    assert tuple(settings.organizations) == COMPANIES
    assert settings.organizations["hangang"].directory.bind_password == "hidden-word"
    assert settings.radius.auth_port == 1812


def test_what_has_a_default_stands_there_with_its_default(installed):
    settings, usual = load(installed, {}), Settings()
    sections = ("language", "state_dir", "time_zone", "audit", "worker", "enforce", "radius")

    assert [name for name in sections if getattr(settings, name) != getattr(usual, name)] == []
    assert settings.web.listen == usual.web.listen


def test_every_section_of_the_configuration_stands_in_the_example():
    document = tomllib.loads(EXAMPLE.read_text("utf-8"))
    keys = setting_keys(Settings, SPELLINGS)

    assert {key.partition(".")[0] for key in keys} == set(document)


def test_every_setting_is_at_least_named_in_the_example():
    text = EXAMPLE.read_text("utf-8")
    names = {key.rpartition(".")[2] for key in setting_keys(Settings, SPELLINGS)}

    assert {name for name in names if name not in text} == {"plaintext_allowed"}
