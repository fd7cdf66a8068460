"""Run the groups of benchmarks or the benchmarks named as arguments, or all.

A group that was run to the end has its part of docs/benchmarks.md renewed.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.bench import (
    audit_speed,
    big_company,
    directory_sync,
    eap_cpu,
    eap_storm,
    pap_cpu,
    policy_speed,
    preview_speed,
    publication,
    removal,
    token_files,
    verification,
    worker_memory,
)
from tests.bench.figures import Figure
from tests.bench.machine import describe, load_average
from tests.bench.page import renewed, section
from tests.layering import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Benchmark:
    """What measures, and how it does that in a reader's words."""

    measure: Callable[[], Iterator[Figure]]
    how: str


@dataclass(frozen=True)
class Group:
    """Benchmarks that are run together and stand together on the page."""

    title: str
    benchmarks: Mapping[str, Benchmark]


GROUPS: Mapping[str, Group] = {
    "radius": Group(
        "RADIUS",
        {
            "pap_cpu": Benchmark(pap_cpu.measure, pap_cpu.HOW),
            "logins": Benchmark(big_company.measure, big_company.HOW),
            "eap_cpu": Benchmark(eap_cpu.measure, eap_cpu.HOW),
            "eap_storm": Benchmark(eap_storm.measure, eap_storm.HOW),
            "worker_memory": Benchmark(worker_memory.measure, worker_memory.HOW),
        },
    ),
    "identity": Group(
        "Directories and codes",
        {
            "directory_sync": Benchmark(directory_sync.measure, directory_sync.HOW),
            "token_files": Benchmark(token_files.measure, token_files.HOW),
            "verification": Benchmark(verification.measure, verification.HOW),
            "audit": Benchmark(audit_speed.measure, audit_speed.HOW),
        },
    ),
    "enforcement": Group("Enforcement", {"removal": Benchmark(removal.measure, removal.HOW)}),
    "policy": Group(
        "Policy",
        {
            "policy_speed": Benchmark(policy_speed.measure, policy_speed.HOW),
            "preview_speed": Benchmark(preview_speed.measure, preview_speed.HOW),
            "publication": Benchmark(publication.measure, publication.HOW),
        },
    ),
}
ALL = {name: each for group in GROUPS.values() for name, each in group.benchmarks.items()}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL and name not in GROUPS]
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join([*GROUPS, *ALL])}.")
        return 2
    for name in names or GROUPS:
        if name in GROUPS:
            run_group(GROUPS[name])
        else:
            run(ALL[name])
    return 0


def run_group(group: Group) -> None:
    """Run all of a group and renew its part of the page."""
    machine = describe() | {"load average at the beginning": load_average()}
    figures = [figure for each in group.benchmarks.values() for figure in run(each)]
    machine |= {"load average at the end": load_average()}
    how = "\n".join(each.how.strip() for each in group.benchmarks.values())
    text = section(group.title, figures, machine, how)
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    titles = [each.title for each in GROUPS.values()]
    PAGE.write_text(renewed(page, group.title, text, titles), encoding="utf-8")


def run(benchmark: Benchmark) -> list[Figure]:
    """Measure, and print each figure as soon as it is there."""
    figures = []
    for figure in benchmark.measure():
        print(figure.line(), flush=True)
        figures.append(figure)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
