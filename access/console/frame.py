"""What every page shows around itself, and how its values are written. ◆"""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, request

from access.console import moments
from access.console.admin.scope import of_head_office
from access.console.current import gate, now, organization, visitor_or_none_calmly
from access.console.languages import NAMES, language
from access.console.rooms import rooms_of
from access.console.typed import show_case
from access.console.words import explain_alarm, explain_reason, name_of, note_of, spell_duty, tone_of
from access.errors import Unavailable


def install(app: Flask) -> None:
    """Give every template its frame and its filters."""
    app.context_processor(frame)
    for written in (when, short, exact, ago, machine_time, in_field):
        app.add_template_filter(written)
    app.add_template_filter(name_of, "word")
    app.add_template_filter(tone_of, "tone")
    app.add_template_filter(explain_reason, "reason")
    app.add_template_filter(explain_alarm, "alarm")
    app.add_template_filter(note_of, "note")
    app.add_template_filter(show_case, "case")
    app.add_template_filter(spell_duty, "duty")


def frame() -> dict[str, Any]:
    """The company, who is there, where they may go, and in which language."""
    found = visitor_or_none_calmly()
    try:
        company, head_office = organization(), found is not None and of_head_office()
    except Unavailable:
        company, head_office = None, False
    return {
        "company": company,
        "person": found,
        "rooms": rooms_of(found.roles, head_office) if found else (),
        "language": language(),
        "languages": NAMES,
        "here": request.full_path.removesuffix("?") if request.method == "GET" else "/",
        "now": now(),
        "zone": moments.zone_name(now(), gate().face.time_zone),
    }


def when(moment: float) -> str:
    """The whole date and time, with its zone."""
    return moments.spell(moment, gate().face.time_zone, language())


def short(moment: float) -> str:
    """Day and time, for tables."""
    return moments.short(moment, now(), gate().face.time_zone, language())


def exact(moment: float) -> str:
    """Down to the second."""
    return moments.exact(moment, gate().face.time_zone, language())


def ago(moment: float) -> str:
    """How long ago, or in how long."""
    return moments.ago(moment, now(), language())


def in_field(moment: float) -> str:
    """For a field in which a time is typed."""
    return moments.in_field(moment, gate().face.time_zone)


def machine_time(moment: float) -> str:
    """For the datetime attribute."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
