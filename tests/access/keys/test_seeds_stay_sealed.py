"""After an import, an enrolment and a login no seed stands anywhere in clear.

Neither in the database, nor in a file of the installation, nor in what was logged or printed.
"""

import tempfile
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from access.app import open_credentials, open_identity
from access.cli import main
from access.proof.enrolment import Proof, begin, prove
from access.proof.signin import Due, Visitor
from access.proof.web_session import SessionState, WebSession
from access.store import audit, people, tables
from access.store.tokens import tokens_of
from otp.kinds import Kind
from otp.seedfile import oath_csv
from otp.seedfile.record import SeedRecord
from otp.token import State, Token
from otp.totp import code_at
from tests.access.radius_office import PERSON, SEED, RadiusOffice, opened_office, serving
from tests.access.residents import wrong

pytestmark = pytest.mark.peer("slapd", "radclient")

IMPORTED = b"imported seed 20 oct"
REFUSED = b"refused seed of 20 o"


@pytest.fixture
def office(address, directory) -> Iterator[RadiusOffice]:
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="s-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        yield office
        office.app.close()


def import_tokens(office: RadiusOffice, folder: Path) -> None:
    """One token of a person, one in stock; then a file with mistakes, which tells of each line."""
    config = str(office.state_dir.parent / "officegate.toml")
    good = [
        SeedRecord("", "H1", Kind.HOTP, IMPORTED, owner=PERSON),
        SeedRecord("", "H2", Kind.HOTP, IMPORTED[::-1]),
    ]
    bad = oath_csv.write([SeedRecord("", "H3", Kind.HOTP, REFUSED, owner="nobody"), good[0]])
    for content, status in ((oath_csv.write(good), 0), (bad + REFUSED.hex().encode(), 1)):
        file = folder / "tokens.csv"
        file.write_bytes(content)
        words = ["otp", "import", str(file), "--format", "oath-csv", "--organization", "hangang"]
        assert main(["--config", config, *words]) == status
        file.unlink()
    assert main(["--config", config, "otp", "list", f"{PERSON}@hangang"]) == 0


def enrol(office: RadiusOffice) -> bytes:
    """A phone that its owner proves; its seed."""
    app, now = office.app, office.app.clock()
    with app.database.read() as conn:
        user = people.user_by_name(conn, 1, PERSON)
    assert user is not None
    session = WebSession("old", user.id, SessionState.SIGNED_IN, now, now, now + 600, code_at=now)
    visitor = Visitor(user, session, frozenset(), Due.NOTHING)
    identity = open_identity(app, "web", open_credentials(app))
    with app.database.write() as conn:
        conn.execute(tables.web_sessions.insert().values(session_row(session)))
    begin(identity, visitor, "Galaxy", now)
    with app.database.read() as conn:
        (pending,) = tokens_of(conn, app.keyring, user.id, State.PENDING)
    seed = pending.token.secret
    prove(identity, visitor, Proof(wrong(seed, now), replaces=False), now)
    prove(identity, visitor, Proof(code_at(Token(seed), int(now // 30)), replaces=False), now)
    return seed


def session_row(session: WebSession) -> dict[str, object]:
    names = ("id", "user_id", "created_at", "seen_at", "valid_until", "code_at")
    return {"state": session.state.value, **{name: getattr(session, name) for name in names}}


def log_in(office: RadiusOffice) -> None:
    with serving(office):
        assert office.log_in("vpn", office.password + office.code()).code == "Access-Accept"
        assert office.log_in("vpn", office.password + office.wrong_code()).code == "Access-Reject"
        office.load()


def everything_left(office: RadiusOffice, printed: str) -> Iterator[tuple[str, bytes]]:
    yield "what was printed and logged", printed.encode()
    with office.app.database.read() as conn:
        for record in audit.records(conn, audit.Selection(limit=10_000), office.app.keyring):
            yield "the audit as auditors read it", str(record).encode()
    for path in sorted(office.state_dir.parent.rglob("*")):
        if path.is_file():
            yield str(path.name), path.read_bytes()
    with office.app.database.read() as conn:
        for table in tables.METADATA.tables.values():
            for row in conn.execute(select(table)):
                yield table.name, b"\0".join(dumped(value) for value in row)


def dumped(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def spellings(seed: bytes) -> list[bytes]:
    """Return the seed raw, in hex, in base32 and in base64 at each of its alignments, in either case."""
    plain = [seed, seed.hex().encode(), b32encode(seed).rstrip(b"=")]
    for encode in (b64encode, urlsafe_b64encode):
        for shift in range(3):
            # The octets at either end are spelt together with their neighbours.
            plain.append(encode(b"\0" * shift + seed)[4 if shift else 0 : -4])
    return plain


@pytest.mark.parametrize("seed", [SEED, bytes(range(20)), b"\xff" * 20])
def test_a_seed_is_recognised_in_every_spelling_and_place(seed):
    for place in (
        seed,
        seed.hex().encode(),
        b32encode(seed),
        *(b64encode(b"x" * n + seed + b"yy") for n in range(4)),
    ):
        assert any(spelling in b"before " + place + b" after" for spelling in spellings(seed))


def test_no_seed_is_left_in_clear_anywhere(office, tmp_path, capfd):
    import_tokens(office, tmp_path)
    enrolled = enrol(office)
    log_in(office)
    captured = capfd.readouterr()

    left = list(everything_left(office, captured.out + captured.err))

    kinds = {kind for kind, _ in left}
    assert {"tokens", "audit", "feed", "sessions", "keys"} <= kinds
    assert any(
        kind.endswith(".journal") or "journal" in kind or kind.startswith("radius-0") for kind in kinds
    )
    for seed in (IMPORTED, IMPORTED[::-1], REFUSED, enrolled, SEED):
        wanted = spellings(seed)
        found = {
            kind
            for kind, octets in left
            for each in wanted
            if each in octets or each.lower() in octets.lower()
        }
        assert found == set()
