"""Queue groups: one member a message, all members over many (QUEUE-*).

A share is checked by its existence: of 300 messages each member gets some, which a
server that draws uniformly misses once in 10^52 runs. Leaves out evenness.
"""

from __future__ import annotations

import time
from collections import Counter

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.connection import Connection
from nats_spec.operations import Msg


def publish(publisher: Connection, subject: str, numbers: range) -> None:
    """One numbered message after the other."""
    publisher.send("".join(f"PUB {subject} 4\r\n{number:04}\r\n" for number in numbers))


def copies(*connections: Connection) -> dict[tuple[int, bytes], list[int]]:
    """The numbers that each subscription received."""
    got: dict[tuple[int, bytes], list[int]] = {}
    for connection in connections:
        for op in connection.barrier():
            if isinstance(op, Msg):
                got.setdefault((connection.number, op.sid), []).append(int(op.payload))
    return got


def once_each(got: dict[tuple[int, bytes], list[int]], numbers: range) -> bool:
    """Whether every number came exactly once, to whomever."""
    return sorted(n for received in got.values() for n in received) == list(numbers)


@case("QUEUE-001", "QUEUE-006")
def test_each_group_gets_one_copy_and_plain_subscriptions_all(nats: Nats) -> None:
    foo = nats.name("foo")
    members = [nats.client() for _ in range(3)]
    for member in members:
        member.send(f"SUB {foo} q q\r\nSUB {foo} p p\r\nSUB {foo} Q big\r\nSUB {foo} plain\r\n")
        member.flush()
    numbers = range(60)
    publish(nats.client(), foo, numbers)
    nats.flush_all()
    got = copies(*members)
    for group in (b"q", b"p", b"big"):
        shares = {key: share for key, share in got.items() if key[1] == group}
        assert once_each(shares, numbers), f"one copy a message for group {group!r}"
    for member in members:
        assert got[member.number, b"plain"] == list(numbers)


@case("QUEUE-002", deliveries=False)
def test_members_on_one_connection_each_get_a_share(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(), nats.client()
    c.send(f"SUB {foo} q 1\r\nSUB {foo} q 2\r\n")
    other.send(f"SUB {foo} q 1\r\n")
    nats.flush_all()
    publish(nats.client(), foo, range(300))
    nats.flush_all()
    got = copies(c, other)
    assert once_each(got, range(300))
    assert got.keys() == {(c.number, b"1"), (c.number, b"2"), (other.number, b"1")}


@case("QUEUE-003", deliveries=False)
def test_overlapping_patterns_with_one_name_are_one_group(nats: Nats) -> None:
    foo = nats.name("foo")
    patterns = (f"{foo}.*", f"{foo}.>", f"{foo}.a", f"*.{foo}", f"{foo}.*")
    members = [nats.client() for _ in patterns]
    for member, pattern in zip(members, patterns, strict=True):
        member.send(f"SUB {pattern} q 1\r\n")
        member.flush()
    publish(nats.client(), f"{foo}.a", range(300))
    nats.flush_all()
    got = copies(*members)
    assert once_each(got, range(300))
    assert {number for number, _ in got} == {m.number for m in members if m is not members[3]}


@case("QUEUE-004", deliveries=False)
def test_every_member_gets_some_of_many_messages(nats: Nats) -> None:
    foo = nats.name("foo")
    members = [nats.client() for _ in range(3)]
    for member in members:
        member.send(f"SUB {foo} q 1\r\n")
        member.flush()
    publish(nats.client(), foo, range(300))
    nats.flush_all()
    got = copies(*members)
    assert once_each(got, range(300))
    assert len(got) == 3, "every member has a share"


@case("QUEUE-005")
def test_a_member_that_published_without_echo_is_passed_over(nats: Nats) -> None:
    foo = nats.name("foo")
    members = [nats.client(), nats.client(), nats.client(echo=False)]
    for member in members:
        member.send(f"SUB {foo} q 1\r\nSUB {foo}.* q 2\r\n")
        member.flush()
    publish(members[2], foo, range(100))
    publish(members[2], f"{foo}.x", range(100, 200))
    nats.flush_all()
    got = copies(*members)
    assert once_each(got, range(200))
    assert {number for number, _ in got} == {members[0].number, members[1].number}


@case("QUEUE-006")
def test_a_connection_gets_its_plain_copy_beside_its_share(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} q 1\r\nSUB {foo} 2\r\nSUB {foo}.> q 3\r\nSUB {foo}.> 4\r\n")
    publish(c, foo, range(20))
    publish(c, f"{foo}.x", range(20))
    every = list(range(20))
    assert copies(c) == {(c.number, b"%d" % sid): every for sid in range(1, 5)}


@case("QUEUE-008")
def test_the_others_get_everything_after_a_member_unsubscribed(nats: Nats) -> None:
    foo = nats.name("foo")
    a, b, publisher = nats.client(), nats.client(), nats.client()
    for member in (a, b):
        member.send(f"SUB {foo} q 1\r\nSUB {foo} q 2\r\n")
        member.flush()
    b.send("UNSUB 1\r\n")
    a.send("UNSUB 2\r\n")
    nats.flush_all()
    publish(publisher, foo, range(100))
    nats.flush_all()
    got = copies(a, b)
    assert once_each(got, range(100))
    assert got.keys() == {(a.number, b"1"), (b.number, b"2")}
    b.send("UNSUB 2\r\n")
    b.flush()
    publish(publisher, foo, range(50))
    nats.flush_all()
    assert copies(a, b) == {(a.number, b"1"): list(range(50))}


@case("QUEUE-008")
def test_the_others_get_everything_after_a_member_closed(nats: Nats) -> None:
    foo = nats.name("foo")
    a, b, publisher = nats.client(), nats.client(), nats.client()
    for member in (a, b):
        member.send(f"SUB {foo} q 1\r\n")
        member.flush()
    b.close()
    gone_by = time.monotonic() + nats.patience
    seen: Counter[int] = Counter()
    while seen.total() < 50:
        if time.monotonic() > gone_by:
            raise Mismatch("messages still go to the member that closed", "all to the other")
        publish(publisher, foo, range(50))
        nats.flush_all()
        seen = Counter(n for share in copies(a).values() for n in share)
    publish(publisher, foo, range(100))
    nats.flush_all()
    assert copies(a) == {(a.number, b"1"): list(range(100))}
