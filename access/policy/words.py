"""What was seen and wanted of a condition, in words for people, where it has words of its own."""

import re
from collections.abc import Mapping

from access.logins.risk import Level, Sign
from access.model import Bilingual, DesktopDuty
from access.nas.endpoint_standing import Standing

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
_WORDS: Mapping[str, Mapping[str, Bilingual]] = {
    "endpoint": {each.value: words for each, words in STANDINGS.items()},
    "risk": {each.value: words for table in (LEVELS, SIGNS) for each, words in table.items()},
}
_WORD = re.compile(r"[a-z0-9][a-z0-9.-]*")


def in_words(condition: str, text: str, language: str) -> str:
    """Return what a condition wanted or saw, its words those of the language."""
    words = _WORDS.get(condition)
    if words is None:
        return text
    return _WORD.sub(lambda found: words[found[0]].to(language) if found[0] in words else found[0], text)
