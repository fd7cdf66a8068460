"""What the reasons about passkeys mean: a part of MEANINGS in access/words/reasons.py."""

from collections.abc import Mapping
from http import HTTPStatus

from access.model import Bilingual, Reason
from access.words.meaning import Meaning

PASSKEY_MEANINGS: Mapping[Reason, Meaning] = {
    Reason.PASSKEY_LATE: Meaning(
        Bilingual(ko="패스키 확인 시간이 지났습니다", en="The passkey took too long"),
        Bilingual(
            ko="버튼을 다시 눌러 주세요. 5분 안에 마치시면 됩니다.",
            en="Press the button again. There are five minutes for it.",
        ),
        Bilingual(
            ko="한 번 물은 것에는 5분 안에 한 번만 답할 수 있습니다. 같은 답이 두 번 왔다면 누군가 옮겨 보낸 "
            "것일 수 있습니다.",
            en="Each question is answered once, within five minutes. The same answer sent twice may be one "
            "that somebody has passed on.",
        ),
        HTTPStatus.REQUEST_TIMEOUT,
    ),
    Reason.PASSKEY_REFUSED: Meaning(
        Bilingual(ko="패스키를 확인하지 못했습니다", en="The passkey could not be verified"),
        Bilingual(
            ko="이 계정에 등록한 패스키로, 지문이나 얼굴, PIN 확인까지 마쳐 주세요. 주소창의 주소도 확인해 "
            "주세요.",
            en="Use a passkey of this account, with fingerprint, face or PIN, and look at the address of the "
            "page.",
        ),
        Bilingual(
            ko="서명, 주소(web.public_url), 질문, 사용자 확인 중 하나가 맞지 않습니다. 다른 주소에서 받은 "
            "답이면 피싱일 수 있습니다.",
            en="Its signature, the address (web.public_url), the question or the verification of the user "
            "is not right. If it was asked for at another address, that may be phishing.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.PASSKEY_CLONED: Meaning(
        Bilingual(ko="패스키가 복제되었을 수 있습니다", en="The passkey may have been copied"),
        Bilingual(
            ko="이 패스키로는 로그인할 수 없었습니다. 다른 방법으로 로그인해 이 패스키를 삭제하고 "
            "헬프데스크에 알려 주세요.",
            en="This passkey was not taken. Sign in in another way, remove it, and tell the helpdesk.",
        ),
        Bilingual(
            ko="사용 횟수가 거꾸로 갔습니다. 경보 passkey-cloned가 올라왔습니다.",
            en="It counts backwards; the alarm passkey-cloned is raised.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.PASSKEY_KNOWN: Meaning(
        Bilingual(ko="이미 등록된 패스키입니다", en="This passkey is registered already"),
        Bilingual(
            ko="목록에 있는지 확인하고, 다른 기기로 등록해 주세요.",
            en="See whether it is in the list, and register another device.",
        ),
        Bilingual(
            ko="같은 패스키가 이미 누군가의 것입니다. 예전에 해제한 것일 수도 있습니다.",
            en="This very passkey is somebody's, or was until it was revoked.",
        ),
        HTTPStatus.CONFLICT,
    ),
    Reason.PASSKEY_REQUIRED: Meaning(
        Bilingual(ko="패스키가 필요합니다", en="It takes a passkey"),
        Bilingual(
            ko="등록한 패스키로 확인한 뒤 다시 시도해 주세요. 패스키를 잃어버렸다면 다른 관리자에게 "
            "알려 주세요.",
            en="Confirm with a passkey that you have, then try again. If you lost it, tell an administrator.",
        ),
        Bilingual(
            ko="이 사람의 역할은 roles.phishing_resistant에 있습니다. 패스키를 잃어버렸다면 해제해 주면 "
            "인증 번호로 새로 등록할 수 있습니다.",
            en="The role stands in roles.phishing_resistant. Once a lost passkey is revoked, a new one can "
            "be registered with a code.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.PASSKEY_ELSEWHERE: Meaning(
        Bilingual(ko="이 주소에서는 패스키를 쓸 수 없습니다", en="There are no passkeys at this address"),
        Bilingual(
            ko="회사에서 안내한 주소로 접속해 주세요.",
            en="Open the pages at the address that your company gave you.",
        ),
        Bilingual(
            ko="web.public_url이 https로 시작하는 이름이어야 합니다. IP 주소에서는 브라우저가 패스키를 "
            "만들지 않습니다.",
            en="web.public_url has to be a name with https: browsers make no passkeys for IP addresses.",
        ),
        HTTPStatus.CONFLICT,
    ),
}
