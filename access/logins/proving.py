"""What somebody proves themselves with at a NAS, as far as a worker can tell by itself. ▸

    network password    found in memory, opened, compared: PAP, GTC, CHAP, EAP-MD5, MSCHAPv2
    earlier proof       a ticket that says what has to be still so (resumption)
    anything else       the world has to be asked: the directory for a password, for an NT hash, winbind

What looks like a network password is never sent to a directory. A person who has none, or whose endpoint is
another one, is told so by the reason.

The application's key of a user says with which network password the login was made: "7" or "7/31". So a
decision, a session and a resumption know it without anything else having to carry it.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace

import structlog

from access.directory.mschap import Source
from access.keys.sealing import Keyring, SealBroken
from access.logins.memory import Memory
from access.model import Reason, User, Via
from access.proof import network_password
from access.proof.network_password import DOORS, NetworkPassword, Opened
from radius import mschap
from radius.frozen import value
from radius.questions import ChapExchange, CheckResumption, MschapExchange

LOG = structlog.get_logger()

# A proof that is resumed for longer than a working day is asked for anew.
PROOF_S = 12 * 3600.0
_UNPROVEN = "!"
# What network passwords say where somebody else may know the person's NT hash.
NOT_OURS = (Reason.WRONG_PASSWORD, Reason.METHOD_NEEDS_NETWORK_PASSWORD, Reason.UNKNOWN_USER)


@value
class UserKey:
    """Who has logged in, and with which network password if that was one.

    unproven: nobody could check the password, and the office is open.
    """

    user_id: int
    password_id: int | None = None
    unproven: bool = False

    def __str__(self) -> str:
        if self.unproven:
            return f"{self.user_id}{_UNPROVEN}"
        return f"{self.user_id}" if self.password_id is None else f"{self.user_id}/{self.password_id}"


def user_key(text: str) -> UserKey:
    """Return the key that str() made this text of."""
    if text.endswith(_UNPROVEN):
        return UserKey(int(text.removesuffix(_UNPROVEN)), unproven=True)
    user_id, slash, password_id = text.partition("/")
    return UserKey(int(user_id), int(password_id) if slash else None)


@value
class Proven:
    """It was right: whose it is, with what, and the key of MSCHAPv2 where that was spoken.

    remembered_at: when the directory said so, where it does not answer now. unproven: it was not even looked
    at, because the office is open to those whom nobody can prove.
    """

    user: User
    password: NetworkPassword | None = None
    key: bytes = b""
    remembered_at: float | None = None
    unproven: bool = False

    @property
    def user_key(self) -> UserKey:
        """The application's key for the rest of the login."""
        return UserKey(self.user.id, self.password.id if self.password else None, self.unproven)


@value
class Bearer:
    """Who says that they are whom, and where: user is None where nobody has that name."""

    user: User | None
    via: Via
    station: str


@value
class Wallet:
    """The network passwords a worker knows, and the keys to open them."""

    memory: Memory
    keyring: Keyring

    def password(self, bearer: Bearer, typed: str, now: float) -> Proven | Reason | None:
        """Return what a typed password proves; None where it is none of these and a directory may know it."""
        plain = network_password.read(typed)
        if plain is None or bearer.via not in DOORS:
            return None
        wanted = plain.encode()
        return self._matching(bearer, lambda own: hmac.compare_digest(own.password.encode(), wanted), now)

    def chap(self, bearer: Bearer, exchange: ChapExchange, now: float) -> Proven | Reason:
        """Return what a response to a challenge proves (RFC 1994 section 4.1)."""
        if bearer.via not in DOORS:
            return Reason.METHOD_NOT_ALLOWED
        identifier = bytes((exchange.identifier,))

        def holds(own: Opened) -> bool:
            hashed = hashlib.md5(identifier + own.password.encode() + exchange.challenge)  # noqa: S324
            return hmac.compare_digest(hashed.digest(), exchange.response)

        return self._matching(bearer, holds, now, Reason.METHOD_NEEDS_NETWORK_PASSWORD)

    def mschap(
        self, bearer: Bearer, exchange: MschapExchange, sources: frozenset[Source], now: float
    ) -> Proven | Reason | None:
        """Return what a response of MSCHAPv2 proves; None where somebody else may know a hash."""
        if Source.NETWORK_PASSWORD not in sources or bearer.via not in DOORS:
            # Nobody is told to make a network password that would count for nothing.
            return None if sources - {Source.NETWORK_PASSWORD} else Reason.METHOD_NOT_ALLOWED
        found = self._mschap(bearer, exchange, now)
        return None if found in NOT_OURS and sources - {Source.NETWORK_PASSWORD} else found

    def resumed(self, question: CheckResumption, held_up: bool, now: float) -> Proven | Reason:
        """Return whether an earlier proof still stands: RFC 9190 section 5.7 asks for it each time.

        held_up: too many wrong passwords have come from there since.
        """
        key = user_key(question.user)
        user = self.memory.user(key.user_id)
        if user is None:
            return Reason.UNKNOWN_USER
        if not user.enabled:
            return Reason.USER_DISABLED
        if ticket_lapsed(question.ticket, key, user, now):
            return Reason.PROOF_OUTDATED
        if held_up:
            return Reason.PASSWORD_THROTTLED
        ended = self.standing(key, question.endpoint, now)
        return ended or Proven(user, self.memory.password(key.user_id, key.password_id or 0))

    def _mschap(self, bearer: Bearer, exchange: MschapExchange, now: float) -> Proven | Reason:
        """Return what a response of MSCHAPv2 proves, with the key that proves us in turn."""
        keys: list[bytes] = []

        def holds(own: Opened) -> bool:
            right = mschap.response_holds(exchange, own.nt_hash)
            keys.extend([mschap.key_of(own.nt_hash)] * right)
            return right

        found = self._matching(bearer, holds, now, Reason.METHOD_NEEDS_NETWORK_PASSWORD)
        return Proven(found.user, found.password, keys[0]) if isinstance(found, Proven) else found

    def standing(self, key: UserKey, station: str, now: float) -> Reason | None:
        """Return why the network password of an earlier step counts no longer; None while it does."""
        if key.password_id is None:
            return None
        known = self.memory.password(key.user_id, key.password_id)
        if known is None or not known.lasts(now):
            return Reason.NETWORK_PASSWORD_ENDED
        return None if network_password.fits(known, station) else Reason.NETWORK_PASSWORD_ELSEWHERE

    def use(self, key: UserKey, station: str) -> NetworkPassword | None:
        """Return the network password of a login; its first endpoint is its only one from now on."""
        known = self.memory.password(key.user_id, key.password_id) if key.password_id is not None else None
        if known is None or known.endpoint or not (mac := network_password.bindable(station)):
            return known
        bound = replace(known, endpoint=mac)
        own = self.memory.passwords_of(key.user_id)
        self.memory.put_passwords(key.user_id, tuple(bound if each.id == known.id else each for each in own))
        return bound

    def _matching(
        self,
        bearer: Bearer,
        holds: Callable[[Opened], bool],
        now: float,
        without: Reason = Reason.NETWORK_PASSWORD_ENDED,
    ) -> Proven | Reason:
        """Return which of the person's network passwords it is; without: the reason where there is none."""
        user = bearer.user
        if user is None:
            return Reason.UNKNOWN_USER
        lasting = [known for known in self.memory.passwords_of(user.id) if known.lasts(now)]
        if not lasting:
            return without
        for known in lasting:
            if not self._holds(known, holds):
                continue
            if not network_password.fits(known, bearer.station):
                return Reason.NETWORK_PASSWORD_ELSEWHERE
            return Proven(user, known) if user.enabled else Reason.USER_DISABLED
        ended = without is Reason.NETWORK_PASSWORD_ENDED
        return Reason.NETWORK_PASSWORD_ENDED if ended else Reason.WRONG_PASSWORD

    def _holds(self, known: NetworkPassword, holds: Callable[[Opened], bool]) -> bool:
        try:
            return holds(network_password.open_one(known, self.keyring))
        except SealBroken as error:
            # One that was moved, altered or sealed elsewhere proves nothing.
            LOG.error("a network password cannot be opened", why=str(error))
            return False


def ticket(user: User, now: float) -> str:
    """Return what has to be still so when a session of TLS that this proof opened is resumed."""
    return f"{now:.0f} {_changed(user)}"


def ticket_lapsed(text: str, key: UserKey, user: User, now: float) -> bool:
    """Return whether a proof is too old, or its password has been changed since."""
    proven_at, _, changed = text.partition(" ")
    old = not proven_at.isdigit() or not 0 <= now + 1 - int(proven_at) <= PROOF_S
    return old or (key.password_id is None and changed != _changed(user))


def _changed(user: User) -> str:
    return "" if user.password_changed_at is None else repr(user.password_changed_at)
