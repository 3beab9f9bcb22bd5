"""The tree of subjects against the definition, and routes that follow every change of interest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nats_reference.routing import interest
from nats_reference.routing.index import Index
from nats_reference.routing.sink import Sink
from nats_spec import subjects

WORDS = st.sampled_from([b"a", b"b", b"*", b">", b"a*", b">b", b"c"])
SUBJECTS = st.lists(WORDS, min_size=1, max_size=4).map(b".".join)
PATTERNS = SUBJECTS.filter(subjects.valid_subscription)


@given(patterns=st.lists(PATTERNS, max_size=12), gone=st.sets(st.integers(0, 11)), asked=SUBJECTS)
def test_the_tree_finds_what_the_definition_matches(patterns, gone, asked):
    index: Index[int] = Index()
    for number, pattern in enumerate(patterns):
        index.insert(pattern, number)
    left = {number: pattern for number, pattern in enumerate(patterns) if number not in gone}
    for number in gone & set(range(len(patterns))):
        index.remove(patterns[number], number)
    expected = sorted(n for n, pattern in left.items() if subjects.matches(pattern, asked))
    assert sorted(index.match(asked)) == expected
    assert index.count == len(left)


@given(patterns=st.lists(PATTERNS, max_size=12))
def test_an_emptied_tree_is_bare(patterns):
    index: Index[int] = Index()
    for number, pattern in enumerate(patterns):
        index.insert(pattern, number)
    for number, pattern in reversed(list(enumerate(patterns))):
        index.remove(pattern, number)
    assert index.root.bare
    assert index.count == 0


def test_what_is_not_there_can_not_be_removed():
    index: Index[int] = Index()
    index.insert(b"a.b", 1)
    for pattern in (b"x.y", b"a.*", b"a.b.>", b"a", b"a.b"):
        index.remove(pattern, 2)
    assert index.match(b"a.b") == [1]


@given(patterns=st.lists(PATTERNS, max_size=12), asked=PATTERNS)
def test_the_tree_finds_what_overlaps_by_definition(patterns, asked):
    index: Index[int] = Index()
    for number, pattern in enumerate(patterns):
        index.insert(pattern, number)
    expected = [n for n, pattern in enumerate(patterns) if subjects.collide(pattern, asked)]
    assert sorted(index.overlapping(asked)) == expected


def test_empty_tokens_match_nothing():
    index: Index[int] = Index()
    index.insert(b">", 1)
    assert [index.match(word) for word in (b"a..b", b".a", b"a.", b".", b"")] == [[]] * 5


ACKS = st.lists(st.sampled_from([b"a", b"b", b"*", b">", b""]), max_size=3).map(
    lambda words: b".".join([b"$JS.ACK", *words])
)


@given(
    steps=st.lists(
        st.one_of(ACKS, st.sampled_from([b"*.ACK.>", b">", b"$JS.*.a", b"$JS.>", b"$JS.ACK.>"])),
        max_size=4,
    ),
    asked=st.lists(ACKS, max_size=6),
)
def test_what_is_one_of_many_goes_where_the_tree_says(steps, asked):
    """Subjects of acknowledgements share a route as long as nobody tells them apart."""
    heard = interest.Interest()
    hearers = [Sink(b"$JS.ACK.>", lambda *_: True)]
    heard.add(hearers[0])
    for pattern in [None, *steps]:
        if pattern is not None and subjects.valid_subscription(pattern):
            hearers.append(Sink(pattern, lambda *_: True))
            heard.add(hearers[-1])
        for subject in asked:
            found = heard.route(subject).sinks
            expected = [each.take for each in hearers if subjects.matches(each.subject, subject)]
            assert sorted(map(id, found)) == sorted(map(id, expected)), (pattern, subject)


def test_the_memo_forgets_when_interest_changes(world):
    world = world()
    publisher, one, two = world.client(), world.client(), world.client()
    said = b"PUB a.b 1\r\nx\r\n" * 3
    publisher.say(said)
    one.say(b"SUB a.* 1\r\n")
    publisher.say(said)
    two.say(b"SUB > 1\r\n")
    publisher.say(said)
    assert one.say(b"UNSUB 1\r\n").count(b"MSG") == 6
    publisher.say(said)
    two.connection.lost()
    publisher.say(said)
    assert one.take() == b""
    assert two.take().count(b"MSG") == 6
    assert publisher.connection.in_msgs == 15
    assert world.server.counters.out_msgs == 6


def test_a_line_that_is_known_means_what_it_says(world):
    """Where receivers differ from message to message, the line alone is remembered."""
    world = world()
    publisher, worker = world.client(), world.client()
    worker.say(b"SUB a.* team 1\r\n")
    said = b"PUB a.b 1\r\nx\r\n"
    assert publisher.say(said * 3) == b""
    assert publisher.connection.memo == {b"PUB a.b 1\r\n": (b"a.b", None, None, b"1", 1)}
    assert worker.take() == b"MSG a.b 1 1\r\nx\r\n" * 3
    assert publisher.say(b"PUB a.b 1\r\n", b"y", b"\r\n" + said) == b""
    assert worker.take() == b"MSG a.b 1 1\r\ny\r\nMSG a.b 1 1\r\nx\r\n"
    publisher.say(b'CONNECT {"verbose":true,"pedantic":false}\r\n')
    assert publisher.say(said * 2) == b"+OK\r\n" * 2
    publisher.say(b'CONNECT {"verbose":false,"pedantic":true}\r\n')
    publisher.say(said * 2)
    assert publisher.connection.memo == {}
    assert publisher.connection.in_msgs == 9


@pytest.mark.parametrize("line", [b"PUB a.b _INBOX.x 1", b"PUB $JS.ACK.s.c.1.1.1.1.1 1"])
def test_what_is_named_once_is_not_remembered(world, line):
    world = world()
    publisher, worker = world.client(), world.client()
    worker.say(b"SUB > team 1\r\n")
    publisher.say((line + b"\r\nx\r\n") * 2)
    assert publisher.connection.memo == {}
    assert worker.take().count(b"MSG") == 2


def test_routes_and_memo_are_bounded(world, monkeypatch):
    monkeypatch.setattr(interest, "MAX_ROUTES", 10)
    monkeypatch.setattr("nats_reference.reading.MAX_READY", 10)
    world = world()
    client = world.client()
    client.say(b"SUB > 1\r\n")
    said = client.say(b"".join(b"PUB a.%d 1\r\nx\r\n" % number for number in range(100)))
    assert said.count(b"MSG") == 100
    assert len(world.server.interest.routes) <= 10
    assert len(client.connection.memo) <= 10


def test_a_thousand_random_steps_deliver_what_the_definition_says(world):
    rng = random.Random(3)
    world = world()
    clients = [world.client() for _ in range(4)]
    held: list[dict[bytes, bytes]] = [{} for _ in clients]
    words = [b"a", b"b", b"*", b">"]
    for step in range(1000):
        number = rng.randrange(4)
        client, mine = clients[number], held[number]
        sid = b"%d" % rng.randrange(5)
        subject = b".".join(rng.choice(words) for _ in range(rng.randint(1, 3)))
        match rng.randrange(4):
            case 0 if subjects.valid_subscription(subject):
                client.say(b"SUB " + subject + b" " + sid + b"\r\n")
                mine.setdefault(sid, subject)
            case 1:
                client.say(b"UNSUB " + sid + b"\r\n")
                mine.pop(sid, None)
            case _:
                publisher = clients[rng.randrange(4)]
                own = publisher.say(b"PUB " + subject + b" 1\r\n" + b"%d" % (step % 10) + b"\r\n")
                for other, subscriptions in zip(clients, held, strict=True):
                    got = own if other is publisher else other.take()
                    expected = sum(subjects.matches(s, subject) for s in subscriptions.values())
                    assert got.count(b"MSG " + subject + b" ") == expected
