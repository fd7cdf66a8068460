"""What the commands about directories share: whom they ask, and what they wait for. ◆"""

import time
from collections.abc import Iterable
from datetime import datetime
from getpass import getuser
from zoneinfo import ZoneInfo

import click

from access import directoryd
from access.app import App
from access.directory.errors import DirectoryError
from access.errors import Refused
from access.model import Organization
from access.provisioning import Provisioned
from access.store import directories, organizations
from access.store.directories import SyncAnswer, SyncRequest
from access.store.directory_desk import StoredDirectoryDesk
from access.store.leads import FollowedElsewhere

ANSWER_WITHIN_S = 120.0
LOOK_EVERY_S = 0.2
WRITER = "command-line"


def chosen(configured: Iterable[str], organization: str | None) -> list[str]:
    """Return the named organization, or all; complains about one that is none."""
    keys = list(configured)
    if organization is None:
        return keys
    if organization not in keys:
        raise click.UsageError(f"there is no organization {organization}; there are: {', '.join(keys)}")
    return [organization]


def organization_named(app: App, key: str) -> Organization:
    """Return a configured organization, or complain."""
    chosen(app.settings.organizations, key)
    with app.database.read() as conn:
        return next(each for each in organizations.all_organizations(conn) if each.key == key)


def desk(app: App) -> StoredDirectoryDesk:
    """Return what decides about differences, for the command line."""
    return StoredDirectoryDesk(app.database, app.keyring, app.random, app.clock, WRITER)


def awaited(app: App, organization: Organization, request: SyncRequest) -> SyncAnswer:
    """Return what the directory process answers to a request."""
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < deadline:
        with app.database.read() as conn:
            answer = directories.answer(conn, organization.key, request.at)
        if answer is not None:
            return answer
        time.sleep(LOOK_EVERY_S)
    return SyncAnswer(request.at, False, "the directory process does not answer; look at its log")


def operator() -> str:
    """Return who sits at the command line."""
    return f"{getuser()} at the command line"


def time_of(at: float, zone: ZoneInfo) -> str:
    """Return a moment as people read it."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def approved(app: App, organization: Organization) -> tuple[bool, str]:
    """Believe what is kept, by a reading now; whether nothing is left open, and what to say."""
    request = desk(app).approve(organization, operator())
    if request is None:
        raise Refused(f"Nothing of {organization.key} waits. See: officegate directory show")
    try:
        return outcome_of(directoryd.sync_once(app, organization, False, approve=True, by=operator()))
    except FollowedElsewhere:
        answer = awaited(app, organization, request)
        return answer.done, answer.text
    except DirectoryError as error:
        return False, str(error)


def outcome_of(outcome: Provisioned) -> tuple[bool, str]:
    """Return whether a reading left nothing open, and what to say of it."""
    return not outcome.failure, directoryd.sentence(outcome)
