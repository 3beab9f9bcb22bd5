"""What may differ between two right servers is taken out; everything else is shown."""

import pytest

from nats_conformance.differential import NORMALISERS, compare
from nats_conformance.expect import Mismatch
from nats_spec.operations import Err, Hmsg, Info, Msg, Ok, Ping, Pong

ONE = Msg(b"a", b"1", b"", b"hi")
TWO = Msg(b"a", b"2", b"", b"hi")
NAMED = Hmsg(b"r", b"1", b"", b"NATS/1.0 503\r\nNats-Subject: a\r\n\r\n", b"")
BARE = Hmsg(b"r", b"1", b"", b"NATS/1.0 503\r\n\r\n", b"")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([Info(b'{"a":1}'), Pong()], [Info(b'{"b":2}'), Pong()]),
        ([Ping(), Pong()], [Pong()]),
        ([ONE, TWO, Ok()], [TWO, ONE, Ok()]),
    ],
)
def test_identity_keepalive_and_the_order_of_copies_are_no_difference(ours, theirs):
    compare([ours], [theirs], same_503=True)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([Err(b"Invalid Subject")], [Err(b"invalid subject")]),
        ([Ok(), ONE], [ONE, Ok()]),
        ([ONE], [ONE, ONE]),
        ([ONE], [TWO]),
        ([ONE, Msg(b"b", b"1", b"", b"hi")], [Msg(b"b", b"1", b"", b"hi"), ONE]),
        ([NAMED], [BARE]),
    ],
)
def test_everything_else_is(ours, theirs):
    with pytest.raises(Mismatch, match="connection 2"):
        compare([[], ours], [[], theirs], same_503=True)


def test_between_releases_the_status_503_may_name_its_subject():
    compare([[NAMED]], [[BARE]], same_503=False)


def test_every_normaliser_says_why():
    assert all(each.name and each.reason for each in NORMALISERS)
