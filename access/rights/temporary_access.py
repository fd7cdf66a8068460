"""Temporary access: asked for by a person, granted by an owner of what it is, ended by the clock. ▸

The policy document says what may be asked for, by whom, for how long, and who owns it (`requestable`).
Whoever owns something decides about it, but never about their own request, at any of their companies. What is
granted is a rule beside the document: a permit of the object's own company, for one person, with an end. To
have it longer is asked before the end, and decided again. A request that nobody decides lapses.
What would have its person in two zones at once is refused, to whoever asks and again to whoever agrees.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from access.errors import Refused
from access.model import User
from access.nas.registry import Endpoint
from access.policy.asking import requestable_by
from access.policy.compiled import Policy
from access.policy.named_owners import OwnerPorts, owner_named, owns
from access.policy.standing import Kept, Standing, StandingKind, State
from access.policy.subjects import canonical_mac, subject_of
from access.policy.vocabulary import Requestable
from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from access.rights.zone_outlook import Intended, Outlook, outlook

# How long somebody may take to decide.
LAPSES_S = 24 * 3600.0
SHORTEST_S = 60.0
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: an object, why, for how long; the MAC address it is for, where that matters."""

    object: str
    reason: str
    lasts_s: float
    purpose: str = ""
    endpoint: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class By:
    """Who decides. user None: whoever has the machine.

    administrator_of: the key of the company whose grants they may end as its administrator, "" for none.
    """

    name: str
    user: User | None = None
    administrator_of: str = ""


@dataclass(frozen=True, slots=True)
class Granting:
    """What an owner agrees to: until when, by which doors alone (none: by any).

    beside: the other grants that the person had, as they were when it was looked at.
    """

    until: float
    doors: tuple[str, ...] = ()
    beside: frozenset[Standing] = frozenset()


class AccessPorts(OwnerPorts, Protocol):
    """What temporary access asks of the world. Any of it may raise Unavailable."""

    def grant(self, number: int) -> Kept | None:
        """A grant, or what was asked for, whatever became of it."""

    def open_grants(self, now: float) -> Sequence[Kept]:
        """Grants in force, and what waits to be decided."""

    def endpoints_of(self, user: User) -> Sequence[Endpoint]:
        """What somebody answers for in the registry of endpoints."""

    def is_same_person(self, one_id: int, other_id: int) -> bool: ...
    def organization_id(self, key: str) -> int | None: ...

    def ask(self, wanted: Kept, notices: Sequence[Notice], now: float) -> Kept:
        """Write down what is asked for."""

    def allow(self, asked: Kept, by: str, granting: Granting, notices: Sequence[Notice], now: float) -> bool:
        """Put in force what was asked for, the grant it extends in its place.

        False where it is not open, or something else of its person's has been granted or extended meanwhile.
        """

    def close(self, kept: Kept, state: State, by: str, notices: Sequence[Notice], now: float) -> bool:
        """End a grant, or what was asked for; False where that was done before."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where it is asked and decided: the world, the policy in force, the moment.

    asker: who asks on behalf of others; empty where everybody asks for themselves.
    """

    ports: AccessPorts
    policy: Policy | None
    now: float
    asker: str = ""

    def declared(self, object: str) -> Requestable | None:
        """What its owner lets people ask for."""
        return self.policy.requestable.get(object) if self.policy is not None else None


def ask(desk: Desk, user: User, wish: Wish) -> Kept:
    """Return the request that waits for an owner. Raises Refused."""
    declared = _declared(desk, user, wish.object)
    endpoint = _check(desk, declared, user, wish)
    if any(_is_for(each, user, wish.object) for each in desk.ports.open_grants(desk.now)):
        raise Refused("You have it, or have asked for it already.", "이미 받았거나 신청한 권한입니다.")
    kept = _asked(desk, user, wish, endpoint)
    _check_zones(desk, user, kept, desk.now + wish.lasts_s)
    return desk.ports.ask(kept, _to_owners(desk, user, kept), desk.now)


def extend(desk: Desk, user: User, number: int, lasts_s: float, reason: str) -> Kept:
    """Return the request to have a grant for longer, which waits for an owner. Raises Refused."""
    known = desk.ports.grant(number)
    if known is None or known.user_id != user.id or not known.stands(desk.now):
        raise Refused("That grant is over: ask for it anew.", "이미 끝난 권한입니다. 새로 신청해 주세요.")
    if any(each.extends == number and each.waits(desk.now) for each in desk.ports.open_grants(desk.now)):
        raise Refused("You have asked for it already.", "이미 신청했습니다.")
    grant = known.standing
    wish = Wish(grant.objects[0], reason, lasts_s, grant.purpose, grant.endpoint, grant.ticket)
    declared = _declared(desk, user, wish.object)
    _check_company(desk, known)
    endpoint = _check(desk, declared, user, wish)
    asked = _asked(desk, user, wish, endpoint)
    lapses_at = min(desk.now + LAPSES_S, grant.until) if grant.until is not None else desk.now + LAPSES_S
    asked = replace(asked, extends=number, lapses_at=lapses_at)
    _check_zones(desk, user, asked, _until(desk, asked, declared))
    return desk.ports.ask(asked, _to_owners(desk, user, asked), desk.now)


def approve(desk: Desk, by: By, number: int) -> Granting:
    """Return what is granted now. Raises Refused."""
    asked, user, declared = _to_decide(desk, by, number)
    until = _until(desk, asked, declared)
    seen = _check_zones(desk, user, asked, until, to_owner=by.user is not None)
    granting = Granting(until, seen.doors, seen.beside)
    told = [_notice(NoticeKind.ACCESS_GRANTED, user, asked, desk.now, {"by": by.name})]
    if not desk.ports.allow(asked, by.name, granting, told, desk.now):
        raise _too_late()
    return granting


def refuse(desk: Desk, by: By, number: int, why: str) -> None:
    """Tell somebody that an owner does not want it. Raises Refused."""
    asked, user, _ = _to_decide(desk, by, number)
    detail = {"by": by.name, "why": why.strip()[:LONGEST_TEXT]}
    told = [_notice(NoticeKind.ACCESS_REFUSED, user, asked, desk.now, detail)]
    if not desk.ports.close(asked, State.REFUSED, by.name, told, desk.now):
        raise _too_late()


def revoke(desk: Desk, by: By, number: int) -> None:
    """End a grant before its time, or take a request back. Raises Refused.

    Its person may, an owner, an administrator of the object's company, and whoever has the machine.
    """
    known = desk.ports.grant(number)
    if (
        known is None
        or not (known.stands(desk.now) or known.waits(desk.now))
        or not _may_end(desk, by, known)
    ):
        raise Refused("That is over, or not yours to end.", "이미 끝났거나 끝낼 수 있는 권한이 아닙니다.")
    user = desk.ports.person(known.user_id) if known.user_id is not None else None
    own = by.user is not None and by.user.id == known.user_id
    told = [] if own or user is None else [ended(user, known, desk.now, by.name)]
    if not desk.ports.close(known, State.ENDED, by.name, told, desk.now):
        raise _too_late()


def ended(user: User, kept: Kept, at: float, by: str = "") -> Notice:
    """Return what somebody is told of the end of a grant, or of a request that nobody decided."""
    return _notice(NoticeKind.ACCESS_ENDED, user, kept, at, {"by": by} if by else {})


def may_decide(desk: Desk, by: By, kept: Kept) -> bool:
    """Return whether it is somebody's to approve or refuse."""
    declared = desk.declared(kept.standing.objects[0])
    if declared is None or by.user is None:
        return declared is not None
    own = kept.user_id is not None and desk.ports.is_same_person(by.user.id, kept.user_id)
    return owns(desk.ports, kept.standing.objects[0], declared.owners, by.user) and not own


def zone_notes(desk: Desk, waiting: Iterable[Kept], language: str, to_owner: bool) -> dict[int, str]:
    """Return what zones make of requests, for people, by their numbers; "" where there is nothing to tell."""
    others = desk.ports.open_grants(desk.now)
    return {each.standing.id: _zone_note(desk, each, others, (language, to_owner)) for each in waiting}


def _zone_note(desk: Desk, kept: Kept, others: Sequence[Kept], reader: tuple[str, bool]) -> str:
    declared = desk.declared(kept.standing.objects[0])
    user = desk.ports.person(kept.user_id) if kept.user_id is not None else None
    if desk.policy is None or declared is None or user is None:
        return ""
    try:
        intended = Intended(user, kept, _until(desk, kept, declared), others)
    except Refused as over:
        return over.to(reader[0])
    return outlook(desk.policy, intended, desk.now).note(*reader)


def _check_zones(desk: Desk, user: User, kept: Kept, until: float, to_owner: bool = False) -> Outlook:
    """Return what was seen of zones. Raises Refused where somebody would be in two at once."""
    assert desk.policy is not None, "what may be asked for stands in a policy"
    seen = outlook(desk.policy, Intended(user, kept, until, desk.ports.open_grants(desk.now)), desk.now)
    if not seen.room.possible:
        raise seen.refusal(to_owner)
    return seen


def _until(desk: Desk, asked: Kept, declared: Requestable) -> float:
    """Return until when it would be had, were it granted now. Raises Refused."""
    lasts_s = min(asked.lasts_s or 0.0, declared.longest_s)
    if asked.extends is None:
        return desk.now + lasts_s
    end = _end_of(desk, asked.extends)
    # Where the document lets it be had for less by now, what was granted stays.
    return max(end, min(end + lasts_s, desk.now + declared.longest_s))


def _to_decide(desk: Desk, by: By, number: int) -> tuple[Kept, User, Requestable]:
    asked = desk.ports.grant(number)
    user = desk.ports.person(asked.user_id) if asked is not None and asked.user_id is not None else None
    if asked is None or user is None or not asked.waits(desk.now):
        raise _too_late()
    if not may_decide(desk, by, asked):
        raise Refused(
            "Another owner has to decide: not whoever asked, and nobody else.",
            "신청한 본인이 아닌 다른 소유자가 결정해야 합니다.",
        )
    declared = _declared(desk, user, asked.standing.objects[0])
    _check_company(desk, asked)
    return asked, user, declared


def _end_of(desk: Desk, number: int) -> float:
    known = desk.ports.grant(number)
    if known is None or not known.stands(desk.now) or known.standing.until is None:
        raise Refused(
            "The grant is over: it has to be asked for anew.", "이미 끝난 권한입니다. 새로 신청해 주세요."
        )
    return known.standing.until


def _declared(desk: Desk, user: User, object: str) -> Requestable:
    declared = requestable_by(desk.policy, subject_of(user), object)
    if declared is None:
        raise Refused(f"{object[:80]} cannot be asked for.", f"{object[:80]}은(는) 신청할 수 없습니다.")
    return declared


def _check_company(desk: Desk, kept: Kept) -> None:
    """Raises Refused where the object belongs to another company by now, which has granted nothing."""
    grant = kept.standing
    owner = desk.policy.owners.get(grant.objects[0]) if desk.policy is not None else None
    if grant.organization not in ("", owner):
        raise Refused(
            f"{grant.objects[0]} belongs to another company by now: end this, and ask anew.",
            f"{grant.objects[0]}은(는) 이제 다른 회사의 것입니다. 이 건을 끝내고 다시 신청해 주세요.",
        )


def _check(desk: Desk, declared: Requestable, user: User, wish: Wish) -> str:
    """Return the MAC address it is for, "" for any. Raises Refused for what the owner does not allow."""
    if not wish.reason.strip() or ("purpose" in declared.needs and not wish.purpose.strip()):
        raise Refused("Say why, and for what.", "사유와 용도를 적어 주세요.")
    if max(map(len, (wish.reason, wish.purpose, wish.ticket))) > LONGEST_TEXT:
        raise Refused(f"At most {LONGEST_TEXT} letters.", f"{LONGEST_TEXT}자까지 적을 수 있습니다.")
    if not SHORTEST_S <= wish.lasts_s <= declared.longest_s:
        hours = declared.longest_s / 3600
        raise Refused(f"At most {hours:g} hours.", f"최대 {hours:g}시간까지 신청할 수 있습니다.")
    mac = canonical_mac(wish.endpoint) if wish.endpoint else None
    own = {
        canonical_mac(each.mac)
        for each in desk.ports.endpoints_of(user)
        if each.valid_until is None or each.valid_until > desk.now
    }
    if (wish.endpoint or "endpoint" in declared.needs) and mac not in own:
        raise Refused(
            "Choose one of the endpoints that are registered to you.",
            "본인 앞으로 등록된 단말 중에서 골라 주세요.",
        )
    return mac or ""


def _asked(desk: Desk, user: User, wish: Wish, endpoint: str) -> Kept:
    owner = desk.policy.owners[wish.object] if desk.policy is not None else ""
    declared = desk.declared(wish.object)
    name = f"{user.name}@{user.organization}"
    standing = Standing(
        id=0,
        kind=StandingKind.GRANT,
        who=(f"user:{name}",),
        objects=(wish.object,),
        owner=", ".join(declared.owners) if declared is not None else "",
        created_by=desk.asker or name,
        reason=wish.reason.strip(),
        ticket=wish.ticket.strip(),
        purpose=wish.purpose.strip(),
        endpoint=endpoint,
        organization=owner,
    )
    return Kept(
        standing,
        organization_id=desk.ports.organization_id(owner),
        user_id=user.id,
        state=State.ASKED,
        asked_by_id=user.id,
        lapses_at=desk.now + LAPSES_S,
        lasts_s=wish.lasts_s,
    )


def deciders(desk: Desk, user: User, object: str) -> list[User]:
    """Return the owners who could decide about what somebody asks for: who is there and another person."""
    declared = desk.declared(object)
    names = declared.owners if declared is not None else ()
    found = [owner_named(desk.ports, object, name) for name in names]
    return [
        owner for owner in found if owner is not None and not desk.ports.is_same_person(owner.id, user.id)
    ]


def _to_owners(desk: Desk, user: User, kept: Kept) -> list[Notice]:
    name = f"{user.name}@{user.organization}"
    return [
        _notice(NoticeKind.ACCESS_ASKED, owner, kept, desk.now, {"by": name})
        for owner in deciders(desk, user, kept.standing.objects[0])
    ]


def _notice(kind: NoticeKind, to: User, kept: Kept, at: float, detail: dict[str, str]) -> Notice:
    """Whose company it is the store fills in."""
    said = {"name": kept.standing.objects[0]} | {key: each for key, each in detail.items() if each}
    return Notice(kind, to.id, 0, at, said)


def _is_for(kept: Kept, user: User, object: str) -> bool:
    return kept.user_id == user.id and kept.extends is None and kept.standing.objects == (object,)


def _may_end(desk: Desk, by: By, kept: Kept) -> bool:
    if by.user is None or by.user.id == kept.user_id:
        return True
    if by.administrator_of and by.administrator_of == kept.standing.organization:
        return True
    object = kept.standing.objects[0]
    declared = desk.declared(object)
    return declared is not None and owns(desk.ports, object, declared.owners, by.user)


def _too_late() -> Refused:
    return Refused("Somebody decided it, or it lapsed: look again.", "이미 결정되었거나 시간이 지났습니다.")
