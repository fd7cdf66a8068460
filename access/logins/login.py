"""Logins and accounting at a NAS: what the RADIUS server asks, answered from memory and a few ports. ▸

Every answer ends in a record for the journal, with its reason. What an outsider is told is the same whatever
the reason was: one sentence in the language of the NAS's company with a case code, or, while the
database or a directory is away, one that says to try again. Whether it is away depends on the world and not
on what was typed.

A decision is made from memory. How old that may be depends on what it opens: radius.staleness_privileged_s
for administrators of devices, radius.staleness_s for the VPN and for everything with a code,
radius.staleness_basic_s for a wire or an access point without one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from access.errors import Unavailable
from access.logins import certificate_login
from access.logins.accept import NUMBERED, Spoken, for_device, for_network, lasts_s, proof_ends
from access.logins.authorized_anew import session_right
from access.logins.certificate_login import NOBODY_ELSE, NotTaken, Revocations, Whose
from access.logins.limits import Limits
from access.logins.login_alarms import (
    WrongCode,
    clashing,
    conflicting,
    guessing_codes,
    lying_mac,
    spraying,
    with_alarms,
)
from access.logins.login_attempts import (
    attempt_of,
    claim_of,
    client_of,
    door_of,
    endpoint_of,
    facts_of,
    organization_id_of,
    owner_of_rules,
    subject_of,
    typed_at,
    unproven,
)
from access.logins.login_facts import Finding, is_asked
from access.logins.login_ports import (
    Check,
    ForWorld,
    Freshness,
    LoginPorts,
    Patience,
    named_in,
    waiting_of,
)
from access.logins.login_record import (
    Attempt,
    accepted,
    accounted,
    let_into_device,
    noticed,
    refused,
    shown_steps,
    spoken,
)
from access.logins.login_words import AWAY, DISTURBED_S, PROMPT, refusal_shown
from access.logins.memory import Memory
from access.logins.office_door import is_open_to, open_to_unanswered
from access.logins.proving import Bearer, Proven, UserKey, Wallet, ticket, user_key
from access.logins.radius_reasons import METHODS, reason_of
from access.logins.session_class import SessionClasses
from access.logins.spent_together import Typed, spend_codes
from access.model import Decision, Method, Reason, Request, User, Via, is_8021x
from access.nas.registry import unknown_endpoint
from access.policy.remembered import Remembered
from access.proof.authentication import (
    Refusal,
    Spent,
    check_mschap,
    check_password,
    known_wrong,
    spend_code,
)
from access.proof.code_facts import code_word
from access.proof.password_memory import DOORS, REMEMBERED
from access.words import casecode
from radius.login import STEP_NAMES
from radius.questions import (
    Account,
    Authorize,
    CertificateRight,
    CheckCertificate,
    CheckChap,
    CheckMschap,
    CheckPassword,
    CheckResumption,
    CheckSession,
    CodeRight,
    Granted,
    MschapRight,
    Noticed,
    Outcome,
    PasswordRight,
    Recorded,
    Refused,
    Report,
    SpendCode,
    Step,
)
from radius.vendor.families import family_of
from radius.vendor.family import UnknownFeature

# What stands for a proof that nobody could make while the office is open: a method, and a word for its code.
OFFICE_OPEN = Method.OFFICE_OPEN.value


@dataclass(frozen=True, slots=True)
class Logins:
    """One worker's logins. ask_world waits for the world, the others never do.

    wallet has the network passwords of the memory; spoken says attributes as people read them.
    stopwatch is monotonic seconds: how long a step took is told in its record.
    """

    memory: Memory
    wallet: Wallet
    ports: LoginPorts
    classes: SessionClasses
    patience: Patience
    freshness: Freshness
    stopwatch: Callable[[], float]
    revocations: Revocations = NOBODY_ELSE
    limits: Limits = field(default_factory=Limits)
    spoken: Spoken = NUMBERED
    decisions: Remembered = field(default_factory=Remembered)

    def ask_memory(self, question: Check, now: float) -> Outcome | None:
        """Return what a proof comes to that this worker can judge; None: ask_world. Raises UnknownNas."""
        began = self.stopwatch()
        client = client_of(self.memory, question.nas)
        claim = claim_of(self.memory, client, question)
        bearer = Bearer(claim.user, client.via, question.endpoint)
        if isinstance(question, CheckResumption):
            held_up = self.ports.throttle.waiting_s(claim.name, claim.source, now) > 0
            found: Proven | Reason | None = self.wallet.resumed(question, held_up, now)
        elif isinstance(question, CheckPassword):
            found = self.wallet.password(bearer, question.password, now)
            if found is None and known_wrong(self.ports, claim, question.password, now):
                found = Reason.PASSWORD_REPEATED
        elif isinstance(question, CheckChap):
            found = self.wallet.chap(bearer, question.exchange, now)
        else:
            sources = self.ports.nt_hashes_of(claim.organization)
            found = self.wallet.mschap(bearer, question.exchange, sources, now)
        return None if found is None else self._proof(question, claim.user, found, now, began)

    def ask_world(self, question: ForWorld, now: float) -> Outcome:
        """Return what became of a password, code or certificate; a code is spent then. Raises UnknownNas."""
        if isinstance(question, CheckPassword):
            return self._check_password(question, now)
        if isinstance(question, CheckMschap):
            return self._check_mschap(question, now)
        if isinstance(question, CheckCertificate):
            began = self.stopwatch()
            found = certificate_login.whose(self.memory, self.revocations, question, now, waits=True)
            assert found is not None, "whoever waits gets an answer"
            return self._certified(question, found, now, began)
        if isinstance(question, CheckSession):
            return self._session(question, now)
        return self._spend_code(question, now)

    def spend_codes(self, questions: Sequence[SpendCode], now: float) -> list[Outcome | None]:
        """Return what became of each code, all asked about together; None where the NAS is gone."""
        began = self.stopwatch()
        # Before a code is spent in vain.
        unproven_ids = {id(each) for each in questions if user_key(each.user).unproven}
        asked = ((each, self.memory.client(each.nas)) for each in questions if id(each) not in unproven_ids)
        known = [(each, client) for each, client in asked if client is not None]
        typed = [
            Typed(self.memory.user(user_key(each.user).user_id), each.code, typed_at(client, each))
            for each, client in known
        ]
        answers = spend_codes(self.ports, typed, now)
        told: dict[int, Outcome] = {each: CodeRight(now, OFFICE_OPEN) for each in unproven_ids}
        told |= {
            id(each): self._spent(each, answer, now, began)
            for (each, _), answer in zip(known, answers, strict=True)
        }
        return [told.get(id(each)) for each in questions]

    def turn_away(self, question: ForWorld, now: float) -> Outcome:
        """Return what becomes of a question that nobody has the time to answer. Raises UnknownNas.

        A password of somebody to whom the office is open counts as one that cannot be checked, but only where
        their directory says nothing: one that answers, and too slowly for a crowd, opens nothing to anybody.
        """
        if isinstance(question, CheckPassword):
            welcome = open_to_unanswered(self.memory, self.ports, question, now)
            if welcome is not None:
                return self._proof(question, welcome, Proven(welcome, unproven=True), now, self.stopwatch())
        if isinstance(question, SpendCode):
            user = self.memory.user(user_key(question.user).user_id)
        else:
            client = client_of(self.memory, question.nas)
            _, _, user = self.memory.meant(named_in(question), client.organization_id)
        reason = waiting_of(question, self.memory).turned_away
        return self._refuse(
            unproven(self.memory, question, user, Step("waiting", 0.0, reason.value)), reason, now
        )

    def authorize(self, question: Authorize, now: float) -> Outcome:
        """Return what the policy says. Raises UnknownNas."""
        began = self.stopwatch()
        key = user_key(question.user) if question.user is not None else None
        user = self.memory.user(key.user_id) if key is not None else None
        endpoint = endpoint_of(self.memory, question.mac, now) if question.mac is not None else None
        is_unproven = key is not None and (key.unproven or question.code == OFFICE_OPEN)
        if is_unproven:
            question = replace(question, code_at=None, code="")
        attempt = attempt_of(self.memory, question, user, endpoint)
        if is_unproven:
            attempt = replace(attempt, method=OFFICE_OPEN)
        if question.certificate:
            # It may have been revoked since it was looked at.
            found = certificate_login.again(self.memory, question.certificate, user, now)
            if isinstance(found, NotTaken):
                return self._refuse(self._weighed(attempt, began, found.reason), found.reason, now)
            bare = certificate_login.bare_key(found.key)
            attempt = replace(attempt, user=found.user, endpoint=found.endpoint, certificate=bare)
            owner = organization_id_of(self.memory, attempt.client, found.user, found.endpoint)
            attempt = replace(attempt, organization_id=owner)
        reason = self._bars(question, attempt, key, now)
        if reason is not None:
            return self._refuse(self._weighed(attempt, began, reason), reason, now)
        facts = facts_of(question, attempt)
        if is_unproven:
            facts = replace(facts, method=Method.OFFICE_OPEN)
        if is_asked(self.memory):
            facts = self._finding.added(facts, question, attempt, now)
        attempt.weighed = facts
        request = Request(f"login:{attempt.door}", facts)
        decision = self.decisions.decide(self.memory.policy, subject_of(self.memory, attempt), request, now)
        attempt = self._weighed(attempt, began, None if decision.permitted else decision.reason)
        if not decision.permitted:
            return self._refuse(attempt, decision.reason, now, spoken(decision))
        if attempt.door is Via.DEVICE:
            return self._grant_device(attempt, decision, now)
        barred = self.limits.exceeded(attempt, decision, now) if not question.session else None
        if barred is not None:
            return self._refuse(attempt, barred, now, spoken(decision))
        return self._grant(question, attempt, key, decision, now)

    def check_certificate(self, question: CheckCertificate, now: float) -> Outcome | None:
        """Return whose a certificate is; None where the world has to be asked. Raises UnknownNas."""
        began = self.stopwatch()
        found = certificate_login.whose(self.memory, self.revocations, question, now, waits=False)
        return None if found is None else self._certified(question, found, now, began)

    def report(self, question: Report, now: float) -> Refused:
        """Return what to say and keep about a login that the RADIUS server itself refused."""
        client = client_of(self.memory, question.nas)
        reason = reason_of(question.reason, question.detail)
        _, _, user = self.memory.meant(question.user_name, client.organization_id)
        attempt = attempt_of(self.memory, question, user, None)
        attempt.steps.append({"name": question.method.value, "outcome": reason.value})
        said = {"failure": question.reason.value, "said": question.detail}
        return self._refuse(attempt, reason, now, said)

    def account(self, question: Account, now: float) -> Recorded:
        """Return the record of what a NAS reports; whether the Class is ours is settled here."""
        client = client_of(self.memory, question.nas)
        ours = [each for each in question.class_ if self.classes.is_ours(question.nas, each)]
        user = None
        if not ours and not family_of(client.vendor).keeps_class:
            _, _, user = self.memory.meant(question.user_name, client.organization_id)
        user_id = user.id if user is not None else None
        return Recorded(accounted(client, question, ours[0] if ours else b"", user_id, now))

    def notice(self, question: Noticed, now: float) -> Recorded:
        """Return the record of something that the gate has learnt about a NAS."""
        return Recorded(noticed(client_of(self.memory, question.nas), question, now))

    def _check_password(self, question: CheckPassword, now: float) -> Outcome:
        began = self.stopwatch()
        client = client_of(self.memory, question.nas)
        claim = claim_of(self.memory, client, question)
        user = claim.user
        memory = self.memory.right_passwords if door_of(client, question.facts) in DOORS else None
        is_open = user is not None and is_open_to(self.memory, question, user, now)
        if is_open and user is not None and self.ports.directory_is_silent(user):
            # Two hundred people would each wait for what the first has found out.
            claim = replace(claim, unanswered=True)
        answer = check_password(self.ports, claim, question.password, now, memory)
        right = answer.reason is None and user is not None
        found = (
            Proven(user, remembered_at=answer.remembered_at)
            if right and user
            else answer.reason or Reason.UNKNOWN_USER
        )
        if found is Reason.DIRECTORY_UNAVAILABLE and user is not None and is_open:
            found = Proven(user, unproven=True)
        return self._proof(question, user, found, now, began)

    def _check_mschap(self, question: CheckMschap, now: float) -> Outcome:
        began = self.stopwatch()
        client = client_of(self.memory, question.nas)
        claim = claim_of(self.memory, client, question)
        user = claim.user
        proof = check_mschap(self.ports, claim, question.exchange, now)
        right = proof.reason is None and user is not None
        found = Proven(user, key=proof.key) if right and user else proof.reason or Reason.UNKNOWN_USER
        return self._proof(question, user, found, now, began)

    def _proof(
        self, question: Check, user: User | None, found: Proven | Reason, now: float, began: float
    ) -> Outcome:
        """Return the outcome of a proof, or of none."""
        client = client_of(self.memory, question.nas)
        if isinstance(found, Reason):
            step = Step(STEP_NAMES[type(question)], self.stopwatch() - began, found.value)
            attempt = unproven(self.memory, question, user, step)
            refusal = self._refuse(attempt, found, now)
            claim = claim_of(self.memory, client, question)
            return with_alarms(refusal, spraying(self.ports.throttle, client, claim, found, now))
        key, prompt = str(found.user_key), PROMPT.to(self.memory.language_of(client))
        # The ticket of a resumed session is still that of its first proof: it does not grow younger.
        proven_at = now if found.remembered_at is None else found.remembered_at
        kept = question.ticket if isinstance(question, CheckResumption) else ticket(found.user, proven_at)
        if found.unproven:
            # Nothing was proven that could be resumed.
            return PasswordRight(key, prompt, "", OFFICE_OPEN)
        if isinstance(question, CheckMschap):
            return MschapRight(key, found.key, prompt, kept)
        return PasswordRight(key, prompt, kept, "" if found.remembered_at is None else REMEMBERED)

    def _session(self, question: CheckSession, now: float) -> Outcome:
        """Return whose session a State was given for; it is good for nothing from now on."""
        began = self.stopwatch()
        client = client_of(self.memory, question.nas)
        try:
            known = self.ports.spend_state(client.id, question.source, question.state, now)
        except Unavailable as error:
            reason, said = Reason.STALE_DECISION, str(error)
        else:
            right = session_right(self.memory, known) if known is not None else None
            if right is not None:
                return right
            reason, said = Reason.CONVERSATION_EXPIRED, "a State that is good for no session of this NAS"
        _, _, user = self.memory.meant(question.user_name, client.organization_id)
        attempt = unproven(
            self.memory, question, user, Step("session", self.stopwatch() - began, reason.value)
        )
        return self._refuse(attempt, reason, now, {"said": said})

    def _certified(
        self, question: CheckCertificate, found: Whose | NotTaken, now: float, began: float
    ) -> Outcome:
        if isinstance(found, NotTaken):
            client = client_of(self.memory, question.nas)
            _, _, user = self.memory.meant(question.identity, client.organization_id)
            step = Step("certificate", self.stopwatch() - began, found.reason.value)
            attempt = unproven(self.memory, question, user, step)
            return self._refuse(attempt, found.reason, now, {"said": found.said})
        name = question.identity
        if found.user is not None:
            name = self.memory.full_name(found.user)
        elif found.endpoint is not None:
            name = found.endpoint.mac
        return CertificateRight(str(UserKey(found.user.id)) if found.user else None, name, found.key)

    def _spend_code(self, question: SpendCode, now: float) -> Outcome:
        began = self.stopwatch()
        if user_key(question.user).unproven:
            return CodeRight(now, OFFICE_OPEN)
        client = client_of(self.memory, question.nas)
        user = self.memory.user(user_key(question.user).user_id)
        answer = spend_code(self.ports, user, question.code, now, typed_at(client, question))
        return self._spent(question, answer, now, began)

    def _spent(self, question: SpendCode, answer: Spent | Refusal, now: float, began: float) -> Outcome:
        if isinstance(answer, Spent):
            return CodeRight(answer.at, code_word(answer.kind, answer.origin))
        user = self.memory.user(user_key(question.user).user_id)
        if (
            answer.reason is Reason.CODE_UNPROVABLE
            and user is not None
            and is_open_to(self.memory, question, user, now)
        ):
            return CodeRight(now, OFFICE_OPEN)
        step = Step("code", self.stopwatch() - began, answer.reason.value)
        refusal = self._refuse(unproven(self.memory, question, user, step), answer.reason, now)
        if answer.reason is not Reason.WRONG_CODE or user is None:
            return refusal
        client, name = client_of(self.memory, question.nas), self.memory.full_name(user)
        wrong = WrongCode(f"nas {client.name}", user.organization, name, client.organization_id)
        return with_alarms(refusal, guessing_codes(self.ports.throttle, wrong, now))

    @property
    def _finding(self) -> Finding:
        return Finding(self.memory, self.limits, self.ports.throttle)

    def _weighed(self, attempt: Attempt, began: float, refused_for: Reason | None) -> Attempt:
        """Return the attempt with the decision as its last step."""
        step = Step("decision", self.stopwatch() - began, refused_for.value if refused_for else "")
        attempt.steps += shown_steps((step,))
        return attempt

    def _bars(self, question: Authorize, attempt: Attempt, key: UserKey | None, now: float) -> Reason | None:
        """Return why nobody need ask the policy."""
        if self._is_stale(question, attempt.door, now):
            return Reason.STALE_DECISION
        if question.method not in METHODS:
            return Reason.METHOD_NOT_ALLOWED
        if attempt.door is Via.DEVICE and (question.mac is not None or (key and key.password_id is not None)):
            # A MAC address administers nothing, nor does a password that is for one endpoint's Wi-Fi.
            return Reason.METHOD_NOT_ALLOWED
        if question.mac is not None:
            return None if attempt.endpoint is not None else unknown_endpoint(question.mac)
        if question.realm and attempt.user is None:
            # Who they are, their home server has said; whether they may come in, the policy says.
            return None
        if attempt.user is None:
            return None if question.certificate and attempt.endpoint else Reason.UNKNOWN_USER
        if attempt.user.is_over(now):
            return Reason.USER_DISABLED
        return self.wallet.standing(key, attempt.station, now) if key is not None else None

    def _is_stale(self, question: Authorize, door: Via, now: float) -> bool:
        return now - self.freshness.true_at > self.patience.of(door, question.code_at is not None)

    def _grant(
        self, question: Authorize, attempt: Attempt, key: UserKey | None, decision: Decision, now: float
    ) -> Outcome:
        password = self.wallet.use(key, attempt.station) if key is not None else None
        try:
            timeout_s = lasts_s(decision, proof_ends(password, attempt.endpoint, attempt.user), now)
            vlans, interim_s = self._vlans(attempt.client.site, decision), self.limits.interim_s
            attributes = for_network(attempt.client, decision, timeout_s, vlans, interim_s)
        except UnknownFeature as error:
            return self._refuse(
                attempt, Reason.POLICY_CONFLICT, now, {**spoken(decision), "said": str(error)}
            )
        class_ = question.session or self.classes.of_login(question.nas, attempt, self.ports.random)
        name = self.memory.full_name(attempt.user) if attempt.user else question.user_name
        record = accepted(attempt, decision, self.spoken(attributes), now)
        record |= {"class": class_.hex(), "user_name": name, "otp_at": question.code_at}
        if question.code:
            record["code"] = record["entry"]["detail"]["code"] = question.code
        if password is not None:
            record["network_password"] = password.id
        record["valid_until"] = None if timeout_s is None else now + timeout_s
        self.limits.granted(class_, attempt, decision.zone, now, record["valid_until"])
        self._finding.granted(attempt, now)
        if is_8021x(attempt.method):
            self.memory.saw_8021x(attempt.station, attempt.where, now)
        alarms = (
            *lying_mac(attempt, now),
            *clashing(attempt, decision, owner_of_rules(self.memory, attempt)),
        )
        granted = Granted(attributes, class_, name, record, world=self.freshness.world)
        return with_alarms(granted, alarms)

    def _grant_device(self, attempt: Attempt, decision: Decision, now: float) -> Outcome:
        """Let an administrator into the NAS itself. No Class and no session: nothing to have rights by."""
        try:
            attributes = for_device(attempt.client, decision, now)
        except UnknownFeature as error:
            return self._refuse(
                attempt, Reason.POLICY_CONFLICT, now, {**spoken(decision), "said": str(error)}
            )
        record = let_into_device(attempt, decision, self.spoken(attributes), now)
        return Granted(attributes, b"", "", record, alone=True, world=self.freshness.world)

    def _vlans(self, site: str, decision: Decision) -> Mapping[str, int]:
        """Return the numbers of VLANs at a site, by name, as the policy has them that spoke."""
        policy = self.memory.policy
        return policy.of(decision.revision).document.vlans.get(site, {}) if policy is not None else {}

    def _refuse(
        self, attempt: Attempt, reason: Reason, now: float, more: Mapping[str, object] | None = None
    ) -> Refused:
        if reason in AWAY:
            self.freshness.away_at = now
        client = attempt.client
        if reason is Reason.UNKNOWN_USER and self.memory.names_unknown_realm(attempt.user_name):
            reason = Reason.UNKNOWN_REALM
        # Told to its own visitors alone: the realm stands in the name, so nothing is given away.
        away = reason is Reason.HOME_SERVER_UNAVAILABLE or now - self.freshness.away_at < DISTURBED_S
        case = casecode.generate(self.ports.random)
        shown = refusal_shown(self.memory.language_of(client), case, away)
        refusal = Refused(shown, refused(attempt, reason, case, now, more or {}))
        alarms = (
            *lying_mac(attempt, now),
            *conflicting(attempt, reason, more or {}, owner_of_rules(self.memory, attempt)),
        )
        return with_alarms(refusal, alarms)
