"""The permissions model itself: small lists whose meaning anyone can check."""

import pytest

from nats_spec.model import permissions as p


def entries(*texts: bytes) -> tuple[p.Entry, ...]:
    return tuple(p.Entry(*text.split()) for text in texts)


def lists(allow: tuple[bytes, ...] | None = None, deny: tuple[bytes, ...] = ()) -> p.Lists:
    return p.Lists(None if allow is None else entries(*allow), entries(*deny))


@pytest.mark.parametrize(
    ("allow", "deny", "subject", "allowed"),
    [
        (None, (), b"a", True),
        ((), (), b"a", False),
        ((b"a.*",), (), b"a.b", True),
        ((b"a.*",), (), b"a.*", True),
        ((b"a.*",), (), b"a", False),
        ((b"a.>",), (b"a.b",), b"a.b", False),
        ((b"a.>",), (b"a.b",), b"a.c", True),
        (None, (b">",), b"a", False),
    ],
)
def test_publishing(allow, deny, subject, allowed):
    assert p.may_publish(p.Permissions(publish=lists(allow, deny)), subject) is allowed


@pytest.mark.parametrize(
    ("allow", "deny", "pattern", "queue", "allowed"),
    [
        ((b"a.*",), (), b"a.*", None, True),
        ((b"a.*",), (), b"a.>", None, False),
        ((b"a.>",), (), b"a.*", b"q", True),
        ((b"a q",), (), b"a", b"q", True),
        ((b"a q",), (), b"a", None, False),
        ((b"a", b"a q"), (), b"a", b"r", False),
        ((b"a", b"a q.*"), (), b"a", b"q.x", True),
        (None, (b"a.*",), b"a.>", None, False),
        (None, (b"a.*",), b">", None, True),
        (None, (b"a q",), b"a", b"q", False),
        (None, (b"a q",), b"a", b"r", True),
        (None, (b"a", b"a q"), b"a", b"r", False),
    ],
)
def test_subscribing(allow, deny, pattern, queue, allowed):
    granted = p.Permissions(subscribe=lists(allow, deny))
    assert p.may_subscribe(granted, pattern, queue) is allowed


def test_being_sent():
    granted = p.Permissions(subscribe=lists(None, (b"a.*", b"b q")))
    assert not p.may_deliver(granted, b"a.b")
    assert not p.may_deliver(granted, b"a.b", b"r")
    assert not p.may_deliver(granted, b"b", b"q")
    assert p.may_deliver(granted, b"b")


def test_answering():
    granted = p.Permissions(lists(None, (b"in",)), responses=p.Responses(2, 10.0))
    assert not p.may_publish(granted, b"other")
    assert p.respond(granted, p.NONE, b"in", 0) is None
    grants = p.requested(granted, p.NONE, b"in", 0)
    once = p.respond(granted, grants, b"in", 5)
    twice = p.respond(granted, once, b"in", 10)
    assert p.respond(granted, twice, b"in", 10) is None
    assert p.respond(granted, once, b"in", 10.1) is None
    assert p.respond(granted, p.requested(granted, twice, b"in", 10), b"in", 11) is not None


def test_answering_without_end():
    granted = p.Permissions(responses=p.Responses(None, None))
    grants = p.requested(granted, p.NONE, b"in", 0)
    for now in (1, 1e9):
        grants = p.respond(granted, grants, b"in", now)
        assert grants is not None


def test_what_the_lists_allow_needs_no_leave():
    granted = p.Permissions(lists((b"in",)), responses=p.Responses(1))
    assert p.requested(granted, p.NONE, b"in", 0) == {}
    assert p.respond(granted, p.NONE, b"in", 0) == {}
    without = p.Permissions(lists((b"a",)))
    assert p.respond(without, p.requested(without, p.NONE, b"in", 0), b"in", 0) is None
