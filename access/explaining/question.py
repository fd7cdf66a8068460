"""Why somebody may or may not, as the command line, the console and the API ask it. ▸

The facts are those of the person's live session through that door; without one it is as if they came right
now. Of a moment that is over they are those of the login that was recorded then, and the policy is the one of
then. What is told takes the place of any of it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from access.countries import Countries
from access.errors import Refused
from access.explaining.standpoint import as_if, elsewhere, facts_of
from access.explaining.supposed import NOTHING, Known, Supposed, supposing
from access.model import Absent, Bilingual, Facts, Method, Request, Subject, User, Via
from access.nas.endpoint_standing import Registration
from access.people.past import PRESENT, Before
from access.policy.compiled import Policy
from access.policy.explain import Explanation, explain, explain_user
from access.policy.subjects import subject_of
from access.policy.visible import visible_objects
from access.policy.vocabulary import LOGINS
from access.proof.factors import TokenSummary
from access.shown import SessionLine

# What is asked for in the place of one object: the login, and everything that may be spoken of.
EVERYTHING = "all"


class NoSuchObject(Refused):
    """The policy that answers does not speak of what was asked for. known: what it does speak of."""

    def __init__(self, wanted: str, known: Collection[str]) -> None:
        super().__init__(f"The policy has no {wanted}.", f"정책에 {wanted}이(가) 없습니다.")
        self.known = tuple(known)


class ExplainingPorts(Protocol):
    """What explaining reads of the world. on_that_day() raises Refused where the person was not there."""

    @property
    def countries(self) -> Countries: ...

    def sessions_of(self, user_id: int) -> Sequence[SessionLine]: ...
    def tokens_of(self, user_id: int) -> Sequence[TokenSummary]: ...
    def registration(self, mac: str) -> Registration | None: ...
    def policy(self) -> Policy | None: ...
    def on_that_day(self, user: User, via: Via, moment: float) -> Before: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. whom: a person, or a registered endpoint or a visitor.

    object: "" is the login itself. moment: None is now. last_code: where nothing else tells of a code, the
    last one that they proved is taken; else none.
    """

    whom: User | Subject
    via: Via
    object: str = ""
    moment: float | None = None
    supposed: Supposed = NOTHING
    last_code: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of each object, by which policy, under which facts and of which moment.

    objects: what can be asked for besides logins. notes: what is not certain of a day that is over.
    """

    told: tuple[Explanation, ...]
    policy: Policy | None
    facts: Facts
    at: float
    objects: tuple[str, ...]
    notes: tuple[Bilingual, ...] = ()

    @property
    def revision(self) -> str:
        """That of the policy, "" without one."""
        return self.policy.revision if self.policy is not None else ""


Objects = Callable[[Policy | None, Subject], Sequence[str]]


def every_object(policy: Policy | None, _subject: Subject) -> Sequence[str]:
    """All that the policy knows, for whoever runs the whole installation."""
    return tuple(policy.owners) if policy is not None else ()


def answer(
    ports: ExplainingPorts, question: Question, now: float, objects: Objects = visible_objects
) -> Answer:
    """Why it is so. objects: what may be spoken of. Raises NoSuchObject, and Refused for a day unknown."""
    moment = now if question.moment is None else question.moment
    whom, before = question.whom, PRESENT
    if isinstance(whom, User) and moment < now:
        before = ports.on_that_day(whom, question.via, moment)
        whom = before.whom
    policy = ports.policy() if before is PRESENT else before.policy
    at = before.at or moment
    facts = _facts(ports, question, before, (now, at))
    subject = subject_of(whom) if isinstance(whom, User) else whom
    known = tuple(objects(policy, subject))
    told = [_explained(policy, whom, Request(each, facts), at) for each in _wanted(question, policy, known)]
    return Answer(tuple(told), policy, facts, at, known, before.notes)


def _wanted(question: Question, policy: Policy | None, known: Collection[str]) -> Sequence[str]:
    login = f"login:{question.via}"
    if question.object == EVERYTHING:
        return login, *known
    wanted = question.object or login
    # Without a policy nothing is known of any object, and that is what there is to say.
    if wanted not in (*LOGINS, *known) and policy is not None:
        raise NoSuchObject(wanted, (*LOGINS, *known))
    return (wanted,)


def _explained(policy: Policy | None, whom: User | Subject, request: Request, at: float) -> Explanation:
    if isinstance(whom, User):
        return explain_user(policy, whom, request, at)
    return explain(policy, whom, request, at)


def _facts(ports: ExplainingPorts, question: Question, before: Before, moments: tuple[float, float]) -> Facts:
    now, at = moments
    whom = question.whom
    if not isinstance(whom, User):
        method = Method.HOME_SERVER if whom.realm else Method.MAB
        here = replace(as_if(question.via, None, ()), method=method, sessions=Absent.DOES_NOT_APPLY)
        return supposing(question.supposed, whom, here, _known(ports, ()), at)
    tokens = tuple(ports.tokens_of(whom.id))
    here = before.facts or _standing(ports, question, whom, tokens, (now, at))
    return supposing(question.supposed, subject_of(whom), here, _known(ports, tokens), at)


def _known(ports: ExplainingPorts, tokens: tuple[TokenSummary, ...]) -> Known:
    return Known(tokens, ports.registration, ports.countries)


def _standing(
    ports: ExplainingPorts,
    question: Question,
    whom: User,
    tokens: tuple[TokenSummary, ...],
    moments: tuple[float, float],
) -> Facts:
    """Of a moment that is over or still to come no session of now says anything."""
    now, at = moments
    sessions = ports.sessions_of(whom.id) if at == now else ()
    for session in sessions:
        if session.state == "live" and session.via == question.via:
            return replace(facts_of(session), sessions=elsewhere(sessions, session))
    code_at = _last_code(tokens, at) if question.last_code else None
    return replace(as_if(question.via, code_at, tokens), sessions=elsewhere(sessions))


def _last_code(tokens: Sequence[TokenSummary], at: float) -> float | None:
    uses = (token.used_at or token.proven_at for token in tokens)
    return max((used for used in uses if used is not None and used <= at), default=None)
