"""Wiring: what every process and command works with, opened from the settings. ◆"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from access.certificates import keys as certificate_keys
from access.certificates.values import Rules
from access.changes.outlook import Budget
from access.changes.policy_watch import PolicyWatch
from access.changes.rollout import Bearable
from access.config import KeySettings, OrganizationSettings, Settings, sqlite_file
from access.countries import BadCountries, Countries, parse
from access.directory import credentials
from access.directory.credentials import Credentials
from access.errors import Misconfigured
from access.keys import keyfile
from access.keys.keystore import KeyStore
from access.keys.pkcs11_store import Pkcs11Store
from access.keys.sealing import Keyring
from access.model import Role, directory_key
from access.nas.nas_rules import ANYWHERE, Compared, where_compared
from access.policy.subjects import fold
from access.post.mail import MailBoxes, MailServer
from access.post.postman import Postman
from access.proof.network_passwords import Allowance
from access.proof.passkey import relying_party
from access.proof.password_memory import PasswordMemory
from access.proof.throttle import Lockout
from access.proof.vouching import VouchRules
from access.radius import journal, radius_files
from access.radius.coa import DEADLINE_S, NasCaller
from access.radius.radius_status import Backlog, RadiusStatus
from access.radius.radsec_caller import RadSecCaller
from access.radius.shared_counts import SharedCounts
from access.radius.shared_throttle import SharedThrottle
from access.records.retention import DAY_S, Retention
from access.records.retention import Rules as RetentionRules
from access.records.syslog import Server
from access.store import kept_subkeys, organizations, schema, sealed
from access.store.absent_owners import StoredOwners
from access.store.audit_keeping import Keeper
from access.store.certificates import StoredCertificates
from access.store.database import Database, DatabaseUnavailable
from access.store.desk_acts import StoredDeskActs
from access.store.directory_desk import write_down_end
from access.store.disconnects import StoredDisconnects
from access.store.link_desk import StoredLinks
from access.store.local_users import LocalPasswords
from access.store.notices import StoredNotices
from access.store.opening_desk import StoredOpenings
from access.store.pages.parts import StoredParts
from access.store.policy_shelf import StoredPolicies
from access.store.policy_watching import StoredPolicyWatching
from access.store.relinks import StoredRelinks
from access.store.reviews import StoredReviews
from access.store.rollouts import StoredRollouts
from access.store.world_shelf import WorldShelf

LOG = structlog.get_logger()
HOUR_S = 3600.0
# Who writes what follows from another configuration, in the audit.
CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class App:
    """One installation, opened. clock: seconds since the epoch; random(n): n unguessable octets."""

    settings: Settings
    keyring: Keyring
    database: Database
    clock: Callable[[], float] = time.time
    random: Callable[[int], bytes] = os.urandom

    def close(self) -> None:
        """Let go of the database's connections."""
        self.database.close()


def open_app(settings: Settings) -> App:
    """The installation that the settings describe, with its key file made on the first start.

    Raises NotMigrated where `officegate migrate` has to run first, KeyFileRefused, DatabaseUnavailable.
    """
    app = open_unmigrated(settings)
    try:
        schema.require_current(app.database)
        mirror_organizations(app)
    except BaseException:
        app.close()
        raise
    return app


def open_radius(settings: Settings) -> App:
    """The same for the RADIUS service, which also starts while the database is away, if it was there before.

    Raises NotMigrated, KeyFileRefused, DatabaseUnavailable.
    """
    try:
        return open_app(settings)
    except DatabaseUnavailable as error:
        keys = settings.keys
        if not (keys.variable or keys.credential or keys.file.exists()):
            # No key file is made for a database that has one.
            raise
        keyring = keyfile.open_keys(keys, open_key_store(keys))
        kept = WorldShelf(settings.state_dir, keyring, os.urandom).kept()
        if kept is None:
            raise
        LOG.warning("the database is away; RADIUS starts with what was known", why=str(error))
        return App(settings, keyring.keeping(kept), open_database(settings))


def mirror_organizations(app: App) -> list[str]:
    """Bring the configured companies into the database; the keys of those that were new or had changed.

    Writes only where something differs, so that a start does not wait for other writers.
    """
    wanted = app.settings.organizations
    with app.database.read() as conn:
        differing = organizations.differing(conn, wanted)
    if differing:
        with app.database.write() as conn:
            removed = organizations.mirror(conn, wanted, app.clock())
            for each in removed:
                write_down_end(conn, (app.keyring, app.random, CONFIGURATION), each, app.clock())
        for each in removed:
            LOG.warning(
                "directory has left the configuration; its people are disabled",
                organization=each.organization,
                directory=each.name,
                people=each.people,
            )
    return differing


def open_unmigrated(settings: Settings) -> App:
    """The same whatever the revision of the database. Raises KeyFileRefused, DatabaseUnavailable."""
    database = open_database(settings)
    directory = database.file.parent if database.file else None
    try:
        keyring = open_keyring(settings, directory, database)
    except BaseException:
        database.close()
        raise
    return App(settings, keyring, database)


def open_keyring(settings: Settings, directory: Path | None, database: Database) -> Keyring:
    """The keys of the settings, with what was kept of keys that are gone. Raises KeyFileRefused."""
    store = open_key_store(settings.keys)
    keyring = keyfile.open_keys(settings.keys, store, directory, needed_keys(database))
    if database.file is not None and not database.file.exists():
        return keyring
    with database.read() as conn:
        return keyring.keeping(kept_subkeys.kept(conn, keyring))


def open_key_store(keys: KeySettings) -> KeyStore | None:
    """What unwraps the keys in the key file; None where they are in clear. Raises Misconfigured."""
    if keys.pkcs11_module is None or keys.pkcs11_pin_file is None:
        return None
    try:
        pin = keys.pkcs11_pin_file.read_text("utf-8").strip()
    except OSError as error:
        raise Misconfigured(f"keys.pkcs11_pin_file cannot be read: {error.strerror}") from None
    return Pkcs11Store(keys.pkcs11_module, keys.pkcs11_token, keys.pkcs11_key, pin, os.urandom)


def needed_keys(database: Database) -> frozenset[str]:
    """The ids of the keys that the database's secrets are sealed under. Raises DatabaseUnavailable."""
    if database.file is not None and not database.file.exists():
        return frozenset()
    with database.read() as conn:
        return sealed.newest_key_ids(conn)


def open_database(settings: Settings, patience_s: float = 10.0) -> Database:
    """The database of the settings; connects at the first transaction, and waits so long for a lock.

    The lock file lies beside the file of a SQLite database, so that every process finds the same one.
    """
    file = sqlite_file(settings.database.url)
    lock_file = file.with_name(file.name + ".lock") if file else settings.state_dir / "database.lock"
    return Database(settings.database.url, lock_file, patience_s)


def open_countries(app: App) -> Countries:
    """The operator's table of countries; without one, one that knows none. Raises Misconfigured."""
    path = app.settings.policy.countries_file
    if path is None:
        return Countries()
    try:
        return parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, BadCountries) as error:
        raise Misconfigured(f"policy.countries_file cannot be used: {error}") from None


def open_certificates(app: App, writer: str) -> StoredCertificates:
    """What issuing and revoking certificates asks of the world. writer: this process in the audit."""
    return StoredCertificates(
        app.database, app.keyring, app.random, writer, certificate_keys.new_key, certificate_keys.packed
    )


def policy_watch(app: App, writer: str) -> PolicyWatch:
    """What looks which tests of the policy will break. writer: this process in the audit."""
    ports = StoredPolicyWatching(app.database, app.keyring, app.random, writer)
    return PolicyWatch(ports, app.settings.policy.look_ahead_days, app.settings.time_zone)


def audit_keeper(app: App, writer: str) -> Keeper:
    """What prunes the audit. writer: this process in the audit."""
    everywhere = app.settings.audit.retention
    retention = Retention(everywhere.access_days, everywhere.rights_days)
    with app.database.read() as conn:
        ids = {each.key: each.id for each in organizations.all_organizations(conn)}
    own = {
        ids[key]: Retention(
            company.retention.access_days or retention.access_days,
            company.retention.rights_days or retention.rights_days,
        )
        for key, company in app.settings.organizations.items()
    }
    rules = RetentionRules(retention, own)
    ships = app.settings.audit.syslog.server is not None
    return Keeper(app.database, app.keyring, app.random, writer, rules, ships)


def longest_kept_s(settings: Settings) -> float:
    """For how long records of rights are kept by whichever company keeps them longest."""
    companies = (company.retention.rights_days for company in settings.organizations.values())
    return max((settings.audit.retention.rights_days, *companies)) * DAY_S


def syslog_server(settings: Settings) -> Server | None:
    """Where every record of the audit is sent; None where it is kept here alone."""
    syslog = settings.audit.syslog
    if syslog.server is None:
        return None
    address = syslog.server
    return Server(address.host, address.port, syslog.ca_file, syslog.certificate, syslog.private_key)


def mail_server(settings: Settings) -> MailServer | None:
    """What notices are sent through; None where nobody is told by mail."""
    mail = settings.mail
    if mail.server is None:
        return None
    return MailServer(
        mail.server.host,
        mail.server.port,
        mail.sender,
        mail.security,
        mail.ca_file,
        mail.user,
        mail.password,
    )


def open_postman(app: App) -> Postman:
    """What delivers notices."""
    settings = app.settings
    return Postman(
        StoredNotices(app.database),
        mail_server(settings),
        public_url(settings),
        settings.time_zone,
        app.clock,
    )


def certificate_rules(settings: Settings) -> Rules:
    """What is set for our own authorities."""
    ca = settings.ca
    days = min(ca.days, ca.longest_days)
    return Rules(days, ca.longest_days, ca.overlap_days, ca.crl_hours, f"{public_url(settings)}/crl")


def public_url(settings: Settings) -> str:
    """Where people find the pages, without a slash at its end."""
    return settings.web.address


def radius_status(settings: Settings) -> RadiusStatus:
    """What the RADIUS workers of this machine have counted, and what waits in their journals."""
    run_dir = settings.state_dir / "run"
    told = radius_files.read_loader(run_dir)
    waiting = journal.waiting(settings.state_dir / "journal", told.get("loaded", {}))
    backlog = Backlog(
        waiting.records,
        waiting.octets,
        waiting.oldest_at,
        told.get("at"),
        told.get("failing_since"),
        told.get("why", ""),
    )
    realms = settings.realms.items()
    homes = tuple(f"{key}/{server}" for key, realm in realms for server in realm.servers)
    # There were more workers once, perhaps, and what they told is still there.
    count = settings.radius.workers or os.cpu_count() or 1
    names = {f"radius-{number}" for number in range(count)}
    workers = {name: each for name, each in radius_files.read_workers(run_dir).items() if name in names}
    return RadiusStatus(workers, backlog, homes)


def open_credentials(app: App) -> Credentials:
    """Where passwords are checked; connects at the first check. Whoever opens it closes it."""
    companies = app.settings.organizations.items()
    local = LocalPasswords(app.database)
    directories = {
        directory_key(key, name): settings
        for key, each in companies
        for name, settings in each.directories.items()
    }
    shared = app.settings.state_dir / "run" / "silent"
    return credentials.open_credentials(directories, time.monotonic, local, shared)


def open_throttle(app: App) -> SharedThrottle:
    """The counts of wrong passwords, which all processes of this machine share."""
    lockouts = {key: _lockout(each) for key, each in app.settings.organizations.items()}
    key = app.keyring.subkey("password throttle")
    return SharedThrottle(SharedCounts(app.settings.state_dir / "run" / "throttle", key), lockouts, key)


def open_password_memory(app: App) -> PasswordMemory | None:
    """What this process remembers for the time a directory is away; None where no company wants that."""
    companies = app.settings.organizations.items()
    lasts_s = {key: each.password_memory_hours * HOUR_S for key, each in companies}
    wanted = {key: each_s for key, each_s in lasts_s.items() if each_s > 0}
    if not wanted:
        return None
    privileged = frozenset[str]().union(*role_groups(app.settings).values())
    return PasswordMemory(app.keyring.subkey("password memory"), wanted, privileged)


def _lockout(company: OrganizationSettings) -> Lockout:
    """The strictest of a company's directories: somebody is counted before it is known whose they are."""
    directories = company.directories.values()
    limits = [each.lockout_failures for each in directories if each.lockout_failures]
    return Lockout(min(limits, default=0), max(each.lockout_window_s for each in directories))


def open_disconnects(app: App, writer: str) -> StoredDisconnects:
    """What ending a session at its NAS asks of the world. writer: this process in the audit."""
    connected = RadSecCaller(app.clock, app.settings.state_dir / "run", DEADLINE_S)
    caller = NasCaller(app.clock, over_connection=connected.ask, has_connection=connected.is_reached)
    return StoredDisconnects(app.database, app.keyring, app.random, writer, caller)


def hashes_compared(settings: Settings) -> Compared:
    """At which doors the hash of a password can be compared with something: of users of realms elsewhere,
    their home servers say.
    """
    if settings.realms:
        return ANYWHERE
    companies = settings.organizations.values()
    return where_compared(
        (directory.mschap, each.network_passwords.most > 0)
        for each in companies
        for directory in each.directories.values()
    )


def role_groups(settings: Settings) -> dict[Role, frozenset[str]]:
    """The groups whose people have each role, as "organization/group"."""
    roles = settings.roles
    held = tuple(group for zone in roles.zones.values() for group in zone.admin)
    named = {Role.ADMIN: (*roles.admin, *held), Role.HELPDESK: roles.helpdesk, Role.AUDITOR: roles.auditor}
    return {role: frozenset(map(fold, groups)) for role, groups in named.items()}


def zone_groups(settings: Settings) -> dict[str, frozenset[str]]:
    """The groups of administrators that are held to a zone of the policy, by zone."""
    return {zone: frozenset(map(fold, each.admin)) for zone, each in settings.roles.zones.items()}


def open_links(app: App, writer: str) -> StoredLinks:
    """What administrators do about people of two companies. writer: this process in the audit."""
    return StoredLinks(app.database, app.keyring, app.random, writer, role_groups(app.settings))


def open_standing(app: App, writer: str) -> StoredOpenings:
    """What is decided beside the policy document. writer: this process in the audit."""
    return StoredOpenings(app.database, app.keyring, app.random, writer, role_groups(app.settings))


def open_reviews(app: App, writer: str) -> StoredReviews:
    """Where campaigns are kept in which owners sign for rules. writer: this process in the audit."""
    keeping = open_policies(app, writer).keeping
    return StoredReviews(app.database, app.keyring, app.random, writer, keeping, app.settings.head_office)


def open_owners(app: App, writer: str) -> StoredOwners:
    """Where it is looked whether owners are still here. writer: this process in the audit."""
    return StoredOwners(app.database, app.keyring, app.random, writer)


def budget(settings: Settings) -> Budget:
    """How much one person may take from an organization's people within a day."""
    return Budget(settings.policy.budget_percent, settings.policy.budget_people)


def open_policies(app: App, writer: str) -> StoredPolicies:
    """Where policies are kept, previewed, approved and published. writer: this process in the audit."""
    return StoredPolicies(
        app.database,
        app.keyring,
        app.random,
        writer,
        budget(app.settings),
        role_groups(app.settings),
        app.settings.head_office,
        zone_groups(app.settings),
    )


def open_parts(app: App, writer: str) -> StoredParts:
    """Companies' own parts of the policy. writer: this process in the audit."""
    return StoredParts(open_policies(app, writer), app.clock)


def open_rollouts(app: App, writer: str) -> StoredRollouts:
    """The publication that comes in waves. writer: this process in the audit."""
    return StoredRollouts(app.database, app.keyring, app.random, writer)


def bearable(settings: Settings) -> Bearable:
    """How much a wave may refuse before it is taken back."""
    return Bearable(settings.policy.wave_refused_percent, settings.policy.wave_refused_people)


def open_relinks(app: App, writer: str) -> StoredRelinks:
    """What is done about people whose entry was made again. writer: this process in the audit."""
    companies = app.settings.organizations.items()
    stable = frozenset(key for key, each in companies if _has_stable(each))
    return StoredRelinks(app.database, app.keyring, app.random, writer, role_groups(app.settings), stable)


def _has_stable(company: OrganizationSettings) -> bool:
    return all(each.stable_attribute for each in company.directories.values())


def open_identity(app: App, writer: str, passwords: Credentials) -> StoredDeskActs:
    """What signing in, enrolling and spending codes ask of the world. writer: this process in the audit."""
    return StoredDeskActs(
        app.database,
        app.keyring,
        app.random,
        writer=writer,
        throttle=open_throttle(app),
        check_directory=passwords.check,
        notices=MailBoxes(mail_server(app.settings)),
        role_groups=role_groups(app.settings),
        allowances={
            key: Allowance(each.network_passwords.most, each.network_passwords.days)
            for key, each in app.settings.organizations.items()
        },
        phishing_resistant=frozenset(app.settings.roles.phishing_resistant),
        right_passwords=open_password_memory(app),
        relying_party=relying_party(public_url(app.settings)),
        mailing=frozenset(key for key, each in app.settings.organizations.items() if each.mailed_codes),
        enrolment_networks={key: each.enrolment_networks for key, each in app.settings.organizations.items()},
        vouching={
            key: VouchRules(each.vouching, each.vouchers_enrolled_days)
            for key, each in app.settings.organizations.items()
        },
        proofs={key: each.proofs for key, each in app.settings.organizations.items()},
    )
