"""VPN gateways of free software and their clients over the office net: ocserv, OpenVPN, strongSwan.

    namespace "client"                  namespace "gateway"                    namespace "server"
    openconnect, openvpn, charon  ====  ocserv, openvpn, charon  - RADIUS at 127.0.0.1
    10.8.0.2                            10.8.0.1              10.99.0.1  ====  10.99.0.2, .3

Needs root. The client has no way to the server but the tunnel. What it is told of routes and name servers is
put in place by `ip route`, and into a resolv.conf in its directory: the machine's own is left alone.

strongSwan carries its packets itself (kernel-libipsec), as not every kernel has ESP.
"""

import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from tests.peers.available import program
from tests.peers.certificates import create_authority
from tests.peers.office_net import OfficeNet, ip
from tests.peers.process import Daemon
from tests.peers.waiting import wait_until

NAME = "vpn.hangang.example"
GATEWAY = "10.8.0.1"
POOL = "10.9.0.0/24"
TUNNEL = "tun0"
RADIUSPLUGIN = Path("/usr/lib/openvpn/radiusplugin.so")
CHARON = "/usr/sbin/charon-systemd"
# A first login may come while a machine is busy with others.
CONNECTED_S = 60.0
UP = "Initialization Sequence Completed"

# What vpnc-script does, without touching the machine's resolv.conf.
SCRIPT = """\
#!/bin/sh
into_tunnel() {  # the name of a list of networks, and how many it has
    n=0; while [ "$n" -lt "${2:-0}" ]; do
        eval "ip route add \\"\\$${1}_${n}_ADDR/\\$${1}_${n}_MASKLEN\\" dev \\"\\$TUNDEV\\""
        n=$((n + 1))
    done
}
case "$reason" in
connect)
    ip link set "$TUNDEV" up
    ip address add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
    ip -6 address add "$INTERNAL_IP6_ADDRESS/128" dev "$TUNDEV" nodad
    into_tunnel CISCO_SPLIT_INC "$CISCO_SPLIT_INC"
    into_tunnel CISCO_IPV6_SPLIT_INC "$CISCO_IPV6_SPLIT_INC"
    for server in $INTERNAL_IP4_DNS $INTERNAL_IP6_DNS; do echo "nameserver $server"; done > resolv.conf.new
    mv resolv.conf.new resolv.conf ;;
disconnect)
    rm -f resolv.conf ;;
esac
"""


@dataclass(frozen=True)
class Radius:
    """Where the gateway asks, in its own namespace."""

    auth_port: int
    acct_port: int
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Credentials:
    """What the client logs in with."""

    name: str
    password: str = field(repr=False)


class VpnGateways:
    """Gateways and clients on one office net; as a context they are ended whatever happens."""

    def __init__(self, directory: Path, net: OfficeNet) -> None:
        self.net = net
        self._directory = directory
        self._ending = ExitStack()
        ip("-n", net.client, "route", "del", "default")
        ip("-n", net.client, "-6", "route", "del", "default")
        self._files = create_authority(self._folder("authority")).issue(NAME)
        self.client_directory = self._folder("client")

    def __enter__(self) -> "VpnGateways":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ending.close()

    def close(self) -> None:
        """End the gateway and its client."""
        self._ending.close()

    def routes(self) -> set[str]:
        """The destinations that the client sends into the tunnel, beside the tunnel's own."""
        found = set[str]()
        for family in ("-4", "-6"):
            lines = self.net.run(self.net.client, ["ip", family, "route", "show", "dev", TUNNEL]).splitlines()
            found |= {line.split()[0] for line in lines}
        return {each for each in found if "/" in each and not each.startswith(("fe80", "10.9.", "ff00"))}

    def name_servers(self) -> list[str]:
        """Whom the client asks for names."""
        path = self.client_directory / "resolv.conf"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [line.split()[1] for line in lines if line.startswith("nameserver")]

    def addresses(self) -> set[str]:
        """The addresses of the client in the tunnels of the pool."""
        shown = self.net.run(self.net.client, ["ip", "-4", "-o", "address"])
        found = {word.partition("/")[0] for line in shown.splitlines() for word in line.split()}
        return {each for each in found if each.startswith("10.9.")}

    def ocserv(self, radius: Radius) -> Daemon:
        """An OpenConnect server that takes accounts, addresses, routes and name servers from RADIUS."""
        folder = self._folder("gateway")
        dictionaries = ("/etc/radcli/dictionary", "/etc/radcli/dictionary.microsoft")
        (folder / "dictionary").write_text("".join(f"$INCLUDE {each}\n" for each in dictionaries), "utf-8")
        radcli = f"""\
            nas-identifier vpn
            authserver 127.0.0.1:{radius.auth_port}:{radius.secret}
            acctserver 127.0.0.1:{radius.acct_port}:{radius.secret}
            servers /dev/null
            dictionary {folder}/dictionary
            default_realm
            radius_timeout 20
            radius_retries 2
            bindaddr *
            """
        (folder / "radcli.conf").write_text(dedent(radcli), "utf-8")
        settings = f"""\
            auth = "radius[config={folder}/radcli.conf,groupconfig=true]"
            acct = "radius[config={folder}/radcli.conf]"
            tcp-port = 443
            run-as-user = root
            run-as-group = root
            socket-file = {folder}/o
            server-cert = {self._files.certificate}
            server-key = {self._files.key}
            isolate-workers = false
            use-occtl = false
            device = vpns
            ipv4-network = {POOL}
            ipv6-network = fd00:9::/64
            stats-report-time = 1
            """
        (folder / "ocserv.conf").write_text(dedent(settings), "utf-8")
        options = ("-f", "-d", "3", "-c", folder / "ocserv.conf")
        return self._start(self.net.gateway, folder, "ocserv", *options, ready="initialized ocserv")

    def openconnect(self, credentials: Credentials) -> Daemon:
        """A client of ocserv."""
        folder = self.client_directory
        (folder / "script").write_text(SCRIPT, "utf-8")
        (folder / "script").chmod(0o700)
        (folder / "password").write_text(f"{credentials.password}\n", "utf-8")
        words = (
            *("--user", credentials.name, "--passwd-on-stdin", "--non-inter", "--no-dtls"),
            *("--cafile", str(self._files.authority), "--resolve", f"{NAME}:{GATEWAY}"),
            *("--interface", TUNNEL, "--script", str(folder / "script"), f"https://{NAME}"),
        )
        shell = f'exec "$0" "$@" < {folder}/password'
        command = ("sh", "-c", shell, program("openconnect"), *words)
        client = self._start(self.net.client, folder, *command, ready="Configured as")
        wait_until((folder / "resolv.conf").exists, "openconnect to set up its tunnel", CONNECTED_S)
        return client

    def openvpn_server(self, radius: Radius, *more: str) -> Daemon:
        """An OpenVPN server with the plugin for RADIUS, and more lines of its configuration."""
        folder = self._folder("gateway")
        (folder / "ccd").mkdir()
        plugin = f"""\
            NAS-Identifier=vpn
            Service-Type=5
            Framed-Protocol=1
            NAS-Port-Type=5
            NAS-IP-Address=127.0.0.1
            OpenVPNConfig={folder}/server.conf
            subnet=255.255.255.0
            overwriteccfiles=true
            server
            {{
            acctport={radius.acct_port}
            authport={radius.auth_port}
            name=127.0.0.1
            retry=1
            wait=20
            sharedsecret={radius.secret}
            }}
            """
        (folder / "radius.conf").write_text(dedent(plugin), "utf-8")
        settings = f"""\
            dev {TUNNEL}
            proto udp4
            port 1194
            server 10.9.0.0 255.255.255.0
            topology subnet
            ca {self._files.authority}
            cert {self._files.certificate}
            key {self._files.key}
            dh none
            verify-client-cert none
            username-as-common-name
            plugin {RADIUSPLUGIN} {folder}/radius.conf
            client-config-dir {folder}/ccd
            status {folder}/status.log 1
            status-version 1
            keepalive 10 60
            push "route 10.99.0.0 255.255.255.0"
            """
        (folder / "server.conf").write_text("\n".join((dedent(settings), *more, "")), "utf-8")
        server = self._start(self.net.gateway, folder, "openvpn", folder / "server.conf", ready=UP)
        # The plugin's processes do not end by themselves.
        self._ending.callback(server.kill)
        return server

    def openvpn(self, credentials: Credentials) -> Daemon:
        """A client of OpenVPN."""
        folder = self.client_directory
        (folder / "login").write_text(f"{credentials.name}\n{credentials.password}\n", "utf-8")
        (folder / "login").chmod(0o600)
        settings = f"""\
            client
            dev {TUNNEL}
            proto udp4
            remote {GATEWAY} 1194
            nobind
            ca {self._files.authority}
            remote-cert-eku "TLS Web Server Authentication"
            auth-user-pass {folder}/login
            explicit-exit-notify 1
            """
        (folder / "client.conf").write_text(dedent(settings), "utf-8")
        return self._start(self.net.client, folder, "openvpn", folder / "client.conf", ready=UP)

    def strongswan_gateway(self, radius: Radius) -> Daemon:
        """A gateway for IKEv2 that asks RADIUS by EAP and gives the Class back in accounting."""
        folder = self._folder("gateway")
        for where, file in (("x509", self._files.certificate), ("private", self._files.key)):
            (folder / where).mkdir()
            (folder / where / "gateway.pem").write_bytes(file.read_bytes())
        asked = (
            f"eap-radius {{ accounting = yes\n accounting_send_class = yes\n filter_id = yes\n"
            f" station_id_with_port = no\n servers {{ officegate {{ address = 127.0.0.1\n"
            f" secret = {radius.secret}\n auth_port = {radius.auth_port}\n"
            f" acct_port = {radius.acct_port}\n retransmit_timeout = 20 }} }} }}"
        )
        connection = f"""\
            connections {{ vpn {{ version = 2
              local_addrs = {GATEWAY}
              pools = radius
              send_cert = always
              over_time = 0s
              rand_time = 0s
              local {{ auth = pubkey
                certs = gateway.pem
                id = {NAME} }}
              remote {{ auth = eap-radius
                eap_id = %any }}
              children {{ office {{ local_ts = 10.99.0.0/24 }} }} }} }}
            """
        return self._charon(self.net.gateway, folder, asked, dedent(connection))

    def strongswan(self, credentials: Credentials) -> Daemon:
        """A client for IKEv2 that logs in by EAP-GTC, and anew before its time is over."""
        folder = self.client_directory
        connection = f"""\
            connections {{ vpn {{ version = 2
              remote_addrs = {GATEWAY}
              vips = 0.0.0.0
              over_time = 0s
              rand_time = 0s
              local {{ auth = eap-gtc
                eap_id = {credentials.name} }}
              remote {{ auth = pubkey
                id = {NAME} }}
              children {{ office {{ remote_ts = 0.0.0.0/0 }} }} }} }}
            secrets {{ eap-1 {{ id = {credentials.name}
              secret = "{credentials.password}" }} }}
            """
        client = self._charon(
            self.net.client, folder, f"resolve {{ file = {folder}/resolv.conf }}", dedent(connection)
        )
        self._swanctl(self.net.client, folder, "--initiate", "--child", "office", "--timeout", "60")
        return client

    def _charon(self, ns: str, folder: Path, plugins: str, connection: str) -> Daemon:
        (folder / "x509ca").mkdir()
        (folder / "x509ca" / "authority.pem").write_bytes(self._files.authority.read_bytes())
        (folder / "swanctl.conf").write_text(connection, "utf-8")
        loaded = (
            "random nonce kdf openssl pem pkcs1 x509 constraints pubkey kernel-libipsec kernel-netlink"
            " socket-default vici eap-identity eap-gtc eap-radius resolve"
        )
        settings = (
            f"charon-systemd {{ load = {loaded}\n"
            f" syslog {{ daemon {{ default = -1 }}\n auth {{ default = -1 }} }}\n"
            f" filelog {{ log {{ path = {folder}/charon.log\n default = 1\n flush_line = yes }} }}\n"
            f" plugins {{ vici {{ socket = unix://{folder}/v }}\n {plugins} }} }}\n"
            "swanctl { load = pem pkcs1 x509 openssl random }\n"
        )
        (folder / "strongswan.conf").write_text(settings, "utf-8")
        daemon = Daemon(
            ["ip", "netns", "exec", ns, CHARON],
            folder,
            ready=(folder / "v").exists,
            environment=_of_strongswan(folder),
        )
        self._ending.enter_context(daemon)
        self._swanctl(ns, folder, "--load-all", "--noprompt")
        return daemon

    def _swanctl(self, ns: str, folder: Path, *words: str) -> None:
        subprocess.run(
            [program("ip"), "netns", "exec", ns, program("swanctl"), *words, "--uri", f"unix://{folder}/v"],
            check=True,
            capture_output=True,
            timeout=90,
            env=os.environ | _of_strongswan(folder),
        )

    def _start(self, ns: str, folder: Path, name: str, *options: str | Path, ready: str) -> Daemon:
        command: Sequence[str | Path] = ["ip", "netns", "exec", ns, program(name) or name, *options]
        daemon = Daemon(command, folder, ready=lambda: ready in daemon.log)
        return self._ending.enter_context(daemon)

    def _folder(self, name: str) -> Path:
        folder = self._directory / name
        folder.mkdir()
        return folder


def _of_strongswan(folder: Path) -> dict[str, str]:
    return {"STRONGSWAN_CONF": str(folder / "strongswan.conf"), "SWANCTL_DIR": str(folder)}
