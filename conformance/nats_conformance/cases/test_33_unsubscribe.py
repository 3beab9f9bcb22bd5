"""UNSUB at once and after a number of messages, and drain (UNSUB-*, DRAIN-*)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection
from nats_spec.operations import Msg, Pong


def deliveries(connection: Connection, subject: str, count: int) -> int:
    """How many of `count` messages come back."""
    connection.send(f"PUB {subject} 0\r\n\r\n" * count)
    return len(connection.barrier())


@case("UNSUB-001")
def test_unknown_sids_are_ignored(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(), nats.client()
    c.send(f"SUB {foo} 1\r\n")
    other.send(f"SUB {foo} 2\r\n")
    nats.flush_all()
    c.send("UNSUB 2\r\nUNSUB 01\r\nUNSUB 11\r\nUNSUB 1a\r\nUNSUB 2 1\r\nUNSUB x 0\r\n")
    c.expect_nothing()
    assert deliveries(c, foo, 3) == 3
    assert len(other.barrier()) == 3, "the sid 2 of another connection stays"


@case("UNSUB-002")
def test_unsub_ends_one_subscription_at_once(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nSUB {foo} 2\r\nSUB {foo} q 3\r\nUNSUB 1\r\nUNSUB 3\r\n")
    c.send(f"PUB {foo} 2\r\nhi\r\n")
    c.expect(f"MSG {foo} 2 2\r\nhi\r\n")
    c.expect_nothing()


@case("UNSUB-002")
def test_unsub_without_max_overrides_one_with_max(nats: Nats) -> None:
    foo = nats.name("foo")
    for received in (0, 1, 4):
        c = nats.client()
        c.send(f"SUB {foo} 1\r\nUNSUB 1 5\r\n")
        assert deliveries(c, foo, received) == received
        c.send("UNSUB 1\r\n")
        assert deliveries(c, foo, 6) == 0
        c.close()


@case("UNSUB-003", "UNSUB-004")
def test_max_counts_from_the_subscription_on(nats: Nats) -> None:
    foo = nats.name("foo")
    for before in range(4):
        for limit in range(1, 6):
            c = nats.client()
            c.send(f"SUB {foo} 1\r\n")
            assert deliveries(c, foo, before) == before
            c.send(f"UNSUB 1 {limit}\r\n")
            assert deliveries(c, foo, 7) == max(0, limit - before), (before, limit)
            c.close()


@case("UNSUB-003")
def test_max_counts_deliveries_not_publishes(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(echo=False), nats.client()
    c.send(f"SUB {foo}.* 1\r\nUNSUB 1 2\r\nSUB {foo}.> 2\r\n")
    c.send(f"PUB {foo}.a 0\r\n\r\n" * 3)
    c.expect_nothing()
    other.send(f"PUB {foo}.b.c 0\r\n\r\n" + f"PUB {foo}.b 0\r\n\r\n" * 3)
    nats.flush_all()
    sids = [op.sid for op in c.barrier()]
    assert (sids.count(b"1"), sids.count(b"2")) == (2, 4)


@case("UNSUB-005")
def test_any_other_word_than_a_number_up_to_nine_digits_means_now(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    words = [
        "0",
        "00",
        "000000000",
        "-1",
        "-5",
        "+2",
        "abc",
        "1.5",
        "2x",
        "x2",
        "0x2",
        "1e3",
        "1000000000",
        "0000000002",
        ">",
        "*",
    ]
    for word in words:
        c.send(f"SUB {foo} 1\r\nUNSUB 1 {word}\r\n")
        assert deliveries(c, foo, 3) == 0, word
    for word, limit in (("002", 2), ("000000001", 1), ("999999999", 3)):
        c.send(f"SUB {foo} 1\r\nUNSUB 1 {word}\r\n")
        assert deliveries(c, foo, 3) == limit, word


@case("UNSUB-006")
def test_the_last_max_counts(nats: Nats) -> None:
    foo = nats.name("foo")
    for first, second in ((1, 3), (5, 2), (2, 2), (1, 999_999_999)):
        c = nats.client()
        c.send(f"SUB {foo} 1\r\nUNSUB 1 {first}\r\nUNSUB 1 {second}\r\n")
        assert deliveries(c, foo, 8) == min(second, 8)
        c.close()
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nUNSUB 1 2\r\n")
    assert deliveries(c, foo, 1) == 1
    c.send("UNSUB 1 4\r\n")
    assert deliveries(c, foo, 8) == 3


@case("UNSUB-007")
def test_a_sid_is_free_after_each_kind_of_end(nats: Nats) -> None:
    foo, bar = nats.name("foo"), nats.name("bar")
    c = nats.client()
    for end, received in (("UNSUB 1", 2), ("UNSUB 1 2", 2), ("UNSUB 1 3", 3), ("UNSUB 1 0", 2)):
        c.send(f"SUB {foo} 1\r\n")
        assert deliveries(c, foo, 2) == 2
        c.send(f"{end}\r\n")
        assert deliveries(c, foo, 1) == received - 2
        c.send(f"SUB {bar} 1\r\n")
        assert deliveries(c, foo, 2) == 0
        assert deliveries(c, bar, 2) == 2, "the new subscription has no max"
        c.send("UNSUB 1 3\r\n")
        assert deliveries(c, bar, 4) == 1, "the new subscription counts its own"


@case("UNSUB-008")
def test_unsub_leaves_no_trace_for_a_later_subscription(nats: Nats) -> None:
    foo = nats.name("foo")
    for early in ("UNSUB 1", "UNSUB 1 1", "UNSUB 1 2", "UNSUB 1 0"):
        c = nats.client()
        c.send(f"{early}\r\nSUB {foo} 1\r\n")
        assert deliveries(c, foo, 4) == 4, early
        c.close()


@case("UNSUB-010")
def test_a_member_at_its_max_leaves_the_group_without_losing_a_message(nats: Nats) -> None:
    foo = nats.name("foo")
    a, b, publisher = nats.client(), nats.client(), nats.client()
    a.send(f"SUB {foo} q 1\r\nUNSUB 1 2\r\nSUB {foo} q 2\r\nUNSUB 2 3\r\n")
    b.send(f"SUB {foo} q 1\r\n")
    nats.flush_all()
    publisher.send("".join(f"PUB {foo} 4\r\n{number:04}\r\n" for number in range(300)))
    nats.flush_all()
    full, rest = a.barrier(), b.barrier()
    sids = [op.sid for op in full]
    assert (sids.count(b"1"), sids.count(b"2"), len(rest)) == (2, 3, 295)
    assert sorted(int(op.payload) for op in full + rest) == list(range(300))


@case("DRAIN-001")
def test_what_was_routed_comes_before_the_pong_and_nothing_after(nats: Nats) -> None:
    foo = nats.name("foo")
    publisher = nats.client()
    for queue in ("", "q "):
        c = nats.client()
        c.send(f"SUB {foo} {queue}1\r\n")
        c.flush()
        publisher.send("".join(f"PUB {foo} 4\r\n{n:04}\r\n" for n in range(200)))
        publisher.flush()
        publisher.send("".join(f"PUB {foo} 4\r\n{n:04}\r\n" for n in range(200, 400)))
        c.send("UNSUB 1\r\nPING\r\n")
        got: list[int] = []
        while isinstance(operation := c.next(), Msg):
            got.append(int(operation.payload))
        assert isinstance(operation, Pong)
        assert got == list(range(len(got))), "a gapless beginning"
        assert len(got) >= 200, "all that was routed before"
        publisher.send(f"PUB {foo} 2\r\nno\r\n")
        nats.flush_all()
        c.expect_nothing()
        c.close()
