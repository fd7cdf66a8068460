"""What the reasons about certificates mean to people."""

from collections.abc import Mapping
from http import HTTPStatus

from access.model import Bilingual, Reason
from access.words.meaning import Meaning

CERTIFICATE_MEANINGS: Mapping[Reason, Meaning] = {
    Reason.CERTIFICATE_MISSING: Meaning(
        Bilingual(ko="단말이 인증서를 보내지 않았습니다", en="The endpoint has shown no certificate"),
        Bilingual(
            ko="포털에서 이 단말의 인증서를 받아 설치한 뒤, 네트워크 설정에서 선택해 주세요.",
            en="Get a certificate for this device in the portal, install it and choose it for the network.",
        ),
        Bilingual(
            ko="단말의 네트워크 설정이 EAP-TLS인데 인증서가 선택되어 있지 않습니다. 설정을 배포하십시오.",
            en="The network is set to EAP-TLS but no certificate is chosen. Roll out the setting.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CERTIFICATE_UNKNOWN: Meaning(
        Bilingual(ko="인정되지 않는 인증서입니다", en="The certificate is none that we take"),
        Bilingual(
            ko="네트워크 설정에서 회사가 발급한 인증서를 선택해 주세요. 없으면 포털에서 새로 받아 주세요.",
            en="Choose the certificate your company issued. If there is none, get a new one in the portal.",
        ),
        Bilingual(
            ko="발급 기관이 officegate ca list에도 radius.authorities 설정에도 없거나, 발급 기록이 없거나, "
            "클라이언트용이 아닙니다. 타임라인의 내용을 확인하십시오.",
            en="Its authority is neither in `officegate ca list` nor in radius.authorities, we have no "
            "record of issuing it, or it is not for clients. The timeline says which.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CERTIFICATE_EXPIRED: Meaning(
        Bilingual(ko="인증서 기간이 지났습니다", en="The certificate has expired"),
        Bilingual(
            ko="포털에서 새 인증서를 받아 설치해 주세요. 단말의 시각도 확인해 주세요.",
            en="Get a new certificate in the portal and install it. Check the clock of the device as well.",
        ),
        Bilingual(
            ko="officegate ca renew로 갱신하십시오. 발급 기관의 기간이 지났다면 officegate ca create로 "
            "다음 기관을 만드십시오.",
            en="Renew it with `officegate ca renew`. If its authority is over, make the next one with "
            "`officegate ca create`.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CERTIFICATE_REVOKED: Meaning(
        Bilingual(ko="폐기된 인증서입니다", en="The certificate was revoked"),
        Bilingual(
            ko="본인이 폐기한 것이 아니면 헬프데스크에 알려 주세요. 새 인증서는 포털에서 받을 수 있습니다.",
            en="If you did not revoke it, tell the helpdesk. A new one can be had in the portal.",
        ),
        Bilingual(
            ko="잃어버린 단말이 접속을 시도하고 있을 수 있습니다. 누가 언제 폐기했는지 "
            "officegate ca list --all과 감사 기록에서 확인하십시오.",
            en="A lost device may be trying. Who revoked it and when stands in `officegate ca list --all` "
            "and in the audit.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.CERTIFICATE_NAME_MISMATCH: Meaning(
        Bilingual(ko="사용자 이름이 인증서와 다릅니다", en="The user name is not that of the certificate"),
        Bilingual(
            ko="네트워크 설정의 사용자 이름(ID)을 인증서에 적힌 이름과 같게 입력해 주세요.",
            en="In the network's settings, make the user name (identity) that of the certificate.",
        ),
        Bilingual(
            ko="단말이 다른 사람의 이름으로 인증서를 냈습니다. 타임라인에 두 이름이 있습니다. 프로필을 "
            "고치거나, 인증서를 옮겨 쓰는 것은 아닌지 확인하십시오.",
            en="The device called itself something else; the timeline has both names. Mend the profile, or "
            "see whether somebody uses another's certificate.",
        ),
        HTTPStatus.UNAUTHORIZED,
    ),
    Reason.REVOCATION_UNKNOWN: Meaning(
        Bilingual(
            ko="인증서가 폐기되었는지 확인할 수 없습니다",
            en="Nobody can say whether the certificate was revoked",
        ),
        Bilingual(ko="잠시 뒤 다시 시도해 주세요.", en="Try again in a little while."),
        Bilingual(
            ko="발급 기관의 CRL이 너무 오래되었거나 OCSP 서버가 제대로 답하지 않습니다. officegate check와 "
            "로그를 확인하십시오.",
            en="The list of its authority is too old, or its OCSP responder gives no good answer. See "
            "`officegate check` and the log.",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
}
