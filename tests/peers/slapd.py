"""A real OpenLDAP server: Debian's slapd in its own directory on high loopback ports."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import ldap3

from tests.peers.available import program
from tests.peers.certificates import Files, create_authority
from tests.peers.ldap_entries import Entries, Refused
from tests.peers.people import Company
from tests.peers.ports import LOOPBACK, answers, free_port
from tests.peers.process import Daemon

SCHEMAS = Path("/etc/ldap/schema")
MODULES = Path("/usr/lib/ldap")
NAME = "ldap.example"


# What of Samba's schema a login by MSCHAPv2 looks at.
TEXT, NUMBER = "1.3.6.1.4.1.1466.115.121.1.26{1000}", "1.3.6.1.4.1.1466.115.121.1.27"
SAMBA_SCHEMA = f"""
attributetype ( 1.3.6.1.4.1.7165.2.1.25 NAME 'sambaNTPassword' EQUALITY caseIgnoreIA5Match SYNTAX {TEXT}
  SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.7165.2.1.26 NAME 'sambaAcctFlags' EQUALITY caseIgnoreIA5Match SYNTAX {TEXT}
  SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.7165.2.1.27 NAME 'sambaPwdLastSet' EQUALITY integerMatch SYNTAX {NUMBER}
  SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.7165.2.2.6 NAME 'sambaSamAccount' SUP top AUXILIARY
  MAY ( sambaNTPassword $ sambaAcctFlags $ sambaPwdLastSet ) )
"""


@dataclass(frozen=True)
class Options:
    """How the server is built.

    session_log is the number of changes syncprov remembers: 0 has syncprov without it, None no syncprov.
    samba has entries that may keep an NT hash (sambaSamAccount), which the administrator alone reads.
    password_policy loads ppolicy, with the policy in cn=default,SUFFIX (made with the suffix).
    sync_disk False is for loads of 100,000 entries that need not outlive a crash.
    """

    session_log: int | None = 1000
    password_policy: bool = False
    samba: bool = False
    lockout_after: int = 5
    sync_disk: bool = True
    threads: int = 16
    indices: Sequence[str] = ("entryUUID,entryCSN,objectClass,uid,mail,member eq",)


@dataclass
class Slapd(Entries):
    """One server with a suffix for each company. Readers and writers bind as admin_dn(company)."""

    companies: Sequence[Company]
    options: Options = field(default_factory=Options)
    admin_password: str = field(default="admin-of-the-directory", repr=False)
    deadline_s: int = 30

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="slapd-")
        self.directory = Path(self._kept.name)
        try:
            self.port, self.tls_port = free_port(), free_port()
            self.certificates: Files = create_authority(self.directory).issue(NAME)
            self._configure()
            for number, company in enumerate(self.companies):
                self._load(number, company)
            self._start()
        except BaseException:
            self._kept.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.daemon.stop()
        self._kept.cleanup()

    @property
    def uri(self) -> str:
        """Plain LDAP; the same port speaks StartTLS."""
        return f"ldap://{LOOPBACK}:{self.port}"

    @property
    def tls_uri(self) -> str:
        return f"ldaps://{LOOPBACK}:{self.tls_port}"

    @property
    def pid(self) -> int:
        return self.daemon.pid

    def admin_dn(self, company: Company) -> str:
        return f"cn=admin,{company.suffix}"

    def restart(self) -> None:
        """The same data on the same ports, after a stop. For "the directory is away" use daemon.stop()."""
        self.daemon.stop()
        self._start()

    def join(self, company: Company, group: str, uid: str) -> None:
        self.add_values(company.group_dn(group), {"member": [company.person_dn(uid)]})

    def leave(self, company: Company, group: str, uid: str) -> None:
        self.remove_values(company.group_dn(group), {"member": [company.person_dn(uid)]})

    @contextmanager
    def admin(self, dn: str) -> Iterator[ldap3.Connection]:
        """A connection that may change the company the DN is in."""
        company = next(each for each in self.companies if dn.endswith(each.suffix))
        server = ldap3.Server(self.uri, get_info=ldap3.NONE, connect_timeout=self.deadline_s)
        connection = ldap3.Connection(
            server,
            self.admin_dn(company),
            self.admin_password,
            auto_bind=True,
            receive_timeout=self.deadline_s,
        )
        # ldap3's own `with` leaves a connection open that was bound before it.
        try:
            yield connection
        finally:
            connection.unbind()

    def _start(self) -> None:
        addresses = f"ldap://{LOOPBACK}:{self.port} ldaps://{LOOPBACK}:{self.tls_port}"
        # -d 0 keeps it in the foreground and silent.
        command = ["slapd", "-f", str(self.directory / "slapd.conf"), "-h", addresses, "-d", "0"]
        self.daemon = Daemon(
            command, self.directory, ready=lambda: answers(self.port) and answers(self.tls_port)
        )
        self.daemon.start()

    def _configure(self) -> None:
        lines = [f"include {SCHEMAS}/{name}.schema" for name in ("core", "cosine", "inetorgperson")]
        if self.options.samba:
            (self.directory / "samba.schema").write_text(SAMBA_SCHEMA)
            lines.append(f"include {self.directory}/samba.schema")
        lines += [f"modulepath {MODULES}", "moduleload back_mdb"]
        # A module that is loaded offers its controls, whether a database uses it or not.
        lines += ["moduleload syncprov"] if self.options.session_log is not None else []
        lines += ["moduleload ppolicy"] if self.options.password_policy else []
        lines += [
            f"TLSCACertificateFile {self.certificates.authority}",
            f"TLSCertificateFile {self.certificates.certificate}",
            f"TLSCertificateKeyFile {self.certificates.key}",
            "disallow bind_anon",
            f"threads {self.options.threads}",
        ]
        for number, company in enumerate(self.companies):
            lines += self._database(number, company)
        configuration = self.directory / "slapd.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _database(self, number: int, company: Company) -> Iterable[str]:
        folder = self.directory / f"database{number}"
        folder.mkdir()
        yield "database mdb"
        yield f'suffix "{company.suffix}"'
        yield f'rootdn "{self.admin_dn(company)}"'
        yield f"rootpw {self.admin_password}"
        yield f"directory {folder}"
        yield f"maxsize {1 << 30}"
        if not self.options.sync_disk:
            yield "dbnosync"
        yield from (f"index {index}" for index in self.options.indices)
        yield "access to attrs=userPassword by self write by anonymous auth by * none"
        if self.options.samba:
            yield "access to attrs=sambaNTPassword by * none"
        yield "access to * by users read by * none"
        if self.options.session_log is not None:
            yield from ("overlay syncprov", "syncprov-checkpoint 100 10")
            yield f"syncprov-sessionlog {self.options.session_log}" if self.options.session_log else ""
        if self.options.password_policy:
            yield from ("overlay ppolicy", f'ppolicy_default "cn=default,{company.suffix}"')

    def _load(self, number: int, company: Company) -> None:
        text = company.ldif()
        if self.options.password_policy:
            text += "\n" + self._policy_entry(company)
        ldif = self.directory / f"database{number}.ldif"
        ldif.write_text(text, encoding="utf-8")
        # -q: nothing else writes here yet, and a load that fails is thrown away.
        options = ["-q", "-f", str(self.directory / "slapd.conf"), "-b", company.suffix, "-l", str(ldif)]
        done = subprocess.run([program("slapadd"), *options], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(f"slapadd {company.suffix}: {done.stderr}")

    def _policy_entry(self, company: Company) -> str:
        return (
            f"dn: cn=default,{company.suffix}\n"
            "objectClass: applicationProcess\nobjectClass: pwdPolicy\ncn: default\n"
            f"pwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: {self.options.lockout_after}\n"
        )
