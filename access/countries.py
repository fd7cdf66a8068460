"""In which country an address is, by a table the operator supplies: lines of `network,country`.

A network inside another one is the exception to it. What the table does not have is in no country: unknown.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from access.model import Absent

Network = IPv4Network | IPv6Network
HEADING = ("network", "country")
# It is read by every command. A country has ten thousand lines, the whole Internet a million.
MOST_LINES = 200_000
MOST_MISTAKES = 20


class BadCountries(Exception):
    """A table with mistakes: "line 3: ...", as many as somebody wants to read."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(mistakes))


@dataclass(frozen=True, slots=True)
class _Family:
    """One IP version: where each stretch of addresses begins, and whose it is; "" is nobody's."""

    begins: list[int] = field(default_factory=list, repr=False)
    countries: list[str] = field(default_factory=list, repr=False)

    def of(self, address: int) -> str:
        at = bisect_right(self.begins, address) - 1
        return self.countries[at] if at >= 0 else ""


@dataclass(frozen=True, slots=True)
class Countries:
    """A table that was read. An empty one knows no country."""

    four: _Family = field(default_factory=_Family)
    six: _Family = field(default_factory=_Family)

    def of(self, source: IPv4Address | IPv6Address | Absent) -> str | Absent:
        """The country of a source. One that does not apply is in none."""
        if isinstance(source, Absent):
            return source
        family = self.four if source.version == 4 else self.six
        return family.of(int(source)) or Absent.UNKNOWN


def parse(text: str) -> Countries:
    """The table in a text (CSV). Raises BadCountries with the line of every mistake."""
    mistakes: list[str] = []
    found: dict[Network, tuple[str, int]] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if number > MOST_LINES:
            raise BadCountries(
                [f"line {number}: more than {MOST_LINES} lines; leave out countries that no rule speaks of"]
            )
        what = _take(line, number, found)
        if what:
            mistakes.append(f"line {number}: {what}")
        if len(mistakes) == MOST_MISTAKES:
            break
    if not found and not mistakes:
        mistakes.append("line 1: there is no network; write lines such as 203.0.113.0/24,KR")
    if mistakes:
        raise BadCountries(mistakes)
    return Countries(_family(found, 4), _family(found, 6))


def _take(line: str, number: int, found: dict[Network, tuple[str, int]]) -> str:
    """Take a line in; what is wrong with it, or nothing."""
    stripped = line.partition("#")[0].strip()
    fields = tuple(part.strip().strip('"') for part in stripped.split(","))
    if not stripped or (not found and fields == HEADING):
        return ""
    if len(fields) != 2:
        return f"{line[:80]!r} is not network,country; write 203.0.113.0/24,KR"
    try:
        network = ip_network(fields[0])
    except ValueError:
        return f"{fields[0][:80]!r} is not a network; write 203.0.113.0/24 or 2001:db8::/32"
    country = fields[1]
    if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):
        return f"{country[:80]!r} is not a country; write its two letters in capitals, such as KR"
    before = found.setdefault(network, (country, number))
    if before[0] != country:
        return f"{network} is {country} here and {before[0]} on line {before[1]}; keep one of them"
    return ""


def _family(found: dict[Network, tuple[str, int]], version: int) -> _Family:
    """The networks of one version cut into stretches that do not overlap."""
    family = _Family()
    for begin, country in _stretches(found, version):
        if family.begins and family.begins[-1] == begin:
            family.begins.pop()
            family.countries.pop()
        if not family.countries or family.countries[-1] != country:
            family.begins.append(begin)
            family.countries.append(country)
    return family


def _stretches(found: dict[Network, tuple[str, int]], version: int) -> Iterator[tuple[int, str]]:
    """Where another country begins. Networks nest or are apart, so those that are open form a stack."""
    spans = sorted(
        (int(network.network_address), -int(network.broadcast_address), country)
        for network, (country, _) in found.items()
        if network.version == version
    )
    around: list[tuple[int, str]] = []
    for begin, end, country in spans:
        yield from _closed(around, begin)
        around.append((-end, country))
        yield begin, country
    yield from _closed(around, None)


def _closed(around: list[tuple[int, str]], begin: int | None) -> Iterator[tuple[int, str]]:
    """Close the networks that end before an address; None: all. What is around each goes on behind it."""
    while around and (begin is None or around[-1][0] < begin):
        end, _ = around.pop()
        yield end + 1, around[-1][1] if around else ""
