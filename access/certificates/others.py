"""What one RADIUS worker knows of the certificates that others have revoked. ◆

Lists are read and fetched again in a thread of their own, long before they end; where a fetch fails, the one
before counts until its time is over. A list from an address is kept in a file that the workers of a machine
share: one of them fetches, the others read. OCSP is asked by the threads that wait for the world: few of them
at once, and for a while not at all where the responder was silent, so that it slows nobody else.
"""

import fcntl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from cryptography import x509

from access.certificates.errors import BadAnswer
from access.certificates.external import External, RevocationBy, Status
from access.certificates.fetching import Patience, fetch
from access.certificates.known import Issuer
from access.certificates.revocation import (
    NONCE_OCTETS,
    OcspAnswer,
    RevokedList,
    ocsp_request,
    read_list,
    read_ocsp,
)

LOG = structlog.get_logger()

LIST_PATIENCE = Patience(20.0, 32 * 1024 * 1024)
OCSP_PATIENCE = Patience(3.0, 64 * 1024)
OCSP_AT_ONCE = 4
SILENT_S = 10.0
LOOK_EVERY_S = 2.0
FETCH_EVERY_S = 3600.0
FETCH_AGAIN_S = 60.0
MOST_ANSWERS = 20_000
_OCSP_REQUEST = "application/ocsp-request"
Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _Source:
    """Where a list comes from, and what became of it."""

    external: External
    file: Path
    stamp: Stamp | None = None
    list: RevokedList | None = None
    fetch_at: float = 0.0
    told: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Responder:
    """One OCSP responder: how many ask it now, and until when nobody does."""

    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(OCSP_AT_ONCE))
    silent_until: float = 0.0
    told: str = ""


class OthersRevocations:
    """The Revocations of access.logins.certificate_login. directory is where fetched lists are kept."""

    def __init__(
        self,
        directory: Path,
        random: Callable[[int], bytes],
        clock: Callable[[], float],
        patience: Patience = OCSP_PATIENCE,
    ) -> None:
        self._directory, self._random, self._clock = directory, random, clock
        self._patience = patience
        self._sources: dict[str, _Source] = {}
        self._responders: dict[str, _Responder] = {}
        self._answers: OrderedDict[tuple[str, int], OcspAnswer] = OrderedDict()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="revocations", daemon=True)

    def put(self, known: Iterable[External]) -> None:
        """Know these authorities and no others; what is known of those that stay is kept."""
        by_list = [each for each in known if each.revocation is RevocationBy.CRL]
        kept = self._sources
        self._sources = {
            each.name: kept[each.name]
            if each.name in kept and kept[each.name].external == each
            else _Source(each, self._file(each))
            for each in by_list
        }

    def read(self) -> None:
        """Read what lies here already, without asking anybody."""
        for source in self._sources.values():
            self._try(self._read, source)

    def start(self) -> None:
        """Begin to keep lists up to date."""
        self._thread.start()

    def stop(self) -> None:
        """Look after them no more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(LOOK_EVERY_S)

    def look(self) -> None:
        """Read what is new, and fetch what is due."""
        for source in self._sources.values():
            self._try(self._fetch, source)
            self._try(self._read, source)

    def lists(self) -> dict[str, frozenset[int]]:
        """Return the serial numbers on each list there is, by the name of its authority."""
        return {name: each.list.serials for name, each in self._sources.items() if each.list is not None}

    def known(self, issuer: Issuer, leaf: x509.Certificate, now: float) -> Status | None:
        """Return what is known without asking; None where the responder has to be asked."""
        external = issuer.external
        if external is None or external.revocation is RevocationBy.NONE:
            return Status.GOOD
        if external.revocation is RevocationBy.CRL:
            source = self._sources.get(external.name)
            if source is None or source.list is None:
                return Status.UNKNOWN
            return source.list.status(issuer.certificate, leaf.serial_number, now, external.longest_age_s)
        answer = self._answers.get((external.name, leaf.serial_number))
        return answer.status if answer is not None and now < answer.until else None

    def ask(self, issuer: Issuer, leaf: x509.Certificate, now: float) -> Status:
        """Ask the responder. Where it is silent or too many ask already, nobody knows."""
        external = issuer.external
        assert external is not None, "nobody asks about our own"
        responder = self._responders.setdefault(external.name, _Responder())
        if time.monotonic() < responder.silent_until or not responder.places.acquire(blocking=False):
            return Status.UNKNOWN
        try:
            answer = self._asked(external, issuer.certificate, leaf, now)
        except BadAnswer as error:
            responder.silent_until = time.monotonic() + SILENT_S
            if str(error) != responder.told:
                LOG.warning("an OCSP responder gives no good answer", authority=external.name, why=str(error))
            responder.told = str(error)
            return Status.UNKNOWN
        finally:
            responder.places.release()
        responder.told = ""
        self._keep(external.name, leaf.serial_number, answer)
        return answer.status

    def _asked(
        self, external: External, issuer: x509.Certificate, leaf: x509.Certificate, now: float
    ) -> OcspAnswer:
        nonce = self._random(NONCE_OCTETS)
        octets = fetch(external.ocsp, self._patience, ocsp_request(leaf, issuer, nonce), _OCSP_REQUEST)
        return read_ocsp(octets, leaf, issuer, nonce, now)

    def _keep(self, name: str, serial: int, answer: OcspAnswer) -> None:
        with self._lock:
            self._answers[name, serial] = answer
            self._answers.move_to_end((name, serial))
            if len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)

    def _file(self, external: External) -> Path:
        return self._directory / f"{external.name}.crl" if _is_address(external.crl) else Path(external.crl)

    def _read(self, source: _Source) -> None:
        """Read the file if it is another one than before. Raises BadAnswer, OSError."""
        status = source.file.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp == source.stamp:
            return
        try:
            source.list = read_list(source.file.read_bytes(), source.external.certificates, self._clock())
        finally:
            source.stamp = stamp
        source.told.clear()
        LOG.info("list of revocations read", authority=source.external.name, serials=len(source.list.serials))

    def _fetch(self, source: _Source) -> None:
        """Fetch a list that is due, unless another worker does. Raises BadAnswer, OSError."""
        now = time.monotonic()
        if not _is_address(source.external.crl) or now < source.fetch_at:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with source.file.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            source.fetch_at = now + FETCH_AGAIN_S
            if self._age_s(source.file) >= _fetch_after_s(source.list):
                octets = fetch(source.external.crl, LIST_PATIENCE)
                read_list(octets, source.external.certificates, self._clock())
                draft = source.file.with_suffix(".new")
                draft.write_bytes(octets)
                draft.replace(source.file)

    def _age_s(self, file: Path) -> float:
        try:
            return abs(self._clock() - file.stat().st_mtime)
        except FileNotFoundError:
            return float("inf")

    def _try(self, work: Callable[[_Source], None], source: _Source) -> None:
        """Do it, and say once what keeps going wrong."""
        try:
            work(source)
        except (BadAnswer, OSError) as error:
            if str(error) not in source.told:
                LOG.warning(
                    "a list of revocations cannot be had", authority=source.external.name, why=str(error)
                )
            source.told.add(str(error))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:
                LOG.exception("lists of revocations cannot be looked after; this is a mistake in Officegate")
            self._stopping.wait(LOOK_EVERY_S)


def _fetch_after_s(known: RevokedList | None) -> float:
    """Return how old a fetched list may grow: at half of its time the next one is fetched."""
    if known is None:
        return 0.0
    return min(FETCH_EVERY_S, max(FETCH_AGAIN_S, (known.until - known.made_at) / 2))


def _is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))
