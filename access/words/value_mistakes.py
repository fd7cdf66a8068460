"""What can be wrong with a single word of a policy document."""

from enum import unique

from access.model import Bilingual
from access.words.phrase import Kind, Wording

# What to do follows from what was written.
HINT = Bilingual(ko="{hint}", en="{hint}")


@unique
class Hint(Kind):
    """What would be right in the place of what was written."""

    DID_YOU_MEAN = Wording(Bilingual(ko="혹시 {meant}입니까?", en="did you mean {meant}?"))
    KNOWN = Wording(Bilingual(ko="쓸 수 있는 것: {known}", en="known: {known}"))
    NONE_YET = Wording(Bilingual(ko="아직 하나도 없습니다", en="there is none yet"))
    USE = Wording(Bilingual(ko="{known} 중에서 고르십시오", en="use {known}"))
    WRITE_A_NETWORK = Wording(
        Bilingual(
            ko="10.99.0.0/25 또는 2001:db8::/48처럼 쓰십시오",
            en="write it as 10.99.0.0/25 or 2001:db8::/48",
        )
    )


@unique
class ValueMistake(Kind):
    """A word that is not what its place wants."""

    NOT_A_NAME = Wording(
        Bilingual(ko="{text!r}은(는) 이름으로 쓸 수 없습니다", en="{text!r} is not a name"),
        Bilingual(
            ko="글자, 숫자, 점, 붙임표, 밑줄을 64자까지 쓰십시오",
            en="use up to 64 letters, digits, dots, dashes and underscores",
        ),
    )
    NOT_A_PLACE = Wording(
        Bilingual(ko="{text!r}은(는) 장소의 이름이 아닙니다", en="{text!r} is not the name of a place"),
        Bilingual(
            ko="`officegate nas list`에 나오는 대로 쓰십시오", en="write it as `officegate nas list` shows it"
        ),
    )
    NOT_A_SENTENCE = Wording(
        Bilingual(
            ko="글이 비어 있거나 500자를 넘습니다", en="the text is empty or longer than 500 characters"
        ),
        Bilingual(ko="한 문장으로 쓰십시오", en="write one sentence"),
    )
    CONTROL_CHARACTER = Wording(
        Bilingual(
            ko="글에 제어 문자 {unseen!a}이(가) 있습니다", en="the text has the control character {unseen!a}"
        ),
        Bilingual(ko="그 문자를 지우십시오", en="leave it out"),
    )
    NOT_A_DURATION = Wording(
        Bilingual(ko="{text!r}은(는) 기간이 아닙니다", en="{text!r} is not a duration"),
        Bilingual(
            ko="12h처럼 숫자 뒤에 s, m, h, d 중 하나를 쓰십시오",
            en="write a number and s, m, h or d, such as 12h",
        ),
    )
    NO_SUCH_DURATION = Wording(
        Bilingual(ko="{text}은(는) 1s에서 366d 사이가 아닙니다", en="{text} is not between 1s and 366d"),
        Bilingual(ko="12h와 같은 기간을 쓰십시오", en="write a duration such as 12h"),
    )
    NOT_A_COUNT = Wording(
        Bilingual(
            ko="{text!r}은(는) 1에서 {most} 사이의 숫자가 아닙니다",
            en="{text!r} is not a number from 1 to {most}",
        ),
        Bilingual(ko="3과 같은 숫자를 쓰십시오", en="write a number such as 3"),
    )
    NOT_A_BANDWIDTH = Wording(
        Bilingual(ko="{text!r}은(는) 대역폭이 아닙니다", en="{text!r} is not a bandwidth"),
        Bilingual(
            ko="10M처럼 숫자 뒤에 k, M, G 중 하나를 100G까지 쓰십시오",
            en="write a number and k, M or G, such as 10M, up to 100G",
        ),
    )
    NOT_A_DOMAIN = Wording(
        Bilingual(ko="{text!r}은(는) 도메인이 아닙니다", en="{text!r} is not a domain"),
        Bilingual(ko="hangang.example처럼 ASCII 문자로 쓰십시오", en="write it as hangang.example, in ASCII"),
    )
    NOT_A_TIME_OF_DAY = Wording(
        Bilingual(ko="{text!r}은(는) 시각이 아닙니다", en="{text!r} is not a time of day"),
        Bilingual(
            ko='"00:00"에서 "24:00" 사이의 "HH:MM"으로 쓰십시오',
            en='write "HH:MM" between "00:00" and "24:00"',
        ),
    )
    NOT_A_DAY = Wording(
        Bilingual(ko="{text!r}은(는) 요일이 아닙니다", en="{text!r} is not a day"),
        HINT,
    )
    NOT_A_TIME_ZONE = Wording(
        Bilingual(ko="{text!r}은(는) 시간대가 아닙니다", en="{text!r} is not a time zone"),
        Bilingual(ko="Asia/Seoul과 같은 이름을 쓰십시오", en="use a name such as Asia/Seoul"),
    )
    NOT_A_MOMENT = Wording(
        Bilingual(
            ko="{text!r}은(는) 시차가 적힌 시각이 아닙니다", en="{text!r} is not a time with its offset"
        ),
        Bilingual(
            ko='"2026-11-23T09:00:00+09:00"처럼 쓰십시오', en='write it as "2026-11-23T09:00:00+09:00"'
        ),
    )
    NOT_A_CALENDAR_DAY = Wording(
        Bilingual(ko="{text!r}은(는) 달력의 날짜가 아닙니다", en="{text!r} is not a day of the calendar"),
        Bilingual(ko="2026-12-24처럼 쓰십시오", en="write it as 2026-12-24"),
    )
    NOT_A_COUNTRY = Wording(
        Bilingual(ko="{text!r}은(는) 국가가 아닙니다", en="{text!r} is not a country"),
        Bilingual(
            ko="KR처럼 두 글자로 쓰십시오(ISO 3166-1)",
            en="write its two letters, such as KR (ISO 3166-1)",
        ),
    )
    NOT_A_NETWORK = Wording(
        Bilingual(ko="{text!r}은(는) 네트워크가 아닙니다", en="{text!r} is not a network"), HINT
    )
    UNSEEN_NETWORK = Wording(
        Bilingual(
            ko="{text!r} 안의 주소로는 패킷이 오지 않습니다", en="no packet has an address in {text!r}"
        ),
        Bilingual(
            ko="IPv4 네트워크로 쓰거나, %가 없는 것을 쓰십시오",
            en="write the IPv4 network, or one without a %",
        ),
    )
    NOT_AN_ADDRESS = Wording(
        Bilingual(ko="{text!r}은(는) 주소가 아닙니다", en="{text!r} is not an address"),
        Bilingual(ko="10.99.0.201처럼 쓰십시오", en="write it as 10.99.0.201"),
    )
    UNSEEN_ADDRESS = Wording(
        Bilingual(ko="{text!r} 주소로는 패킷이 오지 않습니다", en="no packet has the address {text!r}"),
        Bilingual(
            ko="IPv4 주소로 쓰거나, %가 없는 것을 쓰십시오", en="write the IPv4 address, or one without a %"
        ),
    )
    NOT_A_PORT = Wording(
        Bilingual(ko="{text!r}은(는) 포트가 아닙니다", en="{text!r} is not a port"),
        Bilingual(
            ko="tcp/443, udp/5000-5010, tcp, udp, icmp처럼 쓰십시오",
            en="write tcp/443, udp/5000-5010, tcp, udp or icmp",
        ),
    )
    NAMES_NOBODY = Wording(
        Bilingual(ko="{text!r}은(는) 누구도 가리키지 않습니다", en="{text!r} names nobody"),
        Bilingual(
            ko="group:ORG/NAME, attribute:ORG/NAME=VALUE, user:NAME@ORG, organization:ORG, endpoint:MAC, "
            "realm:NAME 중 하나로 쓰십시오",
            en="use group:ORG/NAME, attribute:ORG/NAME=VALUE, user:NAME@ORG, organization:ORG, endpoint:MAC "
            "or realm:NAME",
        ),
    )
    NOT_A_GROUP = Wording(
        Bilingual(ko="{text!r}은(는) 그룹이 아닙니다", en="{text!r} is not a group"),
        Bilingual(ko="ORG/NAME으로 쓰십시오", en="write it as ORG/NAME"),
    )
    NOT_AN_ATTRIBUTE = Wording(
        Bilingual(ko="{text!r}은(는) 속성이 아닙니다", en="{text!r} is no attribute"),
        Bilingual(ko="ORG/NAME=VALUE로 쓰십시오", en="write it as ORG/NAME=VALUE"),
    )
    NOT_AN_ATTRIBUTE_NAME = Wording(
        Bilingual(ko="{text!r}은(는) 속성의 이름이 아닙니다", en="{text!r} is not the name of an attribute"),
        Bilingual(ko="department와 같은 이름을 쓰십시오", en="write one such as department"),
    )
    NOT_AN_ATTRIBUTE_VALUE = Wording(
        Bilingual(
            ko="{text!r}은(는) 속성의 값이 될 수 없습니다", en="{text!r} is nothing that an attribute says"
        ),
        Bilingual(ko="1자에서 {most}자까지 쓰십시오", en="write 1 to {most} characters"),
    )
    NOT_A_USER = Wording(
        Bilingual(ko="{text!r}은(는) 사용자가 아닙니다", en="{text!r} is not a user"),
        Bilingual(ko="NAME@ORG로 쓰십시오", en="write it as NAME@ORG"),
    )
    NOT_A_MAC_ADDRESS = Wording(
        Bilingual(ko="{text!r}은(는) MAC 주소가 아닙니다", en="{text!r} is not a MAC address"),
        Bilingual(ko="00:11:22:aa:bb:cc처럼 쓰십시오", en="write it as 00:11:22:aa:bb:cc"),
    )
    NOT_A_VLAN = Wording(
        Bilingual(ko="{text!r}은(는) VLAN이 아닙니다", en="{text!r} is not a VLAN"),
        Bilingual(ko="1에서 4094까지의 번호나 이름을 쓰십시오", en="use a number from 1 to 4094 or a name"),
    )
    NOT_A_VLAN_NUMBER = Wording(
        Bilingual(ko="{text!r}은(는) VLAN 번호가 아닙니다", en="{text!r} is not the number of a VLAN"),
        Bilingual(ko="1에서 4094까지의 번호를 쓰십시오", en="use a number from 1 to 4094"),
    )
    NOT_AN_SSID = Wording(
        Bilingual(ko="{text!r}은(는) SSID가 아닙니다", en="{text!r} is not an SSID"),
        Bilingual(
            ko="무선 신호에 나오는 대로, 표시되는 문자를 1바이트에서 32바이트까지 쓰십시오",
            en="write 1 to 32 printable octets, as it is broadcast",
        ),
    )
    NOT_KNOWN_HERE = Wording(
        Bilingual(ko="{text!r}은(는) 여기에 쓸 수 없는 값입니다", en="{text!r} is not known here"), HINT
    )
    NOTHING_TO_ASK = Wording(
        Bilingual(ko="{text!r}은(는) 물어볼 수 있는 항목이 아닙니다", en="{text!r} is nothing to ask for"),
        Bilingual(ko="{known} 중 하나를 쓰십시오", en="write {known}"),
    )
    NO_OBJECT = Wording(
        Bilingual(ko="{text!r}에 해당하는 대상이 없습니다", en="there is no object {text!r}"), HINT
    )
    NO_HOURS = Wording(
        Bilingual(ko="{text!r}에 해당하는 시간(hours)이 없습니다", en="there are no hours {text!r}"), HINT
    )
    NO_HOLIDAYS = Wording(
        Bilingual(ko="{text!r}에 해당하는 휴일(holidays)이 없습니다", en="there are no holidays {text!r}"),
        HINT,
    )
