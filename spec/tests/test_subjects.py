"""SUBJ-001 .. SUBJ-006, SUBJ-011, SUBJ-012: subjects against the plainest definition of each relation."""

import itertools

import pytest
from hypothesis import given

from nats_spec import strategies
from nats_spec.subjects import collide, is_subset, matches, valid_literal, valid_subscription

UNIVERSE = [
    b".".join(tokens)
    for length in (1, 2, 3, 4)
    for tokens in itertools.product([b"a", b"b"], repeat=length)
]


@pytest.mark.parametrize(
    ("subject", "pattern", "literal"),
    [
        (b"foo", True, True),
        (b"foo.bar", True, True),
        (b"foo.*", True, False),
        (b"*", True, False),
        (b">", True, False),
        (b"foo.>", True, False),
        (b"foo.>.bar", False, False),
        (b">.foo", False, False),
        (b"foo..bar", False, False),
        (b".foo", False, False),
        (b"foo.", False, False),
        (b".", False, False),
        (b"", False, False),
        (b"foo*", True, True),
        (b"foo.>bar", True, True),
        (b"**", True, True),
        (b"\x00.\xff", True, True),
        (b"fo\ro", True, True),
        (b"foo bar", False, False),
        (b"foo\tbar", False, False),
    ],
)
def test_validity(subject, pattern, literal):
    assert valid_subscription(subject) is pattern
    assert valid_literal(subject) is literal


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        (b"foo.*", b"foo.bar", True),
        (b"foo.*", b"foo", False),
        (b"foo.*", b"foo.bar.baz", False),
        (b"foo.>", b"foo", False),
        (b"foo.>", b"foo.a.b", True),
        (b">", b"foo", True),
        (b">", b"foo..bar", False),
        (b"foo*", b"foo*", True),
        (b"foo*", b"foox", False),
        (b"foo.*", b"foo.*", True),
        (b"foo.>", b"foo.>", True),
        (b"foo.bar", b"foo.*", False),
        (b"FOO", b"foo", False),
    ],
)
def test_matching(pattern, subject, expected):
    assert matches(pattern, subject) is expected


@given(strategies.patterns(), strategies.patterns())
def test_subset_and_collision_agree_with_enumeration(one, other):
    letters = [s.replace(b"c", b"b") for s in (one, other)]
    first, second = (frozenset(u for u in UNIVERSE if matches(p, u)) for p in letters)
    if is_subset(*letters):
        assert first <= second
    if first & second:
        assert collide(*letters)
    assert collide(*letters) == collide(*reversed(letters))


@given(strategies.patterns(), strategies.subjects())
def test_a_subject_is_a_pattern_that_matches_itself_alone(pattern, subject):
    assert matches(subject, subject)
    assert is_subset(subject, pattern) == matches(pattern, subject)
    assert collide(subject, pattern) == matches(pattern, subject)


@given(strategies.patterns(), strategies.patterns(), strategies.patterns())
def test_subset_is_an_order(one, two, three):
    assert is_subset(one, one)
    if is_subset(one, two) and is_subset(two, three):
        assert is_subset(one, three)
