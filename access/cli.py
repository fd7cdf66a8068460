"""The `officegate` command: finds the configuration, runs one command, turns our errors into one line. ◆

Exit status: 0 done; 1 the command says no, or the world does not answer; 2 it was called or set up wrongly.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from access import logs
from access.commands.invocation import Invocation
from access.config import DEFAULT_FILE
from access.errors import AccessError, Misconfigured

# A command is imported when it is called: a RADIUS worker has no use for the console's libraries.
COMMANDS = {
    "access": "access.commands.access:access",
    "api-key": "access.commands.api_key:api_key",
    "alarm": "access.commands.alarm:alarm",
    "group": "access.commands.group:group",
    "local-user": "access.commands.local_user:local_user",
    "mail": "access.commands.mail:mail",
    "audit": "access.commands.audit:audit",
    "ca": "access.commands.ca:ca",
    "check": "access.commands.check:check",
    "contain": "access.commands.contain:contain",
    "device": "access.commands.device:device",
    "directory": "access.commands.directory:directory",
    "endpoint": "access.commands.endpoint:endpoint",
    "enforce": "access.commands.enforce:enforce",
    "explain": "access.commands.explain:explain",
    "journal": "access.commands.journal:journal",
    "migrate": "access.commands.migrate:migrate",
    "nas": "access.commands.nas:nas",
    "office": "access.commands.office:office",
    "otp": "access.commands.otp:otp",
    "password": "access.commands.password:password",
    "person": "access.commands.person_links:person",
    "policy": "access.commands.policy:policy",
    "radius": "access.commands.run:radius",
    "radius-loader": "access.commands.radius:radius_loader",
    "radius-worker": "access.commands.radius:radius_worker",
    "reload": "access.commands.reload:reload",
    "run": "access.commands.run:run",
    "session": "access.commands.session:session",
    "status": "access.commands.status:status",
    "web": "access.commands.web:web",
    "who-had": "access.commands.who_had:who_had",
    "worker": "access.commands.worker:worker",
}


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Their names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command of a name, imported now; None where there is none."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.command(cls=Commands)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    envvar="OFFICEGATE_CONFIG",
    help="The configuration file; otherwise ./officegate.toml, else /etc/officegate/officegate.toml.",
)
@click.version_option(package_name="officegate")
@click.pass_context
def officegate(context: click.Context, config_file: Path | None) -> None:
    """Decides who gets onto the office network, and what they can reach there."""
    # State, queue and journals are for the account that runs us alone, whatever the shell's habit.
    os.umask(0o077)
    # At the end Python looks through all that is left for cycles, which takes it a third of a second; what we
    # hold is closed by then, and the rest goes with the process.
    atexit.register(gc.freeze)
    # Under a supervisor the log calls a process as the supervisor does.
    logs.configure(os.environ.get("OFFICEGATE_PROCESS") or context.invoked_subcommand or "officegate")
    context.obj = Invocation(config_file or _usual_file())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    try:
        status = officegate.main(arguments, prog_name="officegate", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("officegate: stopped", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough. Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except AccessError as error:
        for line in str(error).splitlines():
            click.echo(f"officegate: {line}", err=True)
        return 2 if isinstance(error, Misconfigured) else 1
    return status if isinstance(status, int) else 0


def _usual_file() -> Path:
    here = Path("officegate.toml")
    return here.absolute() if here.exists() else DEFAULT_FILE


if __name__ == "__main__":
    sys.exit(main())
