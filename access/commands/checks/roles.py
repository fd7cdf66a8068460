"""Whether somebody can hold each role. ◆"""

from collections.abc import Iterator

from access.app import open_database
from access.commands.checks.verdict import Verdict, ok, warn
from access.config import Settings
from access.errors import AccessError
from access.store import people


def roles(settings: Settings) -> Iterator[Verdict]:
    """A role whose groups the directories do not know is held by nobody, and nothing else would say so."""
    try:
        database = open_database(settings)
        with database.read() as conn:
            known = {name.casefold() for name in people.group_names(conn)}
        database.close()
    except AccessError:
        return  # the check of the database says it
    if not known:
        yield warn("roles", "no group is known yet", "run `officegate directory sync`, then check again")
        return
    for name in ("admin", "helpdesk", "auditor"):
        yield _role(name, getattr(settings.roles, name), known)
    for zone, held in settings.roles.zones.items():
        yield _role(f"zones.{zone}.admin", held.admin, known)


def _role(name: str, groups: tuple[str, ...], known: set[str]) -> Verdict:
    subject = f"role {name}"
    if not groups:
        return warn(subject, "held by nobody", f"name its groups in [roles] {name}, as organization/group")
    missing = [group for group in groups if group.casefold() not in known]
    if missing:
        return warn(
            subject,
            f"the directories know no group {', '.join(missing)}",
            "spell it as `cn` in the directory, after organization/",
        )
    return ok(subject, f"held by {', '.join(groups)}")
