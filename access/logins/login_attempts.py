"""Who logs in where, as far as memory knows: what the RADIUS server asks becomes an Attempt and Facts. ▸"""

from collections.abc import Collection
from functools import partial

from access.certificates.values import certified_by
from access.logins.login_alarms import OwnerOf
from access.logins.login_ports import Check, ForWorld, UnknownNas, named_in
from access.logins.login_record import Attempt, shown_steps, where_of
from access.logins.memory import Memory
from access.logins.places import medium_of, source_of, ssid_of, station_of
from access.logins.radius_reasons import METHODS
from access.model import Absent, Facts, Subject, User, Via
from access.nas.registry import Endpoint, NasClient
from access.policy.parts import are_own
from access.policy.subjects import subject_of as policy_subject
from access.proof.authentication import Claim, Where
from access.proof.code_facts import code_facts
from radius.facts import Facts as RadiusFacts
from radius.questions import Authorize, Report, SpendCode, Step
from radius.questions import Method as RadiusMethod
from radius.vendor.families import family_of
from radius.vendor.privilege import is_for_the_nas


def client_of(memory: Memory, key: str) -> NasClient:
    """Return a NAS by the key that radius knows it by. Raises UnknownNas."""
    client = memory.client(key)
    if client is None:
        raise UnknownNas(f"NAS {key} was removed while it asked")
    return client


def endpoint_of(memory: Memory, mac: str, now: float) -> Endpoint | None:
    """Return the endpoint with a MAC address in colons, while its time is not over."""
    endpoint = memory.endpoint(mac.replace(":", "-"))
    expired = endpoint is not None and endpoint.valid_until is not None and endpoint.valid_until <= now
    return None if expired else endpoint


def claim_of(memory: Memory, client: NasClient, question: Check) -> Claim:
    """Return who somebody says to be, from which endpoint; without one, from the NAS."""
    name, organization, user = memory.meant(question.user_name, client.organization_id)
    return Claim(name, user, organization, question.endpoint or f"nas {client.name}")


def unproven(memory: Memory, question: Check | ForWorld, user: User | None, step: Step) -> Attempt:
    """Return the attempt that ends with this step: a proof that failed or that nobody could judge."""
    client = client_of(memory, question.nas)
    named = named_in(question) or (memory.full_name(user) if user else "")
    return Attempt(
        client=client,
        door=door_of(client, question.facts),
        user_name=named,
        station=question.endpoint,
        organization_id=organization_id_of(memory, client, user, None),
        method=method_name(question.method),
        user=user,
        facts=question.facts,
        steps=shown_steps((*question.steps, step)),
    )


def attempt_of(
    memory: Memory, question: Authorize | Report, user: User | None, endpoint: Endpoint | None
) -> Attempt:
    """Return the attempt of user or endpoint, where they are known. Raises UnknownNas."""
    client = client_of(memory, question.nas)
    door = door_of(client, question.facts)
    source = source_of(question.facts.tunnel_client or question.facts.calling_station, door)
    return Attempt(
        client=client,
        door=door,
        user_name=question.user_name,
        station=question.facts.calling_station,
        organization_id=organization_id_of(memory, client, user, endpoint),
        method=method_name(question.method),
        user=user,
        endpoint=endpoint,
        realm=question.realm if isinstance(question, Authorize) else "",
        facts=question.facts,
        steps=shown_steps(question.steps),
        source=source,
        country=memory.countries.of(source),
        host=_host_of(memory, client),
    )


def subject_of(memory: Memory, attempt: Attempt) -> Subject:
    """Return who asks the policy."""
    user, endpoint = attempt.user, attempt.endpoint
    if user is not None:
        return policy_subject(user)
    if attempt.realm:
        return Subject(0, "", attempt.user_name, realm=attempt.realm)
    assert endpoint is not None, "somebody or something logs in"
    owner = memory.organizations.get(endpoint.organization_id)
    return Subject(0, owner.key if owner else "", endpoint.mac)


def owner_of_rules(memory: Memory, attempt: Attempt) -> OwnerOf:
    """Return what says whose login it is where all of some rules are their own; else None.

    Only whoever runs the whole installation can mend what rules of several companies do together, and
    nobody else is told what those are called.
    """
    return partial(_owner_of_rules, memory, attempt)


def _owner_of_rules(memory: Memory, attempt: Attempt, rule_ids: Collection[str]) -> int | None:
    organization = subject_of(memory, attempt).organization if attempt.user or attempt.endpoint else ""
    return attempt.organization_id if are_own(rule_ids, memory.policy, organization) else None


def organization_id_of(
    memory: Memory, client: NasClient, user: User | None, endpoint: Endpoint | None
) -> int:
    """Return whose login this is: the person's company, else the endpoint's, else the NAS's."""
    known = memory.organization_of(user) if user is not None else None
    if known is not None:
        return known.id
    return endpoint.organization_id if endpoint is not None else client.organization_id


def _host_of(memory: Memory, client: NasClient) -> str | Absent:
    owner = memory.organizations.get(client.organization_id)
    return owner.key if owner is not None else Absent.UNKNOWN


def typed_at(client: NasClient, question: SpendCode) -> Where:
    """Return where a code was typed, for its record."""
    return Where(door_of(client, question.facts), where_of(client, question.facts))


def door_of(client: NasClient, facts: RadiusFacts) -> Via:
    """Return the door of a login: that of its NAS, but for an administrator's login to the NAS itself."""
    return Via.DEVICE if is_for_the_nas(family_of(client.vendor), facts) else client.via


def facts_of(question: Authorize, attempt: Attempt) -> Facts:
    """Return what the policy may ask about a login."""
    client = attempt.client
    code = code_facts(question.code_at, question.code)
    return Facts(
        via=attempt.door,
        method=METHODS[question.method],
        otp_at=code.otp_at,
        site=client.site or Absent.UNKNOWN,
        nas_group=client.nas_group or Absent.UNKNOWN,
        ssid=ssid_of(question.facts.called_station, attempt.door),
        medium=medium_of(question.facts.nas_port_type),
        certificate=certified_by(attempt.certificate, attempt.endpoint.id if attempt.endpoint else None),
        factor=code.factor,
        assurance=code.assurance,
        source=attempt.source,
        country=attempt.country,
        station=station_of(attempt.station, attempt.endpoint.mac if attempt.endpoint else None),
        nas_organization=attempt.host,
    )


def method_name(method: RadiusMethod) -> str:
    """Return what the policy calls a method, else what RADIUS does; nothing where there was none yet."""
    known = METHODS.get(method)
    return known if known is not None else "" if method is RadiusMethod.NONE else method.value
