"""Requests, replies and the 503 for want of a responder (REQ-*).

The status block has two forms, before and since 2.12; what holds for both is checked
on the parsed block, the exact bytes under REQ-002 and REQ-003.
"""

from __future__ import annotations

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.connection import Connection
from nats_spec.headers import MalformedHeader, parse
from nats_spec.operations import Hmsg, Msg


def is_503(operation: object, inbox: str, sid: str = "1") -> bool:
    """Whether `operation` tells this inbox that nobody answers."""
    if not isinstance(operation, Hmsg):
        return False
    try:
        status = parse(operation.header).status
    except MalformedHeader as error:
        raise Mismatch("the server's own header block is malformed", "NATS/1.0 503") from error
    return (
        (operation.subject, operation.sid) == (inbox.encode(), sid.encode())
        and (operation.reply, operation.payload) == (b"", b"")
        and status == 503
    )


def requester(nats: Nats, inbox: str, **options: object) -> Connection:
    """A client that wants to know of missing responders, subscribed to `inbox` as 1."""
    c = nats.client(headers=True, no_responders=True, **options)
    c.send(f"SUB {inbox} 1\r\n")
    c.flush()
    return c


@case("REQ-001", "HDR-008")
def test_a_request_that_nobody_receives_is_answered_503(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    for subject in (foo, f"{foo}.a.b", f"{foo}.*", f"{foo}..x", f"{foo}."):
        for body in ("", "hi"):
            c.send(f"PUB {subject} {inbox} {len(body)}\r\n{body}\r\n")
            assert is_503(c.next(), inbox), subject
            c.expect_nothing()


@case("REQ-001")
def test_the_responder_s_coming_and_going_decides(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c, responder = requester(nats, inbox), nats.client()
    for pattern, queue in ((foo, ""), (foo, "q "), ("*", "q "), (">", "")):
        c.send(f"PUB {foo} {inbox} 0\r\n\r\n")
        assert is_503(c.next(), inbox)
        responder.send(f"SUB {pattern} {queue}1\r\n")
        responder.flush()
        c.send(f"PUB {foo} {inbox} 0\r\n\r\n")
        nats.flush_all()
        assert c.barrier() == []
        assert [op.reply for op in responder.barrier()] == [inbox.encode()]
        responder.send("UNSUB 1\r\n")
        responder.flush()


@case("REQ-001")
def test_a_requester_without_echo_is_no_responder_to_itself(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    for queue in ("", "q "):
        c = requester(nats, inbox, echo=False)
        c.send(f"SUB {foo} {queue}2\r\nPUB {foo} {inbox} 0\r\n\r\n")
        assert is_503(c.next(), inbox)
        c.expect_nothing()
        c.close()
    c = requester(nats, inbox)
    c.send(f"SUB {foo} 2\r\nPUB {foo} {inbox} 0\r\n\r\n")
    c.expect(f"MSG {foo} 2 {inbox} 0\r\n\r\n")
    c.expect_nothing()


@case("REQ-002")
def test_a_503_names_the_subject_exactly(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    for subject in (foo, f"{foo}.{'x' * 500}", f"{foo}.\u00fc.*", f"{foo}..x"):
        size = 32 + len(subject.encode())
        c.send(f"PUB {subject} {inbox} 2\r\nhi\r\n")
        c.expect(f"HMSG {inbox} 1 {size} {size}\r\nNATS/1.0 503\r\nNats-Subject: {subject}\r\n\r\n")
        c.expect("\r\n")
        c.expect_nothing()


@case("REQ-003")
def test_a_503_before_2_12_is_its_status_line(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    for subject in (foo, f"{foo}.{'x' * 500}"):
        c.send(f"PUB {subject} {inbox} 2\r\nhi\r\n")
        c.expect(f"HMSG {inbox} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n")
        c.expect_nothing()


@case("REQ-004")
def test_a_503_comes_once_under_a_plain_sid_that_matches(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    other = nats.client(headers=True, no_responders=True)
    other.send(f"SUB {inbox}.> 1\r\n")
    other.flush()
    c = nats.client(headers=True, no_responders=True)
    c.send(f"SUB {inbox}.a q 1\r\nSUB {inbox}.* q 2\r\nSUB {inbox}.b 3\r\nSUB {inbox} 4\r\n")
    c.send(f"PUB {foo} {inbox}.a 0\r\n\r\nPUB {foo} {inbox}..x 0\r\n\r\n")
    nats.flush_all()
    c.expect_nothing()
    other.expect_nothing()
    c.send(f"SUB {inbox}.* 5\r\nSUB {inbox}.a 6\r\nSUB {inbox}.> 7\r\n")
    for _ in range(20):
        c.send(f"PUB {foo} {inbox}.a 0\r\n\r\n")
        got = c.next()
        assert any(is_503(got, f"{inbox}.a", sid) for sid in "567")
        c.expect_nothing()
    c.send("UNSUB 5\r\nUNSUB 6\r\n")
    c.send(f"PUB {foo} {inbox}.a 0\r\n\r\n")
    assert is_503(c.next(), f"{inbox}.a", "7")
    nats.flush_all()
    other.expect_nothing()


@case("REQ-006")
def test_nothing_is_said_to_those_who_do_not_ask(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    for options in ({"headers": True}, {}, {"headers": True, "no_responders": False}):
        c = nats.client(**options)
        c.send(f"SUB {inbox} 1\r\nPUB {foo} {inbox} 2\r\nhi\r\nPUB {foo} 2\r\nhi\r\n")
        c.expect_nothing()
        c.close()
    c = requester(nats, inbox)
    c.send(f"SUB {inbox}.> 2\r\nPUB {foo} 2\r\nhi\r\nHPUB {foo} 0 0\r\n\r\n")
    c.expect_nothing()


@case("REQ-007")
def test_503s_come_in_order_and_before_the_pong(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    c.send(f"SUB {foo} 2\r\n")
    for number in range(20):
        c.send(f"PUB {foo}.x {inbox} 0\r\n\r\nPUB {foo} 2\r\n{number:02}\r\n")
    operations = c.barrier()
    assert len(operations) == 40
    for number, (first, second) in enumerate(zip(operations[::2], operations[1::2], strict=True)):
        assert is_503(first, inbox)
        assert second == Msg(foo.encode(), b"2", b"", b"%02d" % number)


@case("REQ-009", config="permissions")
def test_a_refused_request_is_only_an_error(nats: Nats) -> None:
    inbox = nats.name("in")
    c = requester(nats, inbox, user="guest", pass_="pw")
    for request in (f"PUB NO.p {inbox} 2", f"HPUB NO.p {inbox} 1 2"):
        c.send(f"{request}\r\nhi\r\n")
        c.expect_error('Permissions Violation for Publish to "NO.p"')
        c.expect_nothing()
    c.send(f"PUB NO.q {inbox} 2\r\nhi\r\n")
    assert is_503(c.next(), inbox)


@case("REQ-011")
def test_hpub_is_answered_like_pub(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    block = "NATS/1.0\r\nNats-Subject: other\r\n\r\n"
    c.send(f"PUB {foo} {inbox} 2\r\nhi\r\n")
    wanted = c.next()
    assert is_503(wanted, inbox)
    for header in (block, "", "zzzz"):
        c.send(f"HPUB {foo} {inbox} {len(header)} {len(header) + 2}\r\n{header}hi\r\n")
        assert c.next() == wanted
    c.expect_nothing()


@case("REQ-012")
def test_all_replies_of_all_responders_arrive(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    responders = [nats.client() for _ in range(3)]
    for responder in responders:
        responder.send(f"SUB {foo} 1\r\n")
        responder.flush()
    c.send(f"PUB {foo} {inbox} 2\r\nhi\r\n")
    c.flush()
    for number, responder in enumerate(responders):
        responder.expect(f"MSG {foo} 1 {inbox} 2\r\nhi\r\n")
        responder.send(f"PUB {inbox} 2\r\n{number}a\r\nPUB {inbox} more 2\r\n{number}b\r\n")
    nats.flush_all()
    got = [(op.payload, op.reply) for op in c.barrier()]
    assert sorted(got) == [
        (b"%d%b" % (number, part), reply)
        for number in range(3)
        for part, reply in ((b"a", b""), (b"b", b"more"))
    ]


@case("REQ-013")
def test_a_503_does_not_use_up_the_max(nats: Nats) -> None:
    foo, inbox = nats.name("foo"), nats.name("in")
    c = requester(nats, inbox)
    c.send("UNSUB 1 2\r\n")
    for _ in range(4):
        c.send(f"PUB {foo} {inbox} 0\r\n\r\n")
        assert is_503(c.next(), inbox)
    c.send(f"PUB {inbox} 0\r\n\r\n" * 3)
    assert len(c.barrier()) == 2
    c.send(f"PUB {foo} {inbox} 0\r\n\r\n")
    c.expect_nothing()
