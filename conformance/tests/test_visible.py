from hypothesis import given
from hypothesis import strategies as st

from nats_conformance import visible


@given(st.binary() | st.text().map(str.encode))
def test_what_is_shown_can_be_read_back(data: bytes) -> None:
    assert visible.read(visible.show(data)) == data


@given(st.binary(max_size=3), st.integers(1, 5000), st.binary(max_size=3))
def test_runs_are_short_and_can_be_read_back(head: bytes, count: int, tail: bytes) -> None:
    data = head + b"x" * count + tail
    shown = visible.show(data)
    assert visible.read(shown) == data
    assert len(shown) < 80


def test_controls_have_pictures() -> None:
    assert visible.show(b"PUB a 1\r\n\t\0\r\n") == "PUB a 1␍␊␉␀␍␊"


def test_a_picture_that_was_sent_is_no_control() -> None:
    assert visible.show("␍".encode()) == r"\xe2\x90\x8d"


def test_what_only_looks_like_a_run_is_told_apart() -> None:
    data = b"{a*40}"
    assert visible.show(data) == r"\x7ba*40}"
    assert visible.read(visible.show(data)) == data


def test_json_stays_readable() -> None:
    assert visible.show(b'INFO {"a":{"b":1}} \r\n') == 'INFO {"a":{"b":1}} ␍␊'


def test_a_line_keeps_its_end() -> None:
    assert visible.line(b"PUB foo 200\r\n" + bytes(range(48, 90)) * 300 + b"end\r\n", 60).endswith(
        "end␍␊"
    )
    assert len(visible.line(b"ab" * 9999, 60)) <= 62


def test_a_long_run_is_one_glance() -> None:
    assert visible.line(b"a" * 1_000_000) == "{a*1000000}"
