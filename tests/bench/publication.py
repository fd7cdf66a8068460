"""Logins at a RADIUS worker while a policy of thousands of rules is published. One worker, MAB."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from access.changes.publishing import Draft
from access.model import Via
from access.nas.registry import Code
from access.store.policy_shelf import StoredPolicies
from tests.bench.figures import Figure
from tests.bench.installation import SECRET, Installation, installed
from tests.bench.machine import cpu_s
from tests.bench.policy_speed import GROUPS, NETWORKS, RULES
from tests.bench.radius_client import Credential, offer_at, prepare

HOW = """\
- `published`: MAB logins come to one RADIUS worker at a fixed rate for ten seconds, and after three of them a
  policy of 5,000 rules is published: one of them changed (`one_rule`), or the networks and all rules written
  anew (`all_rules`). `longest` and `p99` are of replies, from when each request was to be sent; `cpu` is what
  the worker spent more than in the same ten seconds without a publication. `nothing` is those.
"""

MACHINES, RATE, FOR_S, AFTER_S = 200, 100.0, 10.0, 3.0


def measure() -> Iterator[Figure]:
    """Milliseconds that a login waited at the most while nothing, one rule or everything was published."""
    macs = [f"00-00-5e-00-01-{number:02x}" for number in range(MACHINES)]
    with installed() as ours:
        ours.add_nas(Via.WIRED, Code.NONE)
        ours.add_machines(macs)
        first = large_text(macs)
        publish(ours, first, None)
        with ours.serving(workers=1) as service:
            credentials = [Credential(mac, mac, mac, call_check=True) for mac in macs]
            count, quiet_s, before = int(RATE * FOR_S), 0.0, first
            texts = {"nothing": "", "one_rule": changed(first), "all_rules": large_text(macs, shift=1)}
            for seed, (name, text) in enumerate(texts.items()):
                requests = prepare(credentials, SECRET.encode(), count, seed)
                spent_s = cpu_s(service.workers)
                with publishing(ours, text, before):
                    tally = offer_at(service.port, requests, RATE)
                spent_s = cpu_s(service.workers) - spent_s
                assert not tally.refused
                assert not tally.unanswered
                yield Figure(f"policy_published_{name}_longest", max(tally.latencies_s) * 1e3, "ms")
                p99_s = quantiles(tally.latencies_s, n=100)[98]
                yield Figure(f"policy_published_{name}_p99", p99_s * 1e3, "ms")
                if text:
                    yield Figure(f"policy_published_{name}_cpu", spent_s - quiet_s, "s")
                before, quiet_s = text or before, quiet_s or spent_s


@contextmanager
def publishing(ours: Installation, text: str, before: str) -> Iterator[None]:
    """Publish a text some seconds after the beginning of the block; an empty one: nothing."""
    timer = threading.Timer(AFTER_S, publish, (ours, text, before)) if text else None
    if timer is not None:
        timer.start()
    yield
    if timer is not None:
        timer.join()


def publish(ours: Installation, text: str, before: str | None) -> None:
    """Put a text in force, whatever it does."""
    shelf = StoredPolicies(ours.app.database, ours.app.keyring, ours.app.random, "bench")
    expected = revision_of(before) if before is not None else None
    assert shelf.put_in_force(Draft(text, "bench", expected), revision_of(text), ours.app.clock())


def revision_of(text: str) -> str:
    """The revision of a text, found out without reading it: this is the process that measures."""
    return hashlib.sha256(text.encode()).hexdigest()


def changed(text: str) -> str:
    """The text with another condition on one rule in its middle."""
    rule = f"  - id: r{RULES // 2}\n"
    return text.replace(rule, f"{rule}    owner: seoyeon@hangang.example\n")


def large_text(macs: list[str], shift: int = 0) -> str:
    """A document of RULES rules about networks, and one about machines; another shift is all others."""
    lines = ["version: 1", "networks:"]
    for number in range(NETWORKS):
        to = f"10.{shift + (number >> 8)}.{number & 255}.0/24"
        lines.append(f"  n{number}: {{organization: hangang, to: [{to}], ports: [tcp/443]}}")
    endpoints = ", ".join(f'"endpoint:{mac}"' for mac in macs)
    lines += ["rules:", "  - id: machines", "    permit: [login:wired]", f"    who: [{endpoints}]"]
    for number in range(RULES):
        network, group = (number * 7 + shift) % NETWORKS, (number * 11 + shift) % GROUPS
        lines.append(f"  - id: r{number}\n    permit: [network:n{network}]")
        lines.append(f"    who: [group:hangang/g{group}]")
        if number % 2:
            lines.append("    when: {otp_age: 12h, via: [vpn, wired]}")
    return "\n".join(lines) + "\n"
