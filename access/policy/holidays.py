"""The public holidays of Korea, as data: rest days by law with their substitutes, and known election days.

Sources: the Regulations on Holidays of Public Offices (관공서의 공휴일에 관한 규정), with the days that the
moon decides, Constitution Day and Labour Day since 2026, and elections at the end of a term (Public Official
Election Act, articles 34 and 35). What a government adds later belongs into a document's own `holidays:`.
"""

from datetime import date
from zoneinfo import ZoneInfo

from access.policy.vocabulary import Holidays

# Month and day, in order.
_BY_YEAR = {
    2025: """0101 0127 0128 0129 0130 0301 0303 0505 0506 0603 0606 0815 1003 1005 1006 1007 1008 1009
             1225""",
    2026: """0101 0216 0217 0218 0301 0302 0501 0505 0524 0525 0603 0606 0717 0815 0817 0924 0925 0926
             1003 1005 1009 1225""",
    2027: """0101 0206 0207 0208 0209 0301 0501 0503 0505 0513 0606 0717 0719 0815 0816 0914 0915 0916
             1003 1004 1009 1011 1225 1227""",
    2028: """0101 0126 0127 0128 0301 0412 0501 0502 0505 0606 0717 0815 1002 1003 1004 1005 1009 1225""",
    2029: """0101 0212 0213 0214 0301 0501 0505 0507 0520 0521 0606 0717 0815 0921 0922 0923 0924 1003
             1009 1225""",
    2030: """0101 0202 0203 0204 0205 0301 0327 0501 0505 0506 0509 0606 0612 0717 0815 0911 0912 0913
             1003 1009 1225""",
}

KOREAN = Holidays(
    name="korean-holidays",
    days=frozenset(
        date(year, int(day[:2]), int(day[2:])) for year, days in _BY_YEAR.items() for day in days.split()
    ),
    zone=ZoneInfo("Asia/Seoul"),
    last_year=max(_BY_YEAR),
)
BUILT_IN = {KOREAN.name: KOREAN}
