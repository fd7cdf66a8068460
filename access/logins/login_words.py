"""What somebody at a NAS reads: the prompt for a code, and the one sentence that every refusal is."""

from access.model import Bilingual, Reason
from access.words import casecode
from access.words.reasons import REFUSED

PROMPT = Bilingual(
    ko="인증 앱에 표시된 번호를 입력해 주세요.", en="Enter the code from your authenticator app."
)
DISTURBED = Bilingual(
    ko="지금은 로그인을 확인할 수 없습니다. 잠시 후 다시 시도해 주세요.",
    en="Logins cannot be checked at the moment. Try again in a little while.",
)
CASE = Bilingual(ko="사례 번호", en="case")
# After the world was seen to be away, refusals speak of it for this long.
DISTURBED_S = 10.0
AWAY = frozenset(
    {
        Reason.DIRECTORY_UNAVAILABLE,
        Reason.DIRECTORY_BUSY,
        Reason.CODE_UNPROVABLE,
        Reason.STALE_DECISION,
    }
)


def refusal_shown(language: str, case: str, away: bool) -> str:
    """Return the sentence of a refusal with its case code. away: the world is, whatever was typed."""
    sentence = DISTURBED if away else REFUSED
    return f"{sentence.to(language)} ({CASE.to(language)} {casecode.show(case)})"
