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
    """An alarm as it is kept. kind is text: a newer version may have raised what this one has no word for."""

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
        """Clear the alarm about a subject, and return whether there was one. by: who says so, if somebody."""


MEANINGS: Mapping[str, Advice] = {
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
