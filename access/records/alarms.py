"""Alarms: what somebody has to look at, one for each kind and subject however often it happens.

An alarm begins when it is first raised, counts while it is raised again, and stays until it is cleared: by
a person, or by whoever raised it and sees that it is over. Raised after that, it is a new one. Its beginning
and its end stand in the audit; repeats only count, so that a flood of them fills no table.

    a use case or a task   raises through AlarmPorts, in the transaction of what it saw
    a RADIUS worker        puts told(alarm) under ALARMS into a record of its journal; the loader raises it
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from access.model import Bilingual

# The key of a journal record that holds what told() returned, in a list.
ALARMS = "alarms"
LONGEST_SUBJECT = 200
LONGEST_NOTE = 500


class AlarmKind(StrEnum):
    """What can be wrong; MEANINGS says it to people."""

    NAS_STOPPED_SIGNING = "nas-stopped-signing"
    PASSWORD_SPRAYING = "password-spraying"  # noqa: S105 - a kind of alarm
    CODE_SPRAYING = "code-spraying"
    MAB_AFTER_8021X = "mab-after-8021x"
    MAC_AT_TWO_PLACES = "mac-at-two-places"
    CERTIFICATE_ENDS = "certificate-ends"
    EDITED_DIRECTLY = "edited-directly"
    DIRECTORY_MASS_CHANGE = "directory-mass-change"
    PERSON_RETURNED = "person-returned"
    DIRECTORY_FAILING = "directory-failing"
    PASSKEY_CLONED = "passkey-cloned"
    POLICY_CONFLICT = "policy-conflict"
    WAVE_TAKEN_BACK = "policy-wave-taken-back"
    CONTAINMENT = "containment"
    OFFICE_OPEN = "office-open"
    POLICY_TEST_BREAKS = "policy-test-breaks"
    REVIEW_OVERDUE = "review-overdue"
    OWNER_GONE = "owner-gone"
    NAME_REUSED = "name-reused"
    SESSION_UNHEEDED = "session-unheeded"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to look at. subject: what it is about, the same words each time; note: what was seen now.

    organization_id: whose it is, None for the whole installation.
    """

    kind: AlarmKind
    subject: str
    note: str = ""
    organization_id: int | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One row of MEANINGS: what an alarm means, and what to do about it."""

    title: Bilingual
    todo: Bilingual


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """An alarm as it is kept. kind is text: a newer version may have raised what this one has no "
    "word for."""

    id: int
    kind: str
    subject: str
    note: str
    organization_id: int | None
    began: float
    last: float
    count: int
    cleared_at: float | None = None
    cleared_by: str = ""


class AlarmPorts(Protocol):
    """Where alarms are kept."""

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        """Raise an alarm, and return whether it is a new one."""

    def clear_alarm(self, kind: AlarmKind, subject: str, at: float, by: str = "") -> bool:
        """Clear the alarm about a subject, and return whether there was one. by: who says so, if "
        "somebody."""


MEANINGS: Mapping[str, Advice] = {
    AlarmKind.OFFICE_OPEN: Advice(
        Bilingual(
            ko="비밀번호를 확인하지 않고 들여보내는 사무실이 있습니다",
            en="An office is open to people whom nobody has proven",
        ),
        Bilingual(
            ko="디렉터리가 돌아오면 닫으십시오: 콘솔의 긴급 개방 화면, 또는 officegate office close 번호. "
            "그동안 들어온 사람은 officegate office list에 있습니다.",
            en="Close it once the directory answers again: the page Office open, or `officegate office close "
            "NUMBER`. `officegate office list` names everybody it has let in.",
        ),
    ),
    AlarmKind.CONTAINMENT: Advice(
        Bilingual(ko="접속을 차단해 두었습니다", en="Somebody or something is contained"),
        Bilingual(
            ko="원인을 찾았으면 차단을 푸십시오: 콘솔의 차단 화면, 또는 officegate contain end 번호. "
            "풀면 알람도 사라집니다.",
            en="Once the cause is found, take it back: the page Containment, or `officegate contain end "
            "NUMBER`. The alarm clears with it.",
        ),
    ),
    AlarmKind.REVIEW_OVERDUE: Advice(
        Bilingual(
            ko="검토 기한까지 서명하지 않았거나 끝내기로 한 규칙이 정책에 남아 있습니다",
            en="Rules were not signed in time, or are still there although their owner wants them to end",
        ),
        Bilingual(
            ko="규칙은 아직 효력이 있습니다. 괄호 안의 소유자에게 물어 서명하게 하거나 정책에서 규칙을 "
            "지우거나 검토를 마감하십시오. 그러면 알람도 사라집니다: officegate policy review list",
            en="They are still in force. Have the owners in brackets sign, take the rules out of the "
            "policy, or close the review; the alarm clears then: officegate policy review list",
        ),
    ),
    AlarmKind.OWNER_GONE: Advice(
        Bilingual(
            ko="소유자가 회사를 떠나 책임지는 사람이 없습니다",
            en="Whoever answers for it has left, and nobody has taken it over",
        ),
        Bilingual(
            ko="신청은 아무도 승인하지 않고 검토는 아무도 서명하지 않습니다. 재직 중인 사람으로 바꾸십시오. "
            "그룹은 officegate group owner 그룹 사람, 규칙과 신청 대상은 정책의 owner와 owners입니다. "
            "바꾸면 알람도 사라집니다.",
            en="Nobody grants what is asked for, and nobody signs its reviews. Name somebody who works here: "
            "`officegate group owner GROUP USER`, or `owner` and `owners` in the policy. The alarm clears "
            "then.",
        ),
    ),
    AlarmKind.NAME_REUSED: Advice(
        Bilingual(
            ko="정책에 적힌 사용자 이름을 지금은 다른 사람이 씁니다",
            en="A name in the policy has become somebody else's",
        ),
        Bilingual(
            ko="떠났거나 이름이 바뀐 사람에게 허용하거나 금지한 것이 지금 그 이름을 쓰는 사람에게 "
            "적용됩니다. 콜론 뒤의 규칙, 그룹, 긴급 개방에서 user:이름을 지우십시오. 그 사람에게 줄 것이 "
            "맞으면 정책을 다시 게시하십시오(주석 한 줄만 바꿔도 됩니다). 그러면 알람도 사라집니다.",
            en="What it says of somebody who has left or has been renamed goes to whoever has the name now. "
            "Take user:NAME out of the rule, group or opening behind the colon. Where that one is meant, "
            "publish the policy again (another word in a comment will do). The alarm clears then.",
        ),
    ),
    AlarmKind.POLICY_TEST_BREAKS: Advice(
        Bilingual(
            ko="시간이 지나면 정책의 테스트가 통과하지 못하게 됩니다",
            en="Tests of the policy will break with time",
        ),
        Bilingual(
            ko="그때 누군가 접속 권한을 잃습니다. officegate policy ends로 무엇이 언제 끝나는지 보고, "
            "규칙의 기간을 늘리거나 테스트를 지우십시오.",
            en="Somebody will lose access then. See what ends when with officegate policy ends, and extend "
            "the rule or take the test away.",
        ),
    ),
    AlarmKind.WAVE_TAKEN_BACK: Advice(
        Bilingual(
            ko="단계별로 게시하던 정책을 되돌렸습니다",
            en="A policy that came in waves was taken back",
        ),
        Bilingual(
            ko="새 정책이 먼저 적용된 사람들의 로그인을 너무 많이 거부했습니다. 기록을 확인하고 고쳐서 다시 "
            "게시하십시오.",
            en="It refused too many logins of the people for whom it spoke first. Look at the records, mend "
            "it, and publish it again.",
        ),
    ),
    AlarmKind.POLICY_CONFLICT: Advice(
        Bilingual(
            ko="정책 규칙이 서로 어긋나 로그인을 거부했습니다",
            en="Rules of the policy contradict each other, so a login was refused",
        ),
        Bilingual(
            ko="사람이 그룹을 옮겼거나 장비가 줄 수 없는 값입니다. officegate policy check로 어긋난 규칙을 "
            "확인하고 prefer에 순서를 적거나 그룹을 고치십시오.",
            en="Somebody came into two groups, or the NAS cannot be given what the rules say. Run "
            "officegate policy check, then list both values under prefer, or mend the groups.",
        ),
    ),
    AlarmKind.PERSON_RETURNED: Advice(
        Bilingual(
            ko="디렉터리에 새로 생긴 계정이 전에 있던 사람의 것으로 보입니다",
            en="A new account of the directory looks like somebody who was there before",
        ),
        Bilingual(
            ko="같은 사람이면 콘솔의 '돌아온 사람' 또는 officegate person relinks에서 이전 계정의 휴대폰과 "
            "기록을 이어받게 하십시오. 다른 사람이면 그렇게 답하고 디렉터리의 번호를 바로잡으십시오.",
            en="If it is the same person, let them go on with the phones and the history of before: "
            "People who came back in the console, or officegate person relinks. If it is somebody else, say "
            "so there and correct the number in the directory.",
        ),
    ),
    AlarmKind.PASSWORD_SPRAYING: Advice(
        Bilingual(
            ko="한 곳에서 여러 사람의 비밀번호를 시험합니다",
            en="One place tries passwords of many people",
        ),
        Bilingual(
            ko="단말이나 NAS를 찾아 네트워크에서 떼어 내십시오. 그 시간에 그곳에서 성공한 "
            "로그인도 확인하십시오.",
            en="Find the endpoint or look at the NAS and take it off the network; see which "
            "logins from there "
            "succeeded at that time.",
        ),
    ),
    AlarmKind.CODE_SPRAYING: Advice(
        Bilingual(
            ko="여러 사람의 비밀번호를 아는 누군가가 인증 번호를 시험합니다",
            en="Somebody who knows passwords of many people tries codes",
        ),
        Bilingual(
            ko="그 시간에 인증 번호를 틀린 사람들의 비밀번호를 바꾸게 하고, "
            "어디에서 온 로그인인지 확인하십시오.",
            en="Have those change their passwords who had wrong codes at that time, and see where they "
            "came from.",
        ),
    ),
    AlarmKind.MAB_AFTER_8021X: Advice(
        Bilingual(
            ko="802.1X로 접속하던 단말이 MAC 주소로만 접속을 시도했습니다",
            en="An endpoint that did 802.1X came by its MAC address alone",
        ),
        Bilingual(
            ko="누군가 주소를 베꼈을 수 있습니다. 포트에 무엇이 꽂혀 있는지 확인하고, 802.1X를 "
            "쓰는 단말이면 등록을 "
            "지우십시오: officegate endpoint remove MAC",
            en="Somebody may have copied its address. See what is plugged into the port; if the "
            "endpoint speaks "
            "802.1X, take its registration away: officegate endpoint remove MAC",
        ),
    ),
    AlarmKind.MAC_AT_TWO_PLACES: Advice(
        Bilingual(
            ko="같은 MAC 주소가 두 곳에 동시에 있습니다",
            en="The same MAC address is at two places at once",
        ),
        Bilingual(
            ko="둘 중 하나는 베낀 주소입니다. 두 포트를 모두 확인하십시오. 옮긴 단말이면 NAS가 "
            "Stop을 보내는지 보십시오.",
            en="One of them has copied it: look at both ports. If the endpoint was only moved, "
            "see whether its "
            "NAS sends Stop.",
        ),
    ),
    AlarmKind.CERTIFICATE_ENDS: Advice(
        Bilingual(ko="인증서의 기간이 곧 끝납니다", en="A certificate ends soon"),
        Bilingual(
            ko="서버 인증서는 설정된 파일을 바꾸십시오. 다시 시작할 필요는 없습니다. Officegate가 만든 인증 "
            "기관이면 officegate ca server next로 다음 기관을 만들어 배포한 뒤 officegate ca server use로 "
            "바꾸십시오. 단말용 기관은 officegate ca create로 다음 것을 만드십시오.",
            en="Replace the files of the server's certificate; no restart is needed. If Officegate made its "
            "authority, make the next one with `officegate ca server next`, hand it out, then use it with "
            "`officegate ca server use`. For endpoints, make the next authority with `officegate ca create`.",
        ),
    ),
    AlarmKind.EDITED_DIRECTLY: Advice(
        Bilingual(
            ko="데이터베이스의 행을 Officegate가 아닌 무언가가 바꾸었습니다",
            en="Something other than Officegate changed a row of the database",
        ),
        Bilingual(
            ko="누가 데이터베이스에 직접 접속했는지 확인하십시오. 사람과 그룹은 디렉터리에서 다시 읽어 "
            "되돌립니다. 휴대폰, NAS, 단말, 정책은 화면이나 명령으로 확인하고 되돌리십시오.",
            en="Find out who was at the database itself. People and groups are read again from the "
            "directory, which sets them right. Look at phones, NAS, endpoints and the policy yourself, and "
            "put back what was changed by page or command.",
        ),
    ),
    AlarmKind.DIRECTORY_MASS_CHANGE: Advice(
        Bilingual(
            ko="디렉터리에서 한꺼번에 많은 사람이나 권한이 사라졌습니다",
            en="Very many people or rights vanish from a directory at once",
        ),
        Bilingual(
            ko="사라진 것은 그대로 두었습니다. 누구인지 확인하고(officegate directory difference 조직), "
            "디렉터리나 설정을 고치거나, 맞으면 승인하십시오(officegate directory approve 조직).",
            en="They were kept. See who it is (`officegate directory difference ORGANIZATION`), then mend "
            "the directory or the settings, or approve it (`officegate directory approve ORGANIZATION`).",
        ),
    ),
    AlarmKind.SESSION_UNHEEDED: Advice(
        Bilingual(
            ko="NAS가 접속을 끊거나 바꾸라는 요청에 따르지 않습니다",
            en="A NAS does not end or change a session as it is asked",
        ),
        Bilingual(
            ko="권한을 잃은 사람이 그곳에서 아직 접속해 있을 수 있습니다. 누구이고 NAS가 뭐라고 답했는지는 "
            "메모에 있습니다. 답이 없으면 NAS의 CoA 포트, 비밀 키, 방화벽을 확인하고(officegate nas show "
            "NAS), 그때까지는 장비에서 직접 끊으십시오. 그런 접속이 없어지면 알람은 저절로 사라집니다.",
            en="Somebody who has lost a right may still be on the network there: the note says who, and what "
            "the NAS said. Where it said nothing, look at its port for CoA, its secret and the firewalls on "
            "the way (`officegate nas show NAS`); until then end the session at the device. The alarm clears "
            "by itself once no such session goes on.",
        ),
    ),
    AlarmKind.DIRECTORY_FAILING: Advice(
        Bilingual(
            ko="디렉터리를 10분 넘게 읽지 못합니다",
            en="A directory cannot be read for more than ten minutes",
        ),
        Bilingual(
            ko="officegate directory test 조직으로 무엇이 막혔는지 확인하십시오. 그동안의 퇴사와 권한 변경은 "
            "아직 반영되지 않았습니다. 다시 읽히면 알람은 저절로 사라집니다.",
            en="`officegate directory test ORGANIZATION` says where it stops. Whoever left or lost a right "
            "meanwhile is not known yet. The alarm clears by itself when it can be read again.",
        ),
    ),
    AlarmKind.PASSKEY_CLONED: Advice(
        Bilingual(
            ko="패스키의 사용 횟수가 거꾸로 갔습니다",
            en="A passkey counts backwards",
        ),
        Bilingual(
            ko="인증 장치가 복제되었을 수 있습니다. 로그인은 거부했습니다. 본인에게 확인하고, 그 패스키를 "
            "해제한 뒤 새로 등록하게 하십시오: officegate otp revoke 사람 --passkey 번호",
            en="There may be a copy of the authenticator; the sign-in was refused. Ask its owner, revoke "
            "that passkey and have a new one registered: officegate otp revoke USER --passkey NUMBER",
        ),
    ),
    AlarmKind.NAS_STOPPED_SIGNING: Advice(
        Bilingual(
            ko="서명하던 NAS가 Message-Authenticator 없이 요청을 보냅니다",
            en="A NAS that used to sign sends requests without a Message-Authenticator",
        ),
        Bilingual(
            ko="누군가 NAS와 서버 사이에서 요청을 바꾸고 있을 수 있습니다(BlastRADIUS). NAS를 교체했거나 "
            "펌웨어를 되돌렸다면 다시 배우게 하십시오: "
            "officegate nas set 이름 --message-authenticator auto",
            en="Somebody between NAS and server may be changing requests (BlastRADIUS). If the NAS was "
            "replaced or its firmware put back, let it be learnt anew: "
            "officegate nas set NAME --message-authenticator auto",
        ),
    ),
}


def told(alarm: Alarm) -> dict[str, Any]:
    """The alarm as a record of the journal has it, under ALARMS in a list."""
    return {
        "kind": alarm.kind.value,
        "subject": alarm.subject[:LONGEST_SUBJECT],
        "note": alarm.note[:LONGEST_NOTE],
        "organization": alarm.organization_id,
    }


def heard(record: Mapping[str, Any]) -> list[Alarm]:
    """The alarms that a record of the journal raises. Raises LookupError or ValueError for what is none."""
    return [
        Alarm(AlarmKind(each["kind"]), each["subject"], each.get("note", ""), each.get("organization"))
        for each in record.get(ALARMS, ())
    ]
