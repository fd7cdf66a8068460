"""/metrics for Prometheus: what the RADIUS workers of this machine tell, and what waits in the journals. ◆

For whoever knows the token. Where none is set, for programs of this machine: a request that a proxy has
passed on comes from this machine too, and shows by its headers that it does not.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from access.console.current import gate, now
from access.console.roles import public
from access.radius.radius_status import RadiusStatus
from radius.counters import BOUNDS_S

pages = Blueprint("metrics", __name__)
AWAY = {"zombie": 1.0, "dead": 2.0}
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
BOUNDS = (*map(str, BOUNDS_S), "+Inf")


@pages.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Every metric in Prometheus's text format."""
    if not _may_read(gate().metrics_token):
        abort(404)
    registry = CollectorRegistry()
    registry.register(StatusCollector(gate().status(), now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(token: str) -> bool:
    if token:
        sent = request.headers.get("Authorization", "")
        return hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())
    if any(name in request.headers for name in PASSED_ON):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


class StatusCollector(Collector):
    """The metrics of one status."""

    def __init__(self, status: RadiusStatus, now: float) -> None:
        self._status, self._now = status, now

    def collect(self) -> Iterable[Metric]:
        """Yield every family of metrics."""
        yield from self._counters()
        yield from self._gauges()
        yield from self._durations()
        yield from self._backlog()

    def _counters(self) -> Iterator[Metric]:
        name = "officegate_radius_packets"
        packets = CounterMetricFamily(
            name, "What a NAS did to us and we to it.", labels=("worker", "nas", "what")
        )
        labels = ("worker", "what")
        others = CounterMetricFamily(
            "officegate_radius_events", "What no NAS can be blamed for.", labels=labels
        )
        kinds = ("worker", "nas", "method", "reason")
        logins = CounterMetricFamily("officegate_logins", "Logins, by how they ended.", labels=kinds)
        remembered = CounterMetricFamily(
            "officegate_remembered_passwords_used",
            "Passwords that counted while their directory did not answer.",
            labels=("worker",),
        )
        for worker, told in self._status.workers.items():
            for nas, counts in told.get("nas", {}).items():
                for what, count in _numbers(counts):
                    packets.add_metric((worker, nas, what), count)
            others.add_metric((worker, "strangers"), told.get("strangers", 0))
            for group in ("troubles", "radsec", "homes"):
                for what, count in _numbers(told.get(group, {})):
                    others.add_metric((worker, what), count)
            for *kind, count in told.get("logins", ()):
                logins.add_metric((worker, *kind), count)
            if "used" in told.get("passwords", {}):
                remembered.add_metric((worker,), told["passwords"]["used"])
        yield from (packets, others, logins, remembered)

    def _gauges(self) -> Iterator[Metric]:
        labels = ("worker", "what")
        load = GaugeMetricFamily("officegate_radius_load", "What is under way.", labels=labels)
        heard = GaugeMetricFamily(
            "officegate_radius_worker_silence_seconds", "Since a worker last told this.", labels=("worker",)
        )
        asked = GaugeMetricFamily(
            "officegate_directory_asked",
            "Whether a directory is asked for passwords (1), or spared because it hangs (0).",
            labels=("worker", "organization"),
        )
        away = GaugeMetricFamily(
            "officegate_home_server_away",
            "A home server that does not answer: 1 where it is still tried, 2 where it is given up.",
            labels=("worker", "server"),
        )
        known = GaugeMetricFamily(
            "officegate_remembered_passwords",
            "People whose password a worker remembers for while their directory does not answer.",
            labels=("worker",),
        )
        memory = GaugeMetricFamily(
            "officegate_radius_memory_age_seconds",
            "How old what a worker decides from is; the database answers while this stays low.",
            labels=("worker",),
        )
        for worker, told in self._status.workers.items():
            if told.get("memory"):
                memory.add_metric((worker,), told["memory"]["age_s"])
            heard.add_metric((worker,), max(0.0, self._now - told.get("at", 0.0)))
            for what, count in _numbers(told.get("load", {})):
                load.add_metric((worker, what), count)
            for organization, is_asked in told.get("directories", {}).items():
                asked.add_metric((worker, organization), 1.0 if is_asked else 0.0)
            for server, state in told.get("homes", {}).get("states", {}).items():
                away.add_metric((worker, server), AWAY.get(state, 0.0))
            if "known" in told.get("passwords", {}):
                known.add_metric((worker,), told["passwords"]["known"])
        yield from (load, heard, asked, away, known, memory)

    def _durations(self) -> Iterator[Metric]:
        login = HistogramMetricFamily(
            "officegate_login_seconds",
            "From the first request of a login to its decision.",
            labels=("worker", "method", "reason"),
        )
        reply = HistogramMetricFamily(
            "officegate_radius_reply_seconds",
            "From a request to its reply, but for the journal and the delay of a refusal.",
            labels=("worker", "code"),
        )
        journal = HistogramMetricFamily(
            "officegate_journal_write_seconds", "Until records were on disk.", labels=("worker",)
        )
        for worker, told in self._status.workers.items():
            for *kind, each in told.get("login_s", ()):
                login.add_metric((worker, *kind), **_classes(each))
            for code, each in told.get("reply_s", ()):
                reply.add_metric((worker, code), **_classes(each))
            if "journal_s" in told:
                journal.add_metric((worker,), **_classes(told["journal_s"]))
        yield from (login, reply, journal)

    def _backlog(self) -> Iterator[Metric]:
        backlog = self._status.backlog
        age_s = 0.0 if backlog.oldest_at is None else max(0.0, self._now - backlog.oldest_at)
        name = "officegate_journal_waiting"
        yield GaugeMetricFamily(
            f"{name}_records", "Records that are not in the database yet.", backlog.records
        )
        yield GaugeMetricFamily(f"{name}_octets", "What they take on disk.", backlog.octets)
        yield GaugeMetricFamily(f"{name}_seconds", "The age of the oldest of them.", age_s)


def _numbers(counts: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for what, count in counts.items():
        if type(count) is int:
            yield what, count


def _classes(told: Mapping[str, Any]) -> dict[str, Any]:
    """The classes of a histogram as Prometheus has them: each with all the smaller ones."""
    total, buckets = 0, []
    for bound, count in zip(BOUNDS, told["counts"], strict=False):
        total += count
        buckets.append((bound, float(total)))
    return {"buckets": buckets, "sum_value": told["sum_s"]}
