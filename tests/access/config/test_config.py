import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from access.config import ConfigErrors, HostPort, Language, Settings, load, parse
from access.config.reader import setting_keys
from access.config.spellings import SPELLINGS
from access.directory.settings import Sync, Tls
from tests.layering import ROOT

DIRECTORY = {
    "url": "ldap://ldap.hangang.example",
    "user_base": "ou=people,dc=hangang,dc=example",
    "group_base": "ou=groups,dc=hangang,dc=example",
}
OFFICE: dict[str, Any] = {
    "organizations": {"hangang": {"name": "한강전자", "realm": "hangang.example", "directory": DIRECTORY}}
}


def office(changes: Mapping[str, object]) -> dict[str, Any]:
    """The smallest good configuration, with changes by dotted key."""
    document = deepcopy(OFFICE)
    for key, value in changes.items():
        *path, last = key.split("/")
        table = document
        for part in path:
            table = table.setdefault(part, {})
        table[last] = value
    return document


def settings_of(changes: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Settings:
    return parse(office(changes), environ or {})


def mistakes_of(changes: Mapping[str, object], environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Key to the whole line about it."""
    with pytest.raises(ConfigErrors) as caught:
        parse(office(changes), environ or {}, "gate.toml")
    lines = str(caught.value).splitlines()
    return dict(zip(sorted(mistake.key for mistake in caught.value.mistakes), lines, strict=True))


HANGANG = "organizations/hangang/"
CORPORATE = "radius/authorities/corporate"
# The certificate may be any file: what is in it is read by those who use it.
CORPORATION = {"organization": "hangang", "certificate": __file__, "crl": "/var/lib/pki/list.crl"}
LDAP = HANGANG + "directory/"


@pytest.mark.parametrize("page", ["connecting-active-directory.md", "connecting-openldap.md"])
def test_the_configuration_that_a_page_shows_is_a_right_one(page: str, tmp_path: Path):
    text = (ROOT / "docs" / page).read_text("utf-8")
    secret = tmp_path / "ldap-password"
    secret.write_text("secret")
    document: dict[str, Any] = {}
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        company = tomllib.loads(block)["organizations"]["hangang"]
        document |= {key: value for key, value in company.items() if key != "directory"}
        document["directory"] = document.get("directory", {}) | company["directory"]
    document["directory"] |= {"bind_password_file": str(secret)}

    settings = parse({"organizations": {"hangang": document}}, {})

    assert settings.organizations["hangang"].directory.bind_password == "secret"


def test_a_company_is_enough_and_everything_else_has_a_safe_default():
    settings = settings_of({})

    assert settings.language is Language.KOREAN
    assert settings.database.url == "sqlite:////var/lib/officegate/database/officegate.sqlite"
    assert settings.radius.listen == (ip_address("127.0.0.1"),)
    assert settings.web.listen == HostPort("127.0.0.1", 8080)
    assert settings.time_zone.key == "Asia/Seoul"
    assert settings.organizations["hangang"].directory.tls is Tls.STARTTLS
    assert not settings.organizations["hangang"].directory.plaintext_allowed


def test_every_kind_of_setting_is_read():
    settings = settings_of(
        {
            "language": "en",
            "state_dir": "/srv/gate",
            "time_zone": "Europe/Berlin",
            "web/listen": "[::1]:8443",
            "radius/listen": "::",
            "radius/workers": 4,
            "radius/reject_delay_s": 2,
            "roles/admin": ["hangang/it-admins"],
            LDAP + "sync": "poll",
            LDAP + "plaintext_allowed": True,
        }
    )

    assert settings.language is Language.ENGLISH
    assert settings.database.url == "sqlite:////srv/gate/database/officegate.sqlite"
    assert settings.time_zone.key == "Europe/Berlin"
    assert str(settings.web.listen) == "[::1]:8443"
    assert settings.radius.listen == (ip_address("::"),)
    assert settings.radius.reject_delay_s == 2.0
    assert settings.roles.admin == ("hangang/it-admins",)
    assert settings.organizations["hangang"].directory.sync is Sync.POLL


def test_radius_listens_at_several_addresses_of_both_families():
    wanted = (ip_address("127.0.0.1"), ip_address("2001:db8::5"))

    assert settings_of({"radius/listen": ["127.0.0.1", "2001:db8::5"]}).radius.listen == wanted
    environ = {"OFFICEGATE_RADIUS__LISTEN": "127.0.0.1, 2001:db8::5"}
    assert parse(office({}), environ, "gate.toml").radius.listen == wanted


def test_an_ldaps_address_needs_no_second_word_about_tls():
    assert settings_of({LDAP + "url": "ldaps://ldap"}).organizations["hangang"].directory.tls is Tls.LDAPS


def test_all_mistakes_are_reported_at_once_each_with_its_place_and_its_remedy():
    found = mistakes_of(
        {
            "lanugage": "ko",
            "radius/auth_port": "1812",
            "radius/acct_port": 70000,
            "web/listen": "8080",
            "roles/admin": ["namsan/admins"],
            HANGANG + "realm": "Hangang Example",
            LDAP + "user_base": "people",
        }
    )

    assert set(found) == {
        "lanugage",
        "radius.auth_port",
        "radius.acct_port",
        "web.listen",
        "organizations.hangang.realm",
        "organizations.hangang.directory.user_base",
        "roles.admin",
    }
    assert found["lanugage"] == "gate.toml: lanugage is no setting; right would be: did you mean language?"
    assert found["radius.auth_port"] == (
        "gate.toml: radius.auth_port is '1812'; right would be: a whole number, like 10"
    )
    assert found["radius.acct_port"].endswith("is 70000; right would be: a number from 0 to 65535")


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("radius/auth_port", True, "a whole number"),
        ("radius/reject_delay_s", float("nan"), "a number"),
        ("radius/reject_delay_s", -1, "from 0 to 5"),
        ("radius/interim_interval_s", 59, "at least 60"),
        ("radius/listen", "localhost", "an IP address"),
        ("radius/listen", ["127.0.0.1", "localhost"], "or a list of them"),
        ("radius/listen", ["::1", 7], "or a list of them"),
        ("radius/listen", [], "like"),
        ("radius/listen", ["::1", "0:0::1"], "like"),
        ("state_dir", "var", "an absolute path"),
        ("time_zone", "Seoul", "a time zone"),
        ("time_zone", "../etc/passwd", "a time zone"),
        ("language", "fr", '"ko" or "en"'),
        ("web/listen", "::1:8080", "an address and a port"),
        ("web/listen", "127.0.0.1:99999", "an address and a port"),
        ("web/public_url", "gate.example", "https://"),
        ("web", "127.0.0.1:8080", "a table"),
        ("organizations", "hangang", "tables"),
        ("organizations", {}, "write [organizations.NAME]"),
        ("roles/admin", "hangang/it-admins", "a list of texts"),
        ("roles/phishing_resistant", ["admin"], 'a web.public_url like "https://'),
        ("roles/phishing_resistant", ["employee"], 'some of "admin"'),
        ("roles/phishing_resistant", ["king"], "a list of texts"),
        ("roles/admin", ["it-admins"], '"ORGANIZATION/GROUP"'),
        ("database/url", "mysql://x/y", "postgresql+psycopg://"),
        ("database/url", "sqlite:///gate.sqlite", "sqlite:////"),
        ("database/url", "postgresql+psycopg://db", "postgresql+psycopg://USER@HOST/NAME"),
        ("worker/broker", "sqla+sqlite:///x", '"filesystem"'),
        (HANGANG + "realm", "hangang example", "what follows the @"),
        (HANGANG + "name", " ", "the company's name"),
        (LDAP + "url", "http://ldap", '"ldap://HOST"'),
        (LDAP + "tls", "tls", '"none" or "starttls" or "ldaps"'),
        (LDAP + "tls", "ldaps", '"ldaps" with ldaps:// and only there'),
        (LDAP + "tls", "none", "plaintext_allowed = true"),
        (LDAP + "user_filter", "objectClass=person", "in its parentheses"),
        (LDAP + "group_base", "", "a DN"),
        (LDAP + "kind", "novell", '"auto" or "openldap" or "active-directory"'),
        (LDAP + "fallback_urls", ["dc2.hangang.example"], '"ldap://HOST"'),
        (LDAP + "sync", "push", '"auto" or "syncrepl" or "poll"'),
    ],
)
def test_a_wrong_value_is_refused_and_the_right_one_is_named(key: str, value: object, right: str):
    found = mistakes_of({key: value})

    assert list(found) == [key.replace("/", ".")]
    assert right in found[key.replace("/", ".")]


def realm(**changes: object) -> dict[str, object]:
    server = {"address": "192.0.2.10", "secret": "a secret of sixteen"}
    return {"realms": {"partner": {"names": ["partner.example"], "servers": {"first": server}} | changes}}


def server(**changes: object) -> dict[str, object]:
    described = {"address": "192.0.2.10", "secret": "a secret of sixteen"} | changes
    return realm(servers={"first": described})


@pytest.mark.parametrize(
    ("changes", "key", "right"),
    [
        (realm(names=[]), "partner.names", "names, users or groups"),
        (realm(names=["not a realm"]), "partner.names", "behind the @"),
        (realm(names=["HANGANG"]), "partner.names", "another name"),
        (realm(names=["hangang.example"]), "partner.names", "another name"),
        (realm(users=["kim"]), "partner.users", "kim@hangang"),
        (realm(groups=["elsewhere/all"]), "partner.groups", "hangang/not-moved"),
        (realm(gives=["everything"]), "partner.gives", "vlan"),
        (realm(servers={}), "partner.servers", "servers.NAME"),
        (server(secret="short"), "partner.servers.first.secret", "12 characters"),
        (server(transport="radsec"), "partner.servers.first.certificate", "SHA-256"),
        (
            server(transport="radsec", certificate="radius.partner.example"),
            "partner.servers.first.certificate",
            "radius.radsec_authority",
        ),
        (server(address="127.0.0.1"), "partner.servers.first.address", "knows these people"),
        (server(address="partner"), "partner.servers.first.address", "an IP address"),
    ],
)
def test_a_realm_that_cannot_be_asked_is_refused(changes: dict[str, object], key: str, right: str):
    found = mistakes_of(changes)

    assert right in found[f"realms.{key}"]


@pytest.mark.parametrize(
    "changes",
    [
        realm(),
        realm(names=[], groups=["hangang/not-moved"], gives=["vlan"], order="balance"),
        server(address="127.0.0.1", port=2812),
        server(transport="radsec", certificate="ab" * 32, secret=""),
    ],
)
def test_a_realm_that_can_be_asked_is_allowed(changes: dict[str, object]):
    assert settings_of(changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({LDAP + "mschap": []}, '["none"] alone'),
        ({LDAP + "attributes": ["department", "userPassword"]}, "what rules are written about"),
        ({LDAP + "attributes": ["department", "Department"]}, "each once"),
        ({LDAP + "attributes": ["*"]}, "names of attributes"),
        ({LDAP + "mschap": ["none", "ntlm_auth"], LDAP + "ntlm_domain": "H"}, '["none"] alone'),
        ({LDAP + "mschap": ["ldap"]}, "sambaNTPassword"),
        ({LDAP + "mschap": ["ntlm_auth"]}, "the domain's short name"),
        ({LDAP + "ntlm_domain": "HANGANG"}, "one with the other"),
        (
            {
                LDAP + "mschap": ["ntlm_auth"],
                LDAP + "ntlm_domain": "HANGANG",
                LDAP + "name_attribute": "userPrincipalName",
            },
            '"sAMAccountName"',
        ),
        ({LDAP + "mschap": ["network-password", "network-password"]}, "each once"),
        ({LDAP + "mschap": ["sambaNTPassword", "ntlm_auth"], LDAP + "ntlm_domain": "H"}, "one of them"),
        (
            {LDAP + "mschap": ["sambaNTPassword"], LDAP + "bind_dn": "", LDAP + "bind_password": ""},
            "an account that may read it",
        ),
        (
            {LDAP + "mschap": ["sambaNTPassword"], LDAP + "tls": "none", LDAP + "plaintext_allowed": True},
            "as good as the password",
        ),
    ],
)
def test_hashes_that_could_not_be_compared_are_refused_with_the_reason(changes, said):
    with pytest.raises(ConfigErrors, match=re.escape(said)):
        settings_of(changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({LDAP + "kind": "active-directory"}, "of the domain"),
        (
            {LDAP + "fallback_urls": ["ldap://dc2.hangang.example"], LDAP + "url": "ldap://127.0.0.1"},
            "in clear",
        ),
    ],
)
def test_passwords_in_clear_are_refused_for_every_server(changes, said):
    allowed = {LDAP + "plaintext_allowed": True} if LDAP + "kind" in changes else {}

    with pytest.raises(ConfigErrors, match=said):
        settings_of({LDAP + "tls": "none"} | allowed | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {LDAP + "mschap": ["network-password", "ntlm_auth"], LDAP + "ntlm_domain": "HANGANG"},
        {LDAP + "mschap": ["sambaNTPassword"], LDAP + "bind_dn": "cn=x", LDAP + "bind_password": "y"},
        {LDAP + "mschap": ["none"]},
        {LDAP + "tls": "none", LDAP + "url": "ldap://127.0.0.1:3890"},
        {LDAP + "tls": "none", LDAP + "plaintext_allowed": True},
        {"web/listen": "0.0.0.0:80"},
        {"radius/certificate": "", "radius/private_key": ""},
        {"radius/auth_port": 0, "radius/acct_port": 0},
        {"worker/broker": "redis://cache:6379/0"},
        {"database/url": "postgresql+psycopg://gate@db/gate"},
    ],
)
def test_what_stands_beside_the_refused_is_allowed(changes: dict[str, object]):
    assert settings_of(changes)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"keys/file": "/var/lib/officegate/database/keys"}, "keys.file"),
        ({"audit/heads_dir": "/var/lib/officegate/database/heads"}, "audit.heads_dir"),
        ({"database/url": "sqlite:////etc/officegate/gate.sqlite"}, "keys.file"),
        ({"head_office": "namsan"}, "head_office"),
        ({"radius/acct_port": 1812}, "radius.acct_port"),
        ({"radius/certificate": "/etc/gate.pem"}, "radius.private_key"),
        (
            {CORPORATE: CORPORATION | {"certificate": "/nowhere/ca.pem"}},
            "radius.authorities.corporate.certificate",
        ),
        ({CORPORATE: CORPORATION | {"organization": "namsan"}}, "radius.authorities.corporate.organization"),
        ({CORPORATE: CORPORATION | {"crl": "list.crl"}}, "radius.authorities.corporate.crl"),
        ({CORPORATE: CORPORATION | {"revocation": "ocsp"}}, "radius.authorities.corporate.ocsp"),
        ({CORPORATE: CORPORATION | {"revocation": "perhaps"}}, "radius.authorities.corporate.revocation"),
        ({"radius/authorities/hangang-2": CORPORATION}, "radius.authorities.hangang-2"),
        ({"radius/dictionaries": ["dictionary.own"]}, "radius.dictionaries"),
        ({"radius/dictionaries": ["/nowhere/dictionary.own"]}, "radius.dictionaries"),
        ({"radius/tls_lowest": "1.3", "radius/tls_highest": "1.2"}, "radius.tls_lowest"),
        ({"web/private_key": "/etc/gate.key"}, "web.certificate"),
        ({LDAP + "bind_dn": "cn=gate"}, "organizations.hangang.directory.bind_password"),
        ({LDAP + "bind_password": "x"}, "organizations.hangang.directory.bind_dn"),
        (
            {"organizations/Namsan Soft": {"name": "남산", "realm": "n.example", "directory": DIRECTORY}},
            "organizations.Namsan Soft",
        ),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(changes: dict[str, object], key: str):
    assert list(mistakes_of(changes)) == [key]


def test_an_authority_of_others_is_strict_unless_told_otherwise():
    corporate = settings_of({CORPORATE: CORPORATION}).radius.authorities["corporate"]

    assert (corporate.mapping, corporate.revocation, corporate.when_unknown) == ("upn", "crl", "refuse")
    assert corporate.longest_age_h == 168.0


def test_each_mistake_in_a_dictionary_is_told_with_its_file_and_line(tmp_path: Path):
    own = tmp_path / "dictionary.own"
    own.write_text("ATTRIBUTE Own-Role 250 text\n\nVALUE Own-Rule High 7\n")

    with pytest.raises(ConfigErrors) as caught:
        settings_of({"radius/dictionaries": [str(own)]})

    assert f"{own}:1: there is no type text" in str(caught.value)
    assert f"{own}:3: no dictionary defines Own-Rule" in str(caught.value)


def test_each_mistake_in_the_table_of_countries_is_told_with_its_line(tmp_path: Path):
    table = tmp_path / "countries.csv"
    table.write_text("203.0.113.0/24,KR\n203.0.113.0/24,JP\nKorea\n")

    with pytest.raises(ConfigErrors) as caught:
        settings_of({"policy/countries_file": str(table)})

    assert "line 2: 203.0.113.0/24 is JP here and KR on line 1" in str(caught.value)
    assert "line 3: 'Korea' is not network,country" in str(caught.value)


@pytest.mark.parametrize("path", ["countries.csv", "/nowhere/countries.csv"])
def test_a_table_of_countries_that_cannot_be_read_is_a_mistake(path: str):
    with pytest.raises(ConfigErrors) as caught:
        settings_of({"policy/countries_file": path})

    assert "policy.countries_file" in str(caught.value)


def test_two_companies_cannot_share_a_realm():
    namsan = {"name": "남산소프트", "realm": "hangang.example", "directory": DIRECTORY}

    assert set(mistakes_of({"organizations/namsan": namsan})) == {
        "organizations.hangang.realm",
        "organizations.namsan.realm",
    }


def test_a_missing_setting_is_named():
    document = {"organizations": {"hangang": {"name": "한강전자"}}}

    with pytest.raises(ConfigErrors) as caught:
        parse(document, {})

    missing = {mistake.key for mistake in caught.value.mistakes if mistake.wrong == "is missing"}
    assert missing == {
        "organizations.hangang.realm",
        "organizations.hangang.directory.url",
        "organizations.hangang.directory.user_base",
        "organizations.hangang.directory.group_base",
    }


def test_one_mistake_does_not_breed_others():
    found = mistakes_of({LDAP + "tls": "ldap", LDAP + "url": "ldaps://ldap"})

    assert list(found) == ["organizations.hangang.directory.tls"]


def test_a_variable_overrides_the_file_whatever_its_type():
    environ = {
        "OFFICEGATE_RADIUS__AUTH_PORT": "18120",
        "OFFICEGATE_LANGUAGE": "en",
        "OFFICEGATE_ORGANIZATIONS__HANGANG__DIRECTORY__PLAINTEXT_ALLOWED": "true",
        "OFFICEGATE_ROLES__ADMIN": "hangang/it-admins, hangang/ops",
        "OFFICEGATE_STATE_DIR": "/srv/gate",
        "HOME": "/root",
    }
    settings = settings_of({"radius/auth_port": 1, "radius/acct_port": 2}, environ)

    assert settings.radius.auth_port == 18120
    assert settings.radius.acct_port == 2
    assert settings.language is Language.ENGLISH
    assert settings.organizations["hangang"].directory.plaintext_allowed
    assert settings.roles.admin == ("hangang/it-admins", "hangang/ops")
    assert settings.state_dir == Path("/srv/gate")


def test_a_variable_reaches_a_company_with_a_hyphen():
    environ = {"OFFICEGATE_ORGANIZATIONS__HAN_GANG__LANGUAGE": "en"}
    document = {"organizations": {"han-gang": OFFICE["organizations"]["hangang"]}}

    assert parse(document, environ).organizations["han-gang"].language is Language.ENGLISH


def test_a_mistake_in_a_variable_names_the_variable():
    found = mistakes_of({}, {"OFFICEGATE_RADIUS__AUTH_PORT": "many", "OFFICEGATE_RADIUS__AUHT_PORT": "1"})

    assert found["radius.auth_port"].startswith("variable OFFICEGATE_RADIUS__AUTH_PORT: ")
    assert "did you mean auth_port?" in found["radius.auht_port"]


def test_variables_that_are_no_settings_are_left_alone():
    environ = {"OFFICEGATE_CONFIG": "/x", "OFFICEGATE_TEST_NOSKIP": "1", "OFFICEGATE_SUPERVISOR": "7"}

    assert settings_of({}, environ | {"OFFICEGATE_PROCESS": "web"})


def test_a_secret_comes_from_a_file_and_is_never_shown(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("hidden-word\nnot this\n")
    settings = settings_of({LDAP + "bind_dn": "cn=gate", LDAP + "bind_password_file": str(secret)})

    assert settings.organizations["hangang"].directory.bind_password == "hidden-word"
    assert "hidden-word" not in repr(settings)


def test_a_database_password_is_never_shown():
    settings = settings_of({"database/url": "postgresql+psycopg://gate:hidden-word@db/gate"})

    assert "hidden-word" not in repr(settings)


@pytest.mark.parametrize("value", [5, ["hidden-word"], "mysql://gate:hidden-word@db/gate"])
def test_a_mistake_in_a_secret_does_not_show_it(value: object):
    found = mistakes_of({"database/url": value})

    assert "hidden-word" not in found["database.url"]


def test_a_secret_file_that_cannot_be_read_is_a_mistake():
    found = mistakes_of({LDAP + "bind_dn": "cn=gate", LDAP + "bind_password_file": "/nowhere/secret"})

    assert "No such file" in found["organizations.hangang.directory.bind_password_file"]


def test_a_secret_given_twice_is_a_mistake():
    found = mistakes_of(
        {LDAP + "bind_dn": "c=g", LDAP + "bind_password": "a", LDAP + "bind_password_file": "/b"}
    )

    assert "is given twice" in found["organizations.hangang.directory.bind_password"]


def test_a_file_that_is_not_there_says_how_to_name_another(tmp_path: Path):
    with pytest.raises(ConfigErrors, match=r"No such file.*--config"):
        load(tmp_path / "absent.toml", {})


def test_a_file_that_is_not_toml_says_where(tmp_path: Path):
    (tmp_path / "gate.toml").write_text("language = ko\n")

    with pytest.raises(ConfigErrors, match="line 1"):
        load(tmp_path / "gate.toml", {})


def test_a_file_is_read_with_the_environment_over_it(tmp_path: Path):
    (tmp_path / "gate.toml").write_text(
        """
        language = "ko"
        [organizations.hangang]
        name = "한강전자"
        realm = "hangang.example"
        [organizations.hangang.directory]
        url = "ldaps://ldap.hangang.example"
        user_base = "ou=people,dc=hangang,dc=example"
        group_base = "ou=groups,dc=hangang,dc=example"
        """,
        "utf-8",
    )

    settings = load(tmp_path / "gate.toml", {"OFFICEGATE_LANGUAGE": "en"})

    assert settings.organizations["hangang"].name == "한강전자"
    assert settings.language is Language.ENGLISH


@pytest.mark.parametrize("key", setting_keys(Settings, SPELLINGS))
def test_every_setting_stands_in_the_docs(key: str):
    documentation = (ROOT / "docs" / "configuration.md").read_text("utf-8")

    assert f"| `{key}` |" in documentation


def test_a_company_without_a_name_hides_no_other_mistake():
    document = {
        "organizations": {
            "hangang": {
                "realm": "hangang.example",
                "directory": {"url": "ldap://10.0.0.1", "user_base": "people", "group_base": "ou=g,dc=h"},
            }
        },
        "radius": {"auth_port": "1812", "private_key": "/etc/officegate/eap.key"},
        "roles": {"admin": ["it-admins"]},
    }

    with pytest.raises(ConfigErrors) as caught:
        parse(document, {})

    assert {mistake.key for mistake in caught.value.mistakes} == {
        "organizations.hangang.name",
        "organizations.hangang.directory.user_base",
        "radius.auth_port",
        "radius.certificate",
        "roles.admin",
    }


MORE = HANGANG + "more_directories/"
ANOTHER = {"url": "ldaps://two.example", "user_base": "ou=people,dc=two", "group_base": "ou=groups,dc=two"}


def test_an_organization_has_as_many_directories_as_are_written_and_the_first_is_main():
    hangang = settings_of({MORE + "contractors": ANOTHER}).organizations["hangang"]

    assert list(hangang.directories) == ["main", "contractors"]
    assert hangang.directories["main"] is hangang.directory
    assert hangang.directories["contractors"].tls is Tls.LDAPS


@pytest.mark.parametrize(
    ("name", "changes", "place", "right"),
    [
        ("main", {}, "", "another name"),
        ("Contractors", {}, "", "small letters"),
        ("two/three", {}, "", "small letters"),
        ("contractors", {"user_base": "people"}, ".user_base", "a DN"),
        ("contractors", {"url": "two.example"}, ".url", "ldaps://HOST"),
        ("contractors", {"lockout_failures": 1}, ".lockout_failures", "3 and more"),
    ],
)
def test_a_mistake_in_another_directory_is_told_at_its_place(name, changes, place, right):
    document = office({})
    document["organizations"]["hangang"]["more_directories"] = {name: ANOTHER | changes}
    with pytest.raises(ConfigErrors) as caught:
        parse(document, {}, "gate.toml")

    wrong = {mistake.key: mistake.right for mistake in caught.value.mistakes}
    assert right in wrong[f"organizations.hangang.more_directories.{name}{place}"]


def test_the_same_people_are_not_read_twice():
    twice = {MORE + "one": ANOTHER, MORE + "two": ANOTHER | {"url": "LDAPS://two.example/"}}
    apart = {MORE + "one": ANOTHER, MORE + "two": ANOTHER | {"user_base": "ou=guests,dc=two"}}

    assert "those of one" in mistakes_of(twice)["organizations.hangang.more_directories.two.url"]
    assert len(settings_of(apart).organizations["hangang"].directories) == 3


def test_what_must_go_on_is_refused_last():
    wrong = {"radius/staleness_basic_s": 59}

    assert "60 or more, as staleness_s" in mistakes_of(wrong)["radius.staleness_basic_s"]
