from access.records.looking import MOST_REMEMBERED, SAME_LOOK_S, Look, Looks

LOOK = Look("boss@hangang", "user", 1, 7)


def test_the_same_look_counts_once_for_a_while():
    looks = Looks()

    assert looks.is_new(LOOK, 1000.0)
    assert not looks.is_new(LOOK, 1000.0 + SAME_LOOK_S - 1)
    assert looks.is_new(LOOK, 1000.0 + SAME_LOOK_S)


def test_another_person_page_or_viewer_is_another_look():
    looks = Looks()
    looks.is_new(LOOK, 1000.0)

    assert looks.is_new(Look("boss@hangang", "user", 1, 8), 1000.0)
    assert looks.is_new(Look("boss@hangang", "case", 1, 7), 1000.0)
    assert looks.is_new(Look("desk@hangang", "user", 1, 7), 1000.0)


def test_a_clock_that_was_put_back_hides_no_look():
    looks = Looks()
    looks.is_new(LOOK, 5000.0)

    assert looks.is_new(LOOK, 1000.0)


def test_memory_is_bounded():
    looks = Looks()
    for number in range(MOST_REMEMBERED + 5):
        looks.is_new(Look("boss@hangang", "user", 1, number), 1000.0)

    assert looks.is_new(Look("boss@hangang", "user", 1, 0), 1000.0)
    assert not looks.is_new(Look("boss@hangang", "user", 1, MOST_REMEMBERED), 1000.0)


def test_what_is_recorded_belongs_to_the_person_and_names_the_viewer():
    entry = LOOK.entry(5.0)

    assert (entry.kind, entry.user_id, entry.organization_id) == ("viewed", 7, 1)
    assert entry.detail == {"what": "viewed.person", "by": "boss@hangang", "page": "user"}


def test_a_search_keeps_what_was_typed():
    entry = Look("boss@hangang", "users", 1, None, "kim").entry(5.0)

    assert entry.detail == {"what": "viewed.list", "by": "boss@hangang", "page": "users", "text": "kim"}
