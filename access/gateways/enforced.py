"""The enforce process: one leads, the others stand by and take over when its lease runs out. ◆"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from access.app import (
    App,
    audit_keeper,
    bearable,
    longest_kept_s,
    open_owners,
    open_reviews,
    open_rollouts,
    open_standing,
    policy_watch,
    syslog_server,
)
from access.changes import review_days, reviewing
from access.changes.policy_watch import DAY_S
from access.changes.rollout import Step, look
from access.errors import AccessError, Unavailable
from access.gateways import owners
from access.gateways.bell import CeleryBell, make_celery
from access.gateways.enforcement import Enforcer
from access.gateways.enforcing import FeedPruned
from access.lifeline import ready
from access.people import absent_owners, reused_names
from access.records.syslog import Connection
from access.store import audit_chain
from access.store.audit_shipping import Shipping
from access.store.enforcement import LEASE_S, Deposed, StoredEnforcement
from access.store.guarded import GuardedRows
from access.store.tidying import tidy
from access.store.wave_judge import Judge

LOG = structlog.get_logger()

LOOK_EVERY_S = 0.03
RENEW_EVERY_S = LEASE_S / 4
STAND_BY_S = 0.5
CHORES_EVERY_S = 1.0
TIDY_EVERY_S = 300.0
WAVES_EVERY_S = 5.0
REVIEWS_EVERY_S = 300.0
OWNERS_EVERY_S = 300.0
PRUNE_EVERY_S = 3600.0
# Two looks find what somebody else changed.
GUARD_EVERY_S = 20.0
LONGEST_PAUSE_S = 5.0
LONGEST_TURN_S = 60.0


def run(app: App, stop: threading.Event) -> None:
    """Lead, or wait to lead, until stop is set."""
    Process(app, stop).run()


@dataclass
class Process:
    """One candidate for the lead."""

    app: App
    stop: threading.Event
    owner: str = field(default_factory=owners.own_name)
    _failures: int = 0
    _failure: str = ""
    _told: bool = False
    _alive_at: float = 0.0
    _syslog: Connection | None = None
    _guarded: GuardedRows | None = None
    _judge: Judge = field(default_factory=Judge)

    def run(self) -> None:
        """Lead, or wait to lead, until told to stop; every failure is told, waited out and tried again."""
        records = StoredEnforcement(self.app.database, self.app.keyring, self.app.random, self.owner)
        bell = CeleryBell(make_celery(self.app.settings))
        leading = threading.Event()
        chores = [
            threading.Thread(target=self._chore, args=(leading, *chore), name=chore[0], daemon=True)
            for chore in (
                ("seal", 0.0, self._seal),
                ("standing", 0.0, self._standing),
                ("waves", WAVES_EVERY_S, self._waves),
                ("tidy", TIDY_EVERY_S, self._tidy),
                ("prune", PRUNE_EVERY_S, self._prune),
                ("ship", 0.0, self._ship),
                ("guard", GUARD_EVERY_S, self._guard),
                ("policy", DAY_S, self._look_ahead),
                ("reviews", REVIEWS_EVERY_S, self._reviews),
                ("owners", OWNERS_EVERY_S, self._owners),
            )
        ]
        for thread in chores:
            thread.start()
        while not self.stop.is_set():
            try:
                self._lead(
                    records, Enforcer(records, bell, self.app.settings.radius.silent_intervals), leading
                )
            except Deposed as error:
                LOG.warning("no longer enforcing", why=str(error))
            except FeedPruned:
                LOG.info("change feed was pruned; everything is read again")
            except AccessError as error:
                self._rest(error)
            except Exception:
                LOG.exception("enforcement failed; this is a mistake in Officegate")
                self.stop.wait(LONGEST_PAUSE_S)
        for thread in chores:
            thread.join()
        if self._syslog is not None:
            self._syslog.close()
        bell.close()
        self._give_up(records)

    def _lead(self, records: StoredEnforcement, enforcer: Enforcer, leading: threading.Event) -> None:
        if not self._wait_for_the_lead(records):
            return
        leading.set()
        keeper = threading.Thread(target=self._keep, args=(records, leading), name="keeper", daemon=True)
        keeper.start()
        try:
            self._enforce(enforcer, leading)
        finally:
            leading.clear()
            keeper.join()

    def _wait_for_the_lead(self, records: StoredEnforcement) -> bool:
        leads = records.lead(self.app.clock(), owners.is_gone)
        if not leads:
            LOG.info("standing by; another process enforces")
            self._say_ready()
        while not leads and not self.stop.wait(STAND_BY_S):
            leads = records.lead(self.app.clock(), owners.is_gone)
        return leads

    def _enforce(self, enforcer: Enforcer, leading: threading.Event) -> None:
        self._alive_at = began = time.monotonic()
        enforcer.begin(self.app.clock())
        LOG.info(
            "enforcing",
            sessions=len(enforcer.crowd.sessions),
            gateways=len(enforcer.gateways),
            took_ms=round((time.monotonic() - began) * 1000),
        )
        self._failures, self._failure = 0, ""
        self._say_ready()
        while leading.is_set() and not self.stop.wait(LOOK_EVERY_S):
            self._alive_at = time.monotonic()
            self._turn(enforcer)

    def _keep(self, records: StoredEnforcement, leading: threading.Event) -> None:
        """Keep the lead also while a turn takes long, but not for one that never ends."""
        while leading.is_set() and not self.stop.wait(RENEW_EVERY_S):
            if time.monotonic() - self._alive_at > LONGEST_TURN_S:
                return
            try:
                records.keep(self.app.clock())
            except Deposed as error:
                LOG.warning("no longer enforcing", why=str(error))
                leading.clear()
            except Unavailable:
                continue  # the turn meets with the same, and says so

    def _say_ready(self) -> None:
        # Once: nobody reads on from whom we wait for, and a full socket would hold us up.
        if not self._told:
            self._told = True
            ready()

    def _turn(self, enforcer: Enforcer) -> None:
        while enforcer.follow(self.app.clock()):
            pass
        enforcer.look_again(self.app.clock())
        enforcer.write_uses(self.app.clock())
        for alarm in enforcer.confirm(self.app.clock()):
            LOG.error(
                "gateway has not confirmed what it was told; somebody may still reach what they lost",
                device=alarm.device,
                waiting_s=round(alarm.waiting_s, 1),
            )

    def _chore(self, leading: threading.Event, name: str, every_s: float, work: Callable[[], None]) -> None:
        """Do the work again and again while this process leads; every failure is told once."""
        told, due = "", 0.0
        while not self.stop.wait(CHORES_EVERY_S):
            if not leading.is_set() or time.monotonic() < due:
                continue
            due = time.monotonic() + every_s
            try:
                work()
                told = ""
            except AccessError as error:
                if str(error) != told:
                    LOG.error("a chore is left undone", chore=name, why=str(error))
                told = str(error)
            except Exception:
                LOG.exception("a chore failed; this is a mistake in Officegate", chore=name)
                self.stop.wait(LONGEST_PAUSE_S)

    def _seal(self) -> None:
        app = self.app
        audit_chain.seal(app.database, app.keyring, app.settings.audit.heads_dir, self.owner, app.clock())

    def _standing(self) -> None:
        open_standing(self.app, "enforce").close_over(self.app.clock())

    def _waves(self) -> None:
        rollouts = replace(open_rollouts(self.app, "enforce"), judge=self._judge)
        step = look(rollouts, bearable(self.app.settings), self.app.clock())
        if step is not Step.NOTHING:
            LOG.info("policy in waves", step=step.value)

    def _tidy(self) -> None:
        tidy(self.app.database, self.app.clock(), longest_kept_s(self.app.settings))

    def _prune(self) -> None:
        audit_keeper(self.app, "enforce").prune(self.app.clock())

    def _look_ahead(self) -> None:
        policy_watch(self.app, "enforce").look(self.app.clock())

    def _reviews(self) -> None:
        app = self.app
        policy = open_owners(app, "enforce").policy()
        if policy is None:
            return
        reviews = open_reviews(app, "enforce")
        desk = reviewing.Desk(reviews, policy, app.clock())
        begun = review_days.begin(desk, reviews, app.settings.time_zone, app.settings.policy.review_days)
        if begun:
            LOG.info("review began on its day", review=begun[0].campaign, permits=len(begun))
        if reviews.open_reviews():
            reviewing.look(desk)

    def _owners(self) -> None:
        known = open_owners(self.app, "enforce")
        absent_owners.look(known, self.app.clock())
        reused_names.look(known, self.app.clock())

    def _ship(self) -> None:
        server = syslog_server(self.app.settings)
        if server is None:
            return
        self._syslog = self._syslog or Connection(server)
        details = self.app.settings.audit.syslog.details
        app = self.app
        Shipping(app.database, app.keyring, self._syslog.send, socket.gethostname(), details).ship()

    def _guard(self) -> None:
        app = self.app
        self._guarded = self._guarded or GuardedRows(app.database, app.keyring, app.random, "enforce")
        for edit in self._guarded.look(app.clock()):
            LOG.error(
                "a row was changed by something other than Officegate", table=edit.guarded, row=edit.key
            )

    def _rest(self, error: AccessError) -> None:
        if str(error) != self._failure:
            LOG.error("enforcement is waiting", why=str(error))
        self._failures, self._failure = self._failures + 1, str(error)
        self.stop.wait(min(LONGEST_PAUSE_S, 0.1 * float(1 << min(self._failures, 10))))

    def _give_up(self, records: StoredEnforcement) -> None:
        try:
            records.give_up()
        except Unavailable as error:
            LOG.warning("enforcer's lease not released", why=str(error))
