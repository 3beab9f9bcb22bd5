"""What mirrors and sources take, and how streams that go and come are followed."""

import pytest

from nats_reference.jetstream.copying.copies import Copies
from nats_reference.jetstream.copying.selecting import selection


def draw(_below):
    return 0


@pytest.mark.parametrize(
    ("described", "patterns", "key"),
    [
        ({"name": "O"}, (), "O > >"),
        ({"name": "O", "filter_subject": "a.*"}, (b"a.*",), "O a.* >"),
        ({"name": "O", "subject_transforms": [{"src": "a", "dest": "b"}]}, (b"a",), "O a b"),
        (
            {"name": "O", "subject_transforms": [{"src": "a"}, {"src": "b", "dest": "c"}]},
            (b"a", b"b"),
            "O a\fb >\fc",
        ),
    ],
)
def test_a_filter_is_a_transform_that_changes_nothing(described, patterns, key):
    selected = selection(described, draw)
    assert selected.patterns == patterns
    assert selected.key == key


def test_the_first_transform_that_matches_counts():
    pairs = [{"src": "a.*", "dest": "one.$1"}, {"src": "a.>", "dest": "two.>"}]
    selected = selection({"name": "O", "subject_transforms": pairs}, draw)
    assert [selected.renamed(each) for each in (b"a.x", b"a.x.y", b"b")] == [
        b"one.x",
        b"two.x.y",
        b"b",
    ]


class Account:
    """Streams that feed one another."""

    def __init__(self, streams):
        self.streams = streams
        self.named = {}
        self.copies = Copies(self.named, streams.host.clock)

    def create(self, name, **config):
        stream = self.streams.create(name=name, **config)
        self.named[name] = stream
        self.copies.adopt(stream)
        return stream

    def settle(self):
        self.streams.host.clock.advance(0)

    def told(self, name):
        stream = self.named[name]
        return [self.copies.told(stream, each) for each in stream.config.sources]


@pytest.fixture
def account(streams):
    return Account(streams)


def payloads(stream):
    index = stream.store.index
    return [stream.get(seq).payload for seq in index.sequences()]


def test_more_than_a_round_is_brought(account):
    origin = account.create("O", subjects=("a",))
    for number in range(700):
        account.streams.put(origin, payload=b"%d" % number)
    origin.drain()
    mirror = account.create("M", mirror={"name": "O"})
    assert payloads(mirror) == []
    account.settle()
    assert payloads(mirror) == [b"%d" % number for number in range(700)]


def test_an_origin_that_goes_and_comes_is_followed(account):
    copy = account.create("C", sources=({"name": "O"},))
    assert account.told("C")[0]["error"]["err_code"] == 10059
    origin = account.create("O", subjects=("a",))
    account.streams.put(origin, payload=b"1")
    origin.drain()
    account.settle()
    assert payloads(copy) == [b"1"]
    (told,) = account.told("C")
    assert (told["lag"], told["seq"], told["active"], "error" in told) == (0, 1, 0, False)
    account.copies.drop(origin)
    assert account.told("C")[0]["error"]["err_code"] == 10059


def test_a_full_stream_takes_no_more_than_it_holds(account):
    origin = account.create("O", subjects=("a",))
    for number in range(5):
        account.streams.put(origin, payload=b"%d" % number)
    origin.drain()
    copy = account.create("C", sources=({"name": "O"},), max_msgs=2, discard="new")
    account.settle()
    assert payloads(copy) == [b"0", b"1"]
    assert account.told("C")[0]["lag"] == 3
    copy.remove(1)
    account.streams.put(origin, payload=b"5")
    origin.drain()
    account.settle()
    assert payloads(copy) == [b"1", b"2"]


def test_an_origin_elsewhere_is_not_reached(account):
    external = {"name": "O", "external": {"api": "$JS.other.API", "deliver": ""}}
    account.create("C", sources=(external,))
    (told,) = account.told("C")
    assert (told["external"], told["lag"], told["active"]) == (external["external"], 0, -1)
