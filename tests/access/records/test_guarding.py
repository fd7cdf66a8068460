from access.records.guarding import Edit, Guarded, Seen, Watcher

NAS = Guarded.NAS


def seen(rows: dict[str, int], *told: tuple[str, str]) -> Seen:
    return Seen({NAS: rows}, frozenset(told))


def test_the_first_look_finds_nothing():
    watcher = Watcher()

    assert watcher.look(seen({"1": 11})) == []
    assert watcher.look(seen({"1": 11})) == []


def test_a_change_that_the_feed_tells_of_is_ours():
    watcher = Watcher()
    watcher.look(seen({"1": 11}))

    assert watcher.look(seen({"1": 12}, ("nas", "1"))) == []
    assert watcher.look(seen({"1": 12})) == []


def test_a_change_that_the_feed_does_not_tell_of_is_found_at_the_second_look_and_once():
    watcher = Watcher()
    watcher.look(seen({"1": 11, "2": 22, "3": 33}))

    assert watcher.look(seen({"1": 12, "3": 33, "4": 44}, ("nas", "3"), ("user", "1"))) == []
    found = watcher.look(seen({"1": 12, "3": 33, "4": 44}))

    assert sorted(edit.key for edit in found) == ["1", "2", "4"]
    assert watcher.look(seen({"1": 12, "3": 33, "4": 44})) == []


def test_a_change_whose_feed_row_shows_only_at_the_second_look_is_ours():
    watcher = Watcher()
    watcher.look(seen({"1": 11}))
    watcher.look(seen({"1": 12}))

    assert watcher.look(seen({"1": 12}, ("nas", "1"))) == []


def test_a_second_edit_is_found_as_well():
    watcher = Watcher()
    watcher.look(seen({"1": 11}))
    watcher.look(seen({"1": 12}))

    assert watcher.look(seen({"1": 13})) == [Edit(NAS, "1")]
    assert watcher.look(seen({"1": 13})) == [Edit(NAS, "1")]
    assert watcher.look(seen({"1": 13})) == []
