"""Reading the steps of a login out of its record."""

from access.console.steps import Step, rest_of, steps_of


def test_steps_come_in_their_order_with_their_share_of_the_time():
    detail = {
        "steps": [{"name": "password", "outcome": None, "ms": 3}, {"name": "code", "outcome": "X", "ms": 1.0}]
    }

    assert steps_of(detail) == (Step("password", "", 3.0, 75), Step("code", "X", 1.0, 25))


def test_a_step_without_a_time_has_none():
    assert steps_of({"steps": [{"name": "EAP"}]}) == (Step("EAP", "", None, 0),)


def test_what_is_not_a_step_is_left_out():
    for strange in (None, "x", 7, {}, [None, 3, "x", {}, {"ms": 1}]):
        assert steps_of({"steps": strange}) == ()
    assert steps_of({}) == ()
    assert steps_of({"steps": [{"name": "a", "ms": True}]}) == (Step("a", "", None, 0),)


def test_what_is_not_for_the_reader_is_left_out_of_the_rest():
    detail = {"nas": "vpn", "permits": ["a"], "steps": []}

    assert rest_of(detail, frozenset({"permits"})) == (("nas", "vpn"),)


def test_the_rest_of_a_record_is_told_name_by_name():
    detail = {"steps": [], "nas": "vpn", "permits": ["a", "b"], "place": {"port": 7}}

    assert rest_of(detail) == (("nas", "vpn"), ("permits", "a, b"), ("place", "port=7"))


def test_yes_and_no_are_words():
    assert rest_of({"remembered": True, "phone": False}) == (("remembered", "yes"), ("phone", "no"))
