"""All that is sealed goes from one key to the next, and is still itself."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary, insert, select, text, update

from access.changes.publishing import Draft
from access.keys.sealing import Keyring, SealBroken, key_id_of
from access.model import User
from access.proof.authentication import Spent, spend_code
from access.proof.factors import NewToken, Origin
from access.proof.network_password import PasswordSummary, open_one
from access.proof.passkey import NewPasskey, Registered
from access.proof.rekeying import Progress, rekey
from access.radius.tls_files import AuthorityFiles, Vault
from access.records.audit import AuditEntry
from access.store import audit, drafts, kept_subkeys, network_passwords, passkeys, tokens
from access.store import codes as written_codes
from access.store.opening_desk import StoredOpenings
from access.store.rekeying import FILES, StoredRekeying
from access.store.sealed import SEALED, Resealer
from access.store.spending import StoredCodes
from access.store.tables import METADATA
from access.store.tables import authorities as authorities_table
from access.store.tables import certificates as certificates_table
from access.store.tables import nas as nas_table
from access.store.tables import pickups as pickups_table
from access.store.tables import tokens as tokens_table
from otp import recovery
from otp.token import State, Token
from tests.access.residents import NOW, SECRET, Dice, give_phone, settle_in
from tests.peers.waiting import wait_until

ONLY_FIRST = Keyring({"first": bytes(range(32))}, "first")
BOTH = Keyring({"first": bytes(range(32)), "next": bytes(range(64, 96))}, "next")
ONLY_NEXT = Keyring({"next": bytes(range(64, 96))}, "next")
# Certificates, lists, hashes, fingerprints, and what is sealed under a person's key instead.
NOT_SEALED = {
    "authorities.certificate",
    "authorities.crl",
    "certificates.der",
    "directories.cookie",
    "api_keys.fingerprint",
    "passkeys.credential_id",
    "passkey_challenges.challenge",
    "one_time_codes.salt",
    "one_time_codes.fingerprint",
    "sessions.class",
    "sessions.state_hash",
    "audit_chain.hash",
    "audit_chain.stamp",
    "audit_spans.stamp",
    "policy_approvals.stamp",
    "sealed_codes.fingerprint",
    "audit.detail",
}
DICE = Dice(77)


class NoFiles:
    def reseal(self) -> int:
        return 0

    def under(self, key_id: str) -> int:
        return 0


def ports(database, files=None, keyring=BOTH, most=2) -> StoredRekeying:
    return StoredRekeying(database, keyring, DICE, lambda: NOW, files or NoFiles(), "an operator", most)


def fill(database) -> dict[str, bytes]:
    """A row of each kind, under the first key; what is in it."""
    user_id = settle_in(database)
    give_phone(database, user_id)
    with database.write() as conn:
        for table, row in rows_of(1):
            conn.execute(insert(table).values(row))
        summary = PasswordSummary(0, "printer", created_at=NOW, endpoint="", valid_until=None)
        passkey = NewPasskey(
            user_id, Registered(b"credential", b"a public key", 0, ""), "", NOW, Origin.UNKNOWN
        )
        passkeys.add(conn, ONLY_FIRST, passkey, 1, DICE)
        network_passwords.add(conn, ONLY_FIRST, DICE, summary, (user_id, 1))
        entry = AuditEntry("login", NOW, user_id=user_id, organization_id=1, detail={"a": "b"})
        audit.record(conn, "test", entry, ONLY_FIRST, DICE)
    return opened(database, ONLY_FIRST)


def rows_of(organization_id: int):
    def seal(secret: bytes, place: str) -> bytes:
        return ONLY_FIRST.seal(secret, place.encode(), DICE)

    yield (
        nas_table,
        {
            "organization_id": organization_id,
            "name": "vpn-1",
            "network": "10.0.0.1/32",
            "binding": "n1",
            "secret": seal(b"first secret", "nas:n1"),
            "second_secret": seal(b"second secret", "nas:n1"),
            "via": "vpn",
        },
    )
    yield (
        authorities_table,
        {
            "id": 5,
            "organization_id": organization_id,
            "name": "ours",
            "binding": "a1",
            "certificate": b"der",
            "sealed_key": seal(b"key of ours", "authority:a1"),
            "created_at": NOW,
        },
    )
    yield (
        certificates_table,
        {
            "id": 9,
            "key": "ours:01",
            "authority_id": 5,
            "organization_id": organization_id,
            "holder": "kim",
            "serial": "01",
            "der": b"der",
            "not_after": NOW,
            "valid_until": NOW,
            "issued_at": NOW,
        },
    )
    yield (
        pickups_table,
        {
            "certificate_id": 9,
            "file": seal(b"pkcs12", "pickup:9"),
            "valid_until": NOW + 60,
        },
    )


def opened(database, keyring: Keyring) -> dict[str, bytes]:
    """Every secret there is, by its kind; raises where one does not open."""
    found = {}
    with database.read() as conn:
        for each in SEALED:
            statement = select(*each.key, *each.needs, each.column.label("sealed"))
            for row in conn.execute(statement.where(each.column.is_not(None))).mappings():
                found[each.what] = each.open(row, keyring)
    return found


def test_every_column_of_octets_is_sealed_or_known_not_to_be():
    octets = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    sealed = {f"{each.column.table.name}.{each.column.name}" for each in SEALED}

    assert octets - sealed <= NOT_SEALED
    assert sealed <= octets


def test_all_that_is_sealed_opens_with_the_new_key_alone(database):
    before = fill(database)

    done = rekey(ports(database), lambda progress: None)

    after = opened(database, ONLY_NEXT)
    assert len(before) == len(SEALED) - 1
    assert {kind: after[kind] for kind in before} == before
    assert done.unused() == ["first"]
    assert sum(done.changed.values()) == len(before)


def test_whatever_is_left_is_counted_under_its_key(database):
    fill(database)

    left = ports(database).under_older_keys()["first"]

    assert {kind: count for kind, count in left.items() if count} == dict.fromkeys(opened(database, BOTH), 1)


def test_a_second_run_finds_nothing_to_do(database):
    fill(database)
    rekey(ports(database), lambda progress: None)

    again = rekey(ports(database), lambda progress: None)

    assert sum(again.changed.values()) == 0


def test_a_run_that_ended_half_way_is_finished_by_the_next(database):
    fill(database)
    for n in range(5):
        give_phone(database, settle_in(database, f"user{n}"))
    seeds = "seeds of phones and tokens"
    ports(database).reseal_some(seeds, None)

    done = rekey(ports(database), lambda progress: None)

    assert done.changed[seeds] == 4
    assert done.unused() == ["first"]


def test_progress_is_told_after_every_step(database):
    for n in range(5):
        give_phone(database, settle_in(database, f"user{n}"))
    told: list[Progress] = []

    rekey(ports(database), told.append)

    assert [each.done for each in told] == [2, 4, 5]
    assert {each.of for each in told} == {5}


def test_a_row_that_changed_since_it_was_read_keeps_its_change(database):
    token_id = give_phone(database, settle_in(database))
    (seeds,) = (each for each in SEALED if each.column.table.name == "tokens")

    class Meanwhile(Dice):
        """Another process revokes and changes the row between reading and writing."""

        def __call__(self, octets: int) -> bytes:
            conn.execute(update(tokens_table).where(tokens_table.c.id == token_id).values(secret=b"changed"))
            return super().__call__(octets)

    with database.write() as conn:
        step = replace_random(ports(database), Meanwhile()).some(conn, seeds, None)

    assert step.changed == 0
    with database.read() as conn:
        assert conn.execute(select(tokens_table.c.secret)).scalar_one() == b"changed"


def replace_random(made: StoredRekeying, random):
    return Resealer(made.keyring, random, made.most)


def test_a_secret_that_does_not_open_is_told_and_keeps_no_other_back(database):
    broken, whole = (give_phone(database, settle_in(database, name)) for name in ("a", "b"))
    with database.write() as conn:
        row = conn.execute(select(tokens_table.c.secret).where(tokens_table.c.id == broken)).scalar_one()
        flipped = row[:-1] + bytes([row[-1] ^ 1])
        conn.execute(update(tokens_table).where(tokens_table.c.id == broken).values(secret=flipped))

    done = rekey(ports(database), lambda progress: None)

    assert "does not open" in done.broken[0]
    assert done.unused() == []
    with database.read() as conn:
        sealed = conn.execute(select(tokens_table.c.secret).where(tokens_table.c.id == whole)).scalar_one()
    assert key_id_of(sealed) == "next"


def test_a_seed_stored_before_persons_were_part_of_it_is_bound_to_its_owner_afterwards(database):
    mine, theirs = settle_in(database, "mina.park"), settle_in(database, "suho.lee")
    give_phone(database, mine)
    with database.write() as conn:
        row = conn.execute(select(tokens_table)).one()
        before = f"token:{row.binding}:{row.organization_id}".encode()
        conn.execute(update(tokens_table).values(secret=ONLY_FIRST.seal(SECRET, before, DICE)))

    rekey(ports(database), lambda progress: None)

    with database.write() as conn:
        assert tokens.tokens_of(conn, ONLY_NEXT, mine, State.ACTIVE)
        conn.execute(update(tokens_table).values(user_id=theirs))
    with database.read() as conn, pytest.raises(SealBroken):
        tokens.tokens_of(conn, ONLY_NEXT, theirs, State.ACTIVE)


@pytest.mark.parametrize(
    "address", [pytest.param("postgresql", marks=pytest.mark.peer("postgres"))], indirect=True
)
def test_rows_are_counted_only_when_whoever_is_writing_them_is_done(database):
    user_id, writes, counted = settle_in(database), threading.Event(), []
    late = threading.Thread(target=write_late, args=(database, user_id, writes))
    count = threading.Thread(target=lambda: counted.append(ports(database).under_older_keys()))
    late.start()
    try:
        wait_until(lambda: waiting(database, "idle in transaction"), "a token is written and not committed")
        count.start()
        wait_until(lambda: waiting(database, "active") or counted, "counting waits for the writer")
        assert counted == []
    finally:
        writes.set()
        late.join()
        count.join()

    assert sum(counted[0]["first"].values()) == 1


def write_late(database, user_id: int, go_on: threading.Event) -> None:
    """A process that knows only the old key, in the middle of its transaction."""
    with database.write() as conn:
        new = NewToken(user_id, Token(SECRET, state=State.ACTIVE), created_at=NOW)
        tokens.add(conn, ONLY_FIRST, new, 1, DICE)
        go_on.wait(60)


def waiting(database, state: str) -> bool:
    locked = "AND wait_event_type = 'Lock'" if state == "active" else "AND backend_xid IS NOT NULL"
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = :state "
    with database.read() as conn:
        return conn.execute(text(query + locked), {"state": state}).scalar_one() > 0


def test_codes_on_paper_outlive_the_key_they_were_made_with(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    codes = StoredCodes(database, ONLY_FIRST, DICE)
    printed, held = recovery.issue(DICE, codes.code_key())
    with database.write() as conn:
        written_codes.replace_recovery(conn, user_id, held, "first", NOW)
    rekey(ports(database), lambda progress: None)

    with database.read() as conn:
        after = ONLY_NEXT.keeping(kept_subkeys.kept(conn, ONLY_NEXT))
    user = User(user_id, "hangang", "minjun.kim", "")

    assert isinstance(spend_code(StoredCodes(database, after, DICE), user, printed[0], NOW), Spent)


def test_sealed_codes_and_approvals_of_a_policy_go_on_once_the_old_key_is_gone(database):
    user_id = settle_in(database)
    (_, code), _ = StoredOpenings(database, ONLY_FIRST, DICE, "test", {}).make_codes("hq", 2, "root", NOW)
    with database.write() as conn:
        made = drafts.save(conn, None, Draft("version: 1\n", "boss", ""), NOW)
        assert drafts.approve(conn, ONLY_FIRST, made, user_id, NOW)

    rekey(ports(database), lambda progress: None)

    with database.read() as conn:
        after = ONLY_NEXT.keeping(kept_subkeys.kept(conn, ONLY_NEXT))
        for keyring, approved in ((after, [user_id]), (ONLY_NEXT, [])):
            found = drafts.approvals(conn, keyring, made.revision, made.base)
            assert [each.user_id for each in found] == approved
    assert StoredOpenings(database, after, DICE, "test", {}).sealed_code(code) is not None
    assert StoredOpenings(database, ONLY_NEXT, DICE, "test", {}).sealed_code(code) is None


def test_without_what_was_kept_nothing_of_the_old_key_is_left():
    with pytest.raises(SealBroken):
        ONLY_NEXT.subkey("written codes", "first")


def test_the_key_of_the_servers_authority_in_its_file_is_sealed_anew(database, tmp_path):
    place = b"radius authority"
    path = tmp_path / "authority.key"
    path.write_bytes(ONLY_FIRST.seal(b"pem", place, DICE))

    done = rekey(ports(database, AuthorityFiles(tmp_path, Vault(BOTH, DICE))), lambda progress: None)

    assert done.changed[FILES] == 1
    assert ONLY_NEXT.open_sealed(path.read_bytes(), place) == b"pem"
    assert path.stat().st_mode & 0o777 == 0o600


def test_logins_go_on_with_a_process_that_knew_only_the_old_key(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    running = replace(ONLY_FIRST, news=lambda: BOTH)

    rekey(ports(database), lambda progress: None)

    with database.read() as conn:
        (token,) = tokens.tokens_of(conn, running, user_id, State.ACTIVE)
    assert token.token.secret == SECRET


def test_network_passwords_in_memory_open_after_the_change(database):
    fill(database)
    with database.read() as conn:
        (before,) = network_passwords.standing(conn)
    rekey(ports(database), lambda progress: None)
    with database.read() as conn:
        (after,) = network_passwords.standing(conn)

    assert open_one(before, BOTH) == open_one(after, ONLY_NEXT)


def test_the_change_is_written_down_without_any_secret(database):
    fill(database)

    rekey(ports(database), lambda progress: None)

    with database.read() as conn:
        written = audit.records(conn, audit.Selection(kind="keys"), ONLY_NEXT)
    assert written[0].detail["by"] == "an operator"
    assert written[0].detail["to"] == "next"
    assert written[0].detail["unused"] == ["first"]
