"""Run the benchmarks named as arguments, or all of them, which also renews docs/benchmarks.md."""

import sys
from collections.abc import Callable, Iterator, Mapping

from tests.bench import big_company, pap_cpu, policy_speed, removal, worker_memory
from tests.bench.figures import Figure, write_page
from tests.bench.machine import describe, load_average
from tests.layering import ROOT

BENCHMARKS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "pap_cpu": pap_cpu.measure,
    "big_company": big_company.measure,
    "worker_memory": worker_memory.measure,
    "removal": removal.measure,
    "policy_speed": policy_speed.measure,
}
PAGE = ROOT / "docs" / "benchmarks.md"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.")
        return 2
    machine = describe() | {"load average at the beginning": load_average()}
    figures = []
    for name in names or BENCHMARKS:
        for figure in BENCHMARKS[name]():
            print(figure.line(), flush=True)
            figures.append(figure)
    if not names:
        machine |= {"load average at the end": load_average()}
        PAGE.write_text(write_page(figures, machine), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
