"""A preview in the words of the command line. ◆"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import partial
from math import inf

import click

from access.changes.outlook import Outlook, Preview
from access.policy.grants_ahead import Fate, GrantAhead
from access.policy.preview import Change

_WHAT = {
    Change.LOSES: ("loses", "lose"),
    Change.NARROWS: ("may lose a part of", "may lose a part of"),
    Change.GAINS: ("gains", "gain"),
    Change.DIFFERS: ("has on other terms", "have on other terms"),
}


_SHUT = {
    "login:portal": "{0}: no administrator is left who could open the console (login:portal)",
    "login:device": "{0}: nobody is left who could log in to network devices (login:device)",
}

_BECOMES = {
    Fate.TWO_ZONES: "would put them into the zones {0} at once ({1}): that is refused, or ends the session"
    " (POLICY_CONFLICT)",
    Fate.GONE: "gives nothing any more: it is not in this document",
    Fate.MOVED: "gives nothing any more: it is another company's, which has granted nothing",
}


def told(preview: Preview, names: bool = False, now: float = inf, zone: tzinfo = UTC) -> Iterator[str]:
    """The lines of a preview; names: each with everybody it is about. now: where it is of a later moment.

    zone: by whose clock moments are told.
    """
    if preview.empty:
        yield "Nobody's access changes."
    for each in preview.lines:
        yield _line(each, preview, now)
        if names:
            yield from (_person(each, name) for name in each.line.people)
    yield from (_SHUT[each.object].format(each.organization) for each in preview.shut)
    yield from (
        f"{each.organization}: {', '.join(each.nas)} cannot be told what {each.rule} gives: {each.why};"
        " whom it lets in there is refused (POLICY_CONFLICT)"
        if each.refused
        else f"{each.organization}: {', '.join(each.nas)} will not heed an end that {each.rule} sets:"
        f" {each.why}"
        for each in preview.untold
    )
    yield from (
        f"rule {each.rule} asks for the {each.condition} {each.word!r}, where no NAS stands"
        + (f"; did you mean {each.meant!r}?" if each.meant else "")
        for each in preview.nowhere
    )
    yield from (
        f"{each.what} names {each.name}: whoever that was has left or has been renamed since the last"
        " publication, and somebody else has the name now"
        for each in preview.namesakes
    )
    yield from map(partial(_grant, zone), preview.grants)
    sessions = [
        f"{count} {what}"
        for count, what in (
            (preview.ending, "end"),
            (preview.narrowing, "lose something"),
            (preview.moving, "log in anew"),
        )
        if count
    ]
    if sessions:
        yield f"Live sessions: {', '.join(sessions)}."
    if names:
        for change in preview.sessions:
            if change.takes:
                lost = ", ".join(sorted(change.loses)) or f"{change.cut} destinations"
                yield f"  session {change.session_id} of {change.name}: {change.ends or 'loses ' + lost}"


def _line(each: Outlook, preview: Preview, now: float) -> str:
    line = each.line
    count = len(line.people)
    who = "1 person" if count == 1 else f"{count} people"
    verb = _WHAT[line.change][0 if count == 1 else 1]
    return f"{line.organization}: {who} {verb} {line.object}{_use(each, preview, now)}"


def say_of_grants(preview: Preview, zone: tzinfo) -> None:
    """Print which grants do not go on as they were, beside what a command has to say."""
    for each in preview.grants:
        click.echo(_grant(zone, each), err=True)


def _grant(zone: tzinfo, each: GrantAhead) -> str:
    until = datetime.fromtimestamp(each.until, zone).strftime("%Y-%m-%d %H:%M %Z")
    what = _BECOMES[each.fate].format(each.zones_in("en"), each.doors_in("en"))
    return f"{each.whom}: {each.rule} to {each.object} until {until} {what}"


def _use(each: Outlook, preview: Preview, now: float) -> str:
    """Who has it open and who has not used it, where something is taken."""
    if each.line.change in (Change.GAINS, Change.DIFFERS):
        return ""
    said = [f"{len(each.open_now)} have it open now"] if each.open_now else []
    unused = len(each.unused(preview.unused_since))
    if unused:
        days = preview.unused_days(now)
        said.append(f"{unused} have not used it in {days} days" if days else f"{unused} never used it yet")
    return f" ({', '.join(said)})" if said else ""


def _person(each: Outlook, name: str) -> str:
    return f"  {name}{' (open now)' if name in each.open_now else ''}"
