from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from access.changes.approving import NotApproved
from access.changes.drafts import NoSuchDraft
from access.changes.outlook import Budget
from access.changes.publishing import Draft, Outcome, publish, rehearse
from access.changes.rollout import begin, read_waves
from access.commands.policy_words import told
from access.gateways.enforcement import Enforcer
from access.model import Role, User
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.preview import Change
from access.policy.standing import Kept, Standing, StandingKind
from access.store import audit, drafts, forecast, people, standing
from access.store.audit import Selection
from access.store.database import Database
from access.store.enforcement import StoredEnforcement
from access.store.pages.changes import StoredChanges
from access.store.pages.policy import StoredPolicyDesk
from access.store.policy_shelf import StoredPolicies
from access.store.rollouts import StoredRollouts
from access.store.tables import groups, policy_approvals, takings, users
from access.store.tidying import tidy
from tests.access.gatehouse import POLICY, Gatehouse
from tests.access.residents import KEYRING, NOW, Dice, settle_in

CLOSED = POLICY.replace(
    "permit: [login:vpn], who: [group:hangang/vpn]", "permit: [login:vpn], who: [group:hangang/vdi]"
)
CLOSED = CLOSED[: CLOSED.index("tests:")]
UNTRIED = POLICY[: POLICY.index("tests:")]


class Ring:
    """Nobody hears it."""

    def ring(self, *_: object) -> None:
        pass


@pytest.fixture
def house(database: Database) -> Iterator[Gatehouse]:
    made = Gatehouse(database)
    with database.write() as conn:
        row = {"organization_id": 1, "entry_uuid": "adm", "name": "it-admins", "dn": "cn=it-admins"}
        made.group_ids["it-admins"] = conn.execute(
            insert(groups).values(**row).returning(groups.c.id)
        ).scalar_one()
    for name in ("boss", "chief"):
        made.person(name, "it-admins")
    for name in ("kim", "lee", "park"):
        made.person(name, "vpn")
    yield made


@pytest.fixture
def shelf(house: Gatehouse) -> StoredPolicies:
    house.publish()
    admins = {Role.ADMIN: frozenset({"hangang/it-admins"})}
    return StoredPolicies(house.database, KEYRING, Dice(), "test", Budget(5, 3), admins)


def person(shelf: StoredPolicies, name: str) -> User:
    with shelf.database.read() as conn:
        found = people.user_by_name(conn, 1, name)
    assert found is not None
    return found


def closing(shelf: StoredPolicies, author: str = "boss", text: str = CLOSED) -> Draft:
    user = person(shelf, author)
    return Draft(text, f"{author}@hangang", shelf.in_force(), "close it", user.id)


def outcome(shelf: StoredPolicies, made: Draft) -> Outcome:
    return publish(made, shelf, NOW).outcome


def test_a_second_administrator_lets_a_change_pass_that_takes_too_much(shelf: StoredPolicies):
    made = closing(shelf)
    assert outcome(shelf, made) is Outcome.NEEDS_APPROVAL

    kept = shelf.submit(shelf.save(None, made, NOW).id, made, NOW)
    shelf.approve(kept.id, person(shelf, "chief"), NOW)

    assert outcome(shelf, made) is Outcome.PUBLISHED
    assert shelf.history()[0].approved_by == ("chief@hangang",)
    assert shelf.drafts() == []
    with shelf.database.read() as conn:
        told = [
            each.detail["what"]
            for each in audit.records(conn, Selection(kind="policy"), KEYRING)
            if each.detail
        ]
    assert {"policy.draft-saved", "policy.draft-submitted", "policy.approved"} <= set(told)


@pytest.mark.parametrize("by", ["boss", "kim"])
def test_neither_the_author_nor_somebody_without_the_right_approves(shelf: StoredPolicies, by: str):
    made = closing(shelf)
    kept = shelf.submit(shelf.save(None, made, NOW).id, made, NOW)

    with pytest.raises(NotApproved):
        shelf.approve(kept.id, person(shelf, by), NOW)

    assert outcome(shelf, made) is Outcome.NEEDS_APPROVAL


def test_an_approval_lapses_with_another_text_and_with_another_base(shelf: StoredPolicies):
    made = closing(shelf)
    kept = shelf.submit(shelf.save(None, made, NOW).id, made, NOW)
    shelf.approve(kept.id, person(shelf, "chief"), NOW)

    other = closing(shelf, text=CLOSED + "# and more\n")
    assert outcome(shelf, other) is Outcome.NEEDS_APPROVAL
    again = shelf.save(kept.id, other, NOW)
    assert (again.submitted_at, shelf.approvals(again)) == (None, [])

    assert outcome(shelf, closing(shelf, text=POLICY + "# a word\n")) is Outcome.PUBLISHED
    assert outcome(shelf, made) is Outcome.OVERTAKEN
    assert outcome(shelf, closing(shelf)) is Outcome.NEEDS_APPROVAL


def test_an_approval_ends_with_the_right_to_give_one(shelf: StoredPolicies, house: Gatehouse):
    made = closing(shelf)
    kept = shelf.submit(shelf.save(None, made, NOW).id, made, NOW)
    chief = person(shelf, "chief")
    shelf.approve(kept.id, chief, NOW)

    house.place(chief.id, ())

    assert outcome(shelf, made) is Outcome.NEEDS_APPROVAL


def test_an_approval_that_somebody_wrote_into_the_database_counts_for_nothing(shelf: StoredPolicies):
    made = closing(shelf)
    kept = shelf.submit(shelf.save(None, made, NOW).id, made, NOW)
    chief = person(shelf, "chief").id
    row = {"revision": kept.revision, "base": kept.base, "user_id": chief, "at": NOW}
    with shelf.database.write() as conn:
        conn.execute(insert(policy_approvals).values(**row, stamp_key=KEYRING.current, stamp=bytes(32)))

    assert outcome(shelf, made) is Outcome.NEEDS_APPROVAL
    with shelf.database.write() as conn:
        conn.execute(policy_approvals.delete())
        drafts.approve(conn, KEYRING, kept, person(shelf, "kim").id, NOW)
        conn.execute(update(policy_approvals).values(user_id=chief))
    assert outcome(shelf, made) is Outcome.NEEDS_APPROVAL


def test_nobody_closes_the_portal_to_all_others_alone(shelf: StoredPolicies):
    everybody = "  - {id: portal, permit: [login:portal], who: [organization:hangang]}\n"
    left_open = UNTRIED.replace(everybody, "")
    assert outcome(shelf, closing(shelf, text=left_open)) is Outcome.PUBLISHED
    mine = "  - {id: mine, permit: [login:portal], who: [user:boss@hangang]}\n"

    assert outcome(shelf, closing(shelf, text=left_open + mine)) is Outcome.NEEDS_APPROVAL


def test_nobody_submits_what_somebody_else_has_not_finished(shelf: StoredPolicies):
    kept = shelf.save(None, closing(shelf), NOW)
    chief = person(shelf, "chief")

    with pytest.raises(NotApproved, match="Its author"):
        shelf.submit(kept.id, Draft("", "chief@hangang", None, "", chief.id), NOW)
    with pytest.raises(NotApproved, match="not submitted"):
        shelf.approve(kept.id, chief, NOW)

    assert shelf.submit(kept.id, closing(shelf), NOW).submitted_at == NOW


def test_a_draft_that_is_not_submitted_or_takes_little_needs_no_approval(shelf: StoredPolicies):
    made = closing(shelf)
    kept = shelf.save(None, made, NOW)
    chief = person(shelf, "chief")
    with pytest.raises(NotApproved, match="not submitted"):
        shelf.approve(kept.id, chief, NOW)

    little = closing(shelf, text=POLICY + "# a word\n")
    small = shelf.submit(shelf.save(None, little, NOW).id, little, NOW)
    with pytest.raises(NotApproved, match="within the budget"):
        shelf.approve(small.id, chief, NOW)


def test_a_draft_keeps_its_author_until_somebody_changes_the_text(shelf: StoredPolicies):
    kept = shelf.save(None, closing(shelf), NOW)

    noted = shelf.save(kept.id, closing(shelf, "chief"), NOW)
    assert noted.author == "boss@hangang"
    changed = shelf.save(kept.id, closing(shelf, "chief", POLICY), NOW)
    assert changed.author == "chief@hangang"

    shelf.drop(kept.id, closing(shelf), NOW)
    with pytest.raises(NoSuchDraft):
        shelf.draft(kept.id)


def test_the_preview_knows_what_is_open_and_what_was_used(shelf: StoredPolicies, house: Gatehouse):
    kim, lee = person(shelf, "kim").id, person(shelf, "lee").id
    nas = house.nas(house.gateway())
    records = StoredEnforcement(house.database, KEYRING, Dice(), "one")
    assert records.lead(NOW)
    enforcer = Enforcer(records, Ring())
    enforcer.begin(NOW)
    house.session(kim, nas, "10.8.0.5")
    gone = house.session(lee, nas, "10.8.0.6")
    enforcer.follow(NOW)
    house.end(gone)
    enforcer.follow(NOW + 1)
    enforcer.write_uses(NOW + 1)

    policy = compile(load(CLOSED))
    seen = shelf.preview(policy, NOW + 2)

    (line,) = [each for each in seen.lines if each.line.change is Change.LOSES]
    assert line.line.object == "login:vpn"
    assert line.line.people == ("kim@hangang", "lee@hangang", "park@hangang")
    assert line.open_now == ("kim@hangang",)
    assert line.used["lee@hangang"] == NOW + 1
    assert line.unused(seen.unused_since) == ("park@hangang",)
    assert seen.ending == 1


def test_a_preview_counts_the_sessions_that_somebody_has_elsewhere(shelf: StoredPolicies, house: Gatehouse):
    kim, lee, nas = person(shelf, "kim").id, person(shelf, "lee").id, house.nas(house.gateway())
    _, second, _ = (
        house.session(
            user_id,
            nas,
            f"10.8.0.{number}",
            calling_station=f"02-00-00-00-00-0{number}",
            admitted_at=NOW + number,
        )
        for number, user_id in enumerate((kim, kim, lee), 1)
    )
    alone = UNTRIED.replace(
        "permit: [network:intranet], who: [organization:hangang]}",
        "permit: [network:intranet], who: [organization:hangang], when: {sessions: 1}}",
    )

    seen = shelf.preview(compile(load(alone)), NOW + 9)

    assert alone != UNTRIED
    assert [each.session_id for each in seen.sessions] == [second]


def test_whoever_is_held_to_a_zone_approves_and_publishes_nothing_of_another(shelf: StoredPolicies):
    held = replace(shelf, zone_groups={"development": frozenset({"hangang/it-admins"})})
    made = closing(shelf)
    kept = shelf.submit(shelf.save(None, made, NOW).id, made, NOW)

    with pytest.raises(NotApproved, match="more than the zones"):
        held.approve(kept.id, person(shelf, "chief"), NOW)

    desk = StoredPolicyDesk(held, lambda: NOW)
    told = desk.publish(CLOSED, shelf.in_force() or "", person(shelf, "boss"), "")
    assert not told.passed
    assert "rule door" in map(str, told.outside)
    publication = StoredChanges(held, lambda: NOW).publish(kept.id, kept.revision, person(shelf, "boss"))
    assert publication.outcome is Outcome.BEYOND_ZONES
    assert "rule door" in map(str, publication.outside)


def test_who_is_an_administrator_by_another_group_too_is_held_to_nothing(shelf: StoredPolicies):
    admins = {Role.ADMIN: frozenset({"hangang/it-admins", "hangang/vdi"})}
    held = replace(shelf, role_groups=admins, zone_groups={"development": frozenset({"hangang/vdi"})})

    assert shelf.zones_of(person(shelf, "boss")) is None
    assert held.zones_of(person(shelf, "boss")) is None
    assert held.zones_of(person(shelf, "kim")) == frozenset()


STEPS = tuple(
    POLICY.replace("rules:", f"rules:\n  - {{id: no, forbid: [login:vpn], who: [{who}], reason: no}}")
    for who in ("user:kim@hangang", "user:kim@hangang, user:lee@hangang", "group:hangang/vpn")
)


def publish_by(shelf: StoredPolicies, text: str, author_id: int | None, now: float) -> Outcome:
    draft = Draft(text[: text.index("tests:")], "somebody", shelf.in_force(), author_id=author_id)
    return publish(draft, shelf, now).outcome


def test_small_publications_of_one_person_add_up_within_a_day(shelf: StoredPolicies):
    """Three people are the budget, and each step takes the VPN from one more."""
    boss, chief = (person(shelf, name).id for name in ("boss", "chief"))

    assert publish_by(shelf, STEPS[0], boss, NOW) is Outcome.PUBLISHED
    assert publish_by(shelf, STEPS[1], boss, NOW + 60) is Outcome.PUBLISHED
    assert publish_by(shelf, STEPS[2], boss, NOW + 120) is Outcome.NEEDS_APPROVAL
    assert publish_by(shelf, STEPS[2], chief, NOW + 120) is Outcome.PUBLISHED


def test_what_comes_in_waves_counts_from_its_first_wave_on(shelf: StoredPolicies):
    boss = person(shelf, "boss").id
    rollouts = StoredRollouts(shelf.database, KEYRING, Dice(), "test")
    draft = Draft(STEPS[0][: STEPS[0].index("tests:")], "boss@hangang", shelf.in_force(), author_id=boss)

    assert begin(draft, read_waves("1%,100%", "10m"), shelf, rollouts, NOW).outcome is Outcome.PUBLISHED

    assert shelf.taken_lately(boss, NOW) == {"hangang": {"kim@hangang"}}


def test_the_page_of_a_draft_looks_at_no_earlier_publication_again(shelf: StoredPolicies, monkeypatch):
    boss = person(shelf, "boss").id
    for number, step in enumerate(STEPS[:2]):
        assert publish_by(shelf, step, boss, NOW + number) is Outcome.PUBLISHED
    seen = []
    look = forecast.preview
    monkeypatch.setattr(forecast, "preview", lambda *given: seen.append(1) or look(*given))

    text = STEPS[2][: STEPS[2].index("tests:")]
    rehearse(Draft(text, "boss@hangang", shelf.in_force(), author_id=boss), shelf, NOW + 120)

    assert seen == [1]


def test_what_was_taken_is_forgotten_after_a_day(shelf: StoredPolicies):
    publish_by(shelf, STEPS[0], None, NOW)

    tidy(shelf.database, NOW + 86400)

    with shelf.database.read() as conn:
        assert conn.execute(select(takings)).all() == []


def test_after_a_day_nothing_adds_up(shelf: StoredPolicies):
    boss = person(shelf, "boss").id
    assert publish_by(shelf, STEPS[0], boss, NOW) is Outcome.PUBLISHED
    assert publish_by(shelf, STEPS[1], boss, NOW + 60) is Outcome.PUBLISHED

    assert publish_by(shelf, STEPS[2], boss, NOW + 60 + 86400) is Outcome.PUBLISHED


def test_whoever_gives_no_name_is_one_and_the_same(shelf: StoredPolicies):
    assert publish_by(shelf, STEPS[0], None, NOW) is Outcome.PUBLISHED
    assert publish_by(shelf, STEPS[1], None, NOW + 60) is Outcome.PUBLISHED
    assert publish_by(shelf, STEPS[2], None, NOW + 120) is Outcome.NEEDS_APPROVAL


def test_what_adds_up_can_be_approved(shelf: StoredPolicies):
    """Otherwise it would need an approval that nobody could give."""
    boss, chief = person(shelf, "boss"), person(shelf, "chief")
    for step in STEPS[:2]:
        assert publish_by(shelf, step, boss.id, NOW) is Outcome.PUBLISHED
    text = STEPS[2][: STEPS[2].index("tests:")]
    draft = Draft(text, "boss@hangang", shelf.in_force(), author_id=boss.id)
    kept = shelf.submit(shelf.save(None, draft, NOW).id, draft, NOW)

    shelf.approve(kept.id, chief, NOW)

    assert publish(draft, shelf, NOW).outcome is Outcome.PUBLISHED


DEVICES = UNTRIED.replace(
    "rules:", "rules:\n  - {id: devices, permit: [login:device], who: [user:kim@hangang, user:lee@hangang]}"
)


@pytest.mark.parametrize(
    ("who", "shut"),
    [
        ("[group:hangang/vpn]", {"login:portal"}),
        ("[user:chief@hangang]", set()),
        ("[group:hangang/it-admins], when: {otp_age: 5m}", set()),
    ],
)
def test_a_preview_says_where_no_administrator_is_left_at_the_console(
    shelf: StoredPolicies, who: str, shut: set[str]
):
    newer = UNTRIED.replace(
        "permit: [login:portal], who: [organization:hangang]", f"permit: [login:portal], who: {who}"
    )

    assert {each.object for each in shelf.preview(compile(load(newer)), NOW).shut} == shut


@pytest.mark.parametrize(
    ("who", "shut"), [("[user:nobody@hangang]", {"login:device"}), ("[user:park@hangang]", set())]
)
def test_a_preview_says_where_nobody_is_left_for_network_devices(
    shelf: StoredPolicies, who: str, shut: set[str]
):
    assert publish(Draft(DEVICES, "boss", shelf.in_force()), shelf, NOW).outcome is Outcome.PUBLISHED
    newer = DEVICES.replace("[user:kim@hangang, user:lee@hangang]", who)

    assert {each.object for each in shelf.preview(compile(load(newer)), NOW).shut} == shut


def test_administrators_who_had_no_console_before_are_no_news(shelf: StoredPolicies):
    seen = shelf.preview(compile(load(CLOSED)), NOW)

    assert seen.shut == ()


def test_a_preview_names_the_places_where_no_nas_stands(shelf: StoredPolicies, house: Gatehouse):
    house.nas(None, "ap-2", via="wireless", site="seoul")
    asks = "{id: air, permit: [login:wireless], who: [organization:hangang], when: {site: [seoul, Soeul]}}"
    policy = compile(load(POLICY.replace("rules:", f"rules:\n  - {asks}")))

    seen = shelf.preview(policy, NOW)

    assert [(each.rule, each.word) for each in seen.of("hangang").nowhere] == [("air", "Soeul")]
    assert seen.of("namsan").nowhere == ()
    assert "rule air asks for the site 'Soeul', where no NAS stands; did you mean 'seoul'?" in told(seen)


NAMING = UNTRIED.replace(
    "rules:", "rules:\n  - {id: exception, permit: [login:device], who: [user:kim@hangang, user:lee@hangang]}"
)


def leave(house: Gatehouse, name: str, at: float, entry: str) -> None:
    with house.database.write() as conn:
        gone = {"enabled": False, "vanished_at": at, "entry_uuid": entry}
        conn.execute(update(users).where(users.c.name == name).values(gone))


def test_a_preview_names_whoever_got_the_name_of_one_who_left_since_the_publication(
    shelf: StoredPolicies, house: Gatehouse
):
    assert publish(Draft(NAMING, "boss", shelf.in_force()), shelf, NOW).outcome is Outcome.PUBLISHED
    leave(house, "kim", NOW + 60, "the one who left")
    leave(house, "lee", NOW + 60, "lee left, too")
    assert shelf.preview(compile(load(NAMING)), NOW + 90).namesakes == ()
    settle_in(house.database, "kim")

    seen = shelf.preview(compile(load(NAMING)), NOW + 120)

    assert [(each.what, each.name) for each in seen.of("hangang").namesakes] == [("exception", "kim@hangang")]
    assert seen.of("namsan").namesakes == ()
    assert any(
        line.startswith("exception names kim@hangang: whoever that was has left") for line in told(seen)
    )


@pytest.mark.parametrize(
    ("left", "entry", "named"),
    [(NOW - 60, "the one who left", []), (NOW + 60, "folded-7", []), (NOW + 60, "left", ["kim@hangang"])],
    ids=["before", "folded", "after"],
)
def test_a_name_that_was_not_in_the_policy_is_somebody_elses_only_since_the_publication(
    shelf: StoredPolicies, house: Gatehouse, left: float, entry: str, named: list[str]
):
    assert publish(Draft(UNTRIED, "boss", shelf.in_force()), shelf, NOW).outcome is Outcome.PUBLISHED
    leave(house, "kim", left, entry)
    settle_in(house.database, "kim")

    seen = shelf.preview(compile(load(NAMING)), NOW + 120)

    assert [each.name for each in seen.namesakes] == named


APART = """\
version: 1
networks:
  audit: {organization: hangang, to: [10.96.0.0/24]}
  web: {organization: hangang, to: [10.97.0.0/24]}
zones:
  business: {title: {ko: 업무망, en: Business}, holds: [network:audit]}
  internet: {title: {ko: 인터넷망, en: Internet}, holds: [network:web]}
rules:
  - {id: door, permit: [login:vpn, login:portal], who: [organization:hangang]}
"""


def test_a_preview_names_grants_that_would_have_somebody_in_two_zones(
    shelf: StoredPolicies, house: Gatehouse
):
    house.publish(APART)
    grant = {"who": ("user:kim@hangang",), "objects": ("network:audit",), "organization": "hangang"}
    wanted = Standing(0, StandingKind.GRANT, **grant, until=NOW + 3600)
    kim = person(shelf, "kim")
    with house.database.write() as conn:
        standing.add(conn, Kept(wanted, organization_id=1, user_id=kim.id), NOW)
    newer = APART + "  - {id: web, permit: [network:web], who: [user:kim@hangang]}\n"
    assert shelf.preview(compile(load(APART + "# a word\n")), NOW).grants == ()

    seen = shelf.preview(compile(load(newer)), NOW)

    assert (
        "kim@hangang: grant-1 to network:audit until 2027-01-15 18:00 KST would put them into the zones"
        " Business, Internet at once (VPN): that is refused, or ends the session (POLICY_CONFLICT)"
    ) in told(seen, zone=ZoneInfo("Asia/Seoul"))
    assert seen.of("namsan").grants == seen.about("network:web").grants == ()
    assert seen.of("hangang").grants == seen.about("network:audit").grants == seen.grants
    assert shelf.preview(compile(load(newer)), NOW + 3600).grants == ()
    with house.database.write() as conn:
        conn.execute(update(users).where(users.c.name == "kim").values(enabled=False))
    assert shelf.preview(compile(load(newer)), NOW).grants == ()


def test_a_preview_names_the_nases_that_cannot_be_told_what_a_rule_gives(
    shelf: StoredPolicies, house: Gatehouse
):
    house.nas(None, "ap-2", via="wireless", vendor="aruba", site="seoul")
    house.nas(None, "ap-off", via="wireless", vendor="aruba", enabled=False)
    gives = "{bandwidth: {up: 10M, down: 9M}}"
    limited = f"{{id: air, permit: [login:wireless], who: [organization:hangang], gives: {gives}}}"
    policy = compile(load(POLICY.replace("rules:", f"rules:\n  - {limited}")))

    seen = shelf.preview(policy, NOW)

    assert [(each.rule, each.nas) for each in seen.untold] == [("air", ("ap-2",))]
    assert seen.of("namsan").untold == ()
    assert "ap-2 cannot be told what air gives: aruba has no bandwidth" in " ".join(told(seen))
