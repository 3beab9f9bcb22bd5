"""What is left to the server is counted only where it may matter."""

from nats_reference.jetstream.capacity import AMPLE, Headroom


def counting(*figures):
    found = list(figures)
    return Headroom(lambda: found.pop(0)), found


def test_as_long_as_much_is_left_nobody_counts():
    headroom, figures = counting(3 * AMPLE, 7)
    assert headroom.left() == 3 * AMPLE
    headroom.spend(AMPLE)
    assert headroom.left() == 2 * AMPLE
    assert figures == [7]


def test_near_the_limit_it_is_right_to_the_byte():
    headroom, figures = counting(AMPLE + 1, 11, 7)
    headroom.left()
    headroom.spend(2)
    assert [headroom.left(), headroom.left()] == [11, 7]
    assert figures == []


def test_what_goes_makes_no_room_before_it_is_counted():
    headroom, _ = counting(2 * AMPLE)
    headroom.left()
    headroom.spend(-AMPLE)
    assert headroom.left() == 2 * AMPLE


def test_what_is_forgotten_is_counted_anew():
    headroom, _ = counting(2 * AMPLE, 3 * AMPLE)
    headroom.left()
    headroom.forget()
    assert headroom.left() == 3 * AMPLE
