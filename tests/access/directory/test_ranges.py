"""Groups of which the server shows a part at a time."""

from access.directory.ranges import merged


def members(*numbers):
    return tuple(f"cn=m{number}".encode() for number in numbers)


def test_an_entry_that_is_whole_is_left_alone():
    entry = {"cn": (b"vpn",), "member": members(1, 2)}

    assert merged({}, entry) == (entry, ())


def test_parts_are_asked_for_until_the_last_and_nobody_is_lost():
    known, wanted = merged({}, {"cn": (b"vpn",), "member;range=0-1": members(0, 1)})
    assert wanted == ("member;range=2-*",)

    known, wanted = merged(known, {"member;range=2-3": members(2, 3)})
    assert wanted == ("member;range=4-*",)

    known, wanted = merged(known, {"member;Range=4-*": members(4)})
    assert wanted == ()
    assert known == {"cn": (b"vpn",), "member": members(0, 1, 2, 3, 4)}


def test_a_part_that_is_not_there_any_more_is_the_end():
    known, _ = merged({}, {"member;range=0-1": members(0, 1)})

    assert merged(known, {}) == ({"member": members(0, 1)}, ())


def test_an_option_that_is_no_range_is_part_of_the_name():
    assert merged({}, {"userCertificate;binary": (b"x",)}) == ({"userCertificate;binary": (b"x",)}, ())
