import pytest
from sqlalchemy import insert, inspect, text

from access.errors import Unavailable
from access.logins.presence import Presence
from access.logins.presence_watch import PresenceWatch
from access.logins.risk import TRAIL_S, Visit
from access.store import feed
from access.store.feed import Topic
from access.store.presences import Presences, visits_since
from access.store.tables import endpoints
from tests.access.gatehouse import Gatehouse
from tests.access.residents import NOW

MAC = "00:00:5e:00:53:01"


class Away:
    def news(self, visits):
        raise Unavailable("the database is away")


@pytest.fixture
def house(database):
    return Gatehouse(database)


def test_all_open_sessions_are_read_once_and_then_what_changes(house):
    nas_id = house.nas(None)
    first = house.session(house.user_id, nas_id, calling_station="a", heard_at=NOW, interim_s=60.0)
    over = house.session(house.user_id, nas_id, state="ended")
    presences = Presences(house.database, lambda: house.now)

    news = presences.news()
    (known,) = news.known
    assert (news.whole, known.user_id, known.station) == (True, house.user_id, "a")
    assert (known.heard_at, known.interim_s, known.leaving) == (NOW, 60.0, False)
    assert presences.news().known == ()

    house.change_session(over, state="live", disconnect="wanted")
    house.end(first)
    news = presences.news()
    assert (news.whole, news.gone, [each.leaving for each in news.known]) == (False, (known.class_,), [True])


def test_what_a_worker_granted_and_is_over_before_the_first_reading_counts_no_more(house):
    nas_id = house.nas(None)
    _, over = (house.session(house.user_id, nas_id, calling_station=each) for each in "ab")
    presences, presence = Presences(house.database, lambda: house.now), Presence(intervals=3)
    for granted in presences.news().known:
        presence.grant(granted)
    house.end(over)
    presences.forget()

    PresenceWatch(presence, presences, lambda: True).put(presences.news())

    assert presence.others_of_user(house.user_id, "a", house.now) == 0
    assert presence.others_of_user(house.user_id, "b", house.now) == 1


def test_a_session_that_is_asked_to_log_in_anew_is_not_leaving(house):
    house.session(house.user_id, house.nas(None), disconnect="wanted", wish="reauthenticate")

    (known,) = Presences(house.database, lambda: house.now).news().known
    assert not known.leaving


def test_what_was_forgotten_or_cut_from_the_feed_is_read_whole(house):
    house.session(house.user_id, house.nas(None))
    presences = Presences(house.database, lambda: house.now)
    presences.news()

    presences.forget()
    assert presences.news().whole

    with house.database.write() as conn:
        for _ in range(3):
            feed.append(conn, Topic.SESSION, "1", 1, NOW)
    with house.database.write() as conn:
        feed.prune(conn, NOW + 1)
    assert presences.news().whole


def test_the_watch_reads_only_while_there_is_a_limit(house):
    house.session(house.user_id, house.nas(None))
    presence, limited = Presence(3), []
    watch = PresenceWatch(presence, Presences(house.database, lambda: house.now), lambda: bool(limited))

    watch.put(watch.look())
    assert presence.others_of_user(house.user_id, "", NOW) == 0
    limited.append(True)
    watch.put(watch.look())
    assert presence.others_of_user(house.user_id, "", NOW) == 1


def test_a_database_that_is_away_changes_nothing_that_is_known(house):
    house.session(house.user_id, house.nas(None))
    presence = Presence(3)
    watch = PresenceWatch(presence, Presences(house.database, lambda: house.now), lambda: True)
    watch.put(watch.look())

    broken = PresenceWatch(presence, Away(), lambda: True)
    broken.put(broken.look())

    assert presence.others_of_user(house.user_id, "", NOW) == 1


def test_where_people_have_been_is_read_once_and_then_followed(house):
    place = house.nas(None, "ap", site="seoul")
    ended = house.session(house.user_id, place, calling_station=MAC, country="KR", state="ended")
    house.change_session(ended, admitted_at=house.now - 60)
    house.session(house.user_id, place, calling_station="203.0.113.7", admitted_at=house.now - TRAIL_S - 1)
    house.session(None, place, calling_station=MAC)
    presences = Presences(house.database, lambda: house.now)

    first = presences.news(True)
    assert first.all_visits
    assert first.visits == ((house.user_id, Visit(MAC, "KR", "seoul", house.now - 60)),)
    assert presences.news(True).visits == ()

    house.session(house.user_id, place, calling_station="203.0.113.7", country="JP")
    later = presences.news(True)
    assert not later.all_visits
    assert later.visits == ((house.user_id, Visit("", "JP", "seoul", house.now)),)

    presences.news(False)
    assert presences.news(True).all_visits


def test_where_people_have_been_is_found_by_when_they_came(database):
    with database.read() as conn:
        indexes = inspect(conn).get_indexes("sessions")
        if conn.dialect.name == "sqlite":
            asked = visits_since(NOW).compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
            assert "ix_sessions_admitted_at" in str(conn.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all())

    # How PostgreSQL reads so few rows says nothing of how it reads many.
    assert ["admitted_at"] in [each["column_names"] for each in indexes]


def test_a_session_is_read_with_its_zone_its_method_and_its_registered_endpoint(house):
    nas_id = house.nas(None)
    with house.database.write() as conn:
        added = insert(endpoints).values(organization_id=1, mac="00-00-5e-00-53-02")
        endpoint_id = conn.execute(added.returning(endpoints.c.id)).scalar_one()
    house.session(house.user_id, nas_id, calling_station=MAC, zone="desk", method="mab")
    house.session(house.user_id, nas_id, calling_station="192.0.2.9", endpoint_id=endpoint_id)
    presences = Presences(house.database, lambda: house.now)

    by_mac, certified = sorted(presences.news().known, key=lambda each: each.zone, reverse=True)

    assert (by_mac.endpoint, by_mac.zone, by_mac.by_mac) == (MAC, "desk", True)
    assert (certified.endpoint, certified.zone, certified.by_mac) == ("00:00:5e:00:53:02", "", False)
