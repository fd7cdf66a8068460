"""What was seen and wanted of a condition, in words for people, where it has words of its own."""

import re
from collections.abc import Mapping

from access.logins.risk import Level, Sign
from access.model import Bilingual, Certified, DesktopDuty, Medium, Method, Via
from access.nas.endpoint_standing import Standing
from access.policy.conditions import HOLIDAY
from access.policy.scalars import DAYS
from access.proof.factors import Factor, Origin

LEVELS: Mapping[Level, Bilingual] = {
    Level.LOW: Bilingual(ko="낮음", en="low"),
    Level.MEDIUM: Bilingual(ko="보통", en="medium"),
    Level.HIGH: Bilingual(ko="높음", en="high"),
}
SIGNS: Mapping[Sign, Bilingual] = {
    Sign.WRONG_TRIES: Bilingual(
        ko="비밀번호나 인증 번호를 여러 번 틀림", en="several wrong passwords or codes"
    ),
    Sign.MANY_WRONG_TRIES: Bilingual(
        ko="비밀번호나 인증 번호를 아주 여러 번 틀림", en="very many wrong passwords or codes"
    ),
    Sign.NEW_COUNTRY: Bilingual(ko="최근 30일 동안 없던 국가", en="a country of the first time in 30 days"),
    Sign.NEW_ENDPOINT: Bilingual(ko="처음 쓰는 기기", en="the first login from this device"),
    Sign.TRAVEL: Bilingual(
        ko="그 사이에 이동할 수 없는 거리", en="too far from the login before to have travelled"
    ),
    Sign.MAC_AFTER_8021X: Bilingual(
        ko="최근 802.1X로 로그인하던 기기가 MAC 주소로 로그인함",
        en="by its MAC address after it had done 802.1X lately",
    ),
    Sign.REMEMBERED_PASSWORD: Bilingual(
        ko="디렉터리가 응답하지 않아 기억해 둔 비밀번호로 확인함",
        en="a remembered password counted, the directory not answering",
    ),
}
STANDINGS: Mapping[Standing, Bilingual] = {
    Standing.KNOWN: Bilingual(ko="본인 앞으로 등록된 기기", en="registered to them"),
    Standing.MANAGED: Bilingual(ko="회사 관리 기기", en="managed by the company"),
    Standing.CERTIFIED: Bilingual(ko="인증서로 증명됨", en="proven by a certificate"),
    Standing.UNREGISTERED: Bilingual(ko="등록되지 않은 기기", en="not registered"),
}
DUTIES: Mapping[DesktopDuty, Bilingual] = {
    DesktopDuty.RECORDED: Bilingual(
        ko="이 데스크톱은 녹화됩니다.", en="What is done on the desktop is recorded."
    ),
    DesktopDuty.WATERMARK: Bilingual(
        ko="화면에 사용자 이름이 표시됩니다(워터마크).", en="The picture carries the user's name (watermark)."
    ),
    DesktopDuty.NO_CLIPBOARD: Bilingual(
        ko="데스크톱과 내 기기 사이의 복사·붙여넣기는 막혀 있습니다.",
        en="Nothing is copied between the desktop and the device in front of it.",
    ),
    DesktopDuty.NO_FILE_TRANSFER: Bilingual(
        ko="파일 전송은 막혀 있습니다.", en="No files are transferred to or from the desktop."
    ),
}
DOORS: Mapping[Via, Bilingual] = {
    Via.VPN: Bilingual(ko="VPN", en="VPN"),
    Via.WIRED: Bilingual(ko="유선", en="wire"),
    Via.WIRELESS: Bilingual(ko="무선(Wi-Fi)", en="Wi-Fi"),
    Via.PORTAL: Bilingual(ko="포털", en="the portal"),
    Via.DEVICE: Bilingual(ko="장비 관리 로그인", en="the login of a device"),
}
FACTORS: Mapping[Factor, Bilingual] = {
    Factor.TOTP: Bilingual(ko="인증 앱", en="an authenticator app"),
    Factor.HOTP: Bilingual(ko="버튼을 누르는 인증 장치", en="a hardware authenticator with a button"),
    Factor.PASSKEY: Bilingual(ko="패스키", en="a passkey"),
    Factor.RECOVERY: Bilingual(ko="복구 코드", en="a recovery code"),
    Factor.BYPASS: Bilingual(ko="임시 번호", en="a bypass code"),
    Factor.E_MAIL: Bilingual(ko="이메일 번호", en="a code by mail"),
}
ASSURANCES: Mapping[Origin, Bilingual] = {
    Origin.REGISTRATION: Bilingual(ko="등록 코드로", en="with a registration code"),
    Origin.ON_SITE: Bilingual(ko="사내에서", en="on site"),
    Origin.HANDOVER: Bilingual(ko="이전 휴대폰으로", en="with the phone before it"),
    Origin.RECOVERED: Bilingual(ko="복구 코드로 다시", en="with a recovery code"),
    Origin.HELPDESK: Bilingual(ko="헬프데스크를 통해", en="through the helpdesk"),
    Origin.VOUCHED: Bilingual(ko="동료의 보증으로", en="by the word of colleagues"),
    Origin.E_MAIL: Bilingual(ko="이메일 번호로", en="with a code by mail"),
    Origin.IMPORTED: Bilingual(ko="회사가 지급", en="by being handed out"),
}
METHODS: Mapping[Method, Bilingual] = {
    **{each: Bilingual(ko=each.value.upper(), en=each.value.upper()) for each in Method},
    Method.PAP: Bilingual(ko="비밀번호(PAP)", en="password (PAP)"),
    **{
        each: Bilingual(ko=said, en=said)
        for each, said in {
            Method.MSCHAPV2: "MSCHAPv2",
            Method.EAP_TTLS_PAP: "EAP-TTLS/PAP",
            Method.EAP_TTLS_CHAP: "EAP-TTLS/CHAP",
            Method.EAP_TTLS_MSCHAPV2: "EAP-TTLS/MSCHAPv2",
            Method.EAP_TTLS_EAP_MSCHAPV2: "EAP-TTLS/EAP-MSCHAPv2",
            Method.EAP_TTLS_EAP_GTC: "EAP-TTLS/EAP-GTC",
            Method.PEAP_MSCHAPV2: "PEAP/MSCHAPv2",
            Method.PEAP_GTC: "PEAP/GTC",
            Method.PEAP_EAP_TLS: "PEAP/EAP-TLS",
            Method.EAP_MSCHAPV2: "EAP-MSCHAPv2",
        }.items()
    },
    Method.HOME_SERVER: Bilingual(ko="소속 기관의 서버", en="the server of the home realm"),
    Method.MAB: Bilingual(ko="MAC 주소(MAB)", en="MAC address (MAB)"),
    Method.WEB: Bilingual(ko="웹", en="web"),
    Method.OFFICE_OPEN: Bilingual(ko="긴급 개방", en="opened office"),
}
MEDIA: Mapping[Medium, Bilingual] = {
    Medium.WIRED: Bilingual(ko="유선", en="a wire"),
    Medium.WIRELESS: Bilingual(ko="무선", en="the air"),
}
CERTIFICATES: Mapping[Certified, Bilingual] = {
    Certified.MANAGED: Bilingual(ko="등록된 기기의 인증서", en="of a registered endpoint"),
    Certified.PERSONAL: Bilingual(ko="개인 인증서", en="of a person"),
}
# What the conditions of a policy ask about, by the key that the document has for each.
CALLED: Mapping[str, Bilingual] = {
    "via": Bilingual(ko="접속 방법", en="way in"),
    "method": Bilingual(ko="인증 방식", en="method"),
    "site": Bilingual(ko="장소", en="site"),
    "nas_group": Bilingual(ko="접속 장비(NAS)의 그룹", en="group of the NAS"),
    "nas_organization": Bilingual(ko="접속 장비(NAS)의 회사", en="company of the NAS"),
    "ssid": Bilingual(ko="Wi-Fi 이름", en="Wi-Fi"),
    "medium": Bilingual(ko="연결 종류", en="kind of link"),
    "certificate": Bilingual(ko="인증서", en="certificate"),
    "factor": Bilingual(ko="인증 수단", en="what made the code"),
    "assurance": Bilingual(ko="인증 수단을 등록한 방법", en="how it was registered"),
    "source": Bilingual(ko="접속한 주소", en="source address"),
    "country": Bilingual(ko="접속한 국가", en="country"),
    "endpoint": Bilingual(ko="기기 상태", en="endpoint"),
    "sessions": Bilingual(ko="동시에 접속한 단말 수", en="endpoints at once"),
    "risk": Bilingual(ko="위험도", en="risk"),
    "holiday": Bilingual(ko="공휴일", en="holiday"),
    "hours": Bilingual(ko="시간대", en="hours"),
    "otp_age": Bilingual(ko="인증 번호 경과 시간", en="age of the code"),
    "designated": Bilingual(ko="지정된 기기", en="designated endpoint"),
    "signed": Bilingual(ko="검토 서명", en="signature"),
    "valid": Bilingual(ko="규칙의 기간", en="period of the rule"),
    "now": Bilingual(ko="시각", en="clock"),
}
_NO_CODE = Bilingual(ko="인증 번호를 입력하지 않음", en="no code")
# What a fact that does not apply is called where there is more to say than that.
ABSENT: Mapping[str, Bilingual] = {
    "otp_age": _NO_CODE,
    "factor": _NO_CODE,
    "assurance": _NO_CODE,
    "certificate": Bilingual(ko="인증서 없음", en="no certificate"),
    "ssid": Bilingual(ko="Wi-Fi가 아님", en="no Wi-Fi"),
    "source": Bilingual(ko="사내", en="inside"),
    "country": Bilingual(ko="사내", en="inside"),
}
_WORDS: Mapping[str, Mapping[str, Bilingual]] = {
    "via": {each.value: words for each, words in DOORS.items()},
    "method": {each.value: words for each, words in METHODS.items()},
    "factor": {each.value: words for each, words in FACTORS.items()},
    "assurance": {each.value: words for each, words in ASSURANCES.items()},
    "medium": {each.value: words for each, words in MEDIA.items()},
    "certificate": {each.value: words for each, words in CERTIFICATES.items()},
    "endpoint": {each.value: words for each, words in STANDINGS.items()},
    "risk": {each.value: words for table in (LEVELS, SIGNS) for each, words in table.items()},
    "hours": {
        **{day: Bilingual(ko=short, en=day) for day, short in zip(DAYS, "월화수목금토일", strict=True)},
        "except": Bilingual(ko="제외:", en="except"),
        HOLIDAY: Bilingual(ko="공휴일", en=HOLIDAY),
    },
}
# Those that want one of several things whose names have no comma; a Wi-Fi's may.
_CHOICES = frozenset(
    {
        *("via", "method", "site", "nas_group", "medium", "certificate", "factor", "assurance"),
        *("source", "country", "endpoint", "risk", "holiday"),
    }
)
_OR = Bilingual(ko=" 또는 ", en=" or ")
_UNITS = {"d": "일", "h": "시간", "m": "분", "s": "초"}
_DURATION = re.compile(r"\b(\d+)([dhms])\b")
_LESS = Bilingual(ko="{0} 미만", en="< {0}")
_WORD = re.compile(r"[a-z0-9][a-z0-9.-]*")


def in_words(condition: str, text: str, language: str) -> str:
    """Return what a condition wanted or saw, its words those of the language."""
    if condition == "otp_age":
        bare = in_units(text.removeprefix("< "), language)
        return _LESS.to(language).format(bare) if text.startswith("< ") else bare
    words = _WORDS.get(condition)
    if words is None:
        return text
    # What a window of hours is called is its author's.
    called, opened, rest = text.partition(" (") if condition == "hours" else ("", "", text)
    told = _WORD.sub(lambda found: words[found[0]].to(language) if found[0] in words else found[0], rest)
    return f"{called}{opened}{told}"


def wanted_in_words(condition: str, text: str, language: str) -> str:
    """Return what a condition wanted, of several things any."""
    told = in_words(condition, text, language)
    return told.replace(", ", _OR.to(language)) if condition in _CHOICES else told


def in_units(text: str, language: str) -> str:
    """Return a text with its durations, such as 1d 2h, as the language writes them."""
    if language != "ko":
        return text
    return _DURATION.sub(lambda found: f"{found[1]}{_UNITS[found[2]]}", text)
