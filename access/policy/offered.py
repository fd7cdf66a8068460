"""Which methods the rules could accept at a place, whoever comes: no other need be offered there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from access.model import Effect, Method, Via
from access.policy.beside import is_opening, is_stopped
from access.policy.compiled import Policy
from access.policy.vocabulary import Rule

# So weak that a rule which says nothing about methods does not mean it.
MUST_BE_NAMED = frozenset({Method.EAP_MD5})
_KNOWN_BEFORE = ("via", "site", "nas_group")


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a place before anybody comes. Empty: not known."""

    via: Via
    site: str = ""
    nas_group: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What permits of logins ask of a place and of a method; None: nothing."""

    objects: frozenset[str]
    places: tuple[frozenset[str] | None, ...]
    methods: frozenset[Method] | None


def shapes(rules: Iterable[Rule]) -> frozenset[Shape]:
    """The permits of logins by what they ask, many rules being alike."""
    permits = (rule for rule in rules if rule.effect is Effect.PERMIT and not is_stopped(rule))
    found = (_shape(rule) for rule in permits)
    return frozenset(shape for shape in found if shape.objects)


def shapes_of(policy: Policy) -> frozenset[Shape]:
    """The same of a policy with what stands beside its document: an opening takes any method at its site."""
    opened = (_shape(rule) for rule in policy.beside.rules.values() if is_opening(rule))
    return shapes(policy.rules) | {replace(shape, methods=None) for shape in opened if shape.objects}


def acceptable(known: Iterable[Shape], place: Place, methods: Iterable[Method]) -> frozenset[Method]:
    """Those of some methods that a permit leaves possible at a place."""
    fitting = [shape for shape in known if f"login:{place.via}" in shape.objects and _fits(shape, place)]
    return frozenset(method for method in methods if any(_leaves(shape, method) for shape in fitting))


def _shape(rule: Rule) -> Shape:
    asked = {condition.name: condition.argument for condition in rule.conditions}
    logins = frozenset(object for object in rule.objects if object.startswith("login:"))
    return Shape(logins, tuple(asked.get(name) for name in _KNOWN_BEFORE), asked.get("method"))


def _fits(shape: Shape, place: Place) -> bool:
    here = (place.via, place.site, place.nas_group)
    return all(wanted is None or fact in wanted for wanted, fact in zip(shape.places, here, strict=True))


def _leaves(shape: Shape, method: Method) -> bool:
    if shape.methods is None:
        return method not in MUST_BE_NAMED
    return method in shape.methods
