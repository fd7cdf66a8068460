"""What reasons about one-time codes mean to people; access.words.reasons has them among all others."""

from collections.abc import Mapping
from http import HTTPStatus

from access.model import Bilingual, Reason
from access.words.meaning import Meaning

CODE_MEANINGS: Mapping[Reason, Meaning] = {
    Reason.NO_TOKEN: Meaning(
        Bilingual(ko="등록한 휴대폰이 없습니다", en="No phone is registered"),
        Bilingual(
            ko="포털에 로그인하여 인증 앱을 등록해 주세요.",
            en="Sign in to the portal and register an authenticator app.",
        ),
        Bilingual(
            ko="officegate otp invite로 등록 코드를 보내십시오.",
            en="Send a registration code with `officegate otp invite`.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.WRONG_CODE: Meaning(
        Bilingual(ko="인증 번호가 맞지 않습니다", en="The code is wrong"),
        Bilingual(
            ko="인증 앱에 지금 보이는 번호를 입력해 주세요. 휴대폰 시각이 자동 설정인지도 확인해 주세요.",
            en="Enter the code the authenticator app shows now. See that the phone sets its time by itself.",
        ),
        Bilingual(
            ko="반복되면 휴대폰 시각이 어긋났거나 다른 계정의 번호입니다. 다시 등록하게 하십시오.",
            en="If it goes on, the phone's clock is off or the code is another account's: register it anew.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CODE_REPLAYED: Meaning(
        Bilingual(ko="이미 사용한 인증 번호입니다", en="The code has been used already"),
        Bilingual(
            ko="인증 앱의 번호가 바뀌면 새 번호로 다시 시도해 주세요. 복구 코드와 등록 코드도 한 번만 쓸 수 "
            "있습니다. 등록 코드는 헬프데스크에서 새로 받아 주세요.",
            en="Wait for the next code of the authenticator app. Recovery and registration codes count once, "
            "too: use another recovery code, or ask the helpdesk for a new registration code.",
        ),
        Bilingual(
            ko="같은 번호가 두 번 왔습니다. NAS가 재시도했거나 누군가 엿보았을 수 있습니다.",
            en="One code came twice: the NAS tried again, or somebody looked on.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CODE_THROTTLED: Meaning(
        Bilingual(ko="인증 번호를 너무 자주 틀렸습니다", en="Too many wrong codes"),
        Bilingual(
            ko="잠시 기다렸다가 다시 시도해 주세요. 본인이 한 일이 "
            "아니면 비밀번호를 바꾸고 헬프데스크에 알려 주세요.",
            en="Wait a little and try again. If it was not you, change your password and tell the helpdesk.",
        ),
        Bilingual(
            ko="비밀번호를 아는 누군가가 번호를 시도하는 중일 수 있습니다. 타임라인을 확인하십시오.",
            en="Somebody who knows the password may be trying codes. Look at the timeline.",
        ),
        HTTPStatus.TOO_MANY_REQUESTS,
    ),
    Reason.CODE_UNPROVABLE: Meaning(
        Bilingual(ko="인증 번호를 확인할 수 없습니다", en="The code cannot be checked at the moment"),
        Bilingual(ko="잠시 뒤 새 번호로 다시 시도해 주세요.", en="Try again in a moment with a new code."),
        Bilingual(
            ko="데이터베이스가 응답하지 않아 번호가 한 번만 쓰였음을 "
            "보장할 수 없습니다. 데이터베이스를 확인하십시오.",
            en="Without the database nothing proves that a code is used only once. Check the database.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Reason.CODE_MISSING: Meaning(
        Bilingual(ko="인증 번호가 필요합니다", en="A code is needed"),
        Bilingual(
            ko="비밀번호 뒤에 인증 앱의 번호를 이어서 입력하거나, 물어볼 때 입력해 주세요.",
            en="Enter the authenticator app's code after your password, or when you are asked for it.",
        ),
        Bilingual(
            ko="NAS의 code 설정(appended, challenge, none)이 실제 장비와 맞는지 확인하십시오.",
            en="See that the NAS's `code` setting (appended, challenge, none) fits the device.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CODE_EXPIRED: Meaning(
        Bilingual(ko="기한이 지난 인증 번호입니다", en="The code has ended"),
        Bilingual(
            ko="헬프데스크나 이메일로 받은 임시 번호의 시간이 끝났습니다. 새 번호를 받아 주세요.",
            en="The time of the code from the helpdesk, or by e-mail, is over. Ask for a new one.",
        ),
        Bilingual(
            ko="본인을 확인한 뒤 officegate otp bypass로 새 임시 번호를 만드십시오.",
            en="Make sure who it is, then make a new one with `officegate otp bypass`.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CODE_ELSEWHERE: Meaning(
        Bilingual(ko="이곳에서는 쓸 수 없는 인증 번호입니다", en="The code does not count here"),
        Bilingual(
            ko="받으신 임시 번호는 다른 곳에서만 쓸 수 있습니다. "
            "어디에 쓰는 번호인지 헬프데스크에 확인해 주세요.",
            en="The code you were given counts somewhere else only. Ask the helpdesk what it is for.",
        ),
        Bilingual(
            ko="임시 번호의 범위(--via)가 이 로그인과 다릅니다. 필요하면 범위를 넓혀 다시 만드십시오.",
            en="The bypass code was made for other doors (--via). Make another one if it has to count here.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
    Reason.REGISTRATION_REQUIRED: Meaning(
        Bilingual(ko="먼저 등록이 필요합니다", en="Registration comes first"),
        Bilingual(
            ko="받으신 등록 코드로 포털에 로그인하여 인증 앱을 등록해 주세요.",
            en="Sign in to the portal with the registration code "
            "you were given and register an authenticator app.",
        ),
        Bilingual(
            ko="등록 코드가 없으면 officegate otp invite로 보내십시오.",
            en="If the person has no registration code, send one with `officegate otp invite`.",
        ),
        HTTPStatus.FORBIDDEN,
    ),
}
