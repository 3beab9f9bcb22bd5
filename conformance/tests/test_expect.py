import re

import pytest

from nats_conformance.expect import agrees, describe, lines_in, through_line


@pytest.mark.parametrize(
    ("buffer", "expected", "verdict"),
    [
        (b"PONG\r\n", b"PONG\r\n", True),
        (b"PONG\r\n+OK", b"PONG\r\n", True),
        (b"PO", b"PONG\r\n", None),
        (b"", b"PONG\r\n", None),
        (b"PI", b"PONG\r\n", False),
        (b"PONG\n", b"PONG\r\n", False),
    ],
)
def test_agreement_is_decided_as_early_as_can_be(buffer, expected, verdict):
    assert agrees(buffer, expected) is verdict


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        (rb"MSG a 1 2\r\nhi\r\n", 2),
        (re.escape(b"MSG a 1 2\r\nhi\r\n"), 2),
        (rb"MSG [^\r\n]+\r\n", 1),
        (rb"INFO ", 0),
        (rb"\[x\]\r\n", 1),
    ],
)
def test_line_ends_of_a_pattern_are_counted(pattern, count):
    assert lines_in(re.compile(pattern)) == count


def test_so_many_lines_from_the_beginning():
    assert through_line(b"a\nb\nc", 2) == 4
    assert through_line(b"a\nb\nc", 3) == -1
    assert through_line(b"", 0) == 0


def test_patterns_are_described_as_such():
    assert describe("PONG\r\n") == "PONG␍␊"
    assert describe(re.compile(rb"a+")) == "bytes like a+"
