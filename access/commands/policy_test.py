"""officegate policy test: the tests inside a document, what they guard, and when they will fail. ◆"""

from datetime import datetime
from pathlib import Path

import click

from access.changes.publishing import examine
from access.commands.invocation import Invocation, passed
from access.commands.moments import Moment
from access.commands.policy_parts import check_part
from access.commands.policy_text import (
    PART,
    Rejected,
    document,
    local_moment,
    show_failures,
    show_problems,
    shown_moment,
    text_of,
    world_of,
)
from access.policy.compiled import Policy
from access.policy.forward import breaking
from access.policy.mutations import Mutation, unguarded
from access.policy.vocabulary import World


@click.command()
@document
@click.option("--mutations", is_flag=True, help="Name rules that could be changed without any test failing.")
@click.option("--at", type=Moment(), help="Say which will fail by a later moment, in local time.")
@PART
@passed
def test(invocation: Invocation, file: Path, mutations: bool, at: datetime | None, part: str | None) -> None:
    """Run the tests inside a document."""
    if part:
        if mutations or at:
            raise click.UsageError("--mutations and --at are about the whole document.")
        check_part(invocation.app(), part, file, tests=True)
        return
    world = world_of(invocation)
    examination = examine(text_of(file), world)
    show_problems(examination, file)
    show_failures(examination, file)
    policy = examination.policy
    count = len(policy.document.tests) if policy else 0
    click.echo(f"{file}: {count} {'test' if count == 1 else 'tests'} passed")
    if at and policy:
        _show_breaking(invocation, policy, world, at, file)
    if mutations and policy:
        _show_unguarded(unguarded(policy, world), len(policy.document.rules), file)


def _show_breaking(invocation: Invocation, policy: Policy, world: World, at: datetime, file: Path) -> None:
    """Say which tests fail once the clock has moved on. Raises Rejected where there is one."""
    zone, now, moment = invocation.settings.time_zone, invocation.app().clock(), local_moment(invocation, at)
    found = breaking(policy, world, now, moment, zone)
    for failure in found:
        click.echo(f"{file}: {failure}", err=True)
    shown = shown_moment(invocation, moment)
    if found:
        raise Rejected(f"{file}: {len(found)} of its tests will fail in the week after {shown}")
    click.echo(f"{file}: no test will fail in the week after {shown}")


def _show_unguarded(found: list[Mutation], rules: int, file: Path) -> None:
    """Say which rules no test guards, each on one line. Raises Rejected where there is one."""
    for rule_id in dict.fromkeys(each.rule for each in found):
        about = [each for each in found if each.rule == rule_id]
        changes = ", ".join(each.to("en") for each in about)
        click.echo(f"{file}: line {about[0].line}: no test notices when {rule_id!r} {changes}", err=True)
    if found:
        count = len({each.rule for each in found})
        raise Rejected(f"{file}: {count} of {rules} rules could change without any test failing")
    click.echo(f"{file}: every change to any of {rules} {'rule' if rules == 1 else 'rules'} fails a test")
