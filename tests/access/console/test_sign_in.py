"""Coming in: password, code, registration; what a stranger may not learn."""

import pytest

from access.enrolment import Invited, invite
from tests.access.console.town import PASSWORD
from tests.access.residents import shown, wrong


def test_a_stranger_is_sent_to_sign_in_and_back_to_what_they_wanted(visit, town):
    stranger = visit()
    answer = stranger.get("/reach", follow=False)
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Freach"

    stranger.get(answer.location)
    stranger.post(answer.location, name="minjun.kim@hangang", password=PASSWORD)
    stranger.post("/sign-in/code", code=shown(now=town.now))

    assert stranger.path == "/reach"
