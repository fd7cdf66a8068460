"""deploy/install-packages installs what is missing, and no service starts because of it.

The script runs in a mount namespace with a /usr/sbin and a /run of its own, beside an apt-get that only notes
down what it was asked and whether a service could have started.
"""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.layering import ROOT

POLICY = "/usr/sbin/policy-rc.d"
SCRIPT = ROOT / "deploy" / "install-packages"

DPKG_QUERY = """#!/bin/sh
for package; do :; done
[ -e "$FAKES/installed/$package" ] && printf 'install ok installed'
"""
APT_GET = """#!/bin/sh
if [ ! -x "$POLICY" ] || "$POLICY" slapd start; then starts=yes; else starts=no; fi
echo "$1 $starts" >>"$FAKES/calls"
[ "$1" = install ] || exit 0
for word; do
    case $word in
        unknown) echo "E: Unable to locate package unknown"; exit 100 ;;
        slapd | redis-server) wanted="$wanted $word" ;;
    esac
done
for package in $wanted; do : >"$FAKES/installed/$package"; done
eval "$AFTER_INSTALL"
"""


class Machine:
    """A Debian of fakes; `packages` are what the group "some" names."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "installed").mkdir()
        (directory / "packages").mkdir()
        (directory / "install-packages").write_bytes(SCRIPT.read_bytes())
        for name, text in (("dpkg-query", DPKG_QUERY), ("apt-get", APT_GET)):
            (directory / name).write_text(text)
            (directory / name).chmod(0o755)

    def want(self, *packages: str) -> None:
        (self.directory / "packages" / "some.txt").write_text("# some\n" + "\n".join(packages) + "\n")

    def install(
        self, before: str = "", after_install: str = ""
    ) -> tuple[subprocess.CompletedProcess[str], str]:
        """What the script did, and what policy-rc.d said at the end ("" if there was none)."""
        shell = f"""
            mount -t tmpfs none /usr/sbin && mount -t tmpfs none /run || exit 99
            {before}
            sh {self.directory}/install-packages some; status=$?
            cat {POLICY} >{self.directory}/policy 2>/dev/null
            ls {POLICY}* >{self.directory}/files 2>/dev/null
            exit $status
        """
        environment = os.environ | {
            "PATH": f"{self.directory}:/usr/bin:/bin",
            "FAKES": str(self.directory),
            "POLICY": POLICY,
            "AFTER_INSTALL": after_install,
        }
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", shell],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done, (self.directory / "policy").read_text()

    @property
    def calls(self) -> list[str]:
        path = self.directory / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def installed(self) -> set[str]:
        return {path.name for path in (self.directory / "installed").iterdir()}

    @property
    def policy_files(self) -> list[str]:
        return (self.directory / "files").read_text().split()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def own_policy(status):
    return f"printf '#!/bin/sh\\nexit {status}\\n' >{POLICY}; chmod 700 {POLICY}"


@pytest.mark.peer("netns")
def test_what_is_missing_is_installed_while_no_service_may_start(machine):
    machine.want("slapd", "redis-server")

    done, policy = machine.install()

    assert done.returncode == 0, done.stderr
    assert machine.installed == {"slapd", "redis-server"}
    assert machine.calls == ["update no", "install no"]
    assert (policy, machine.policy_files) == ("", [])


@pytest.mark.peer("netns")
def test_nothing_is_asked_of_apt_when_nothing_is_missing(machine):
    machine.want("slapd")
    (machine.directory / "installed" / "slapd").touch()

    done, _ = machine.install()

    assert (done.returncode, done.stdout, machine.calls) == (0, "", [])


@pytest.mark.peer("netns")
def test_a_policy_that_was_there_is_put_back(machine):
    machine.want("slapd")

    done, policy = machine.install(before=own_policy(0))

    assert done.returncode == 0
    assert machine.calls == ["update no", "install no"]
    assert (policy, machine.policy_files) == ("#!/bin/sh\nexit 0\n", [POLICY])


@pytest.mark.peer("netns")
def test_an_interrupted_run_puts_the_policy_back(machine):
    machine.want("slapd")

    done, policy = machine.install(before=own_policy(0), after_install="kill -TERM $PPID")

    assert done.returncode == 1
    assert (policy, machine.policy_files) == ("#!/bin/sh\nexit 0\n", [POLICY])


@pytest.mark.peer("netns")
def test_the_next_run_mends_what_a_killed_one_left(machine):
    machine.want("slapd")
    first = f"{own_policy(0)}; sh {machine.directory}/install-packages some; echo first $?; cat {POLICY}"

    done, policy = machine.install(before=first, after_install="kill -KILL $PPID")

    assert "first 137" in done.stdout and "exit 101" in done.stdout
    assert done.returncode == 0
    assert (policy, machine.policy_files) == ("#!/bin/sh\nexit 0\n", [POLICY])


@pytest.mark.peer("netns")
def test_one_unknown_package_keeps_no_other_out(machine):
    machine.want("unknown", "slapd")

    done, _ = machine.install()

    assert done.returncode == 1
    assert machine.installed == {"slapd"}
    assert "could not be installed: unknown" in done.stderr


@pytest.mark.peer("root")
def test_without_root_it_says_what_is_left_out():
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
    with tempfile.TemporaryDirectory() as kept:
        machine = Machine(Path(kept))
        machine.want("slapd")
        machine.directory.chmod(0o755)

        done = subprocess.run(
            [*nobody, "sh", str(machine.directory / "install-packages"), "some"],
            env={"PATH": f"{kept}:/usr/bin:/bin", "FAKES": kept},
            capture_output=True,
            text=True,
            check=False,
        )

        assert machine.calls == []
    assert done.returncode == 1
    assert "Not root" in done.stderr and "slapd" in done.stderr
