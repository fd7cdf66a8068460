"""What reasons about passwords, endpoints and proofs mean: a part of MEANINGS in access/words/reasons.py."""

from collections.abc import Mapping
from http import HTTPStatus

from access.model import Bilingual, Reason
from access.words.meaning import Meaning

PASSWORD_MEANINGS: Mapping[Reason, Meaning] = {
    Reason.PASSWORD_MUST_CHANGE: Meaning(
        Bilingual(
            ko="비밀번호를 먼저 바꿔야 합니다",
            en="The password must be changed first",
        ),
        Bilingual(
            ko="회사 PC나 비밀번호 변경 페이지에서 비밀번호를 바꾼 뒤 다시 로그인해 주세요.",
            en="Change it on an office computer or the page for it, then log in with the new one.",
        ),
        Bilingual(
            ko="디렉터리가 다음 로그인 때 비밀번호를 바꾸도록 요구합니다. 네트워크 로그인으로는 "
            "바꿀 수 없습니다.",
            en="The directory wants it changed at the next login, which a network login cannot do.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.PASSWORD_REPEATED: Meaning(
        Bilingual(
            ko="같은 틀린 비밀번호가 되풀이됩니다",
            en="The same wrong password again",
        ),
        Bilingual(
            ko="단말에 옛 비밀번호가 저장되어 있습니다. Wi-Fi나 유선 설정에서 네트워크를 지우고 "
            "새 비밀번호로 다시 연결해 주세요.",
            en="An old password is stored on the endpoint. Forget the network there "
            "and join it again with the right one.",
        ),
        Bilingual(
            ko="계정이 잠기지 않도록 디렉터리에 보내지 않았습니다. MAC 주소로 단말을 찾아 저장된 "
            "비밀번호를 고치게 하십시오.",
            en="It was not sent to the directory, so that the account is not locked. "
            "Find the endpoint by its MAC address.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.ACCOUNT_LOCKED: Meaning(
        Bilingual(
            ko="계정이 잠겨 있습니다",
            en="The account is locked",
        ),
        Bilingual(
            ko="비밀번호를 여러 번 틀려 잠겼습니다. 조금 뒤 풀리지 않으면 헬프데스크에 알려 주세요.",
            en="Too many wrong passwords locked it. If it is not open again soon, tell the helpdesk.",
        ),
        Bilingual(
            ko="디렉터리가 잠갔습니다. 어디서 틀렸는지 찾은 뒤 디렉터리에서 푸십시오. 우리 "
            "한도(lockout_failures)가 "
            "디렉터리보다 낮은지 확인하십시오.",
            en="The directory locked it. Find where the failures came from, unlock it "
            "there, and see that lockout_failures is not above the directory's "
            "limit.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.NETWORK_PASSWORD_ENDED: Meaning(
        Bilingual(
            ko="네트워크 비밀번호를 쓸 수 없습니다",
            en="The network password does not count",
        ),
        Bilingual(
            ko="폐기되었거나 기간이 지났거나 잘못 입력했습니다. 포털의 네트워크 비밀번호에서 새로 "
            "만들어 주세요.",
            en="It was revoked, is over, or was mistyped. Make a new one in the "
            "portal under network passwords.",
        ),
        Bilingual(
            ko="officegate password list로 그 사람의 네트워크 비밀번호를 확인하십시오.",
            en="See the person's network passwords with `officegate password list`.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.NETWORK_PASSWORD_ELSEWHERE: Meaning(
        Bilingual(
            ko="다른 단말의 네트워크 비밀번호입니다",
            en="The network password of another endpoint",
        ),
        Bilingual(
            ko="네트워크 비밀번호는 단말 하나에만 쓸 수 있습니다. 포털에서 이 단말의 것을 새로 "
            "만들어 주세요.",
            en="A network password is for one endpoint. Make another one for this endpoint in the portal.",
        ),
        Bilingual(
            ko="처음 쓴 단말의 MAC 주소에 묶여 있습니다. 단말을 바꿨다면 폐기하고 새로 만들게 하십시오.",
            en="It is bound to the MAC address of its first use. If the endpoint was "
            "replaced, have it revoked and a new one made.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.NETWORK_PASSWORD_LIMIT: Meaning(
        Bilingual(
            ko="네트워크 비밀번호를 더 만들 수 없습니다",
            en="No more network passwords can be made",
        ),
        Bilingual(
            ko="쓰지 않는 것을 폐기한 뒤 다시 만들어 주세요.",
            en="Revoke one that you do not use any more, then make the new one.",
        ),
        Bilingual(
            ko="회사 설정 network_passwords.most가 한 사람의 개수를 정합니다. 0이면 만들 수 없습니다.",
            en="The company's setting network_passwords.most says how many each may have; 0 is none.",
        ),
        HTTPStatus.CONFLICT,
    ),
    Reason.METHOD_NEEDS_NETWORK_PASSWORD: Meaning(
        Bilingual(
            ko="이 방식에는 네트워크 비밀번호가 필요합니다",
            en="This way to log in needs a network password",
        ),
        Bilingual(
            ko="포털에서 이 단말의 네트워크 비밀번호를 만들어 회사 비밀번호 대신 입력해 주세요.",
            en="Make a network password for this endpoint in the portal and enter it in place of your own.",
        ),
        Bilingual(
            ko="이 방식은 해시로 증명하므로 디렉터리에 확인할 수 없습니다. TTLS/PAP, PEAP-GTC "
            "또는 EAP-TLS를 쓰거나 "
            "디렉터리의 mschap을 설정하십시오.",
            en="It proves a hash, which a directory cannot check. Use TTLS/PAP, "
            "PEAP-GTC or EAP-TLS, or set mschap of the directory.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.NO_NT_HASH: Meaning(
        Bilingual(
            ko="비밀번호 해시가 없습니다",
            en="There is no hash of the password",
        ),
        Bilingual(
            ko="포털에서 네트워크 비밀번호를 만들어 쓰거나, 비밀번호를 한 번 바꿔 주세요.",
            en="Make a network password in the portal, or change your password once.",
        ),
        Bilingual(
            ko="디렉터리의 이 사람 항목에 sambaNTPassword가 없거나 서비스 계정이 읽지 못합니다.",
            en="The directory has no sambaNTPassword for this person, or does not let our account read it.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.PROOF_OUTDATED: Meaning(
        Bilingual(
            ko="이전 로그인을 이어 쓸 수 없습니다",
            en="An earlier login counts no longer",
        ),
        Bilingual(
            ko="비밀번호를 바꾸셨다면 단말에도 새 비밀번호를 저장해 주세요. 아니면 다시 연결하면 됩니다.",
            en="If you changed your password, store the new one on the endpoint. "
            "Otherwise just connect again.",
        ),
        Bilingual(
            ko="비밀번호가 바뀌었거나 증명이 오래되어 TLS 세션 재개를 거절했습니다. 다음 로그인은 "
            "처음부터 합니다.",
            en="A resumed session was refused: the password changed or the proof is "
            "old. The next login is a full one.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.DIRECTORY_BUSY: Meaning(
        Bilingual(
            ko="비밀번호 확인이 밀려 있습니다",
            en="Too many passwords are waiting to be checked",
        ),
        Bilingual(
            ko="잠시 뒤 다시 시도해 주세요.",
            en="Try again in a moment.",
        ),
        Bilingual(
            ko="이 디렉터리가 로그인보다 느립니다. 응답 시간과 서버 상태를 확인하십시오. 다른 "
            "회사의 로그인은 영향받지 않습니다.",
            en="This directory is slower than logins come. Look at its response "
            "times; other companies are not held up.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.RANDOMISED_ENDPOINT: Meaning(
        Bilingual(
            ko="임의로 바뀌는 MAC 주소입니다",
            en="The endpoint uses a randomised MAC address",
        ),
        Bilingual(
            ko="단말의 네트워크 설정에서 '비공개 주소' 또는 '임의 MAC'을 끄고 다시 연결해 주세요.",
            en="Turn off the private or random address for this network on the endpoint, then connect again.",
        ),
        Bilingual(
            ko="임의 주소는 단말을 나타내지 않으므로 등록할 수 없습니다. 단말에 적힌 주소를 "
            "등록하게 하십시오.",
            en="A random address says nothing about who has it, so it cannot be "
            "registered. Have the address printed on the endpoint registered.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
}
