"""What attackers of RADIUS and EAP do, and the tests that show that it does not work here.

CHECKLIST leads from each attack to its tests, and a test that is renamed or gone is found. What has no better
home is tested below.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import radius
from radius.attributes import Attribute, AttributeType
from radius.nas import CodeMode, MessageAuthenticatorPolicy
from radius.packet import Code
from tests.layering import ROOT
from tests.radius.office import Asker, Office, ask, user

CHECKLIST = {
    "malformed packets and attributes": {
        "radius/test_packet.py": [
            "test_what_the_rfcs_forbid_is_refused",
            "test_arbitrary_octets_raise_nothing_but_bad_packet",
        ],
        "radius/test_server.py": ["test_malformed_octets_get_silence"],
    },
    "many attributes, long packets": {
        "radius/test_packet.py": [
            "test_two_hundred_attributes_are_not_too_many",
            "test_what_the_rfcs_forbid_is_refused",
        ],
    },
    "unknown, weak and shared NAS": {
        "radius/test_server.py": [
            "test_an_unknown_nas_gets_silence",
            "test_a_nas_without_a_secret_cannot_be_made",
        ],
        "access/commands/test_nas.py": [
            "test_a_weak_secret_is_refused",
            "test_the_same_secret_on_two_is_said_and_not_shown",
            "test_what_cannot_work_is_refused_with_its_reason_when_it_is_added_and_when_it_is_changed",
        ],
        "access/console/test_nas_pages.py": ["test_a_company_cannot_put_a_network_into_that_of_another"],
    },
    "Blast-RADIUS": {
        "radius/test_gate.py": [
            "test_a_nas_that_is_known_to_sign_must_sign_in_a_worker_that_never_saw_it",
            "test_a_forger_finds_no_room_in_the_proxy_states_of_an_unsigned_request",
        ],
        "radius/test_server.py": [
            "test_every_access_reply_is_signed_first_with_the_secret_of_its_request",
            "test_a_missing_message_authenticator_gets_silence_where_it_is_required",
            "test_eap_and_status_server_need_a_signature_whatever_the_policy",
            "test_a_proxy_state_needs_a_signature_on_auto",
        ],
        "radius/test_dynauth.py": ["test_what_does_not_answer_the_request_is_not_an_answer"],
    },
    "spoofed requests, amplification": {
        "radius/test_server.py": [
            "test_a_wrong_message_authenticator_gets_silence",
            "test_a_code_that_does_not_belong_here_gets_silence",
            "test_proxy_state_that_would_fill_the_reply_gets_silence",
        ],
        "radius/test_gate.py": ["test_what_anybody_can_send_is_noticed_once_a_minute"],
        "radius/test_checklist.py": ["test_nobody_who_proves_nothing_gets_more_than_he_sent"],
    },
    "replay and duplicates": {
        "radius/test_server.py": [
            "test_a_duplicate_gets_the_same_reply_and_is_not_decided_again",
            "test_a_duplicate_of_a_request_in_progress_is_dropped",
            "test_a_forged_packet_does_not_touch_the_cache",
            "test_a_duplicate_after_ten_seconds_is_a_new_request",
            "test_a_repeated_start_is_recorded_once",
        ],
    },
    "forged Disconnect-Requests": {
        "radius/test_dynauth.py": [
            "test_a_request_is_good_with_its_secret_and_for_five_minutes",
            "test_what_does_not_answer_the_request_is_not_an_answer",
        ],
    },
    "EAP conversations until nothing is left": {
        "radius/eap/test_ttls.py": [
            "test_new_conversations_are_refused_when_there_are_too_many",
            "test_one_nas_full_of_conversations_leaves_room_for_the_others",
            "test_an_endpoint_that_begins_again_and_again_keeps_only_its_last_conversations",
            "test_an_endpoint_that_makes_up_a_new_name_each_time_is_still_one_endpoint",
            "test_a_state_is_good_for_one_step_of_eap",
        ],
        "radius/test_server.py": [
            "test_nobody_without_the_key_can_say_which_worker_an_endpoint_begins_at",
            "test_a_state_is_good_for_a_minute",
            "test_a_state_is_good_for_its_nas_only",
            "test_an_invented_state_is_refused",
        ],
        "radius/eap/test_session.py": ["test_round_trips_are_counted_and_bounded"],
    },
    "a weaker method": {
        "radius/eap/test_session.py": [
            "test_a_nak_does_not_get_a_method_the_nas_may_not_use",
            "test_a_second_nak_fails",
            "test_what_a_peer_has_named_before_is_not_proposed_where_the_nas_may_not_use_it",
        ],
        "radius/test_eap_access.py": [
            "test_nobody_is_offered_what_another_endpoint_or_another_name_has_named",
            "test_an_endpoint_that_would_take_our_first_method_keeps_being_offered_it",
            "test_what_was_refused_is_not_remembered",
        ],
        "access/logins/test_eap_offer.py": ["test_md5_is_offered_where_the_nas_and_a_rule_name_it"],
    },
    "another identity inside": {
        "radius/eap/test_ttls.py": ["test_a_user_name_that_is_not_the_identity_is_refused"],
        "radius/eap/test_peap.py": ["test_another_realm_inside_is_refused"],
    },
    "a login carried in from elsewhere": {
        "radius/eap/test_peap.py": [
            "test_whoever_carries_a_login_in_from_elsewhere_cannot_bind_it_to_the_tunnel",
            "test_a_binding_may_be_required",
        ],
    },
    "resumption of what was lost": {
        "radius/eap/test_resumption.py": [
            "test_what_was_proven_once_is_refused_when_it_stands_no_longer",
            "test_a_session_is_good_for_the_type_it_was_begun_with_and_no_other",
            "test_a_certificate_that_expired_meanwhile_is_refused_though_its_session_lives",
        ],
    },
    "a certificate that counts for nothing": {
        "radius/eap/test_tls.py": [
            "test_a_certificate_that_has_expired_is_refused_by_its_name",
            "test_a_certificate_of_another_authority_is_refused",
            "test_a_certificate_for_servers_is_none_for_logging_in",
            "test_a_certificate_that_says_nothing_of_its_purpose_is_refused",
            "test_without_a_certificate_nobody_comes_in",
        ],
        "access/logins/test_certificate_login.py": [
            "test_a_name_that_is_not_the_certificates_is_refused",
            "test_a_certificate_of_ours_that_counts_no_longer_is_refused",
            "test_what_is_revoked_between_the_look_and_the_decision_is_refused",
            "test_a_corporate_authority_speaks_for_its_organization_alone",
            "test_whoever_has_to_be_asked_is_asked_by_a_thread_that_may_wait",
            "test_a_certificate_taken_before_is_not_taken_once_its_authority_is_trusted_no_more",
        ],
    },
    "a copied MAC address": {
        "radius/test_server.py": ["test_a_mac_is_refused_where_the_nas_may_not_bypass"],
        "access/radius/test_radiusd.py": [
            "test_an_endpoint_that_did_8021x_and_comes_by_its_address_raises_an_alarm"
        ],
        "access/logins/test_accounting.py": ["test_an_address_at_two_living_ports_raises_an_alarm"],
    },
    "loops between servers, and what a home server may give": {
        "radius/test_relays.py": [
            "test_what_comes_back_to_us_is_a_loop_and_refused",
            "test_two_gates_that_send_to_each_other_end_in_a_refusal",
            "test_a_reply_that_is_not_to_be_believed_is_dropped_and_the_right_one_still_counts",
            "test_beside_what_an_administrator_is_granted_a_realm_gives_nothing",
            "test_keys_are_hidden_anew_for_the_nas",
        ],
    },
    "RadSec": {
        "radius/test_radsec.py": [
            "test_a_certificate_that_is_no_nas_s_opens_nothing",
            "test_a_bad_packet_closes_only_its_own_connection",
            "test_a_peer_that_does_not_read_fills_no_memory_and_holds_up_nobody",
            "test_connections_are_counted_in_total_and_handshakes_per_address",
            "test_a_revocation_ends_the_live_connection_and_lets_nobody_in_again",
            "test_silent_stalled_and_unfinished_connections_end",
        ],
    },
    "timing": {
        "radius/test_checklist.py": [
            "test_secrets_are_compared_in_constant_time_only",
            "test_every_refusal_leaves_at_the_same_time",
        ],
        "access/logins/test_login.py": [
            "test_a_wrong_password_and_an_unknown_name_look_alike_and_cost_the_same"
        ],
    },
    "guessing, and locking others out": {
        "access/logins/test_login.py": ["test_guessing_is_slowed_down"],
        "access/proof/test_lockout.py": [
            "test_a_stranger_who_guesses_at_every_worker_locks_the_account_for_nobody"
        ],
    },
    "a code twice": {
        "radius/test_checklist.py": [
            "test_the_same_code_in_a_retransmission_is_answered_and_in_a_new_request_refused"
        ],
        "radius/test_server.py": ["test_a_code_is_not_spent_with_a_wrong_password"],
    },
    "injection": {
        "radius/test_facts.py": [
            "test_a_name_that_would_deceive_its_reader_is_none",
            "test_what_is_shown_is_printable",
        ],
        "access/radius/test_radiusd.py": ["test_a_run_leaves_no_secret_and_no_escape_behind"],
    },
    "secrets in logs": {
        "radius/test_server.py": ["test_a_secret_shows_in_no_repr_of_a_question"],
        "access/radius/test_radiusd.py": ["test_a_run_leaves_no_secret_and_no_escape_behind"],
    },
}
OFF = {"message_authenticator": MessageAuthenticatorPolicy.OFF}

# What a peer has proven, or could use to prove something.
SECRET = re.compile(r"secret|password|digest|hmac|md5|authenticator|signature|response|hash|msk|proof|mac$")
# Compared without care, and why that does no harm.
HARMLESS = {
    "self._in_progress.get(key) == authenticator": "a Request Authenticator is no secret: it is on the wire",
    "reply.authenticator == authenticator": "the same",
    "self._elsewhere.get(key, (b'', 0.0))[0] == authenticator": "the same",
    "before.made_of == made_of.digest()": "of our own files, to see whether they changed",
    "self.secret.octets in secrets": "two of our own, neither from the wire",
}


@pytest.mark.parametrize("attack", CHECKLIST)
def test_every_attack_of_the_checklist_has_its_tests(attack):
    for file, names in CHECKLIST[attack].items():
        written = (ROOT / "tests" / file).read_text("utf-8")
        assert [name for name in names if f"def {name}(" not in written] == []


def careless() -> Iterator[str]:
    """Comparisons by == or `in` of something that sounds secret."""
    for path in sorted(Path(radius.__file__).parent.rglob("*.py")):
        compared = [
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Compare)
        ]
        for node in compared:
            by_value = isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn)
            if by_value and any(map(sounds_secret, (node.left, *node.comparators))):
                yield ast.unparse(node)


def sounds_secret(side: ast.expr) -> bool:
    if isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id == "len":
        return False
    names = [each.id for each in ast.walk(side) if isinstance(each, ast.Name)]
    names += [each.attr for each in ast.walk(side) if isinstance(each, ast.Attribute)]
    return any(SECRET.search(name.lower()) for name in names if not name.isupper())


def test_secrets_are_compared_in_constant_time_only():
    assert set(careless()) - set(HARMLESS) == set()


def test_every_refusal_leaves_at_the_same_time():
    office, asker = Office(nas={"mab": True}), Asker()
    refused = [
        asker.pap("wrong"),
        asker.pap("correct horse", name="nobody"),
        asker.pap("correct horse", name="a\x1bb"),
        asker.access(user("kim")),
        asker.access(user("kim"), Attribute(AttributeType.EAP_MESSAGE, b"\2\1\0\x08\1kim")),
        asker.access(user("kim"), Attribute(AttributeType.STATE, bytes(16)), password="123456"),
        asker.access(user("kim"), Attribute(AttributeType.SERVICE_TYPE, b"\0\0\0\x0a")),
    ]

    sends = [send for data in refused for send in office.receive(data)]

    assert [send.data[0] for send in sends] == [Code.ACCESS_REJECT] * len(refused)
    assert {send.not_before for send in sends} == {office.now + 1.0}


def test_the_same_code_in_a_retransmission_is_answered_and_in_a_new_request_refused():
    office, asker = Office(nas={"code": CodeMode.APPENDED}), Asker()
    data = asker.pap("correct horse123456")
    (first,) = office.receive(data)

    (again,) = office.receive(data)
    anew = ask(office, asker, asker.pap("correct horse123456"))

    assert again.data == first.data
    assert office.application.kinds.count("SpendCode") == 2
    assert anew.code is Code.ACCESS_REJECT


@pytest.mark.parametrize("policy", MessageAuthenticatorPolicy)
def test_nobody_who_proves_nothing_gets_more_than_he_sent(policy):
    office, asker = Office(nas={"message_authenticator": policy}), Asker()
    proxy = [Attribute(AttributeType.PROXY_STATE, bytes(60))] * 2

    for data in (
        asker.access(user("kim"), Attribute(AttributeType.EAP_MESSAGE, b"\2\1\0\x08\1kim"), signed=False),
        asker.access(code=Code.STATUS_SERVER, signed=False),
        asker.access(user("kim"), Attribute(AttributeType.EAP_MESSAGE, b""), signed=False),
        asker.pap("wrong", *proxy, signed=False),
    ):
        assert all(len(send.data) <= len(data) for send in office.receive(data))
