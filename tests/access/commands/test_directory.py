"""officegate directory, against a real slapd."""

import os
import signal
import subprocess
import sys

import pytest

from access.cli import main
from access.store import organizations, people
from tests.access.installation import write_config
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.peer("slapd")


@pytest.fixture
def config(directory, tmp_path, address, capsys):
    path = write_config(
        tmp_path,
        address.url,
        ldap_url=directory.slapd.uri,
        bind_dn=directory.slapd.admin_dn(directory.hangang),
        bind_password=directory.slapd.admin_password,
    )
    assert main(["--config", str(path), "migrate"]) == 0
    capsys.readouterr()
    return path


def test_every_step_of_a_good_directory_is_ok(officegate, directory):
    status, shown, _ = officegate("directory", "test")

    assert status == 0
    steps = [line.split()[:2] for line in shown.splitlines()[1:]]
    right = ("bind", "kind", "people", "people", "groups", "changes")
    assert steps == [["ok", "connect"], ["note", "tls"], *(["ok", name] for name in right)]
    assert f"{len(directory.hangang.people)} below ou=people" in shown
    assert "told by syncrepl" in shown


def test_the_step_that_fails_says_what_to_change(config, capsys):
    config.write_text(config.read_text().replace("ou=people,", "ou=nobody,"))

    assert main(["--config", str(config), "directory", "test", "hangang"]) == 1

    shown = capsys.readouterr()
    assert "ok   bind" in shown.out
    assert "FAIL people" in shown.out
    assert "correct user_base" in shown.out
    assert "hangang" in shown.err


def test_no_password_is_ever_shown(config, capsys, directory):
    password = directory.slapd.admin_password
    config.write_text(config.read_text().replace(password, "another-secret"))

    assert main(["--config", str(config), "directory", "test"]) == 1

    shown = capsys.readouterr()
    assert "FAIL bind" in shown.out
    assert "another-secret" not in shown.out + shown.err


def test_sync_and_show_say_what_there_is(officegate, directory):
    assert "never in step" in officegate("directory", "show")[1]

    status, shown, _ = officegate("directory", "sync", "hangang")

    assert status == 0
    assert shown.startswith(f"hangang: {len(directory.hangang.people)} people")
    assert "hangang: in step at 20" in officegate("directory", "show")[1]


def test_a_directory_that_is_down_is_shown_as_failing(officegate, directory):
    directory.slapd.daemon.stop()

    assert officegate("directory", "sync")[0] == 1
    assert "FAILING since" in officegate("directory", "show")[1]


def test_an_organization_that_is_none_is_named(officegate):
    status, _, complaint = officegate("directory", "sync", "elsewhere")

    assert status == 2
    assert "elsewhere" in complaint


def test_a_mass_change_is_accepted_for_one_organization_at_a_time(officegate):
    assert officegate("directory", "sync", "--accept-mass-change")[0] == 2


def test_a_run_is_listed_undone_and_released(officegate, directory):
    company = directory.hangang
    leaver = company.people[30].uid
    officegate("directory", "sync")
    directory.slapd.delete(company.person_dn(leaver))
    officegate("directory", "sync")

    shown = officegate("directory", "runs", "hangang")[1].splitlines()

    number = shown[0].split()[0]
    assert "1 vanished" in shown[0]
    assert "at the command line" in shown[0]
    assert f"first: {len(company.people)} added" in shown[1]
    assert f"{leaver} comes back" in officegate("directory", "undo", number, "--dry-run")[1]
    status, shown, _ = officegate("directory", "undo", number)
    assert (status, "1 people are back" in shown) == (0, True)
    officegate("directory", "sync")
    assert f"{leaver} (" in officegate("directory", "difference", "hangang")[1]
    assert officegate("directory", "undo", number)[0] != 0, "it was undone already"
    assert officegate("directory", "undo", number, "--release")[0] == 0
    assert "nothing waits" in officegate("directory", "difference", "hangang")[1]


def test_what_is_no_run_cannot_be_undone(officegate):
    officegate("directory", "sync")

    assert "no run 99" in officegate("directory", "undo", "99")[2]
    assert "nothing before it" in officegate("directory", "undo", "1")[2]


def test_nothing_is_approved_or_rejected_where_nothing_waits(officegate):
    officegate("directory", "sync")

    assert "Nothing of hangang waits" in officegate("directory", "approve", "hangang")[2]
    assert "Nothing of hangang waits" in officegate("directory", "reject", "hangang")[2]


def test_the_process_follows_until_it_is_told_to_stop(config, database, directory):
    command = [sys.executable, "-m", "access.cli", "--config", str(config), "directory", "run"]
    uid = directory.hangang.group("it-admins").people[0]

    def groups():
        with database.read() as conn:
            organization = organizations.all_organizations(conn)[0]
            user = people.user_by_name(conn, organization.id, uid)
            return user.groups if user is not None else None

    with subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"}) as process:
        try:
            wait_until(lambda: groups() is not None, "the first sync")
            directory.slapd.leave(directory.hangang, "it-admins", uid)
            wait_until(lambda: "hangang/it-admins" not in groups(), "the removal")
        finally:
            process.send_signal(signal.SIGTERM)
            log = process.stderr.read().decode()

    assert process.returncode == 0
    assert "directory in step" in log
    assert "Traceback" not in log


@pytest.fixture
def partner(config, directory):
    """The configuration with another directory of hangang."""
    settings = f"""
[organizations.hangang.more_directories.partner]
url = "{directory.slapd.uri}"
tls = "none"
bind_dn = "{directory.slapd.admin_dn(directory.namsan)}"
bind_password = "{directory.slapd.admin_password}"
user_base = "ou=people,{directory.namsan.suffix}"
group_base = "ou=groups,{directory.namsan.suffix}"
"""
    config.write_text(config.read_text("utf-8") + settings, "utf-8")
    return directory.namsan


def test_each_directory_of_a_company_is_tested_synced_and_shown(officegate, directory, partner):
    shown = officegate("directory", "test", "hangang")[1].splitlines()
    assert [line.partition(":")[0] for line in shown if not line.startswith(" ")] == [
        "hangang",
        "hangang/partner",
    ]

    status, shown, _ = officegate("directory", "sync", "hangang/partner")

    assert status == 0
    assert shown.startswith(f"hangang/partner: {len(partner.people)} people")
    assert [line.partition(":")[0] for line in shown.splitlines()] == ["hangang/partner"]
    lines = officegate("directory", "show", "hangang")[1].splitlines()
    assert [line.partition(" (")[0][:28] for line in lines] == [
        "hangang: never in step",
        "hangang/partner: in step at ",
    ]
    assert officegate("directory", "show", "hangang/main")[1].startswith("hangang: never")
    assert [line.split()[1] for line in officegate("directory", "runs", "hangang")[1].splitlines()] == [
        "hangang/partner"
    ]
    assert "No reading" in officegate("directory", "runs", "hangang/main")[1]


def test_what_is_decided_about_one_directory_is_said_with_its_name(officegate, partner):
    officegate("directory", "sync")

    assert "hangang/partner: nothing waits" in officegate("directory", "difference", "hangang/partner")[1]
    assert "Nothing of hangang/partner waits" in officegate("directory", "approve", "hangang/partner")[2]
    assert "Nothing of hangang/partner waits" in officegate("directory", "reject", "hangang/partner")[2]


def test_a_directory_that_is_none_is_named_with_those_there_are(officegate, partner):
    status, _, complaint = officegate("directory", "sync", "hangang/elsewhere")

    assert status == 2
    assert "there is no directory hangang/elsewhere; there are: hangang, hangang/partner" in complaint


def test_a_mass_change_is_accepted_for_one_directory_at_a_time(officegate, partner):
    assert officegate("directory", "sync", "hangang", "--accept-mass-change")[0] == 2
    assert officegate("directory", "sync", "hangang/partner", "--accept-mass-change")[0] == 0
