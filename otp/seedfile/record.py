"""What every seed file comes down to: one record a token, and the places where it could not be read."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from otp.errors import BadToken, OtpError
from otp.kinds import Algorithm, Kind
from otp.token import NEVER, Token

LARGEST_OCTETS = 64 * 1024 * 1024
MOST_RECORDS = 200_000
LONGEST_SECRET = 128
LONGEST_SERIAL = 100
LONGEST_TEXT = 200
LARGEST_COUNTER = 2**62
# A day of 30 seconds: no clock in a token is off by more, and nobody wants one that is.
LARGEST_DRIFT = 2880


class SeedFileError(OtpError):
    """A seed file, or one token in it, cannot be taken: the message says where, why, and what to do.

    It never repeats what stands in the file beyond serial numbers and names of algorithms.
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place
        self.why = why


@dataclass(frozen=True)
class Unlock:
    """What opens an encrypted file: a password, or a key agreed upon beforehand. Neither for one in clear."""

    password: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)


LOCKED = Unlock()


@dataclass(frozen=True)
class SeedRecord:
    """One token as a file describes it.

    place is where it stands in the file; serial is empty where the file has none. last_step is the last
    step (TOTP) or counter (HOTP) spent, NEVER before the first; drift_steps as in Token. owner is whatever
    the file says of a person: a name, user@realm, or empty. expires_at is in seconds since the epoch.
    """

    place: str
    serial: str
    kind: Kind
    secret: bytes = field(repr=False)
    digits: int = 6
    period_s: int = 30
    algorithm: Algorithm = Algorithm.SHA1
    last_step: int = NEVER
    drift_steps: int = 0
    owner: str = ""
    issuer: str = ""
    key_name: str = ""
    expires_at: float | None = None
    remark: str = ""

    @property
    def counter(self) -> int:
        """The next counter of a HOTP token that was not used."""
        return self.last_step + 1


@dataclass(frozen=True)
class SeedFile:
    """Everything in a file, in its order: what can be taken, and what cannot with the reason."""

    entries: tuple[SeedRecord | SeedFileError, ...] = ()

    @property
    def records(self) -> tuple[SeedRecord, ...]:
        """What can be taken."""
        return tuple(each for each in self.entries if isinstance(each, SeedRecord))

    @property
    def refused(self) -> tuple[SeedFileError, ...]:
        """What cannot."""
        return tuple(each for each in self.entries if isinstance(each, SeedFileError))


Entry = Callable[[], SeedRecord]


def collect(entries: Sequence[Entry]) -> SeedFile:
    """Return what became of each entry, each of which reads one token. Raises SeedFileError if too many."""
    if len(entries) > MOST_RECORDS:
        raise SeedFileError("the file", f"it has more than {MOST_RECORDS} tokens: split it")
    return SeedFile(tuple(_read(each) for each in entries))


def _read(entry: Entry) -> SeedRecord | SeedFileError:
    try:
        return checked(entry())
    except SeedFileError as error:
        return error


def checked(record: SeedRecord) -> SeedRecord:
    """Return the record if a token can be made of it. Raises SeedFileError."""
    place = record.place
    try:
        Token(record.secret, digits=record.digits, period_s=record.period_s)
    except BadToken as error:
        raise SeedFileError(place, f"{error}: enrol another token instead of this one") from None
    if len(record.secret) > LONGEST_SECRET:
        raise SeedFileError(place, f"the secret has {len(record.secret)} octets, at most {LONGEST_SECRET}")
    if not NEVER <= record.last_step <= LARGEST_COUNTER:
        raise SeedFileError(place, "the counter is out of range: look the token up where it was used")
    if abs(record.drift_steps) > LARGEST_DRIFT:
        raise SeedFileError(
            place, f"its clock is off by more than {LARGEST_DRIFT} steps: give out another token"
        )
    if len(record.serial) > LONGEST_SERIAL or not _is_plain(record.serial):
        raise SeedFileError(place, f"a serial number has at most {LONGEST_SERIAL} printable characters")
    texts = (record.owner, record.issuer, record.key_name)
    if any(len(text) > LONGEST_TEXT or not _is_plain(text) for text in texts):
        raise SeedFileError(place, f"names have at most {LONGEST_TEXT} printable characters")
    return record


def check_size(content: bytes) -> bytes:
    """Return the content. Raises SeedFileError for what is too large to be read into memory."""
    if len(content) > LARGEST_OCTETS:
        raise SeedFileError("the file", f"it is larger than {LARGEST_OCTETS // 2**20} MB: split it")
    return content


def _is_plain(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)
