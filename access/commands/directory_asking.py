"""What the commands about directories share: whom they ask, and what they wait for. ◆"""

import time
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from access import directoryd
from access.app import App
from access.commands.operator import operator
from access.config import OrganizationSettings
from access.directory.errors import DirectoryError
from access.directoryd import Asked
from access.errors import Refused
from access.model import MAIN, Organization, directory_key
from access.people.provisioning import Provisioned
from access.store import directories, organizations
from access.store.directories import SyncAnswer, SyncRequest
from access.store.directory_desk import StoredDirectoryDesk
from access.store.leads import FollowedElsewhere

ANSWER_WITHIN_S = 120.0
LOOK_EVERY_S = 0.2
WRITER = "command-line"


def chosen(configured: Mapping[str, OrganizationSettings], named: str | None) -> list[tuple[str, str]]:
    """Return the directories of ORGANIZATION, the one of ORGANIZATION/NAME, or all, as (organization, name).

    Complains about what is none.
    """
    every = [(key, name) for key, company in configured.items() for name in company.directories]
    if named is None:
        return every
    found = [each for each in every if named in (each[0], "/".join(each))]
    if not found:
        called = ", ".join(directory_key(*each) for each in every)
        what = "directory" if "/" in named else "organization"
        raise click.UsageError(f"there is no {what} {named}; there are: {called}")
    return found


def organization_named(app: App, key: str) -> Organization:
    """Return a configured organization, or complain."""
    chosen(app.settings.organizations, key)
    with app.database.read() as conn:
        return next(each for each in organizations.all_organizations(conn) if each.key == key)


def directory_named(app: App, named: str) -> tuple[Organization, str]:
    """Return the organization and the name of ORGANIZATION/NAME, or of the first one of ORGANIZATION."""
    key, name = chosen(app.settings.organizations, named)[0]
    return organization_named(app, key), name


def desk(app: App) -> StoredDirectoryDesk:
    """Return what decides about differences, for the command line."""
    return StoredDirectoryDesk(app.database, app.keyring, app.random, app.clock, WRITER)


def awaited(app: App, key: str, request: SyncRequest) -> SyncAnswer:
    """Return what the directory process answers to a request about a directory."""
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < deadline:
        with app.database.read() as conn:
            answer = directories.answer(conn, key, request.at)
        if answer is not None:
            return answer
        time.sleep(LOOK_EVERY_S)
    return SyncAnswer(request.at, False, "the directory process does not answer; look at its log")


def time_of(at: float, zone: ZoneInfo) -> str:
    """Return a moment as people read it."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def approved(app: App, organization: Organization, name: str = MAIN) -> tuple[bool, str]:
    """Believe what is kept, by a reading now; whether nothing is left open, and what to say."""
    key, by = directory_key(organization.key, name), operator()
    request = desk(app).approve(organization, by, name)
    if request is None:
        raise Refused(f"Nothing of {key} waits. See: officegate directory show")
    try:
        return outcome_of(directoryd.sync_once(app, organization, False, Asked(name, approve=True, by=by)))
    except FollowedElsewhere:
        answer = awaited(app, key, request)
        return answer.done, answer.text
    except DirectoryError as error:
        return False, str(error)


def outcome_of(outcome: Provisioned) -> tuple[bool, str]:
    """Return whether a reading left nothing open, and what to say of it."""
    return not outcome.failure, directoryd.sentence(outcome)
