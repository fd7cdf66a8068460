"""What was published of a company's own part of the policy, for its administrators: who, when, and what. ◆"""

from dataclasses import dataclass

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from access.changes.company_policy import part_in
from access.changes.drafts import Told
from access.console.admin.differing import difference
from access.console.admin.scope import own
from access.console.current import gate, visitor
from access.model import Role

# Each takes the reading of a whole document the first time.
MOST_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class PartChange:
    """A publication that changed the part. author and note are "" where they are another company's."""

    number: int
    at: float
    author: str
    note: str
    approved_by: tuple[str, ...]
    lines: list[str]


def show() -> ResponseReturnValue:
    """The publications that changed the part, of the last ones, or of those before a number."""
    typed = request.args.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
    told = [each for each in gate().policy.changes.history() if before is None or each.number < before]
    looked_at = told[:MOST_LOOKED_AT]
    found = [change for each in looked_at if (change := _change(each)) is not None]
    earlier = looked_at[-1].number if len(told) > MOST_LOOKED_AT else None
    return render_template("admin/part_history.html", found=found, earlier=earlier, may_edit=_may_edit())


def one(number: int) -> ResponseReturnValue:
    """What a publication changed in the part. One that changed nothing there is not found."""
    told = next((each for each in gate().policy.changes.history() if each.number == number), None)
    change = _change(told) if told is not None else None
    if change is None:
        abort(404)
    return render_template("admin/part_difference.html", change=change, may_edit=_may_edit())


def part_after(number: int) -> str:
    """The part as a publication left it, to be edited. One that changed nothing there is not found."""
    told = next((each for each in gate().policy.changes.history() if each.number == number), None)
    if told is None or _change(told) is None:
        abort(404)
    return part_in(gate().policy.changes.text_of(told.revision), own().key)


def _change(told: Told) -> PartChange | None:
    text_of, key = gate().policy.changes.text_of, own().key
    lines = difference(part_in(text_of(told.replaced), key), part_in(text_of(told.revision), key))
    if not lines:
        return None
    ours = told.author.endswith(f"@{key}")
    approved_by = tuple(each for each in told.approved_by if each.endswith(f"@{key}"))
    author, note = (told.author, told.note) if ours else ("", "")
    return PartChange(told.number, told.at, author, note, approved_by, lines)


def _may_edit() -> bool:
    return Role.ADMIN in visitor().roles
