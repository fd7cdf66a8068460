"""What RADIUS workers know, kept in files, and a service that starts with it while the database is away."""

import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from access.app import open_radius
from access.config import load
from access.errors import Unavailable
from access.keys.sealing import Keyring
from access.logins.memory import Memory
from access.proof.network_password import PasswordSummary
from access.store import feed, network_passwords, organizations, people, world_shelf
from access.store.world import open_world
from access.store.world_copy import news_of
from access.store.world_keeper import WorldKeeper
from access.store.world_shelf import WorldShelf
from tests.access.radius_office import PERSON, PRINTER, opened_office, serving
from tests.peers.ports import free_port
from tests.peers.process import Daemon
from tests.peers.radclient import ask
from tests.peers.waiting import wait_until

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]
MAB = {"User-Name": PRINTER, "User-Password": PRINTER, "Service-Type": "Call-Check"}
MAB |= {"Calling-Station-Id": PRINTER}
OTHER_KEY = Keyring({"other": bytes(32)}, "other")


@pytest.fixture
def office(address, directory):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        office.network_password = with_network_password(office)
        yield office
        office.app.close()


def with_network_password(office):
    app, now = office.app, office.app.clock()
    with app.database.write() as conn:
        own = organizations.all_organizations(conn)[0].id
        user = people.user_by_name(conn, own, PERSON)
        new = PasswordSummary(0, "laptop", now, valid_until=now + 86400)
        return network_passwords.add(conn, app.keyring, app.random, new, (user.id, own))


def shelf_of(office, keyring=None):
    return WorldShelf(office.state_dir, keyring or office.app.keyring, office.app.random)


@contextmanager
def kept(office):
    """A keeper that has looked once."""
    world = open_world(office.app.database, office.app.keyring)
    keeper = WorldKeeper(world, shelf_of(office), office.app.clock)
    keeper.look()
    yield keeper
    world.glance.close()


def memory_of(news):
    memory = Memory()
    for put in news.puts:
        put(memory)
    return memory


def test_what_is_read_from_the_shelf_is_what_was_in_the_database(office):
    app = office.app
    with kept(office):
        remembered = shelf_of(office).read()
    world = open_world(app.database, app.keyring)
    there, here = memory_of(world.all()), memory_of(news_of(remembered.known))

    assert len(here) == len(there) > 0
    _, _, user = there.meant(PERSON, 1)
    assert here.meant(PERSON, 1)[2] == user
    assert here.passwords_of(user.id) == there.passwords_of(user.id) != ()
    assert here._clients == there._clients
    assert here.endpoint(PRINTER) == there.endpoint(PRINTER)
    assert here.policy.revision == there.policy.revision


@pytest.mark.parametrize("name", ["known", "true"])
def test_the_files_are_roots_and_hold_nothing_in_clear(office, name):
    with kept(office):
        file = office.state_dir / "known" / name

    assert file.stat().st_mode & 0o777 == 0o600
    assert (office.state_dir / "known").stat().st_mode & 0o777 == 0o700
    assert PERSON.encode() not in file.read_bytes()


@pytest.mark.parametrize("name", ["known", "true"])
def test_a_file_that_was_touched_is_not_believed(office, name):
    with kept(office):
        file = office.state_dir / "known" / name
        octets = bytearray(file.read_bytes())
        octets[-1] ^= 1
        file.write_bytes(octets)

    assert shelf_of(office).read() is None


def test_files_of_another_key_or_another_version_are_not_read(office, monkeypatch):
    with kept(office):
        assert shelf_of(office, OTHER_KEY).read() is None
        assert shelf_of(office, OTHER_KEY).kept() is None
        monkeypatch.setattr(world_shelf, "LAYOUT", bytes(32))

        assert shelf_of(office).read() is None


def test_one_file_without_the_other_of_the_same_time_is_not_believed(office):
    with kept(office) as keeper:
        before = (office.state_dir / "known" / "true").read_bytes()
        office.publish_more("")
        keeper._write_at = 0.0
        keeper.look()
        (office.state_dir / "known" / "true").write_bytes(before)

    assert shelf_of(office).read() is None


def test_what_has_not_changed_stays_true_without_being_written_again(office):
    with kept(office) as keeper:
        written = (office.state_dir / "known" / "known").stat().st_mtime_ns
        first = shelf_of(office).read()
        with office.app.database.write() as conn:
            # A code that is spent is nothing that a worker knows by heart.
            feed.append(conn, feed.Topic.TOKEN, "1", None, office.app.clock())
        keeper.look()
        keeper.look()
        second = shelf_of(office).read()

    assert (office.state_dir / "known" / "known").stat().st_mtime_ns == written
    assert second.true_at > first.true_at
    assert second.position > first.position


def test_what_is_under_an_older_key_is_written_again_under_the_newest(office):
    old = office.app.keyring
    both = Keyring({**old.keys, "next": bytes(range(32))}, "next")
    news = []
    app = replace(
        office.app, keyring=Keyring(old.keys, old.current, news=lambda: news.pop() if news else None)
    )
    world = open_world(app.database, app.keyring)
    keeper = WorldKeeper(world, shelf_of(office, app.keyring), app.clock)
    keeper.look()

    news.append(both)
    keeper.look()
    keeper._write_at = 0.0
    keeper.look()

    world.glance.close()
    assert shelf_of(office, Keyring({"next": bytes(range(32))}, "next")).read() is not None


def test_what_has_changed_is_true_no_longer_until_it_is_written_again(office):
    with kept(office) as keeper:
        first = shelf_of(office).read()
        office.publish_more("")
        keeper.look()
        unwritten = shelf_of(office).read()
        keeper._write_at = 0.0
        keeper.look()
        written = shelf_of(office).read()

    assert (unwritten.true_at, unwritten.position) == (first.true_at, first.position)
    assert written.true_at > first.true_at
    assert written.known.policy != first.known.policy


def test_without_a_shelf_a_worker_does_not_start_while_the_database_is_away(office):
    office.lose_database()

    with pytest.raises(Unavailable), serving(office):
        pass
    office.regain_database()


def test_a_worker_that_starts_with_too_old_knowledge_refuses_and_says_so(office):
    with kept(office):
        pass
    known = shelf_of(office)
    remembered = known.read()
    basic_s = office.app.settings.radius.staleness_basic_s
    known.keep(remembered.known, {}, office.app.clock() - basic_s - 1)
    office.lose_database()

    with serving(office):
        refused = ask(office.server("switch"), MAB)
        office.regain_database()
        wait_until(lambda: ask(office.server("switch"), MAB).code == "Access-Accept", "the world to be true")

    office.load()
    assert refused.code == "Access-Reject"
    assert office.audited()[-1].kind == "login"
    reasons = [each.reason for each in office.audited() if each.kind == "login"]
    assert reasons[0] == "STALE_DECISION"
    assert reasons[-1] == "PERMITTED"


def test_a_key_file_is_not_made_for_a_database_that_is_away(office):
    with kept(office):
        pass
    config = office.state_dir.parent / "officegate.toml"
    keys = load(config).keys.file
    keys.rename(keys.with_suffix(".elsewhere"))
    office.lose_database()

    with pytest.raises(Unavailable):
        open_radius(load(config))

    assert not keys.exists()
    office.regain_database()


@pytest.mark.peer("postgres")
def test_a_service_that_is_started_while_the_database_is_away_lets_in_whom_it_knew(
    postgres, postgres_url, directory
):
    with tempfile.TemporaryDirectory(prefix="r-") as place:
        office = opened_office(Path(place), postgres_url, directory.slapd, directory.hangang)
        password = with_network_password(office)
        with service(office, Path(place)):
            wait_until(lambda: shelf_of(office).kept() is not None, "the shelf to be filled", 60.0)
        postgres.stop()
        try:
            with service(office, Path(place)) as daemon:
                printer = ask(office.server("switch"), MAB)
                person = office.log_in("switch", password)
                directory_person = office.log_in("switch", office.password)
                coded = office.log_in("vpn", office.password + office.code())
        finally:
            postgres.restart()

        assert "begins with what was known before" in daemon.log
        assert (printer.code, person.code, directory_person.code) == ("Access-Accept",) * 3
        assert coded.code == "Access-Reject"
        assert office.load() > 0
        reasons = [each.reason for each in office.audited() if each.kind == "login"]
        assert reasons == ["PERMITTED"] * 3 + ["CODE_UNPROVABLE"]
        office.app.close()


@contextmanager
def service(office, place):
    """`officegate radius` in processes of its own."""
    config = place / "officegate.toml"
    office.auth_port = free_port(adjacent=2)
    office.acct_port = office.auth_port + 1
    ours = ("auth_port", "acct_port", "workers")
    lines = [line for line in config.read_text().splitlines() if not line.startswith(ours)]
    at = lines.index("[radius]") + 1
    lines[at:at] = [f"auth_port = {office.auth_port}", f"acct_port = {office.acct_port}", "workers = 1"]
    config.write_text("\n".join(lines))
    command = [sys.executable, "-m", "access.cli", "--config", str(config), "radius"]
    said = 0
    daemon = Daemon(command, place, ready=lambda: daemon.log.count("officegate is ready") > said)
    said = daemon.log.count("officegate is ready")
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()
