"""A real Active Directory: Debian's Samba as the domain controller of HANGANG, with its winbindd.

It lives in a mount and a network namespace of its own: Samba has fixed ports, and the library through which
ntlm_auth asks winbindd looks only in /run/samba. What it can prove: MSCHAPv2 through ntlm_auth as on a
joined host, people, machines, and an account's state. What it cannot: a second host that has joined the
domain, and DNS.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import ldap3

from tests.peers.available import program
from tests.peers.certificates import create_authority
from tests.peers.ldap_entries import Entries
from tests.peers.process import Daemon
from tests.peers.way_in import WayIn

REALM, DOMAIN = "HANGANG.TEST", "HANGANG"
ADDRESS = "10.91.0.1"
NAME, LDAPS = "dc1.hangang.test", 636
# nbt, kcc, drepl and dnsupdate would talk to others, of whom there are none.
SERVICES = "rpc, ldap, cldap, kdc, winbindd"
HOUSE = """\
set -e
mkdir -p /run/samba
mount -t tmpfs tmpfs /run/samba
ip link set lo up
ip link add dc0 type veth peer name wire
ip address add {address}/24 dev dc0
ip link set dc0 up
ip link set wire up
"""
PROVISION = """\
exec samba-tool domain provision --realm={realm} --domain={domain} --server-role=dc --dns-backend=NONE \\
  --targetdir={directory}/domain --host-name=dc1 --host-ip={address} --option="interfaces=lo dc0" \\
  --option="bind interfaces only=yes" --option="ntlm auth=mschapv2-and-ntlmv2-only"
"""
SERVE = """\
exec samba --interactive --model=single --debug-stdout --configfile={directory}/domain/etc/smb.conf \\
  --option="server services={services}" --option="tls cafile={directory}/ca.pem" \\
  --option="tls certfile={directory}/{name}.pem" --option="tls keyfile={directory}/{name}.key"
"""
ACCOUNTS = """\
import json, os, sys
import ldb
import samba.auth, samba.param, samba.samdb
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
lp = samba.param.LoadParm()
lp.load(sys.argv[1])
db = samba.samdb.SamDB(session_info=samba.auth.system_session(), lp=lp)
for line in sys.stdin:
    what = json.loads(line)
    name, password = what["name"], what.get("password", "")
    if what["do"] == "user":
        db.newuser(name, password, force_password_change_at_next_login_req=what["must_change"])
    elif what["do"] == "machine":
        db.newcomputer(name)
        db.setpassword(f"(sAMAccountName={name}$)", password, force_change_at_next_login=False)
    elif what["do"] == "disable":
        db.disable_account(f"(sAMAccountName={name})")
    elif what["do"] == "old":
        # The domain controller itself lets nobody say since when a password is what it is.
        folder = lp.private_path("sam.ldb.d")
        (part,) = (each for each in os.listdir(folder) if each.startswith("DC") and each.endswith(".ldb"))
        old = ldb.Message(db.search(expression=f"(sAMAccountName={name})", attrs=[])[0].dn)
        old["pwdLastSet"] = ldb.MessageElement([what["ticks"]], ldb.FLAG_MOD_REPLACE, "pwdLastSet")
        ldb.Ldb(os.path.join(folder, part)).modify(old)
    elif what["do"] == "see deleted":
        # As `dsacls "CN=Deleted Objects,..." /G NAME:LCRP` on Windows.
        where, flags = f"CN=Deleted Objects,{db.domain_dn()}", ["show_deleted:1", "sd_flags:1:4"]
        person = db.search(expression=f"(sAMAccountName={name})", attrs=["objectSid"])[0]
        account = ndr_unpack(security.dom_sid, person["objectSid"][0])
        found = db.search(where, ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=flags)[0]
        domain = security.dom_sid(db.get_domain_sid())
        before = ndr_unpack(security.descriptor, found["nTSecurityDescriptor"][0]).as_sddl(domain)
        after = security.descriptor.from_sddl(f"{before}(A;;LCRP;;;{account})", domain)
        change = ldb.Message(found.dn)
        change["acl"] = ldb.MessageElement([ndr_pack(after)], ldb.FLAG_MOD_REPLACE, "nTSecurityDescriptor")
        db.modify(change, flags)
    elif what["do"] == "lock after":
        change = f"changetype: modify\\nreplace: lockoutThreshold\\nlockoutThreshold: {name}\\n"
        db.modify_ldif(f"dn: {db.domain_dn()}\\n{change}")
"""
DEBIAN_PYTHON = Path("/usr/bin/python3")


class SambaAd(Entries):
    """One domain, provisioned when it is entered (about seven seconds).

    Its LDAP is reached from here through a way_in(), with the certificate of authority.
    """

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="ad-")
        self.directory = Path(self._kept.name)
        self.certificates = create_authority(self.directory).issue(NAME)
        try:
            self._provision()
        except BaseException:
            self._kept.cleanup()
            raise
        self.daemon = Daemon(self._in_a_house(SERVE), self.directory, ready=self._answers)
        try:
            self.daemon.start()
            self._write_ntlm_auth()
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
    def ntlm_auth(self) -> str:
        """A program that is ntlm_auth as the joined host would run it."""
        return str(self.directory / "ntlm_auth")

    def add_user(self, name: str, password: str, *, must_change: bool = False) -> None:
        self._accounts({"do": "user", "name": name, "password": password, "must_change": must_change})

    def add_machine(self, name: str, password: str) -> None:
        self._accounts({"do": "machine", "name": name, "password": password})

    def disable(self, name: str) -> None:
        self._accounts({"do": "disable", "name": name})

    def make_password_old(self, name: str, ticks: str) -> None:
        """Have the password date from then, in ticks of 100 ns since 1601."""
        self._accounts({"do": "old", "name": name, "ticks": ticks})

    def let_see_deleted(self, name: str) -> None:
        """Let an account list and read CN=Deleted Objects, and nothing else."""
        self._accounts({"do": "see deleted", "name": name})

    def lock_after(self, failures: int) -> None:
        self._accounts({"do": "lock after", "name": failures})

    @property
    def domain(self) -> str:
        """The DN of the domain."""
        return ",".join(f"DC={part}" for part in REALM.lower().split("."))

    @property
    def authority(self) -> str:
        """The file with the authority of the controller's certificate, which names the loopback too."""
        return str(self.certificates.authority)

    def way_in(self) -> WayIn:
        """A port of the loopback that leads to LDAPS."""
        return WayIn(self.daemon.pid, (ADDRESS, LDAPS))

    @contextmanager
    def admin(self, dn: str) -> Iterator[ldap3.Connection]:
        """A connection as the system itself, through a socket that only root may use."""
        del dn
        path = quote(str(self.directory / "domain" / "private" / "ldap_priv" / "ldapi"), safe="")
        server = ldap3.Server(f"ldapi:///{path}", get_info=ldap3.NONE)
        connection = ldap3.Connection(server, raise_exceptions=False)
        connection.open()
        try:
            yield connection
        finally:
            connection.unbind()

    @property
    def _inside(self) -> list[str]:
        return [program("nsenter"), f"--target={self.daemon.pid}", "--mount", "--net"]

    @property
    def _configuration(self) -> Path:
        return self.directory / "domain" / "etc" / "smb.conf"

    def _provision(self) -> None:
        """Without a deadline: on a busy machine it takes its time, which says nothing."""
        done = subprocess.run(self._in_a_house(PROVISION), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"samba-tool domain provision: {done.stderr[-2000:]}")

    def _in_a_house(self, what: str) -> list[str]:
        """The command that does something in namespaces of its own."""
        script = (HOUSE + what).format(
            address=ADDRESS,
            realm=REALM,
            domain=DOMAIN,
            directory=self.directory,
            services=SERVICES,
            name=NAME,
        )
        return ["unshare", "--mount", "--net", "sh", "-c", script]

    def _accounts(self, what: dict[str, object]) -> None:
        # Not on a command line: passwords are in it.
        script = self.directory / "accounts.py"
        script.write_text(ACCOUNTS)
        done = subprocess.run(
            [*self._inside, DEBIAN_PYTHON, script, self._configuration],
            input=json.dumps(what) + "\n",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{what['do']} {what['name']}: {done.stderr}")

    def _write_ntlm_auth(self) -> None:
        inside = " ".join(self._inside)
        path = Path(self.ntlm_auth)
        path.write_text(f'#!/bin/sh\nexec {inside} ntlm_auth --configfile={self._configuration} "$@"\n')
        path.chmod(0o755)

    def _answers(self) -> bool:
        asked = [*self._inside, "wbinfo", "--ping-dc", f"--domain={DOMAIN}"]
        done = subprocess.run(asked, capture_output=True, check=False)
        return done.returncode == 0
