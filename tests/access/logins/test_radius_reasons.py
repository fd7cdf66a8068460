import pytest

from access.logins.radius_reasons import REASONS_OF_FAILURES, reason_of
from access.model import Reason
from radius.questions import Failure


def test_every_failure_has_a_reason():
    assert set(REASONS_OF_FAILURES) == set(Failure)


@pytest.mark.parametrize("alert", ["unknown ca", "certificate expired", "unrecognized name"])
def test_a_device_that_distrusts_us_is_told_apart(alert):
    detail = f"the device does not like our certificate ({alert})"

    assert reason_of(Failure.TLS_ALERT, detail) is Reason.CERTIFICATE_NOT_TRUSTED_BY_ENDPOINT


def test_another_alert_is_a_failed_login():
    assert reason_of(Failure.TLS_ALERT, "the user cancelled (user cancelled)") is Reason.EAP_FAILED


def test_only_an_alert_speaks_of_certificates():
    assert reason_of(Failure.TLS_FAILED, "(unknown ca)") is Reason.EAP_FAILED
