"""What alarms and failures say, in Korean: they are written down in English, for whoever reads them later.

A table of phrases, each put in the place of the English one wherever it stands; names, addresses and what
another program has said stay as they are. tests/access/words/test_korean_notes.py makes each note by the
code that writes it, and finds what has no Korean.
"""

import re
from collections.abc import Iterable

from access.words.device_answers import ANSWERS

# Where a sentence begins that is a note, or behind the place and the name in one.
_WHY = r"(?:^|(?<=: ))"
_SUBSTITUTES: Iterable[tuple[str, str]] = (
    # access.logins.login_alarms, access.logins.mac_copies, access.logins.login_record
    (r"(\d+) different names within (\d+) minutes at (.+)", r"\3에서 \2분 안에 서로 다른 이름 \1개"),
    (
        r"(\d+) people with wrong codes within (\d+) minutes, last at (.+)",
        r"\2분 안에 \1명의 인증 번호가 틀림, 마지막은 \3",
    ),
    (
        r"by its address at (.+?), ([\d-]+ [\d:]+ UTC); by 802\.1X at (.+), ([\d-]+ [\d:]+ UTC)",
        r"\2에 \1에서 MAC 주소로 접속; \4에는 \3에서 802.1X로 접속",
    ),
    (r"( at )another company, ", r"\1다른 회사, "),
    (
        r"logs in at (.*?), ([\d-]+ [\d:]+ UTC); heard of at (.*), ([\d-]+ [\d:]+ UTC)",
        r"\2에 \1에서 접속; \4에는 \3에서 확인됨",
    ),
    (r"\ba place unknown\b", "알 수 없는 곳"),
    (r"^from (\S+)$", r"보낸 곳 \1"),
    (
        r"(\S+) in an open session: they give different things; it was ended",
        r"\1의 접속: 규칙마다 주는 것이 달라 접속을 끊음",
    ),
    (r"they give different things", "규칙마다 주는 것이 다름"),
    (r"^(\S+) at ([^:]+): let into zone (\S+) alone$", r"\2의 \1: 망 구역 \3에만 들임"),
    (r"^(\S+) at ([^:]+): (?=\S)", r"\2의 \1: "),
    (
        r"^(\S+), session (\d+): what would put it into a second zone is refused$",
        r"\1의 접속 \2: 두 번째 망 구역에 들게 하는 것은 거부됨",
    ),
    # access.changes.policy_watch, access.changes.rollout, access.store.reviews
    (r"^the policy in force$", "시행 중인 정책"),
    (r"^(\d+) d: ", r"\1일 안에: "),
    (r"^(\d+) logins of (\d+) people refused, (\d+) permitted$", r"\2명의 로그인 \1건 거부, \3건 허용"),
    (r"^review (\d+)$", r"검토 \1"),
    # radius.vendor, where the policy gives what a NAS cannot be told
    (rf"{_WHY}(\S+) has no (\S+)$", r"\1에는 \2 기능이 없음"),
    (
        rf"{_WHY}it limits both directions or none: give a bandwidth up and down$",
        "상향과 하향을 함께 지정해야 함",
    ),
    (
        rf"{_WHY}mikrotik knows VLANs by number only: give (\S+) one at this site$",
        r"MikroTik은 VLAN을 번호로만 받음: 이 장소에서 \1의 번호를 지정해야 함",
    ),
    (rf"{_WHY}a Service-Type says (.+), not (\S+)$", r"Service-Type은 \1만 가능함: \2"),
    (
        rf"{_WHY}a privilege here is one of (.+) or 0 to (\d+), not (\S+)$",
        r"권한은 \1 또는 0~\2만 가능함: \3",
    ),
    (rf"{_WHY}it takes no address of IPv6: (\S+)$", r"IPv6 주소를 받지 않음: \1"),
    (rf"{_WHY}it takes two name servers of IPv4, not (.+)$", r"IPv4 이름 서버 둘까지만 받음: \1"),
    # access.nas.untold
    (r"^(\S+) ends no session when its time is over$", r"\1 장비는 시간이 다 된 세션을 끊지 않음"),
    (r"^(\S+) ends no session because nothing happens in it$", r"\1 장비는 유휴 세션을 끊지 않음"),
    # access.store.guarded, access.store.relinks, access.certificates.ending, access.proof.passkeys
    (r"^row (\S+(?: \S+)*?); (\d+) rows in all$", r"행 \1, 모두 \2개"),
    (r"^number (.+)$", r"번호 \1"),
    (r"^it has ended$", "이미 만료됨"),
    # access.people.absent_owners
    (r" \(somebody else has the name now\)", " (지금은 다른 사람이 이 이름을 씀)"),
    (r"^it ends in (\d+) days$", r"\1일 뒤 만료됨"),
    (r"^passkey (\d+) (.*): (\d+) after (\d+)$", r"패스키 \1 \2: 횟수가 \4 다음에 \3"),
    # access.people.provisioning
    (r"([\d,]+) of ([\d,]+) people would vanish", r"\2명 중 \1명이 사라지게 됨"),
    (r"([\d,]+) of ([\d,]+) groups would vanish", r"그룹 \2개 중 \1개가 사라지게 됨"),
    (
        r"([\d,]+) of ([\d,]+) people would lose a group that carries rights",
        r"\2명 중 \1명이 권한이 있는 그룹에서 빠지게 됨",
    ),
    (
        r"([\d,]+) of ([\d,]+) people would lose an attribute that rules stand on",
        r"\2명 중 \1명이 규칙의 근거가 되는 속성을 잃게 됨",
    ),
    (r"([\d,]+) of ([\d,]+) people would have another name", r"\2명 중 \1명의 이름이 바뀌게 됨"),
    (
        r"([\d,]+) of ([\d,]+) groups that carry rights would have another name",
        r"권한이 있는 그룹 \2개 중 \1개의 이름이 바뀌게 됨",
    ),
    (r"([\d,]+) of ([\d,]+) people would join a group again", r"\2명 중 \1명이 그룹에 다시 들어가게 됨"),
    (r"([\d,]+) of ([\d,]+) people would be added again", r"\2명 중 \1명이 다시 추가되게 됨"),
    (r"(?<=됨) and (?=\S)", ", "),
    (
        r" at once: that was kept as it is, everything else was taken over\. See who with"
        r" `([^`]*)`, then mend the directory or the settings, or believe it with `([^`]*)`",
        r". 한꺼번에 바뀌므로 그대로 두었고 나머지는 모두 반영했습니다. `\1`로 누구인지 확인한 뒤 "
        r"디렉터리나 설정을 바로잡거나, 맞는 변경이면 `\2`로 승인하십시오",
    ),
    (
        r"(\S+?)((?: and [\d,]+ more)?) was not taken over: another directory of the organization showed this"
        r" entryUUID first\. Narrow user_base, group_base or a filter of one of the two",
        r"\1\2: 같은 entryUUID를 조직의 다른 디렉터리가 먼저 보여 주어 반영하지 않았습니다. "
        r"둘 중 하나의 user_base, group_base 또는 필터를 좁히십시오",
    ),
    (r" and ([\d,]+) more(?=: )", r" 외 \1개"),
    # access.directory
    (
        r"(\S+) wants a protected connection: set tls to starttls or ldaps",
        r"\1: 암호화된 연결이 필요합니다. tls를 starttls나 ldaps로 설정하십시오",
    ),
    (r"(\S+) does not know bind_dn: correct it", r"\1: bind_dn을 찾을 수 없습니다. 바로잡으십시오"),
    (
        r"(\S+) finds that bind_dn is no distinguished name: correct it",
        r"\1: bind_dn이 올바른 DN이 아닙니다. 바로잡으십시오",
    ),
    (
        r"(\S+) does not let this account in this way: set bind_dn and bind_password",
        r"\1: 이 방법으로는 연결할 수 없습니다. bind_dn과 bind_password를 설정하십시오",
    ),
    (
        r"(\S+) refuses bind_dn and bind_password: correct them",
        r"\1: bind_dn과 bind_password를 거부했습니다. 바로잡으십시오",
    ),
    (
        r"(\S+) does not let this account in: give it the right to read",
        r"\1: 이 계정을 받아들이지 않습니다. 읽기 권한을 주십시오",
    ),
    (
        r"(\S+) is not willing to let this account in: set bind_dn and bind_password",
        r"\1: 이 계정을 받아들이지 않습니다. bind_dn과 bind_password를 설정하십시오",
    ),
    (
        r"(\S+) shows our account only part of its entries \(size limit\): raise the limit of that account",
        r"\1: 크기 제한 때문에 항목의 일부만 보여 줍니다. 이 계정의 제한을 늘리십시오",
    ),
    (
        r"(\S+) says that this base lives on another server: set url to that server",
        r"\1: 이 위치는 다른 서버에 있습니다. url을 그 서버로 설정하십시오",
    ),
    (
        r"(\S+) has an administrative limit for our account: raise it",
        r"\1: 이 계정에 관리 제한이 걸려 있습니다. 제한을 늘리십시오",
    ),
    (
        r"(\S+) has no entry with this base: correct user_base or group_base",
        r"\1: 이 위치에 항목이 없습니다. user_base나 group_base를 바로잡으십시오",
    ),
    (
        r"(\S+) finds that this base is no distinguished name: correct user_base or group_base",
        r"\1: 이 위치가 올바른 DN이 아닙니다. user_base나 group_base를 바로잡으십시오",
    ),
    (
        r"(\S+) does not let our account read here: give it the right to",
        r"\1: 이 계정은 여기를 읽을 수 없습니다. 읽기 권한을 주십시오",
    ),
    (r"\(base (.+)\)", r"(위치 \1)"),
    (r"(\S+) does not let us in:", r"\1: 연결을 거부했습니다:"),
    (r"(\S+): a base or a filter is wrong:", r"\1: 위치나 필터가 잘못되었습니다:"),
    (r"(\S+) does not start TLS:", r"\1: TLS를 시작하지 못했습니다:"),
    (r"(\S+) does not answer:", r"\1: 응답하지 않습니다:"),
    (r"(\S+) answers something that is no LDAP", r"\1: LDAP이 아닌 응답을 보냅니다"),
    (r"(\S+) refused a search below (\S+):", r"\1: \2 아래의 검색을 거부했습니다:"),
    (r"(\S+) broke off a paged search:", r"\1: 나누어 읽던 검색을 중단했습니다:"),
    (r"(\S+) has fallen silent", r"\1: 더는 응답하지 않습니다"),
    (r"(\S+) is closing the connection:", r"\1: 연결을 끊고 있습니다:"),
    (r"(\S+) closed the connection", r"\1: 연결을 끊었습니다"),
    (r"The directory is closing the connection:", "디렉터리가 연결을 끊고 있습니다:"),
    (
        r"The directory does not show user_base or group_base \(result (\d+)\): correct them",
        r"디렉터리가 user_base나 group_base를 보여 주지 않습니다(결과 \1). 바로잡으십시오",
    ),
    (r"The directory ended the search \(result (\d+)\):", r"디렉터리가 검색을 끝냈습니다(결과 \1):"),
)
PHRASES = tuple((re.compile(english), korean) for english, korean in (*_SUBSTITUTES, *ANSWERS.items()))


def in_korean(note: str) -> str:
    """Return a note with every phrase that has Korean in it."""
    for english, korean in PHRASES:
        note = english.sub(korean, note)
    return note
