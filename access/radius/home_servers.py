"""The realms of the configuration, as the RADIUS library and the workers speak of them. ◆"""

from access.config import HomeServerSettings, RealmSettings, Settings
from access.logins.realms import Realm
from access.people.naming import folded
from radius.home import HomeServer, Order, Pool, Timing, Transport


def realms_of(settings: Settings) -> list[Realm]:
    """Return every realm that is configured."""
    return [_realm(key, realm) for key, realm in settings.realms.items()]


def _realm(key: str, realm: RealmSettings) -> Realm:
    servers = tuple(home_server(f"{key}/{name}", server) for name, server in realm.servers.items())
    timing = Timing(realm.response_s, realm.zombie_s, realm.probe_s, realm.revive_s)
    return Realm(
        key,
        Pool(servers, Order(realm.order.value), timing, frozenset(realm.gives)),
        frozenset(folded(name) for name in realm.names),
        frozenset(folded(name) for name in realm.users),
        frozenset(folded(name) for name in realm.groups),
    )


def home_server(key: str, server: HomeServerSettings) -> HomeServer:
    """Return a server under a key that no other has."""
    return HomeServer(
        key=key,
        address=server.address,
        port=server.port,
        secret=server.secret.encode(),
        transport=Transport(server.transport.value),
        accounting_port=server.accounting_port,
        must_sign=server.message_authenticator,
        has_status=server.status_server,
        certificate=server.certificate.lower(),
    )
