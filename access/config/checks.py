"""What has to fit together in a configuration whose settings are right one by one. ◆"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from access.certificates.external import RevocationBy
from access.config.reader import Mistake
from access.config.realm_checks import check_realms
from access.config.values import MailSettings, OrganizationSettings, Settings, SyslogSettings
from access.countries import BadCountries, parse
from access.directory.entries import PRINCIPAL_NAME
from access.directory.kept import SECRET
from access.directory.mschap import Source
from access.directory.settings import DirectorySettings, Kind, Tls, is_loopback
from access.model import MAIN, Role
from access.post.mail_security import Security
from access.proof.passkey import relying_party
from radius.dictionary_files import BadDictionary
from radius.dictionary_files import load as load_dictionaries

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,62}")
_REALM = re.compile(r"[a-z0-9]([a-z0-9.-]{0,198}[a-z0-9])?")
_ADDRESS = re.compile(r"https?://\S+")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LIST = re.compile(r"(https?://|/)\S+")
# One wrong password for strangers, one for the owner, and the third would lock.
LEAST_LOCKOUT = 3
_BROKERS = ("redis://", "rediss://", "amqp://", "amqps://")

# RFC 2869 section 5.16.
SHORTEST_INTERIM_S = 60


def check(settings: Settings, earlier: Sequence[Mistake]) -> Iterator[Mistake]:
    """What does not fit; nothing that may only follow from a mistake that was found earlier."""
    broken = {mistake.key.removesuffix("_file") for mistake in earlier}
    tables = broken | {_table_of(key) for key in broken}
    for rule, looks_at in _RULES:
        if tables.isdisjoint(looks_at):
            yield from (mistake for mistake in rule(settings) if mistake.key not in broken)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address; None for a server's."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _table_of(key: str) -> str:
    return key.rpartition(".")[0]


def _database(settings: Settings) -> Iterator[Mistake]:
    url = settings.database.url
    right = (
        '"sqlite:////var/lib/officegate/database/officegate.sqlite" or "postgresql+psycopg://USER@HOST/NAME"'
    )
    parts = urlsplit(url)
    if url.startswith("sqlite:"):
        file = sqlite_file(url)
        if file is None or not file.is_absolute() or not file.name:
            yield Mistake("database.url", "names no file by its absolute path (four slashes)", right)
    elif url and (parts.scheme != "postgresql+psycopg" or len(parts.path) < 2):
        yield Mistake("database.url", "is neither SQLite nor PostgreSQL through psycopg", right)


def _files_apart(settings: Settings) -> Iterator[Mistake]:
    """A copy of the database must not carry the keys to it, nor the proof against it."""
    file = (
        sqlite_file(settings.database.url) if settings.database.url else settings.state_dir / "database" / "-"
    )
    if file is None:
        return
    for key, path in (("keys.file", settings.keys.file), ("audit.heads_dir", settings.audit.heads_dir)):
        if path.is_relative_to(file.parent):
            yield Mistake(
                key,
                f"lies in the database's directory {file.parent}",
                "a path outside of it, like its default",
            )


def _web(settings: Settings) -> Iterator[Mistake]:
    web = settings.web
    yield from _both("web", web.certificate, web.private_key)
    url = urlsplit(web.public_url)
    if web.public_url and (url.scheme not in ("http", "https") or not url.hostname):
        yield Mistake("web.public_url", f"is {web.public_url!r}", 'like "https://gate.hangang.example"')


def _syslog(settings: Settings) -> Iterator[Mistake]:
    syslog = settings.audit.syslog
    yield from _both("audit.syslog", syslog.certificate, syslog.private_key)
    if syslog.server is None and syslog != SyslogSettings():
        yield Mistake("audit.syslog.server", "is missing", 'like "logs.hangang.example:6514"')


def _mail(settings: Settings) -> Iterator[Mistake]:
    mail = settings.mail
    if mail.server is None:
        if mail != MailSettings():
            yield Mistake("mail.server", "is missing", 'like "mail.hangang.example:587"')
        return
    if not _MAIL.fullmatch(mail.sender):
        yield Mistake("mail.sender", f"is {mail.sender!r}", 'like "officegate@hangang.example"')
    if mail.security is Security.NONE and mail.user:
        yield Mistake("mail.security", "sends the password of mail.user in clear", '"starttls" or "tls"')
    if mail.security is Security.NONE and not is_loopback(mail.server.host):
        yield Mistake("mail.security", 'is "none" to another machine', '"starttls" or "tls"')


def _radius(settings: Settings) -> Iterator[Mistake]:
    radius = settings.radius
    if 0 < radius.interim_interval_s < SHORTEST_INTERIM_S:
        yield Mistake(
            "radius.interim_interval_s",
            f"is {radius.interim_interval_s} s",
            "600, at least 60, or 0 for none",
        )
    if not radius.listen or len(set(radius.listen)) < len(radius.listen):
        yield Mistake("radius.listen", "names no address, or one twice", 'like ["10.0.0.5", "2001:db8::5"]')
    yield from _both("radius", radius.certificate, radius.private_key)
    if radius.auth_port and radius.auth_port == radius.acct_port:
        yield Mistake(
            "radius.acct_port", f"is {radius.acct_port}, as auth_port is", "another port, like 1813"
        )
    if radius.tls_lowest > radius.tls_highest:
        yield Mistake("radius.tls_lowest", f"is above tls_highest, {radius.tls_highest}", "not above it")
    if radius.staleness_basic_s < radius.staleness_s:
        yield Mistake(
            "radius.staleness_basic_s",
            f"is {radius.staleness_basic_s:g} s, so that wires without a code were refused before the VPN",
            f"{radius.staleness_s:g} or more, as staleness_s",
        )
    yield from _dictionaries(radius.dictionaries)
    if (radius.radsec_certificate is None) != (radius.radsec_private_key is None):
        absent = "radsec_private_key" if radius.radsec_private_key is None else "radsec_certificate"
        yield Mistake(f"radius.{absent}", "is missing", "a certificate and its private key, or neither")
    authority = radius.radsec_authority
    if authority is not None and not authority.is_file():
        yield Mistake(
            "radius.radsec_authority",
            f"is {str(authority)!r}, where no file is",
            "a PEM file of the authority that signs the certificates of NASes, or none",
        )


def _authorities(settings: Settings) -> Iterator[Mistake]:
    for name, authority in settings.radius.authorities.items():
        place = f"radius.authorities.{name}"
        if not _KEY.fullmatch(name) or any(_like_ours(name, key) for key in settings.organizations):
            yield Mistake(place, "cannot be called that", "small letters, not an organization's short name")
        if authority.organization not in settings.organizations:
            known = ", ".join(settings.organizations) or "none yet"
            wrong = f"is {authority.organization!r}"
            yield Mistake(f"{place}.organization", wrong, f"whose people it speaks for: {known}")
        if not authority.certificate.is_file():
            wrong = f"is {str(authority.certificate)!r}, where no file is"
            yield Mistake(f"{place}.certificate", wrong, "a PEM file of the authority that signs them itself")
        if authority.revocation is RevocationBy.CRL and not _LIST.fullmatch(authority.crl):
            wrong = f"is {authority.crl!r}"
            yield Mistake(f"{place}.crl", wrong, "the absolute path of the list, or its http:// address")
        if authority.revocation is RevocationBy.OCSP and not _ADDRESS.fullmatch(authority.ocsp):
            yield Mistake(f"{place}.ocsp", f"is {authority.ocsp!r}", "the http:// address of the responder")


def _like_ours(name: str, organization: str) -> bool:
    """Whether a name could be that of an authority of ours: ORGANIZATION, or ORGANIZATION-2 and so on."""
    rest = name.removeprefix(organization)
    return rest != name and (not rest or rest.removeprefix("-").isdecimal())


def _dictionaries(paths: Sequence[str]) -> Iterator[Mistake]:
    """Every mistake in an operator's dictionaries, with its file and line."""
    right = "what docs/radius.md says of dictionaries"
    relative = [path for path in paths if not Path(path).is_absolute()]
    for path in relative:
        yield Mistake("radius.dictionaries", f"has {path!r}", "absolute paths")
    if not paths or relative:
        return
    try:
        load_dictionaries(map(Path, paths))
    except BadDictionary as error:
        for mistake in error.mistakes:
            yield Mistake("radius.dictionaries", f"are wrong at {mistake}", right)


def _policy(settings: Settings) -> Iterator[Mistake]:
    """Every mistake in the operator's table of countries, with its line."""
    path, place = settings.policy.countries_file, "policy.countries_file"
    if path is None:
        return
    if not path.is_absolute():
        yield Mistake(place, f"is {str(path)!r}", "an absolute path")
        return
    try:
        parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        yield Mistake(place, f"cannot be read: {error}", "a CSV file of network,country in UTF-8")
    except BadCountries as error:
        for mistake in error.mistakes:
            yield Mistake(place, f"is wrong at {mistake}", "what docs/policy.md says of countries")


def _both(table: str, certificate: Path | None, private_key: Path | None) -> Iterator[Mistake]:
    if (certificate is None) != (private_key is None):
        absent = "private_key" if private_key is None else "certificate"
        yield Mistake(f"{table}.{absent}", "is missing", "a certificate and its private_key, or neither")


def _broker(settings: Settings) -> Iterator[Mistake]:
    broker = settings.worker.broker
    if broker != "filesystem" and not broker.startswith(_BROKERS):
        yield Mistake(
            "worker.broker", "is no broker we know", f'"filesystem", or one of {", ".join(_BROKERS)}...'
        )


def _organizations(settings: Settings) -> Iterator[Mistake]:
    if not settings.organizations:
        yield Mistake("organizations", "has no company", "write [organizations.NAME] for each company")
    realms = Counter(organization.realm for organization in settings.organizations.values())
    for key, organization in settings.organizations.items():
        place = f"organizations.{key}"
        if not _KEY.fullmatch(key):
            yield Mistake(place, "is no short name", "small letters, digits and hyphens, a letter first")
        if not _REALM.fullmatch(organization.realm):
            right = "what follows the @ in a user's name, in small letters, like hangang.example"
            yield Mistake(f"{place}.realm", f"is {organization.realm!r}", right)
        if realms[organization.realm] > 1 or organization.realm in settings.organizations.keys() - {key}:
            yield Mistake(f"{place}.realm", "also means another organization", "a realm of its own")
        if not organization.name.strip():
            yield Mistake(f"{place}.name", "is empty", "the company's name as people know it")


def _head_office(settings: Settings) -> Iterator[Mistake]:
    if settings.head_office and settings.head_office not in settings.organizations:
        known = ", ".join(settings.organizations) or "none yet"
        yield Mistake("head_office", f"is {settings.head_office!r}", f"one of the companies: {known}")


def _directories(settings: Settings) -> Iterator[Mistake]:
    for key, organization in settings.organizations.items():
        yield from _directory(f"organizations.{key}.directory", organization.directory)
        for name, directory in organization.more_directories.items():
            yield from _directory(f"organizations.{key}.more_directories.{name}", directory)
        yield from _directories_apart(f"organizations.{key}.more_directories", organization)


def _directory(place: str, directory: DirectorySettings) -> Iterator[Mistake]:
    for name, wrong, right in (
        *_protection(directory),
        *_account(directory),
        *_searches(directory),
        *_mschap(directory),
        *_lockout(directory),
        *_kept(directory),
    ):
        yield Mistake(f"{place}.{name}", wrong, right)


def _directories_apart(place: str, organization: OrganizationSettings) -> Iterator[Mistake]:
    """Names that can be told apart, and no people that are read twice."""
    read = {_people_of(organization.directory): MAIN}
    for name, directory in organization.more_directories.items():
        if not _KEY.fullmatch(name):
            right = "small letters, digits and hyphens, a letter first"
            yield Mistake(f"{place}.{name}", "is no short name", right)
        if name == MAIN:
            wrong = "is what [organizations.KEY.directory] is called"
            yield Mistake(f"{place}.{name}", wrong, "another name")
        first = read.setdefault(_people_of(directory), name)
        if first != name:
            wrong = f"is {directory.url} and the people below it are those of {first}"
            yield Mistake(f"{place}.{name}.url", wrong, "each directory once, or another user_base")


def _people_of(directory: DirectorySettings) -> tuple[str, str, str]:
    return directory.url.lower().rstrip("/"), directory.user_base.lower(), directory.user_filter


Complaints = Iterator[tuple[str, str, str]]


def _kept(directory: DirectorySettings) -> Complaints:
    for name in directory.attributes:
        if not _ATTRIBUTE.fullmatch(name):
            yield "attributes", f"has {name!r}", 'names of attributes, like ["department", "title"]'
        elif name.lower() in SECRET:
            yield "attributes", f"has {name}, which nobody may read", "what rules are written about"
    if len({name.lower() for name in directory.attributes}) < len(directory.attributes):
        yield "attributes", "names one twice", "each once"


def _lockout(directory: DirectorySettings) -> Complaints:
    if directory.lockout_failures != 0 and directory.lockout_failures < LEAST_LOCKOUT:
        yield (
            "lockout_failures",
            f"is {directory.lockout_failures}: it leaves no room below the directory's own limit",
            f"0 where the directory never locks, or {LEAST_LOCKOUT} and more",
        )
    if directory.lockout_window_s <= 0:
        yield "lockout_window_s", f"is {directory.lockout_window_s:g}", "seconds, like 1800"


def _mschap(directory: DirectorySettings) -> Complaints:
    sources = directory.mschap
    known = [source.value for source in Source]
    for source in sources:
        if source not in known:
            yield "mschap", f"has {source!r}", "a list of " + ", ".join(f'"{each}"' for each in known)
    if (Source.NONE in sources and len(sources) > 1) or not sources:
        yield "mschap", f"is {list(sources)!r}", '["none"] alone, or the others without it'
    if len(set(sources)) < len(sources):
        yield "mschap", "names a source twice", "each once, in the order in which to ask"
    if Source.SAMBA in sources and Source.NTLM_AUTH in sources:
        yield (
            "mschap",
            "asks both for sambaNTPassword and ntlm_auth",
            "one of them: a directory has the hashes, or Active Directory keeps them to itself",
        )
    if Source.SAMBA in sources:
        yield from _readable_hashes(directory)
    if Source.NTLM_AUTH in sources and not directory.ntlm_domain:
        yield "ntlm_domain", 'is missing for mschap = ["ntlm_auth"]', "the domain's short name, like HANGANG"
    if Source.NTLM_AUTH in sources and directory.name_attribute.lower() == PRINCIPAL_NAME:
        wrong = f"is {directory.name_attribute} while mschap asks ntlm_auth, which knows another name"
        yield "name_attribute", wrong, '"sAMAccountName"'
    if directory.ntlm_domain and Source.NTLM_AUTH not in sources:
        yield "ntlm_domain", 'is set without "ntlm_auth" in mschap', "one with the other, or neither"


def _readable_hashes(directory: DirectorySettings) -> Complaints:
    host = urlsplit(directory.url).hostname or ""
    if not directory.bind_dn:
        yield (
            "mschap",
            "asks for sambaNTPassword, and bind_dn is empty",
            "an account that may read it: what everybody may read, everybody can log in with",
        )
    if directory.tls is Tls.NONE and not is_loopback(host):
        yield (
            "mschap",
            "asks for sambaNTPassword over a connection in clear",
            'tls = "starttls" or "ldaps": an NT hash is as good as the password',
        )


def _protection(directory: DirectorySettings) -> Complaints:
    yield from _protected("url", directory.url, directory)
    for url in directory.fallback_urls:
        yield from _protected("fallback_urls", url, directory)


def _protected(name: str, address: str, directory: DirectorySettings) -> Complaints:
    url = urlsplit(address)
    if url.scheme not in ("ldap", "ldaps") or not url.hostname:
        yield name, f"is {address!r}", '"ldap://HOST" or "ldaps://HOST", with :PORT where it is another'
    elif (url.scheme == "ldaps") != (directory.tls is Tls.LDAPS):
        wrong = f'is "{directory.tls}" with the address {address}'
        yield "tls", wrong, '"ldaps" with ldaps:// and only there'
    elif directory.tls is not Tls.NONE or is_loopback(url.hostname):
        return
    elif directory.kind is Kind.ACTIVE_DIRECTORY:
        wrong = 'is "none": passwords of the domain would cross the network in clear'
        yield "tls", wrong, '"starttls", or "ldaps" with ldaps://'
    elif not directory.plaintext_allowed:
        yield (
            "tls",
            'is "none": passwords would cross the network in clear',
            '"starttls", or plaintext_allowed = true',
        )


def _account(directory: DirectorySettings) -> Complaints:
    if directory.bind_dn and not directory.bind_password:
        yield "bind_password", "is missing for bind_dn", "the account's password, or bind_password_file"
    if directory.bind_password and not directory.bind_dn:
        yield (
            "bind_dn",
            "is missing for bind_password",
            "the name of an account that may read users and groups",
        )


def _searches(directory: DirectorySettings) -> Complaints:
    for name in ("user_base", "group_base"):
        if "=" not in getattr(directory, name):
            yield name, f"is {getattr(directory, name)!r}", 'a DN, like "ou=people,dc=hangang,dc=example"'
    for name in ("user_filter", "group_filter"):
        text = getattr(directory, name)
        if text and (
            not text.startswith("(") or not text.endswith(")") or text.count("(") != text.count(")")
        ):
            yield name, f"is {text!r}", 'an LDAP filter in its parentheses, like "(objectClass=person)"'


def _roles(settings: Settings) -> Iterator[Mistake]:
    named = [(f"roles.{role}", getattr(settings.roles, role)) for role in ("admin", "helpdesk", "auditor")]
    named += [(f"roles.zones.{zone}.admin", each.admin) for zone, each in settings.roles.zones.items()]
    for key, groups in named:
        for group in groups:
            organization, slash, name = group.partition("/")
            if not slash or not name or organization not in settings.organizations:
                known = ", ".join(settings.organizations) or "none yet"
                right = f'"ORGANIZATION/GROUP", where the organization is one of: {known}'
                yield Mistake(key, f"has {group!r}", right)
            if key.startswith("roles.zones.") and group in settings.roles.admin:
                right = "in one of them: who stands in roles.admin changes every zone"
                yield Mistake(key, f"has {group!r}, which stands in roles.admin", right)


def _passkeys(settings: Settings) -> Iterator[Mistake]:
    """Nobody may be locked out: what takes a passkey needs an address where there are some."""
    wanted, key = settings.roles.phishing_resistant, "roles.phishing_resistant"
    if Role.EMPLOYEE in wanted:
        yield Mistake(key, 'has "employee"', 'some of "admin", "helpdesk", "auditor"')
    elif wanted and relying_party(settings.web.address) is None:
        wrong = f"needs passkeys, and browsers have none at {settings.web.address}"
        yield Mistake(key, wrong, 'a web.public_url like "https://gate.hangang.example"')


Rule = Callable[[Settings], Iterator[Mistake]]
# Each rule, and the tables it looks at beside those it complains about.
_RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_database, ()),
    (_files_apart, ("database",)),
    (_web, ()),
    (_syslog, ()),
    (_mail, ()),
    (_radius, ()),
    (_authorities, ("organizations",)),
    (_policy, ()),
    (_broker, ()),
    (_organizations, ()),
    (_head_office, ("organizations",)),
    (_directories, ()),
    (_roles, ("organizations",)),
    (_passkeys, ("web",)),
    (check_realms, ("organizations", "radius")),
)
