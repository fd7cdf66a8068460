"""/metrics: whole for Prometheus, and for nobody else."""

import re
from dataclasses import asdict

import pytest
from prometheus_client.parser import text_string_to_metric_families

from access.console import create_app
from access.radius.radius_status import Backlog, RadiusStatus
from radius.counters import Counters, Histogram
from tests.access.console.browser import Browser
from tests.layering import ROOT


def took(*durations: float) -> dict:
    histogram = Histogram()
    for each in durations:
        histogram.observe(each)
    return asdict(histogram)


def worker(now: float, accepts: int) -> dict:
    return {
        "at": now - 2,
        "began": now - 3600,
        "nas": {'vpn"\n1': asdict(Counters(requests=accepts + 1, accepts=accepts))},
        "strangers": 3,
        "troubles": {"crashes": 1},
        "radsec": {},
        "homes": {"loops": 1, "states": {"partner/first": "zombie", "partner/second": "dead"}},
        "load": {"questions": 4, "conversations": 5, "eap_conversations": 2},
        "logins": [["vpn", "pap", "WRONG_PASSWORD", 7], ["vpn", "eap-tls", "PERMITTED", 9]],
        "login_s": [["pap", "WRONG_PASSWORD", took(0.2, 40.0)]],
        "reply_s": [["ACCESS_ACCEPT", took(0.004)]],
        "journal_s": took(0.001),
        "directories": {"hangang": False},
        "passwords": {"known": 12, "used": 3},
        "memory": {"age_s": 41.5, "refused": ["staleness_privileged_s"]},
    }


@pytest.fixture
def watched(town):
    workers = {"radius-0": worker(town.now, 4), "radius-1": worker(town.now, 6)}
    town.status = RadiusStatus(workers, Backlog(12, 3400, town.now - 90))
    return town


def samples(page: str) -> dict[tuple[str, frozenset], float]:
    families = text_string_to_metric_families(page)
    return {
        (each.name, frozenset(each.labels.items())): each.value for one in families for each in one.samples
    }


def test_every_worker_stands_in_the_metrics_by_nas_method_and_reason(watched, visit):
    stranger = visit()
    answer = stranger.get("/metrics")

    assert answer.content_type.startswith("text/plain")
    found = samples(stranger.page)

    def value(name: str, **labels: str) -> float:
        return found[name, frozenset(labels.items())]

    assert value("officegate_radius_packets_total", worker="radius-1", nas='vpn"\n1', what="accepts") == 6
    assert value("officegate_radius_events_total", worker="radius-0", what="strangers") == 3
    login = {"worker": "radius-0", "nas": "vpn", "method": "eap-tls", "reason": "PERMITTED"}
    assert value("officegate_logins_total", **login) == 9
    slow = {"worker": "radius-0", "method": "pap", "reason": "WRONG_PASSWORD"}
    assert value("officegate_login_seconds_bucket", le="0.25", **slow) == 1
    assert value("officegate_login_seconds_bucket", le="30.0", **slow) == 1
    assert value("officegate_login_seconds_bucket", le="+Inf", **slow) == 2
    assert value("officegate_login_seconds_sum", **slow) == pytest.approx(40.2)
    assert value("officegate_radius_load", worker="radius-0", what="conversations") == 5
    assert value("officegate_radius_worker_silence_seconds", worker="radius-0") == 2
    assert value("officegate_directory_asked", worker="radius-1", organization="hangang") == 0
    assert value("officegate_home_server_away", worker="radius-0", server="partner/second") == 2
    assert value("officegate_radius_events_total", worker="radius-0", what="loops") == 1
    assert value("officegate_remembered_passwords", worker="radius-1") == 12
    assert value("officegate_remembered_passwords_used_total", worker="radius-0") == 3
    assert value("officegate_radius_memory_age_seconds", worker="radius-1") == 41.5
    assert value("officegate_journal_waiting_records") == 12
    assert value("officegate_journal_waiting_seconds") == 90


def test_every_metric_stands_in_the_docs(watched, visit):
    stranger = visit()
    stranger.get("/metrics")
    written = (ROOT / "docs" / "metrics.md").read_text("utf-8")

    endings = re.compile("_(bucket|count|sum|created)$")
    names = {endings.sub("", name) for name, _ in samples(stranger.page)}
    assert {name for name in names if f"`{name}`" not in written} == set()


def test_where_nothing_runs_there_is_still_an_answer(visit):
    stranger = visit()

    assert stranger.get("/metrics").status_code == 200
    assert "officegate_journal_waiting_records 0.0" in stranger.page


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_what_a_proxy_passes_on_is_not_of_this_machine(watched, visit, header):
    assert visit().get("/metrics", **{header: "192.0.2.9"}).status_code == 404


def test_another_machine_gets_nothing_without_a_token(watched, pages):
    answer = pages.test_client().get(
        "/metrics", base_url="http://127.0.0.1:8080", environ_base={"REMOTE_ADDR": "192.0.2.9"}
    )

    assert answer.status_code == 404


def test_with_a_token_it_counts_alone(watched):
    watched.metrics_token = "a token of some length"
    stranger = Browser(create_app(watched.gate()), watched)

    for headers, status in (
        ({}, 404),
        ({"Authorization": "Bearer wrong"}, 404),
        ({"Authorization": "Bearer a token of some length"}, 200),
        ({"Authorization": "Bearer a token of some length", "X-Forwarded-For": "192.0.2.9"}, 200),
    ):
        assert stranger.get("/metrics", **headers).status_code == status
