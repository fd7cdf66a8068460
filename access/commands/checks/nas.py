"""The NAS clients that are stored: whether each can work as it is, and has a secret of its own. ◆"""

from collections.abc import Iterator, Sequence
from contextlib import closing

from access.app import hashes_compared, open_database, open_key_store
from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import Settings
from access.errors import AccessError
from access.keys import keyfile
from access.nas.nas_rules import Compared, problems, sharers
from access.nas.registry import NasClient
from access.store import nas


def nas_clients(settings: Settings) -> Iterator[Verdict]:
    """What an older version took and this one would refuse, and secrets that several have."""
    elsewhere = settings.keys.variable or settings.keys.credential
    if not elsewhere and not settings.keys.file.exists():
        return
    try:
        keyring = keyfile.open_keys(settings.keys, open_key_store(settings.keys))
        with closing(open_database(settings)) as database, database.read() as conn:
            known, broken = nas.readable_clients(conn, keyring)
    except AccessError:
        return  # the checks of the database and of the key file say it
    for why in broken:
        yield fail("NAS", why, "remove it and add it again")
    clients = [client for client in known if client.enabled]
    compared = hashes_compared(settings)
    found = [verdict for client in clients for verdict in _about(client, clients, compared)]
    yield from found or [ok("NAS", f"{len(clients)} may ask")]


def _about(client: NasClient, clients: Sequence[NasClient], compared: Compared) -> Iterator[Verdict]:
    subject = f"NAS {client.name}"
    for why in problems(client, compared):
        yield fail(subject, why.en, f"run: officegate nas set {client.name} ...")
    sharing = sharers(client, clients)
    if sharing:
        seen = f"has the same secret as {', '.join(sharing)}"
        yield warn(subject, seen, f"run: officegate nas rotate {client.name}")
