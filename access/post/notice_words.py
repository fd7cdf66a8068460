"""The kinds of notices that people get, and the words of each: what happened, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from access.model import Bilingual


class NoticeKind(StrEnum):
    """What somebody is told."""

    PHONE_REGISTERED = "phone-registered"
    PHONE_REMOVED = "phone-removed"
    REGISTRATION_INVITED = "registration-invited"
    RECOVERY_RENEWED = "recovery-renewed"
    UNLOCKED = "unlocked"
    RESYNCED = "resynced"
    BYPASS_ISSUED = "bypass-issued"
    TOKEN_ASSIGNED = "token-assigned"  # noqa: S105 - a kind of notice
    NETWORK_PASSWORD_MADE = "network-password-made"  # noqa: S105 - a kind of notice
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a kind of notice
    PASSKEY_REGISTERED = "passkey-registered"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_CLONED = "passkey-cloned"
    PHONE_LOST = "phone-lost"
    PHONE_FOUND = "phone-found"
    VOUCHED_FOR = "vouched-for"
    VOUCH_GIVEN = "vouch-given"
    PASS_ASKED = "pass-asked"  # noqa: S105 - a kind of notice
    ACT_ASKED = "act-asked"
    ACCOUNT_LINKED = "account-linked"
    ACCOUNT_UNLINKED = "account-unlinked"
    ACCOUNT_RETURNED = "account-returned"
    CODE_WRONG = "code-wrong"
    ACCESS_ASKED = "access-asked"
    ACCESS_GRANTED = "access-granted"
    ACCESS_REFUSED = "access-refused"
    ACCESS_ENDED = "access-ended"
    REVIEW_ASKED = "review-asked"
    REVIEW_SOON = "review-soon"
    REVIEW_OVERDUE = "review-overdue"
    REVIEW_WILL_SILENCE = "review-will-silence"
    REVIEW_WILL_END = "review-will-end"
    REVIEW_SILENCED = "review-silenced"
    REVIEW_ENDED = "review-ended"
    REVIEW_RESUMED = "review-resumed"
    REVIEW_OWNER_LEFT = "review-owner-left"


@dataclass(frozen=True, slots=True)
class Words:
    """One row of MEANINGS: what happened, and what to do if it was not the person."""

    subject: Bilingual
    told: Bilingual
    todo: Bilingual


_REMOVE = Bilingual(
    ko="본인이 한 일이 아니면 포털에서 그 휴대폰을 바로 삭제하고 헬프데스크에 알려 주세요.",
    en="If it was not you, remove that phone in the portal at once and tell the helpdesk.",
)
_TELL = Bilingual(
    ko="본인이 요청한 일이 아니면 바로 헬프데스크에 알려 주세요.",
    en="If you did not ask for it, tell the helpdesk at once.",
)

_DECIDE = Bilingual(
    ko="포털의 임시 권한 메뉴에서 승인하거나 거절해 주세요. 하루 안에 결정하지 않으면 신청이 사라집니다.",
    en="Grant or refuse it in the portal, under Temporary access. Undecided, it lapses after a day.",
)
_SIGN = Bilingual(
    ko="포털의 임시 권한 메뉴에서 규칙마다 유지할지 끝낼지 서명해 주세요.",
    en="Sign for each of them in the portal, under Temporary access: keep it, or end it.",
)
_ASK_AGAIN = Bilingual(
    ko="더 필요하면 포털의 임시 권한 메뉴에서 다시 신청해 주세요.",
    en="If you need it again, ask in the portal, under Temporary access.",
)

MEANINGS: Mapping[NoticeKind, Words] = {
    NoticeKind.ACCESS_ASKED: Words(
        Bilingual(ko="임시 권한 신청이 들어왔습니다", en="Somebody asks for something you own"),
        Bilingual(
            ko="회원님이 소유자로 지정된 곳에 임시 권한을 신청한 사람이 있습니다.",
            en="Somebody asks for temporary access to something that you own.",
        ),
        _DECIDE,
    ),
    NoticeKind.ACCESS_GRANTED: Words(
        Bilingual(ko="신청한 임시 권한이 승인되었습니다", en="What you asked for is granted"),
        Bilingual(
            ko="신청하신 임시 권한이 승인되었습니다. 끝나는 시각은 포털에서 볼 수 있습니다.",
            en="The temporary access you asked for is granted. The portal shows until when.",
        ),
        _TELL,
    ),
    NoticeKind.ACCESS_REFUSED: Words(
        Bilingual(ko="신청한 임시 권한이 거절되었습니다", en="What you asked for is refused"),
        Bilingual(
            ko="신청하신 임시 권한이 거절되었습니다.",
            en="The temporary access you asked for is refused.",
        ),
        _ASK_AGAIN,
    ),
    NoticeKind.ACCESS_ENDED: Words(
        Bilingual(ko="임시 권한이 끝났습니다", en="Temporary access is over"),
        Bilingual(
            ko="임시 권한이 끝났거나, 아무도 결정하지 않아 신청이 사라졌습니다.",
            en="It has come to its end, or nobody decided what you asked for.",
        ),
        _ASK_AGAIN,
    ),
    NoticeKind.REVIEW_ASKED: Words(
        Bilingual(ko="소유한 규칙을 검토해 주세요", en="Rules that you own are to be reviewed"),
        Bilingual(
            ko="회원님이 소유자로 적힌 접속 규칙이 아직 필요한지 확인할 때가 되었습니다.",
            en="It is time to say whether rules that name you as their owner are still needed.",
        ),
        _SIGN,
    ),
    NoticeKind.REVIEW_SOON: Words(
        Bilingual(ko="규칙 검토 기한이 다가옵니다", en="The review of your rules ends soon"),
        Bilingual(
            ko="회원님이 소유자로 적힌 접속 규칙에 아직 서명하지 않았습니다. 기한이 사흘 안에 끝납니다.",
            en="Rules that name you as their owner are not signed yet, and the time ends within three days.",
        ),
        _SIGN,
    ),
    NoticeKind.REVIEW_OVERDUE: Words(
        Bilingual(ko="규칙 검토 기한이 지났습니다", en="The review of your rules is overdue"),
        Bilingual(
            ko="회원님이 소유자로 적힌 접속 규칙에 기한까지 서명하지 않았습니다. 담당자에게 알람이 갔습니다.",
            en="Rules that name you as their owner were not signed in time. An alarm names them and you.",
        ),
        _SIGN,
    ),
    NoticeKind.REVIEW_WILL_SILENCE: Words(
        Bilingual(ko="서명하지 않으면 규칙이 멈춥니다", en="Rules that you do not sign for will be silenced"),
        Bilingual(
            ko="회원님이 소유자로 적힌 접속 규칙을 검토하고 있습니다. 검토가 마감될 때까지 서명하지 않으면, "
            "서명할 때까지 규칙이 멈추고 그 규칙으로 접속하던 사람은 접속하지 못합니다.",
            en="Rules that name you as their owner are under review. What is not signed when the review is "
            "closed is silenced until you sign: whoever gets in by it gets in no more.",
        ),
        _SIGN,
    ),
    NoticeKind.REVIEW_WILL_END: Words(
        Bilingual(ko="서명하지 않으면 규칙이 끝납니다", en="Rules that you do not sign for will end"),
        Bilingual(
            ko="회원님이 소유자로 적힌 접속 규칙을 검토하고 있습니다. 검토가 마감될 때까지 서명하지 않으면 "
            "규칙이 끝나고, 그 규칙으로 접속하던 사람은 접속하지 못합니다.",
            en="Rules that name you as their owner are under review. What is not signed when the review is "
            "closed ends: whoever gets in by it gets in no more.",
        ),
        _SIGN,
    ),
    NoticeKind.REVIEW_SILENCED: Words(
        Bilingual(ko="서명이 없어 규칙이 멈췄습니다", en="Rules of yours are silenced"),
        Bilingual(
            ko="검토가 마감될 때까지 서명이 없어, 회원님이 소유자로 적힌 접속 규칙이 멈췄습니다. "
            "유지하겠다고 서명하면 바로 다시 적용됩니다.",
            en="The review is closed and nobody has signed for rules that name you as their owner: they are "
            "silent. Sign that they are kept, and they speak again at once.",
        ),
        _SIGN,
    ),
    NoticeKind.REVIEW_ENDED: Words(
        Bilingual(ko="검토에서 규칙이 끝났습니다", en="Rules of yours have ended"),
        Bilingual(
            ko="검토가 마감되어 회원님이 소유자로 적힌 접속 규칙이 끝났습니다.",
            en="The review is closed, and rules that name you as their owner have ended with it.",
        ),
        Bilingual(
            ko="아직 필요한 규칙이면 정책을 관리하는 담당자에게 되살려 달라고 요청해 주세요.",
            en="If one is still needed, ask whoever keeps the policy to let it speak again.",
        ),
    ),
    NoticeKind.REVIEW_RESUMED: Words(
        Bilingual(ko="규칙이 다시 적용됩니다", en="Rules of yours speak again"),
        Bilingual(
            ko="검토로 멈췄던, 회원님이 소유자로 적힌 접속 규칙이 다시 적용됩니다.",
            en="Rules that name you as their owner and that a review had stopped speak again.",
        ),
        _TELL,
    ),
    NoticeKind.REVIEW_OWNER_LEFT: Words(
        Bilingual(
            ko="소유자가 떠난 규칙을 검토해 주세요", en="Rules whose owner has left are to be reviewed"
        ),
        Bilingual(
            ko="검토할 때가 된 접속 규칙의 소유자가 모두 회사를 떠나 서명할 사람이 없습니다.",
            en="It is time to say whether rules are still needed, and whoever owned them has left.",
        ),
        Bilingual(
            ko="콘솔의 정책, 규칙 검토에서 대신 서명하고, 정책에서 다른 소유자를 지정해 주세요.",
            en="Sign in their place in the console, under Policy, Reviews, and name another owner in the "
            "policy.",
        ),
    ),
    NoticeKind.PHONE_REGISTERED: Words(
        Bilingual(ko="새 휴대폰이 등록되었습니다", en="A new phone was registered"),
        Bilingual(
            ko="회원님의 계정에 새 휴대폰이 등록되었습니다.",
            en="A new phone was registered for your account.",
        ),
        _REMOVE,
    ),
    NoticeKind.PHONE_REMOVED: Words(
        Bilingual(ko="등록한 휴대폰이 삭제되었습니다", en="A phone was removed"),
        Bilingual(
            ko="회원님의 계정에서 등록한 휴대폰이 삭제되었습니다. 그 휴대폰의 인증 번호는 더 이상 쓸 수 "
            "없습니다.",
            en="A registered phone was removed from your account. Its codes count no more.",
        ),
        _TELL,
    ),
    NoticeKind.REGISTRATION_INVITED: Words(
        Bilingual(ko="휴대폰 등록 코드가 발급되었습니다", en="A registration code was given out"),
        Bilingual(
            ko="회원님의 계정에 휴대폰을 등록할 수 있는 코드가 발급되었습니다. 코드는 이 메일에 들어 있지 "
            "않습니다.",
            en="A code with which a phone can be registered for your account was given out. It is not in "
            "this mail.",
        ),
        _TELL,
    ),
    NoticeKind.RECOVERY_RENEWED: Words(
        Bilingual(ko="복구 코드를 새로 만들었습니다", en="New recovery codes were made"),
        Bilingual(
            ko="회원님의 복구 코드가 새로 만들어졌습니다. 예전 복구 코드는 더 이상 쓸 수 없습니다.",
            en="New recovery codes were made for your account. The ones before them count no more.",
        ),
        _TELL,
    ),
    NoticeKind.UNLOCKED: Words(
        Bilingual(ko="로그인 대기 시간이 풀렸습니다", en="Your waiting time was lifted"),
        Bilingual(
            ko="틀린 인증 번호 때문에 생긴 대기 시간을 담당자가 풀었습니다.",
            en="The waiting time after wrong codes was lifted by the helpdesk.",
        ),
        _TELL,
    ),
    NoticeKind.RESYNCED: Words(
        Bilingual(ko="인증 앱을 다시 맞췄습니다", en="Your authenticator was found again"),
        Bilingual(
            ko="맞지 않던 인증 번호를 담당자가 이어진 번호 두 개로 다시 맞췄습니다. "
            "이제 다시 쓸 수 있습니다.",
            en="Its codes were never right. With two of them the helpdesk has found it again: it counts now.",
        ),
        _TELL,
    ),
    NoticeKind.BYPASS_ISSUED: Words(
        Bilingual(ko="임시 번호가 발급되었습니다", en="A bypass code was given out"),
        Bilingual(
            ko="휴대폰의 인증 번호 대신 잠시 쓸 수 있는 임시 번호가 발급되었습니다. "
            "번호는 이 메일에 들어 있지 않습니다.",
            en="A code that stands in for your phone for a while was given out. It is not in this mail.",
        ),
        _TELL,
    ),
    NoticeKind.PHONE_LOST: Words(
        Bilingual(ko="휴대폰 분실이 신고되었습니다", en="Your phone was reported lost"),
        Bilingual(
            ko="등록한 휴대폰의 분실이 신고되어 그 인증 번호를 멈췄습니다. "
            "로그인한 다른 브라우저도 모두 끝냈습니다.",
            en="Your phone was reported lost: its codes count no more, and other browsers are signed out.",
        ),
        Bilingual(
            ko="본인이 한 일이 아니면 누군가 비밀번호를 알고 있다는 뜻입니다. "
            "비밀번호를 바꾸고 헬프데스크에 알려 주세요. "
            "하루 안에는 휴대폰을 다시 쓸 수 있게 할 수 있습니다.",
            en="If it was not you, somebody knows your password: change it and tell the helpdesk. "
            "Within a day they can make your phone count again.",
        ),
    ),
    NoticeKind.PHONE_FOUND: Words(
        Bilingual(ko="분실 신고가 취소되었습니다", en="Your phone counts again"),
        Bilingual(
            ko="분실 신고한 휴대폰의 인증 번호를 다시 쓸 수 있습니다.",
            en="The codes of the phone that was reported lost count again.",
        ),
        _TELL,
    ),
    NoticeKind.VOUCHED_FOR: Words(
        Bilingual(ko="동료가 회원님을 보증했습니다", en="A colleague has vouched for you"),
        Bilingual(
            ko="동료가 회원님이 휴대폰을 새로 등록해야 한다고 보증했습니다. 한 시간 안에 두 명이 보증하면 "
            "비밀번호로 등록을 시작할 수 있습니다.",
            en="A colleague says that you need to register a phone anew. With two within an hour your "
            "password is enough to begin.",
        ),
        _TELL,
    ),
    NoticeKind.VOUCH_GIVEN: Words(
        Bilingual(ko="동료를 보증하셨습니다", en="You have vouched for a colleague"),
        Bilingual(
            ko="회원님의 계정으로 동료를 보증했습니다.",
            en="Your account has vouched for a colleague.",
        ),
        _TELL,
    ),
    NoticeKind.PASS_ASKED: Words(
        Bilingual(ko="헬프데스크에 도움이 요청되었습니다", en="The helpdesk was asked for help in your name"),
        Bilingual(
            ko="회원님의 이름으로 헬프데스크에 임시 번호나 등록 코드가 요청되었습니다.",
            en="Somebody has asked the helpdesk for a code in your name.",
        ),
        _TELL,
    ),
    NoticeKind.ACT_ASKED: Words(
        Bilingual(ko="헬프데스크에 도움이 요청되었습니다", en="The helpdesk was asked for help in your name"),
        Bilingual(
            ko="회원님의 휴대폰이나 인증 장치를 다시 쓸 수 있게 해 달라는 요청이 있었습니다. "
            "다른 관리자가 처리해야 합니다.",
            en="Somebody has asked to let your phone or authenticator count again. Another administrator has "
            "to do it.",
        ),
        _TELL,
    ),
    NoticeKind.ACCOUNT_LINKED: Words(
        Bilingual(
            ko="다른 회사의 계정과 연결되었습니다", en="Your account was linked to one of another company"
        ),
        Bilingual(
            ko="두 회사의 관리자가 회원님의 계정을 다른 회사의 계정과 연결했습니다. "
            "두 계정에 등록한 휴대폰과 복구 코드를 양쪽에서 모두 쓸 수 있습니다.",
            en="Administrators of both companies have linked your account to one of another company. The "
            "phones and recovery codes of either account count for both.",
        ),
        Bilingual(
            ko="다른 회사에 계정이 없으면 다른 사람이 회원님의 계정을 쓸 수 있게 된 것입니다. "
            "바로 헬프데스크에 알려 주세요.",
            en="If you have no account at another company, somebody else's phone counts for yours: tell the "
            "helpdesk at once.",
        ),
    ),
    NoticeKind.ACCOUNT_UNLINKED: Words(
        Bilingual(ko="다른 회사의 계정과 연결이 끊어졌습니다", en="Your account is linked no more"),
        Bilingual(
            ko="회원님의 계정은 이제 여기에서 등록한 휴대폰만 쓸 수 있습니다.",
            en="From now on only the phones that were registered for this account count for it.",
        ),
        Bilingual(
            ko="여기에 등록한 휴대폰이 없으면 헬프데스크에 등록 코드를 요청해 주세요.",
            en="If you have registered none here, ask the helpdesk for a registration code.",
        ),
    ),
    NoticeKind.ACCOUNT_RETURNED: Words(
        Bilingual(ko="예전 계정을 이어서 쓰게 되었습니다", en="Your account of before goes on"),
        Bilingual(
            ko="관리자가 회원님을 예전 계정과 같은 사람으로 확인했습니다. "
            "예전에 등록한 휴대폰, 패스키, 네트워크 비밀번호와 인증서를 이어서 쓸 수 있습니다.",
            en="An administrator has said that you are who had this account before. The phones, passkeys, "
            "network passwords and certificates of then count again.",
        ),
        _TELL,
    ),
    NoticeKind.TOKEN_ASSIGNED: Words(
        Bilingual(ko="인증 장치가 등록되었습니다", en="A hardware authenticator was registered"),
        Bilingual(
            ko="회원님의 계정에 인증 장치가 등록되었습니다.",
            en="A hardware authenticator was registered for your account.",
        ),
        _TELL,
    ),
    NoticeKind.PASSWORD_CHANGED: Words(
        Bilingual(ko="비밀번호가 바뀌었습니다", en="Your password was changed"),
        Bilingual(
            ko="회원님의 비밀번호가 바뀌었습니다. 다른 브라우저의 로그인은 모두 끝났습니다.",
            en="The password of your account was changed. Every other browser is signed out.",
        ),
        _TELL,
    ),
    NoticeKind.NETWORK_PASSWORD_MADE: Words(
        Bilingual(ko="네트워크 비밀번호가 만들어졌습니다", en="A network password was made"),
        Bilingual(
            ko="회원님의 계정에 기기용 네트워크 비밀번호가 만들어졌습니다.",
            en="A network password for a device was made for your account.",
        ),
        Bilingual(
            ko="본인이 한 일이 아니면 포털에서 그 비밀번호를 바로 취소하고 헬프데스크에 알려 주세요.",
            en="If it was not you, revoke it in the portal at once and tell the helpdesk.",
        ),
    ),
    NoticeKind.PASSKEY_REGISTERED: Words(
        Bilingual(ko="새 패스키가 등록되었습니다", en="A new passkey was registered"),
        Bilingual(
            ko="회원님의 계정에 새 패스키가 등록되었습니다.",
            en="A new passkey was registered for your account.",
        ),
        Bilingual(
            ko="본인이 한 일이 아니면 포털에서 그 패스키를 바로 삭제하고 헬프데스크에 알려 주세요.",
            en="If it was not you, remove that passkey in the portal at once and tell the helpdesk.",
        ),
    ),
    NoticeKind.PASSKEY_REMOVED: Words(
        Bilingual(ko="패스키가 삭제되었습니다", en="A passkey was removed"),
        Bilingual(
            ko="회원님의 계정에서 패스키가 삭제되었습니다. 그 패스키로는 더 이상 로그인할 수 없습니다.",
            en="A passkey was removed from your account. It signs you in no more.",
        ),
        _TELL,
    ),
    NoticeKind.PASSKEY_CLONED: Words(
        Bilingual(ko="회원님의 패스키가 복제되었을 수 있습니다", en="Your passkey may have been copied"),
        Bilingual(
            ko="패스키의 사용 횟수가 거꾸로 가서 로그인을 받아들이지 않았습니다. 누군가 복제한 패스키를 썼을 "
            "수 있습니다.",
            en="A sign-in was refused because the passkey counts backwards: somebody may use a copy of it.",
        ),
        Bilingual(
            ko="포털에서 그 패스키를 삭제하고 새로 등록한 뒤, 헬프데스크에 알려 주세요.",
            en="Remove that passkey in the portal, register a new one, and tell the helpdesk.",
        ),
    ),
    NoticeKind.CODE_WRONG: Words(
        Bilingual(ko="비밀번호는 맞고 인증 번호가 틀렸습니다", en="Right password, wrong code"),
        Bilingual(
            ko="누군가 회원님의 비밀번호를 맞게 입력했지만 인증 번호가 틀려 로그인하지 못했습니다.",
            en="Somebody entered your right password, but not a right code, and was not let in.",
        ),
        Bilingual(
            ko="본인이 아니면 누군가 비밀번호를 알고 있다는 뜻입니다. 지금 회사 비밀번호를 바꿔 주세요.",
            en="If it was not you, somebody knows your password: change your company password now.",
        ),
    ),
}
