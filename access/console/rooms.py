"""The pages of the console: which roles open which, in the order of the menu."""

from dataclasses import dataclass

from access.model import Role

HELPDESK, AUDITOR, ADMIN = Role.HELPDESK, Role.AUDITOR, Role.ADMIN
DESK = (HELPDESK, AUDITOR, ADMIN)
WATCH = (AUDITOR, ADMIN)
HELP = (HELPDESK, ADMIN)


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the menu. title is an English message; head_office: for its people alone."""

    endpoint: str
    title: str
    roles: tuple[Role, ...]
    head_office: bool = False


ROOMS = (
    Room("sessions.live", "Sessions", DESK),
    Room("people.search", "People", DESK),
    Room("addresses.who_had", "Addresses", DESK),
    Room("records.case", "Cases", DESK),
    Room("alarms.alarms", "Alarms", WATCH),
    Room("containments.containments", "Containment", WATCH),
    Room("endpoints.endpoints", "Endpoints", DESK),
    Room("directory.show", "Directory", WATCH),
    Room("devices.devices", "Devices", WATCH),
    Room("nas.listed", "NAS", WATCH),
    Room("policy.show", "Policy", WATCH),
    Room("changes.listed", "Changes", WATCH),
    Room("records.audit", "Audit", WATCH),
)


def rooms_of(roles: frozenset[Role], head_office: bool) -> tuple[Room, ...]:
    """The entries somebody with these roles sees."""
    return tuple(
        room for room in ROOMS if roles.intersection(room.roles) and (head_office or not room.head_office)
    )
