"""Random resources, gateways and states for walks."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from hypothesis import settings
from hypothesis import strategies as st

from vpn.atoms import Network, PortRange, Protocol, Target, cut
from vpn.compile import intended
from vpn.grant import Grant, Lease
from vpn.state import Gateway, GatewayState, Pool

NOW = 1_000_000.0
# A state takes long to draw: half of what others try.
few = settings(max_examples=settings().max_examples // 2)
# Few addresses and ports, so that targets meet: apart, beside, inside and across each other.
NETWORKS: list[Network] = [
    *(
        IPv4Network((0x0A630000 + n * size, 32 - size.bit_length() + 1))
        for size in (1, 2, 4, 8)
        for n in range(3)
    ),
    *(
        IPv6Network(((0xFD99 << 112) + n * size, 128 - size.bit_length() + 1))
        for size in (1, 4)
        for n in range(3)
    ),
    ip_network("0.0.0.0/0"),
    ip_network("::/0"),
]
BOUNDS = [0, 1, 22, 80, 443, 1024, 65534, 65535]
PORTS = [PortRange(low, high) for low in BOUNDS for high in BOUNDS if low <= high]
POOLS = [
    Pool(ip_network("10.8.0.0/30")),
    Pool(ip_network("10.8.0.4/30"), "tun0"),
    Pool(ip_network("10.8.0.9/32"), "vpns*"),
    Pool(ip_network("fd00:8::/126"), "tun0"),
]
ADDRESSES = [ip_address(f"10.8.0.{n}") for n in range(0, 12)] + [ip_address(f"fd00:8::{n}") for n in range(6)]
NAMES = ["crm", "git", "wiki", "lab"]

targets = st.one_of(
    st.builds(Target, st.sampled_from(NETWORKS), st.sampled_from(Protocol)),
    st.builds(
        Target,
        st.sampled_from(NETWORKS),
        st.sampled_from([Protocol.TCP, Protocol.UDP]),
        st.sampled_from(PORTS),
    ),
)
resources = st.dictionaries(st.sampled_from(NAMES), st.lists(targets, max_size=4), max_size=4)
untils = st.none() | st.integers(1, 10_000).map(lambda s: NOW + s + 1000.25)
leases = st.builds(
    Lease, st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(ADDRESSES), st.just("gw"), st.integers(1, 3)
)


@st.composite
def states(draw: st.DrawFn) -> GatewayState:
    """A state as compile makes it."""
    atoms = cut(draw(resources))
    gateway = Gateway("gw", frozenset(draw(st.lists(st.sampled_from(POOLS), unique=True))))
    wanted = draw(st.lists(st.tuples(st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(NAMES), untils)))
    grants = [Grant(session, atoms.of(name), until) for session, name, until in wanted]
    return intended(gateway, atoms, grants, draw(st.lists(leases, max_size=8)), NOW)
