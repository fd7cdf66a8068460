"""What a NAS or a gateway answered, in Korean: a fixed table has words, what a device says itself stays.

The English is that of radius.dynauth (RFC 5176 section 3.5), access.nas.disconnect, access.radius and vpn.
"""

import re
from collections.abc import Mapping

# Where such an answer begins and ends, in a note that says more.
_BEGINS = r"(?:^|(?<=: ))"
_ENDS = r"(?=$|, asked \d+ times at port |; (?:read|write|nothing|choose|another|is the) )"
_WHOLE: Mapping[str, str] = {
    "the session's remains are removed": "NAS에 남아 있던 접속 정보가 정리됨",
    "invalid EAP packet": "NAS가 잘못된 EAP 패킷이라고 함",
    "the NAS does not support an attribute we sent": "NAS가 지원하지 않는 속성을 받았다고 함",
    "the NAS misses an attribute it needs": "NAS가 필요한 속성이 빠졌다고 함",
    "we addressed another NAS": "다른 NAS를 가리킨 요청이라고 함",
    "the NAS finds the request invalid": "NAS가 잘못된 요청이라고 함",
    "the NAS does not support this service": "NAS가 이 서비스를 지원하지 않음",
    "the NAS does not support this extension": "NAS가 이 확장을 지원하지 않음",
    "the NAS finds a value invalid": "NAS가 잘못된 값이 있다고 함",
    "the NAS is configured to refuse this": "NAS가 이 요청을 거부하도록 설정되어 있음",
    "a proxy found no way to the NAS": "프록시가 NAS로 가는 길을 찾지 못함",
    "the NAS has no such session": "NAS에 그런 접속이 없음",
    "the NAS cannot remove the session": "NAS가 접속을 지우지 못함",
    "a proxy failed": "프록시가 처리하지 못함",
    "the NAS has no resources for it": "NAS에 처리할 여력이 없음",
    "the NAS goes on by a request of its own": "NAS가 스스로 요청을 보내 이어감",
    "the NAS cannot select several sessions at once": "NAS가 여러 접속을 한꺼번에 고르지 못함",
    "the NAS refuses, and does not say why": "NAS가 이유를 알리지 않고 거부함",
    "no answer": "응답 없음",
    "made with another secret, or for another request": "공유 비밀이 다르거나 다른 요청에 대한 응답",
    "a wrong Message-Authenticator": "Message-Authenticator가 맞지 않음",
    "an answer of another time: do both clocks agree?": "다른 때의 응답: 두 시계가 맞는지 확인하십시오",
    "Connection refused": "연결이 거부됨",
    "Network is unreachable": "네트워크에 닿지 않음",
    "No route to host": "그 주소로 가는 길이 없음",
    "No such file or directory": "그런 파일이나 폴더가 없음",
    "too many requests wait for this NAS already": "이 NAS에 보낼 요청이 이미 너무 많이 밀려 있음",
    "it had ended already": "이미 끝나 있었음",
    "it has been asked in every way it may know": "할 수 있는 방법으로 모두 요청했음",
    "the NAS said yes; neither accounting nor a new login has proven it": (
        "NAS는 받아들였지만, 어카운팅이나 새 로그인으로 확인되지 않음"
    ),
    "a NAS of its kind takes no such request": "이 종류의 NAS는 그런 요청을 받지 않음",
    "it was removed": "장비가 삭제됨",
    "the lease ran out before the command": "명령을 보내기 전에 맡은 시간이 끝남",
    "the rules on the gateway are not as told": "게이트웨이의 규칙이 보낸 것과 다름",
}
_PARTS: Mapping[str, str] = {
    r"^session (\d+) of (.+) is to end: ": r"\2의 접속 \1 끊기: ",
    r"^session (\d+) of (.+) is to log in anew: ": r"\2의 접속 \1 다시 로그인시키기: ",
    r"^session (\d+) is to end: ": r"접속 \1 끊기: ",
    r"^session (\d+) is to log in anew: ": r"접속 \1 다시 로그인시키기: ",
    rf"{_BEGINS}Error-Cause (\d+)$": r"NAS가 알린 오류 번호(Error-Cause) \1",
    rf"{_BEGINS}(\S+) is no single address, and nothing has come from the NAS of this session yet$": (
        r"\1은(는) 한 주소가 아니고, 이 접속의 NAS에서 온 것이 아직 없음"
    ),
    rf"{_BEGINS}it has just been silent at port (\d+), and was not asked again$": (
        r"방금 \1번 포트에서 응답이 없어 다시 묻지 않음"
    ),
    r", asked (\d+) times at port (\d+)$": r", \2번 포트에 \1번 요청함",
    rf"{_BEGINS}no answer over its RadSec connection within (\d+) s$": r"RadSec 연결로 \1초 안에 응답 없음",
    rf"{_BEGINS}no answer over its RadSec connection: (.+)$": r"RadSec 연결로 쓸 수 있는 응답 없음(\1)",
    rf"{_BEGINS}no answer within (\S+) s{_ENDS}": r"\1초 안에 응답 없음",
    rf"{_BEGINS}kind (\S+) is unknown{_ENDS}": r"모르는 종류 \1",
    rf"{_BEGINS}no way to (\S+){_ENDS}": r"\1(으)로 가는 방법이 없음",
    rf"{_BEGINS}nft refused: no reason given{_ENDS}": "nft가 이유를 알리지 않고 거부함",
    r"^nftables in namespace (\S+): ": r"네임스페이스 \1의 nftables: ",
    r"^nftables of this machine: ": "이 장비의 nftables: ",
    # What it says itself: as it is, and between marks.
    rf"{_BEGINS}nft refused: (.+?){_ENDS}": r"nft가 거부함, 장비가 한 말: “\1”",
    r"^(\d+) pairs are not as told, among them ": r"보낸 것과 다른 허용 쌍 \1개, 그 가운데 ",
    r"; read the device before changing it again$": "; 바꾸기 전에 장비를 다시 읽음",
    r"; write local: or netns:NAME$": "; local: 또는 netns:이름으로 쓰십시오",
    r"; another worker goes on$": "; 다른 작업자가 이어감",
    r"; nothing is left to do$": "; 더 할 일 없음",
    r"; choose (\S.*)$": r"; \1 가운데 고르십시오",
    (
        r"; is the gateway up, and does Officegate run as root on its machine with libnftables1 installed\?$"
    ): "; 게이트웨이가 켜져 있는지, 그 장비에 libnftables1이 있고 Officegate가 root로 도는지 확인하십시오",
}
ANSWERS: Mapping[str, str] = {
    **{f"{_BEGINS}{re.escape(english)}{_ENDS}": korean for english, korean in _WHOLE.items()},
    **_PARTS,
}
