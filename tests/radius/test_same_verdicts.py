"""The same packets to FreeRADIUS and to us: what one answers, and how, the other does too.

FreeRADIUS answers in the order in which it is asked, so an answer to the last packet shows that those before
it have had theirs: nobody waits for a silence to be over. Where we are stricter the packet says why, and
nothing that FreeRADIUS does not accept is accepted by us.
"""

import random
import socket
from contextlib import ExitStack

import pytest

from radius.attributes import Attribute, AttributeType, integer
from radius.facts import exact_name
from radius.packet import Code
from radius.questions import CheckChap, CheckMschap, Refused
from tests.peers.freeradius import FileUser, FreeRadius
from tests.peers.ports import LOOPBACK
from tests.radius.fuzz import CARELESS, attributes_of, mutated
from tests.radius.malformed import BOTH, OURS
from tests.radius.office import SECRET, Application, Asker, Office, user

pytestmark = pytest.mark.peer("freeradius")

PASSWORD = "correct horse"
DROPPED = "dropped"
MUTATIONS = 400
HEARD = set()
_CALL_CHECK = b"\0\0\0\x0a"


@pytest.fixture(scope="module")
def oracle():
    with FreeRadius([FileUser("kim", PASSWORD)], secret=SECRET.decode(), threads=1) as server:
        yield server


class PasswordsOnly(Application):
    """Knows passwords as FreeRADIUS is configured to, and nothing that was made of them."""

    def ask(self, question):
        if isinstance(question, CheckChap | CheckMschap):
            return Refused("no", "no")
        return super().ask(question)


def theirs(oracle, packets):
    """Return the code of FreeRADIUS's answer to each packet, or DROPPED."""
    with ExitStack() as stack:
        ends = [fresh_end(stack, oracle, data) for data in packets]
        for end, data in zip(ends, packets, strict=True):
            end.setblocking(False)
            end.send(data)
        # A login: Status-Server is answered before what came earlier.
        question = Asker().pap(PASSWORD)
        last = fresh_end(stack, oracle, question)
        last.settimeout(30)
        last.send(question)
        assert last.recv(4096)[0] == Code.ACCESS_ACCEPT
        return [verdict(end) for end in ends]


def fresh_end(stack, oracle, data):
    """Return a socket from whose port FreeRADIUS has not heard this identifier, or it would repeat itself."""
    while True:
        end = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        end.connect((LOOPBACK, oracle.port))
        heard = (oracle.port, end.getsockname()[1], data[1:2])
        if heard not in HEARD:
            HEARD.add(heard)
            return end


def verdict(end):
    try:
        return Code(end.recv(4096)[0]).name
    except BlockingIOError:
        return DROPPED


def ours(data):
    """Return the code of our answer to a packet, or DROPPED."""
    office = Office(nas=CARELESS)
    office.application = PasswordsOnly()
    replies = office.receive(data)
    office.now += 10
    replies += office.expire()
    return Code(replies[0].data[0]).name if replies else DROPPED


def stricter(data):
    """Return why we refuse or drop what FreeRADIUS answers otherwise; None where we should not."""
    pairs = attributes_of(data)
    kinds = [kind for kind, _ in pairs]
    passwords = [value for kind, value in pairs if kind == AttributeType.USER_PASSWORD]
    names = [value for kind, value in pairs if kind == AttributeType.USER_NAME]
    reasons = {
        "a User-Password in no blocks of 16 (RFC 2865 5.2)": any(
            len(each) % 16 or not 16 <= len(each) <= 128 for each in passwords
        ),
        "two of what may be there once (RFC 2865 5.44)": max(kinds.count(2), kinds.count(24)) > 1,
        "two kinds of credentials (RFC 2865 4.1)": len({2, 3, 70} & set(kinds)) > 1,
        "a State that nobody gave": AttributeType.STATE in kinds,
        "a MAC address to log in by": (AttributeType.SERVICE_TYPE, _CALL_CHECK) in pairs,
        "a second Message-Authenticator (RFC 3579 3.2)": kinds.count(80) > 1,
        "two names": len(names) > 1,
        "a name that is no text": any(exact_name(each) is None for each in names),
        "EAP that nobody was configured for": AttributeType.EAP_MESSAGE in kinds,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def compared(oracle, packets):
    """Return the packets about which the verdicts differ without a reason, and how many had which."""
    counts, differing = {}, []
    for data, their in zip(packets, theirs(oracle, packets), strict=True):
        our = ours(data)
        assert our != "ACCESS_ACCEPT" or their == our, f"we alone accept {data.hex()}"
        counts[our] = counts.get(our, 0) + 1
        if our != their and stricter(data) is None:
            differing.append((data.hex(), our, their))
    return differing, counts


def test_the_common_logins_come_to_the_same(oracle):
    asker = Asker()
    logins = {
        "right": asker.pap(PASSWORD),
        "right and unsigned": asker.pap(PASSWORD, signed=False),
        "wrong": asker.pap("wrong horse"),
        "no password": asker.access(user("kim")),
        "nobody": asker.pap(PASSWORD, name="lee"),
        "another secret": Asker(b"another secret of some").pap(PASSWORD),
        "an empty password": asker.pap(""),
        "the longest password": asker.pap("x" * 128),
        "a password in Korean": asker.pap("비밀번호"),
        "with what access points send": asker.pap(
            PASSWORD,
            integer(6, 2),
            integer(61, 19),
            Attribute(30, b"00-11-22-33-44-55:office"),
            Attribute(33, b"proxy"),
            Attribute(1, b"audit-session-id=0A", 9),
            Attribute(26, b"\0\0\x01\x37\x01"),
            Attribute(241, b"\1\0\0\0\1"),
        ),
        "padded": asker.pap(PASSWORD) + b"padding",
        "Status-Server": asker.access(code=Code.STATUS_SERVER),
    }

    verdicts = dict(zip(logins, theirs(oracle, list(logins.values())), strict=True))

    assert {name: ours(data) for name, data in logins.items()} == verdicts
    assert set(verdicts.values()) == {"ACCESS_ACCEPT", "ACCESS_REJECT", DROPPED}


def test_what_freeradius_drops_we_drop(oracle):
    assert dict.fromkeys(BOTH, DROPPED) == dict(zip(BOTH, theirs(oracle, list(BOTH.values())), strict=True))
    assert {ours(data) for data in BOTH.values()} == {DROPPED}


def test_what_we_alone_drop_is_nothing_that_freeradius_would_accept(oracle):
    verdicts = theirs(oracle, list(OURS.values()))

    assert "ACCESS_ACCEPT" not in verdicts
    assert {ours(data) for data in OURS.values()} == {DROPPED}


@pytest.mark.parametrize("seed", [2865, 2869, 3579])
def test_mutated_packets_come_to_the_same(oracle, seed):
    rng = random.Random(seed)
    packets = [mutated(rng, Asker()) for _ in range(MUTATIONS // 3)]

    differing, counts = compared(oracle, packets)

    assert differing == []
    assert min(counts[each] for each in ("ACCESS_ACCEPT", "ACCESS_REJECT", DROPPED)) >= 5
