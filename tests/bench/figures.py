"""Figures of the benchmarks: one line each, and the page that keeps the last run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PAGE = """\
# Benchmarks

What `make bench` measured the last time it was run to the end. Each line is `name value unit budget` and
whether the budget was `met` or `missed`; `- info` is a figure without a budget. Ratios are of two servers
measured in one run by the same client on the same machine, so they mean more than the figures they are of.

```
{figures}
```

| on | |
|---|---|
{machine}

## How each is measured

The client is always on the same machine, shares its cores, and believes no reply whose authenticator does
not hold. CPU is that of the server's processes alone, without the client's.

- `pap_freeradius`: FreeRADIUS with `files` and `pap` and no logging, 1,000 people, 128 requests under way at
  any moment. This is what the ratios are to: the median over three rounds of both servers in turn.
- `pap_library_unrecorded`: the `radius` library alone in one process, with passwords in memory, no policy and
  no record.
- `mab_officegate_durable`: `officegate radius` with one worker a core; 1,000 machines log in by MAB, the
  policy decides, the record is on disk before the reply leaves. `with_loader` adds the process that then
  moves the records into SQLite, until it is done.
- `pap_ldap_bind_officegate_durable`: the same for 1,000 people with a password, which slapd checks in a bind
  over a kept connection without TLS. slapd's own CPU is not counted. Officegate keeps no password in memory,
  so this is not the budget's PAP figure.
- `directory_full_sync`: a new installation on SQLite reads a company from slapd with nested groups and writes
  all of it. The budget, like that of `directory_delta`, is for 100,000 people: BENCH_PEOPLE=100000 measures
  with so many.
- `directory_delta`: `officegate directory run` follows by syncrepl; from the first of the changes, made one
  by one, until all are in the database.
- `radius_worker_memory`: resident memory of a RADIUS worker that is ready, in an installation whose people,
  each in three of 500 groups, were written to the database directly.
- `login_bind_totp`: VPN logins with password and code in one: LDAP bind, TOTP spent in the database, policy,
  record. `rate` is with 128 under way; then requests are sent at a fixed rate whatever the server does, and
  a reply's time counts from when its request was to be sent. `not_accepted` are right logins that were
  refused or got no answer.
- `directory_removal_to_last_packet`: `officegate run` with a gateway in network namespaces. A member leaves a
  group in LDAP while a TCP connection and a UDP stream of theirs run; from before the change is sent until
  the last packet arrives anywhere. One gateway, three other live sessions, one removal after the other.
- `policy`: CPU of the decision core in one thread: the rules are indexed and everyone's reach is found (the
  full compile), one person joins another group (a membership change), one VPN login is decided. 3,000 groups,
  1,000 networks, a tenth of the rules forbids, three quarters have conditions.
"""


@dataclass(frozen=True)
class Figure:
    """One measured value. budget is what it must not exceed, or with at_least what it must reach."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return "info"
        met = self.value >= self.budget if self.at_least else self.value <= self.budget
        return "met" if met else "missed"

    def line(self) -> str:
        budget = "-" if self.budget is None else f"{self.budget:g}"
        return f"{self.name} {self.value:.4g} {self.unit} {budget} {self.verdict}"


def write_page(figures: Iterable[Figure], machine: Mapping[str, str]) -> str:
    """The text of docs/benchmarks.md."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine.items())
    return PAGE.format(figures="\n".join(figure.line() for figure in figures), machine=rows)
