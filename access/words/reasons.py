"""What every reason means to people: a title, what its owner and an administrator can do, an HTTP status.

The owner's words and the status are for the person concerned, once they have signed in. Somebody who has not
must not learn whether a name exists or which half of a login was wrong: they see REFUSED, with the case code,
whatever the reason.
"""

from collections.abc import Mapping
from http import HTTPStatus

from access.model import Bilingual, Reason
from access.words.certificate_reasons import CERTIFICATE_MEANINGS
from access.words.code_reasons import CODE_MEANINGS
from access.words.meaning import Meaning
from access.words.passkey_reasons import PASSKEY_MEANINGS
from access.words.password_reasons import PASSWORD_MEANINGS

REFUSED = Bilingual(
    ko="로그인하지 못했습니다. 입력한 내용을 확인하고 다시 시도해 "
    "주세요. 계속되면 사례 번호를 헬프데스크에 알려 주세요.",
    en="The login was refused. Check what you entered and try again. "
    "If it goes on, give the helpdesk the case code.",
)

_NOTHING_TO_DO = Bilingual(ko="따로 하실 일은 없습니다.", en="There is nothing to do.")

MEANINGS: Mapping[Reason, Meaning] = {
    **CODE_MEANINGS,
    **PASSWORD_MEANINGS,
    **CERTIFICATE_MEANINGS,
    **PASSKEY_MEANINGS,
    Reason.PERMITTED: Meaning(
        Bilingual(ko="허용되었습니다", en="Permitted"),
        _NOTHING_TO_DO,
        Bilingual(ko="조치할 것이 없습니다.", en="Nothing to do."),
        HTTPStatus.OK,
    ),
    Reason.NO_PERMIT: Meaning(
        Bilingual(ko="허용하는 규칙이 없습니다", en="No rule permits this"),
        Bilingual(
            ko="업무에 필요하시면 담당 관리자에게 권한을 요청해 주세요.",
            en="If your work needs it, ask your administrator for access.",
        ),
        Bilingual(
            ko="가장 가까운 허용 규칙(officegate explain, 콘솔의 '허용·거부 이유 확인')의 "
            "그룹에 사람을 추가하거나 규칙을 만드십시오.",
            en="Add the person to the group of the nearest permit (`officegate explain`, or Explain a "
            "decision in the console), or write a rule.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.CONTAINED: Meaning(
        Bilingual(ko="보안 조치로 접속이 차단되었습니다", en="Contained: cut off for security"),
        Bilingual(
            ko="안내된 담당자에게 바로 연락해 주세요. 다시 시도하거나 다른 곳에서 접속해도 열리지 않습니다.",
            en="Call whoever is named beside this at once. Trying again, or elsewhere, does not help.",
        ),
        Bilingual(
            ko="officegate contain list로 누가 왜 차단했는지 확인하고, 끝났으면 officegate contain end로 "
            "푸십시오.",
            en="`officegate contain list` says who did it and why; `officegate contain end` takes it back.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.FORBIDDEN: Meaning(
        Bilingual(ko="금지하는 규칙이 있습니다", en="A rule forbids this"),
        Bilingual(
            ko="규칙에 적힌 사유를 확인해 주세요. 사유가 맞지 않으면 담당 관리자에게 문의해 주세요.",
            en="Read the reason the rule gives. If it does not fit you, ask your administrator.",
        ),
        Bilingual(
            ko="금지 규칙은 모든 허용 규칙보다 우선합니다. "
            "사실 확인이 안 되어 금지된 것은 아닌지도 살펴보십시오.",
            en="A forbid beats every permit. See whether it spoke only because a fact is unknown.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.CONDITION_FAILED: Meaning(
        Bilingual(ko="지금은 조건이 맞지 않습니다", en="A condition is not met now"),
        Bilingual(
            ko="권한은 있지만 시간, 접속 방법, 인증 번호 같은 "
            "조건이 맞지 않습니다. 안내에 따라 다시 시도해 주세요.",
            en="You have the right, but not at this time, by this "
            "way or without a fresh code. Follow the advice shown.",
        ),
        Bilingual(
            ko="어떤 규칙의 어떤 조건이 무엇을 요구했는지는 officegate explain과 "
            "콘솔의 '허용·거부 이유 확인'이 보여 줍니다.",
            en="Which condition of which rule wanted what is told by `officegate explain`, and by Explain a "
            "decision in the console.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.FACT_UNKNOWN: Meaning(
        Bilingual(ko="확인에 필요한 정보가 없습니다", en="Something needed to decide is not known"),
        Bilingual(
            ko="다시 접속해 보시고, 계속되면 헬프데스크에 사례 번호를 알려 주세요.",
            en="Connect again. If it goes on, give the helpdesk the case code.",
        ),
        Bilingual(
            ko="규칙이 요구하는 정보를 NAS나 시계가 알려 주지 않았습니다. "
            "NAS 설정(장소, 그룹)과 시각을 확인하십시오.",
            en="A rule needs a fact that the NAS or the clock did not give. "
            "Check the NAS's site and group, and the time.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.POLICY_CONFLICT: Meaning(
        Bilingual(ko="정책이 서로 어긋납니다", en="The policy contradicts itself"),
        Bilingual(
            ko="관리자가 고쳐야 하는 문제입니다. 헬프데스크에 사례 번호를 알려 주세요.",
            en="An administrator has to mend this. Give the helpdesk the case code.",
        ),
        Bilingual(
            ko="허용 규칙들이 서로 다른 VLAN이나 역할, 권한을 주면 모두 정책 문서의 prefer에 적으십시오. "
            "응답 내용에 제조사가 나오면 그 NAS가 받을 수 없는 것이니 규칙이나 --vendor를 고치십시오.",
            en="Where permits give different VLANs, roles or privileges, list them under `prefer`. Where the "
            "case says what a vendor has not, change the rule, or `--vendor` of the NAS.",
        ),
        HTTPStatus.CONFLICT,
    ),
    Reason.OTHER_ZONE: Meaning(
        Bilingual(
            ko="이 단말은 다른 망 구역에 연결되어 있습니다", en="The endpoint is connected to another zone"
        ),
        Bilingual(
            ko="한 단말은 한 번에 한 망 구역에만 있을 수 있습니다. 쓰지 않을 연결(유선, 와이파이, VPN)을 "
            "끊어 주세요.",
            en="An endpoint is in one zone at a time. Disconnect what you do not need: the wire, the Wi-Fi "
            "or the VPN.",
        ),
        Bilingual(
            ko="세션 화면에서 그 단말의 MAC 주소를 찾으십시오. 끊긴 NAS에 남은 세션이면 거기에서 끝내십시오.",
            en="Look for its MAC address among the sessions. One that a NAS has left behind is ended there.",
        ),
        HTTPStatus.CONFLICT,
    ),
    Reason.NO_POLICY: Meaning(
        Bilingual(ko="게시된 정책이 없습니다", en="No policy is published"),
        Bilingual(
            ko="아직 준비 중입니다. 헬프데스크에 문의해 주세요.",
            en="The service is not set up yet. Ask the helpdesk.",
        ),
        Bilingual(
            ko="officegate policy publish로 정책을 게시하십시오. 그전에는 모두 거부됩니다.",
            en="Publish one with `officegate policy publish`. Until then everything is denied.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.UNKNOWN_USER: Meaning(
        Bilingual(ko="등록되지 않은 사용자입니다", en="Nobody has this name"),
        Bilingual(
            ko="사용자 이름을 확인해 주세요. 다른 회사 소속이면 이름@회사 형식으로 입력해 주세요.",
            en="Check the user name. People of another company write name@company.",
        ),
        Bilingual(
            ko="디렉터리에 사용자가 있는지, 동기화 범위에 드는지 확인하십시오.",
            en="Check that the user is in the directory and inside what is synchronised.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.UNKNOWN_REALM: Meaning(
        Bilingual(ko="이름 뒤의 소속을 알 수 없습니다", en="Nobody knows the realm behind the name"),
        Bilingual(
            ko="@ 뒤의 회사 이름을 확인해 주세요. 방문하신 분은 담당자에게 문의해 주세요.",
            en="Check what stands behind the @. Visitors ask whoever invited them.",
        ),
        Bilingual(
            ko="오타이거나, 아직 [realms]에 없는 조직입니다. 그 조직의 서버와 합의한 뒤 추가하십시오.",
            en="A slip, or a realm that [realms] does not have yet: agree with its servers, then add it.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.HOME_SERVER_UNAVAILABLE: Meaning(
        Bilingual(ko="소속 기관의 서버가 응답하지 않습니다", en="No server of the home realm answers"),
        Bilingual(
            ko="소속 기관의 인증 서버에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
            en="The server that knows you cannot be reached. Try again in a little while.",
        ),
        Bilingual(
            ko="officegate check로 홈 서버의 응답과 공유 비밀을 확인하고, 그쪽 관리자에게 알리십시오.",
            en="See with `officegate check` whether its servers answer; tell who runs them.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.HOME_SERVER_REFUSED: Meaning(
        Bilingual(ko="소속 기관의 서버가 거부했습니다", en="The server of the home realm refused"),
        Bilingual(
            ko="소속 기관에서 쓰는 이름과 비밀번호를 확인해 주세요. 이유는 소속 기관에서 알 수 있습니다.",
            en="Check the name and password you have there. Why it refused is known there.",
        ),
        Bilingual(
            ko="거부한 것은 이 설치가 아니라 기록에 적힌 홈 서버입니다. 이유는 그쪽 기록에 있습니다.",
            en="The home server in the record refused, not this installation: its own log says why.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.FORWARDING_LOOP: Meaning(
        Bilingual(ko="요청이 서버 사이를 돌고 있습니다", en="The request goes round between servers"),
        Bilingual(ko="헬프데스크에 사례 번호를 알려 주세요.", en="Give the helpdesk the case code."),
        Bilingual(
            ko="두 서버가 같은 소속을 서로에게 보냅니다. 어느 쪽이 답할지 정하고 [realms]를 고치십시오.",
            en="Two servers send this realm to each other. Decide who answers, and put [realms] right.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.USER_DISABLED: Meaning(
        Bilingual(ko="사용이 중지된 계정입니다", en="The account is disabled"),
        Bilingual(
            ko="소속 회사의 인사 담당자나 헬프데스크에 문의해 주세요.",
            en="Ask your personnel department or the helpdesk.",
        ),
        Bilingual(
            ko="디렉터리에서 계정이 잠기거나 중지되었습니다. 풀리면 곧바로 반영됩니다.",
            en="The directory has locked or disabled the account. Enabling it there takes effect at once.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.WRONG_PASSWORD: Meaning(
        Bilingual(ko="비밀번호가 맞지 않습니다", en="The password is wrong"),
        Bilingual(
            ko="한/영, Caps Lock을 확인하고 다시 입력해 주세요. "
            "최근에 바꾸셨다면 새 비밀번호를 저장된 곳에도 고쳐 주세요.",
            en="Check Caps Lock and the keyboard layout. "
            "If you changed it lately, change it where it is saved, too.",
        ),
        Bilingual(
            ko="같은 단말에서 반복되면 저장된 옛 비밀번호일 수 있습니다. MAC으로 단말을 찾아 보십시오. "
            "CHAP과 MSCHAPv2에는 디렉터리가 해시를 주지 않는 한 네트워크 비밀번호만 쓸 수 있습니다.",
            en="If one endpoint repeats it, an old password is saved there: find it by its MAC. CHAP, and "
            "MSCHAPv2 where the directory gives no hashes, take a network password and not the company's.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.EMPTY_PASSWORD: Meaning(
        Bilingual(ko="비밀번호가 비어 있습니다", en="The password is empty"),
        Bilingual(ko="비밀번호를 입력해 주세요.", en="Enter your password."),
        Bilingual(
            ko="빈 비밀번호는 디렉터리에 묻지 않고 거부합니다. NAS가 코드만 보내는 설정인지 확인하십시오.",
            en="An empty password is refused without asking the directory. "
            "See whether the NAS sends the code alone.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.PASSWORD_EXPIRED: Meaning(
        Bilingual(ko="비밀번호가 만료되었습니다", en="The password has expired"),
        Bilingual(
            ko="회사 컴퓨터나 사내 비밀번호 변경 페이지에서 비밀번호를 바꾼 뒤 다시 시도해 주세요.",
            en="Change it on a company computer or on your company's password page, then try again.",
        ),
        Bilingual(
            ko="디렉터리가 비밀번호 변경을 요구합니다. 사용자가 바꾸면 곧바로 로그인됩니다.",
            en="The directory wants it changed first. Once the person has done so, the login works at once.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.PASSWORD_THROTTLED: Meaning(
        Bilingual(ko="비밀번호를 너무 자주 틀렸습니다", en="Too many wrong passwords"),
        Bilingual(
            ko="잠시 기다렸다가 다시 시도해 주세요. 본인이 한 일이 아니면 헬프데스크에 알려 주세요.",
            en="Wait a little and try again. If it was not you, tell the helpdesk.",
        ),
        Bilingual(
            ko="디렉터리가 계정을 잠그기 전에 막았습니다. 어느 NAS와 단말에서 왔는지 확인하십시오.",
            en="Held back before the directory locks the account. See which NAS and endpoint it came from.",
        ),
        HTTPStatus.TOO_MANY_REQUESTS,
    ),
    Reason.DIRECTORY_UNAVAILABLE: Meaning(
        Bilingual(ko="비밀번호를 확인할 수 없습니다", en="The password cannot be checked at the moment"),
        Bilingual(
            ko="회사 디렉터리가 응답하지 않습니다. 잠시 뒤 다시 시도해 주세요.",
            en="The company directory does not answer. Try again in a moment.",
        ),
        Bilingual(
            ko="officegate check로 디렉터리 연결을 확인하십시오.",
            en="Check the directory's connection with `officegate check`.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.MAIL_UNAVAILABLE: Meaning(
        Bilingual(ko="이메일로 번호를 보낼 수 없습니다", en="No code can be sent by e-mail"),
        Bilingual(
            ko="인증 앱이나 복구 코드를 사용해 주세요. 둘 다 없으면 헬프데스크에 문의해 주세요.",
            en="Use the authenticator app or a recovery code. If you have neither, ask the helpdesk.",
        ),
        Bilingual(
            ko="회사 설정(mailed_codes), 메일 서버, 디렉터리의 메일 주소를 확인하십시오.",
            en="Check the company's setting (mailed_codes), the mail server, and the mail address in the "
            "directory.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.UNKNOWN_ENDPOINT: Meaning(
        Bilingual(ko="등록되지 않은 단말입니다", en="This endpoint is not registered"),
        Bilingual(
            ko="포털에서 단말을 등록하거나 헬프데스크에 MAC 주소를 알려 주세요.",
            en="Register the endpoint in the portal, or give the helpdesk its MAC address.",
        ),
        Bilingual(
            ko="이 MAC을 who에 적은 규칙이 있는지 확인하십시오. "
            "단말이 MAC을 임의로 바꾸는 설정일 수도 있습니다.",
            en="See whether a rule names this MAC under `who`. The endpoint may also use a random one.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.METHOD_NOT_ALLOWED: Meaning(
        Bilingual(ko="허용되지 않는 인증 방식입니다", en="This way to log in is not allowed"),
        Bilingual(
            ko="안내받은 설정대로 네트워크를 다시 추가해 주세요.",
            en="Set the network up again as the instructions say.",
        ),
        Bilingual(
            ko="NAS에 허용한 방식과 단말의 설정(EAP 방식)을 비교하십시오.",
            en="Compare the methods the NAS may use with the endpoint's EAP settings.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.EAP_FAILED: Meaning(
        Bilingual(
            ko="단말과의 인증 대화가 실패했습니다", en="The endpoint broke off or spoilt the EAP conversation"
        ),
        Bilingual(
            ko="네트워크 설정을 지우고 다시 추가해 주세요. 계속되면 헬프데스크에 알려 주세요.",
            en="Forget the network and add it again. If it goes on, tell the helpdesk.",
        ),
        Bilingual(
            ko="타임라인에서 어느 단계에서 멈췄는지 보고, 단말의 EAP 방식과 TLS 버전을 확인하십시오.",
            en="See in the timeline where it stopped; check the endpoint's EAP method and TLS version.",
        ),
        HTTPStatus.BAD_REQUEST,
    ),
    Reason.CERTIFICATE_NOT_TRUSTED_BY_ENDPOINT: Meaning(
        Bilingual(
            ko="단말이 서버 인증서를 신뢰하지 않습니다", en="The endpoint does not trust our certificate"
        ),
        Bilingual(
            ko="회사에서 배포한 인증서를 설치해 주세요. 모르는 인증서를 그냥 수락하지 마세요.",
            en="Install the certificate your company hands out. Do not accept one you do not know.",
        ),
        Bilingual(
            ko="단말에 발급 기관 인증서를 배포하고 인증서의 이름과 만료일을 확인하십시오.",
            en="Roll out the issuing CA to the endpoints; check the certificate's name and expiry.",
        ),
        HTTPStatus.BAD_REQUEST,
    ),
    Reason.CONVERSATION_EXPIRED: Meaning(
        Bilingual(ko="로그인 시간이 지났습니다", en="The login took too long"),
        Bilingual(ko="처음부터 다시 로그인해 주세요.", en="Log in again from the start."),
        Bilingual(
            ko="반복되면 NAS의 재전송 시간과 패킷 손실을 확인하십시오.",
            en="If it goes on, check the NAS's retransmission time and loss on the way.",
        ),
        HTTPStatus.REQUEST_TIMEOUT,
    ),
    Reason.STALE_DECISION: Meaning(
        Bilingual(ko="권한 정보를 새로 확인하는 중입니다", en="Rights are being looked up anew"),
        Bilingual(ko="잠시 뒤 다시 시도해 주세요.", en="Try again in a moment."),
        Bilingual(
            ko="이 서버의 정보가 허용된 시간보다 오래되었습니다. "
            "데이터베이스 연결과 변경 피드를 확인하십시오.",
            en="This server's knowledge is older than its tier "
            "allows. Check the database and the change feed.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.SESSION_NOT_OURS: Meaning(
        Bilingual(ko="확인되지 않은 접속입니다", en="We did not accept this session"),
        Bilingual(ko="연결을 끊고 다시 로그인해 주세요.", en="Disconnect and log in again."),
        Bilingual(
            ko="accounting에 우리가 준 Class가 없습니다. "
            "NAS가 Class를 돌려보내는지, 누군가 위조하는지 확인하십시오.",
            en="Accounting came without our Class: see that the NAS returns it, and that nobody forges it.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.ADDRESS_OUTSIDE_POOL: Meaning(
        Bilingual(ko="주소가 할당 범위를 벗어났습니다", en="The address is outside the gateway's pools"),
        Bilingual(
            ko="수동으로 넣은 IP 주소를 지우고 다시 접속해 주세요.",
            en="Remove an address you set by hand and connect again.",
        ),
        Bilingual(
            ko="게이트웨이의 주소 풀 설정과 NAS가 실제로 나눠 주는 범위를 비교하십시오.",
            en="Compare the gateway's configured pools with what the NAS really hands out.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.ADDRESS_TAKEN_OVER: Meaning(
        Bilingual(ko="다른 접속이 같은 주소를 쓰고 있습니다", en="Another session took this address"),
        Bilingual(ko="다시 접속해 주세요.", en="Connect again."),
        Bilingual(
            ko="한 주소에는 한 접속만 둡니다. 앞선 접속의 Stop이 빠졌거나 풀이 겹치는지 확인하십시오.",
            en="An address has one session. See whether a Stop was lost or two pools overlap.",
        ),
        HTTPStatus.CONFLICT,
    ),
    Reason.RIGHT_LOST: Meaning(
        Bilingual(ko="접속 권한이 끝났습니다", en="The right to this ended"),
        Bilingual(
            ko="권한이 바뀌었거나 허용 시간이 지났습니다. 포털에서 사유를 확인해 주세요.",
            en="Your rights changed or the permitted time is over. The portal shows why.",
        ),
        Bilingual(
            ko="타임라인에서 어떤 변경(디렉터리, 정책, 시간)이 권한을 거두었는지 확인하십시오.",
            en="The timeline shows what took it: the directory, the policy or the clock.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.TOO_MANY_SESSIONS: Meaning(
        Bilingual(ko="동시에 쓸 수 있는 단말 수를 넘었습니다", en="Too many endpoints at once"),
        Bilingual(
            ko="포털에서 쓰지 않는 접속을 끊고 다시 시도해 주세요.",
            en="End a session you do not need in the portal, and try again.",
        ),
        Bilingual(
            ko="정책의 sessions 값과 이 사람의 열린 접속을 확인하십시오.",
            en="Look at `sessions` in the policy, and at the person's open sessions.",
        ),
        HTTPStatus.TOO_MANY_REQUESTS,
    ),
    Reason.ORGANIZATION_FULL: Meaning(
        Bilingual(ko="회사의 동시 접속 수가 가득 찼습니다", en="The company has as many sessions as it may"),
        Bilingual(ko="잠시 뒤 다시 시도해 주세요.", en="Try again in a while."),
        Bilingual(
            ko="organizations.KEY.most_sessions 값과 이 회사의 열린 접속 수를 확인하십시오.",
            en="Look at organizations.KEY.most_sessions, and at how many sessions the company has open.",
        ),
        HTTPStatus.TOO_MANY_REQUESTS,
    ),
}
