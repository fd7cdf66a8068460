"""The page that keeps the last run of each group of benchmarks."""

import re
from collections.abc import Iterable, Mapping

from tests.bench.figures import Figure

HEAD = """\
# Benchmarks

What the benchmarks measured the last time each group of them was run to the end: `make bench` runs all,
`make bench-radius` those of RADIUS, `make bench-identity` those of directories and codes. Each line is `name
value unit budget` and whether the budget was `met` or `missed`; `- info` is a figure without a budget. Ratios
are of two servers measured in one run by the same client on the same machine, so they mean more than the
figures they are of.

The client is always on the same machine, shares its cores, and believes no reply whose authenticator does
not hold. CPU is that of the server's processes alone, without the client's.
"""
SECTION = """\
## {title}

```
{figures}
```

| on | |
|---|---|
{machine}

{how}
"""


def section(title: str, figures: Iterable[Figure], machine: Mapping[str, str], how: str) -> str:
    """One group's part of the page. how says of every figure how it is measured."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine.items())
    lines = "\n".join(figure.line() for figure in figures)
    return SECTION.format(title=title, figures=lines, machine=rows, how=how.strip())


def renewed(page: str, title: str, text: str, titles: Iterable[str]) -> str:
    """The page with one group's part put in or renewed; parts stand in the order of titles."""
    parts = _parts(page) | {title: text}
    return "\n".join([HEAD, *(parts[each].rstrip("\n") + "\n" for each in titles if each in parts)])


def _parts(page: str) -> dict[str, str]:
    """The parts of a page by title."""
    _, *texts = re.split(r"^## ", page, flags=re.MULTILINE)
    return {text.partition("\n")[0]: f"## {text}" for text in texts}
