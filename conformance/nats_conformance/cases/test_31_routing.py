"""The form of a delivered message, and who gets a copy in which order (MSG-*, ROUTE-*).

Leaves out queue groups (chapter 32). Across connections the publisher is flushed
first, then the receivers; nothing waits by the clock.
"""

from __future__ import annotations

import time
from collections import Counter

from nats_conformance.cases import Nats, case
from nats_spec.operations import Hmsg, Msg

BLOCK = "NATS/1.0\r\nA: b\r\n\r\n"


@case("MSG-001")
def test_a_message_names_the_published_subject_and_the_sid(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(), nats.client()
    c.send(f"SUB {foo}.*.> nine\r\n")
    c.flush()
    other.send(f"PUB {foo}.a.b re.c 3\r\n\r\nx\r\nPUB {foo}.A.B.C 0\r\n\r\n")
    c.expect(f"MSG {foo}.a.b nine re.c 3\r\n\r\nx\r\nMSG {foo}.A.B.C nine 0\r\n\r\n")


@case("MSG-002", "MSG-003")
def test_headers_reach_those_who_announced_them(nats: Nats) -> None:
    foo = nats.name("foo")
    able, unable, silent = nats.client(headers=True), nats.client(headers=False), nats.client()
    for c in (able, unable, silent):
        c.send(f"SUB {foo} 1\r\n")
        c.flush()
    for reply in (b"", b"re"):
        for body in (b"", b"hi", b"NATS/1.0\r\n\r\n"):
            words = f"{foo} {reply.decode()}"
            able.send(f"HPUB {words} {len(BLOCK)} {len(BLOCK) + len(body)}\r\n{BLOCK}")
            able.send(b"%b\r\n" % body)
            able.send(f"PUB {words} {len(body)}\r\n".encode() + body + b"\r\n")
            nats.flush_all()
            plain = Msg(foo.encode(), b"1", reply, body)
            headed = Hmsg(foo.encode(), b"1", reply, BLOCK.encode(), body)
            assert able.barrier() == [headed, plain]
            assert unable.barrier() == [plain, plain]
            assert silent.barrier() == [plain, plain]


@case("ROUTE-001", "ROUTE-004")
def test_every_plain_subscription_gets_one_copy(nats: Nats) -> None:
    foo = nats.name("foo")
    patterns = [f"{foo}.a.b", f"{foo}.a.b", f"{foo}.*.b", f"{foo}.a.*", f"{foo}.>", f"{foo}.*.>"]
    a, b, c = nats.client(), nats.client(), nats.client()
    for connection in (a, b):
        for sid, pattern in enumerate(patterns):
            connection.send(f"SUB {pattern} {sid}\r\n")
        connection.flush()
    for number in range(50):
        c.send(f"PUB {foo}.a.b 2\r\n{number:02}\r\nPUB {foo}.b.a 0\r\n\r\n")
    nats.flush_all()
    for connection in (a, b):
        got = [op for op in connection.barrier() if op.subject.endswith(b".a.b")]
        copies = Counter((op.sid, op.payload) for op in got)
        assert set(copies.values()) == {1}
        assert len(copies) == 50 * len(patterns)
    c.expect_nothing()


@case("ROUTE-002")
def test_the_copies_of_one_message_come_in_whatever_order(nats: Nats) -> None:
    foo = nats.name("foo")
    sids = [str(sid).encode() for sid in range(12)]
    c = nats.client()
    c.send("".join(f"SUB {foo}{'.>' if int(sid) % 2 else '.*'} {int(sid)}\r\n" for sid in sids))
    c.send("".join(f"PUB {foo}.a 2\r\n{number:02}\r\n" for number in range(20)))
    copies: dict[bytes, list[bytes]] = {}
    for message in c.barrier():
        copies.setdefault(message.payload, []).append(message.sid)
    assert [sorted(came, key=int) for came in copies.values()] == [sids] * 20


@case("ROUTE-003", deliveries=False)
def test_one_publishers_messages_arrive_in_their_order(nats: Nats) -> None:
    foo = nats.name("foo")
    receivers = [nats.client() for _ in range(3)]
    for receiver, pattern in zip(receivers, (f"{foo}.*", f"{foo}.>", f"{foo}.* q"), strict=True):
        receiver.send(f"SUB {pattern} 1\r\n")
        receiver.flush()
    publisher = nats.client()
    for start in range(0, 2000, 100):
        numbers = range(start, start + 100)
        publisher.send("".join(f"PUB {foo}.{n % 7} 4\r\n{n:04}\r\n" for n in numbers))
    nats.flush_all()
    for receiver in receivers:
        assert [int(op.payload) for op in receiver.barrier()] == list(range(2000))


@case("ROUTE-004")
def test_a_message_without_a_receiver_is_dropped_in_silence(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(verbose=True, headers=True)
    for reply in ("", " re"):
        c.send(f"PUB {foo}{reply} 2\r\nno\r\n")
        c.expect("+OK\r\n")
    c.expect_nothing()


@case("ROUTE-005")
def test_a_late_subscription_sees_nothing_earlier(nats: Nats) -> None:
    foo = nats.name("foo")
    a, b = nats.client(), nats.client()
    a.send(f"PUB {foo} 2\r\nno\r\nSUB {foo} 1\r\n")
    a.flush()
    b.send(f"SUB {foo} 1\r\n")
    nats.flush_all()
    b.expect_nothing()
    a.send(f"PUB {foo} 2\r\nhi\r\n")
    for connection in (a, b):
        connection.expect(f"MSG {foo} 1 2\r\nhi\r\n")
        connection.expect_nothing()


@case("ROUTE-006")
def test_a_closed_connection_is_no_responder(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    requester = nats.client(headers=True, no_responders=True)
    requester.send(f"SUB {inbox} 1\r\n")
    for queue in ("", "q "):
        responder = nats.client()
        responder.send(f"SUB {foo} {queue}1\r\nSUB {foo}.> {queue}2\r\n")
        responder.flush()
        requester.send(f"PUB {foo} {inbox} 0\r\n\r\n")
        requester.expect_nothing()
        responder.close()
        asked_until = time.monotonic() + nats.patience
        answers: list[object] = []
        while not answers and time.monotonic() < asked_until:
            requester.send(f"PUB {foo} {inbox} 0\r\n\r\n")
            answers = requester.barrier()
        assert [type(answer) for answer in answers] == [Hmsg], "a 503 after the responder's end"
