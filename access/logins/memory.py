"""What a RADIUS worker knows by heart: companies, people, NAS, endpoints, and the policy in force.

Whoever follows the change feed puts in what changed; nothing here asks the database. Groups are many
fewer than people, and people in the same groups share one set: 100,000 people take 45 MB.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from access.certificates.known import KnownCertificates
from access.countries import Countries
from access.logins.eap_offer import inside, offer
from access.logins.machines import machine_account
from access.logins.radius_reasons import RADIUS_METHODS
from access.logins.trails import Trails
from access.model import Bilingual, Organization, User
from access.nas.nas_certificate import NasCertificate, Pin
from access.nas.registry import Code, EapMethod, Endpoint, IPAddress, MessageAuthenticator, NasClient, Network
from access.people.naming import Login, organization_by_realm_or_key, resolve_login, split_realm
from access.policy.beside import Change
from access.policy.compiled import Policy
from access.policy.offered import Shape, shapes_of
from access.proof.network_password import NetworkPassword, packed, unpacked
from access.proof.password_memory import PasswordMemory
from radius.eap.packet import EapType
from radius.limits import RADSEC_SECRET
from radius.nas import CodeMode, MessageAuthenticatorPolicy, Nas

CODE_MODES = {
    Code.APPENDED: CodeMode.APPENDED,
    Code.CHALLENGE: CodeMode.CHALLENGE,
    Code.NONE: CodeMode.NONE,
}
SIGNING = {
    MessageAuthenticator.REQUIRE: MessageAuthenticatorPolicy.REQUIRE,
    MessageAuthenticator.AUTO: MessageAuthenticatorPolicy.AUTO,
    MessageAuthenticator.OFF: MessageAuthenticatorPolicy.OFF,
}
EAP_TYPES = {
    EapMethod.TLS: EapType.TLS,
    EapMethod.PEAP: EapType.PEAP,
    EapMethod.TTLS: EapType.TTLS,
    EapMethod.MSCHAPV2: EapType.MSCHAPV2,
    EapMethod.GTC: EapType.GTC,
    EapMethod.MD5: EapType.MD5_CHALLENGE,
}

# What EAP-GTC asks; a NAS shows it as it is.
QUESTION = Bilingual(ko="비밀번호: ", en="Password: ")


class Memory:
    """The known world of one worker. Reading is safe from any thread; one thread puts."""

    def __init__(self) -> None:
        self.policy: Policy | None = None
        self.countries = Countries()
        self.right_passwords: PasswordMemory | None = None
        self.trails = Trails()
        self.organizations: Mapping[int, Organization] = {}
        self._ids_of_keys: Mapping[str, int] = {}
        self._users: dict[int, User] = {}
        self._names: dict[str, dict[str, int]] = {}
        self._namesakes: dict[tuple[str, str], set[int]] = {}
        self._linked: frozenset[int] = frozenset()
        self._group_sets: dict[frozenset[str], frozenset[str]] = {}
        self._permits: frozenset[Shape] | None = None
        self._clients: Mapping[str, NasClient] = {}
        self._hosts: Mapping[IPAddress, Nas] = {}
        self._networks: tuple[tuple[Network, Nas], ...] = ()
        self._over_tls: Mapping[str, Nas] = {}
        self._certificates: Mapping[NasCertificate, str] = {}
        self._endpoints: dict[int, Endpoint] = {}
        self._macs: dict[str, int] = {}
        self._passwords: dict[int, bytes] = {}
        self.certificates = KnownCertificates()

    def put_organizations(self, known: Iterable[Organization]) -> None:
        """Know these companies and no others."""
        self.organizations = {organization.id: organization for organization in known}
        self._ids_of_keys = {each.key: each.id for each in self.organizations.values()}
        self.put_clients(self._clients.values())

    def put_users(self, known: Iterable[User]) -> None:
        """Know these people and no others."""
        fresh = Memory()
        for user in known:
            fresh.put_user(user.id, user)
        self.take_users(fresh)

    def take_users(self, other: "Memory") -> None:
        """Know the people of another memory and no others."""
        self._users, self._names = other._users, other._names
        self._namesakes, self._group_sets = other._namesakes, other._group_sets
        if self.right_passwords is not None:
            self.right_passwords.look_over(self.user)

    def put_user(self, user_id: int, user: User | None) -> None:
        """Know a person as they are now; None: nobody any more."""
        before = self._users.pop(user_id, None)
        if before is not None:
            self._take_name(before)
        if user is not None:
            self._users[user_id] = self._compact(user)
            self._give_name(user)
        if self.right_passwords is not None:
            self.right_passwords.saw(user_id, user)

    def put_links(self, linked: frozenset[int]) -> None:
        """Know who has phones together with another membership of theirs: few people, so all at once."""
        self._linked = linked

    def is_linked(self, user_id: int) -> bool:
        """Whether the phones of somebody else may be this person's as well; the database says whose."""
        return user_id in self._linked

    def put_policy(self, policy: Policy | None) -> None:
        """Decide by this policy; what each NAS offers follows it."""
        self.policy = policy
        sides = policy.sides if policy is not None else ()
        known = frozenset[Shape]().union(*map(shapes_of, sides))
        self._permits = known if sides else None
        self.put_clients(self._clients.values())

    def put_standing(self, changes: Iterable[Change], revision: int) -> None:
        """Know some of the rules that stand beside the document as they are now."""
        if self.policy is None:
            return
        before, after = self.policy, self.policy.with_standing(changes, revision)
        self.policy = after
        if [*map(shapes_of, before.sides)] != [*map(shapes_of, after.sides)]:
            self.put_policy(after)

    def put_clients(self, clients: Iterable[NasClient]) -> None:
        """Know these NAS and no others."""
        enabled = [client for client in clients if client.enabled]
        self._clients = {str(client.id): client for client in enabled}
        nas = [(client.network, self._nas(client)) for client in enabled]
        self._hosts = {network.network_address: each for network, each in nas if network.num_addresses == 1}
        self._over_tls = {each.key: _over_tls(each) for _, each in nas}
        networks = [(network, each) for network, each in nas if network.num_addresses > 1]
        self._networks = tuple(sorted(networks, key=lambda known: -known[0].prefixlen))

    def put_certificates(self, known: Mapping[NasCertificate, int]) -> None:
        """Know by which certificates each NAS may connect, by its id, and by no others."""
        self._certificates = {certificate: str(nas_id) for certificate, nas_id in known.items()}

    def put_endpoints(self, known: Iterable[Endpoint]) -> None:
        """Know these endpoints and no others."""
        self._endpoints, self._macs = {}, {}
        for endpoint in known:
            self.put_endpoint(endpoint.id, endpoint)

    def put_endpoint(self, endpoint_id: int, endpoint: Endpoint | None) -> None:
        """Know an endpoint as it is now; None: it is none of ours any more."""
        before = self._endpoints.pop(endpoint_id, None)
        if before is not None and self._macs.get(before.mac) == endpoint_id:
            del self._macs[before.mac]
        if endpoint is not None:
            self._endpoints[endpoint_id] = endpoint
            self._macs[endpoint.mac] = endpoint_id

    def saw_8021x(self, station: str, where: str, at: float) -> None:
        """Remember that an endpoint did 802.1X, if its address is also one that logs in by itself."""
        known = self.endpoint(station.replace(":", "-"))
        if known is not None:
            self.put_endpoint(known.id, replace(known, dot1x_at=at, dot1x_place=where))

    def take_passwords(self, known: dict[int, bytes]) -> None:
        """Know these network passwords, packed and by person, and no others."""
        self._passwords = known

    def put_passwords(self, user_id: int, known: tuple[NetworkPassword, ...]) -> None:
        """Know the network passwords of a person as they are now."""
        if known:
            self._passwords[user_id] = packed(known)
        else:
            self._passwords.pop(user_id, None)

    def passwords_of(self, user_id: int) -> tuple[NetworkPassword, ...]:
        """Return the network passwords of a person, also those whose time is over."""
        return unpacked(user_id, self._passwords.get(user_id, b""))

    def password(self, user_id: int, password_id: int) -> NetworkPassword | None:
        """Return one network password of a person; None once it is revoked."""
        for each in self.passwords_of(user_id):
            if each.id == password_id:
                return each
        return None

    def find_nas(self, address: IPAddress) -> Nas | None:
        """Return the NAS that asks from this address; of several networks the smallest."""
        host = self._hosts.get(address)
        if host is not None:
            return host
        for network, nas in self._networks:
            if address in network:
                return nas
        return None

    def nas_over_tls(self, key: str) -> Nas | None:
        """Return the NAS with this key as it is over TLS, where another secret counts."""
        return self._over_tls.get(key)

    def connecting(self, fingerprint: str, names: Iterable[str]) -> Nas | None:
        """Return the NAS that a certificate is of: by its fingerprint, else by a name it is vouched for."""
        shown = [NasCertificate(Pin.FINGERPRINT, fingerprint)]
        shown += [NasCertificate(Pin.NAME, name) for name in sorted(names)]
        keys = (self._certificates.get(each) for each in shown)
        found = (self._over_tls.get(key) for key in keys if key is not None)
        return next((nas for nas in found if nas is not None), None)

    def client(self, key: str) -> NasClient | None:
        """Return the NAS with the key that radius knows it by."""
        return self._clients.get(key)

    def user(self, user_id: int) -> User | None:
        """Return a person by id."""
        return self._users.get(user_id)

    def meant(self, text: str, organization_id: int) -> tuple[str, str | None, User | None]:
        """Return whom a login name means: name@organization, the organization's key, the person.

        Without a realm the organization given decides. Somebody unknown keeps the name as it was typed.
        """
        default = self.organizations.get(organization_id)
        login = self._machine(text, default) or resolve_login(self.organizations.values(), text, default)
        if login is None:
            return text.lower(), None, None
        key = login.organization.key
        user = self._users.get(self._names.get(key, {}).get(login.name, 0))
        return f"{login.name}@{key}", key, user

    def _machine(self, text: str, default: Organization | None) -> Login | None:
        """Return what host/NAME.DOMAIN means: an account of the realm's company, else of the NAS's."""
        account = machine_account(text)
        if account is None:
            return None
        name, domain = account
        known = self.organizations.values()
        return resolve_login(known, f"{name}@{domain}") or resolve_login(known, name, default)

    def names_unknown_realm(self, text: str) -> bool:
        """Return whether a login name has a realm that is no company's."""
        _, realm = split_realm(text)
        return realm is not None and organization_by_realm_or_key(self.organizations.values(), realm) is None

    def language_of(self, client: NasClient) -> str:
        """The language of a NAS's company; the person's would tell who exists."""
        organization = self.organizations.get(client.organization_id)
        return organization.language if organization else "en"

    def organization_of(self, user: User) -> Organization | None:
        """Return a person's company."""
        return self.organizations.get(self._ids_of_keys.get(user.organization, 0))

    def organization_by_key(self, key: str) -> Organization | None:
        """Return a company."""
        return self.organizations.get(self._ids_of_keys.get(key, 0))

    def full_name(self, user: User) -> str:
        """Return a person's name with the realm, as accounting and a NAS should know it."""
        organization = self.organization_of(user)
        return f"{user.name}@{organization.realm}" if organization else user.name

    def endpoint(self, mac: str) -> Endpoint | None:
        """Return the endpoint with this MAC address, written aa-bb-cc-dd-ee-ff."""
        return self._endpoints.get(self._macs.get(mac, 0))

    def endpoint_by_id(self, endpoint_id: int) -> Endpoint | None:
        """Return an endpoint."""
        return self._endpoints.get(endpoint_id)

    def __len__(self) -> int:
        return len(self._users)

    def _nas(self, client: NasClient) -> Nas:
        """Return a NAS as the server knows it: its language is that of its company."""
        organization = self.organizations.get(client.organization_id)
        question = QUESTION.to(organization.language if organization else "en")
        return replace(_nas(client, self._permits), question=question)

    def _give_name(self, user: User) -> None:
        names = self._names.setdefault(user.organization, {})
        other = names.setdefault(user.name, user.id)
        if other != user.id:
            sharing = self._namesakes.setdefault((user.organization, user.name), {other})
            sharing.add(user.id)
            names[user.name] = self._owner(sharing)

    def _take_name(self, user: User) -> None:
        names = self._names[user.organization]
        sharing = self._namesakes.get((user.organization, user.name), set())
        sharing.discard(user.id)
        if sharing:
            names[user.name] = self._owner(sharing)
        elif names.get(user.name) == user.id:
            del names[user.name]
        if len(sharing) < 2:
            self._namesakes.pop((user.organization, user.name), None)

    def _owner(self, sharing: set[int]) -> int:
        """Return who may use a name: somebody enabled before those who wait for it, then the newest."""
        return max(sharing, key=lambda user_id: (self._users[user_id].enabled, user_id))

    def _compact(self, user: User) -> User:
        """Return the person without what no login asks for, the groups shared with everybody alike."""
        groups = self._group_sets.setdefault(user.groups, user.groups)
        return replace(user, display_name="", mail="", groups=groups)


def _over_tls(nas: Nas) -> Nas:
    """Return a NAS as it is inside TLS, which has proven it already (RFC 6614 section 2.3)."""
    off = MessageAuthenticatorPolicy.OFF
    return replace(nas, secrets=(RADSEC_SECRET,), preferred=0, message_authenticator=off)


def _nas(client: NasClient, permits: frozenset[Shape] | None) -> Nas:
    possible = inside(client, permits)
    return Nas(
        key=str(client.id),
        name=client.name,
        secrets=tuple(secret.encode() for secret in client.secrets),
        message_authenticator=SIGNING[client.message_authenticator],
        code=CODE_MODES[client.code],
        code_digits=client.code_digits,
        via=client.via.value,
        eap_methods=tuple(EAP_TYPES[method] for method in offer(client, permits)),
        inside=None if possible is None else frozenset(RADIUS_METHODS[method] for method in possible),
        mab=client.mab,
        vendor=client.vendor,
        preferred=client.preferred,
        signs=client.signs_since is not None,
    )
