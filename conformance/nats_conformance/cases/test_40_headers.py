"""HPUB, HMSG and the header block on its way (HDR-*).

To the server a block is its first n bytes. What a receiver without headers gets is
chapter 31; the block that the server makes itself is looked at in chapter 34.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_spec.operations import Hmsg, Msg

BLOCK = b"NATS/1.0\r\nA: b\r\n\r\n"

#: Blocks that no client should send, and every server relays.
ODD = (
    b"z",
    b"\x00\xff",
    b"NATS/1.0",
    b"NATS/1.0\r\n",
    b"NATS/1.0\n\n",
    b"nats/1.0\r\n\r\n",
    b"NATS/2.0\r\nA: b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"NATS/1.0\r\nA b\r\n\r\n",
    b"NATS/1.0\r\n: b\r\n\r\n",
    b"NATS/1.0\r\nA: b\r\n",
    b"\r\n\r\n",
    b"PING\r\n",
)

#: Well-formed blocks of which a careless server would change a byte.
FINE = (
    b"NATS/1.0\r\nB: 1\r\nA: 2\r\nb: 3\r\nB: 1\r\nA: 2\r\n\r\n",
    b"NATS/1.0\r\nA:b\r\nA:  c \r\nA:\td\t\r\nA:\r\nA: \r\n\r\n",
    b"NATS/1.0\r\nx-LOWER-Upper: CaSe\r\nX-Lower-upper: cAsE\r\n\r\n",
    b"NATS/1.0\r\nA: \xc3\xbc \xff:;=\r\n\r\n",
    b"NATS/1.0\r\n" + b"".join(b"H%d: %d\r\n" % (n, n) for n in range(200)) + b"\r\n",
)

STATUSES = (
    b"NATS/1.0 100\r\n\r\n",
    b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
    b"NATS/1.0 503\r\n\r\n",
    b"NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 1\r\n\r\n",
    b"NATS/1.0 999  odd \r\nA: b\r\n\r\n",
)


def relayed(nats: Nats, blocks: tuple[bytes, ...]) -> None:
    """Each block arrives byte for byte, with and without a reply and a payload."""
    foo = nats.name("foo").encode()
    c, other = nats.client(headers=True), nats.client(headers=True)
    for receiver in (c, other):
        receiver.send(b"SUB %b 1\r\n" % foo)
        receiver.flush()
    for block in blocks:
        for reply, body in ((b"", b"hi"), (b"re", b""), (b"re", b"\r\n\r\n")):
            sizes = b"%d %d" % (len(block), len(block) + len(body))
            c.send(b"HPUB %b %b %b\r\n%b%b\r\n" % (foo, reply, sizes, block, body))
            nats.flush_all()
            for receiver in (c, other):
                assert receiver.barrier() == [Hmsg(foo, b"1", reply, block, body)], block


@case("HDR-001")
def test_hpub_takes_three_or_four_words(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    c = nats.client(headers=True)
    c.send(b"SUB %b 1\r\n" % foo)
    for reply in (b"", b" re", b" 12"):
        c.send(b"HPUB %b%b 18 20\r\n%bhi\r\n" % (foo, reply, BLOCK))
        c.expect(b"HMSG %b 1%b 18 20\r\n%bhi\r\n" % (foo, reply, BLOCK))
    for words in (b"", b" 20", b" re 0 18 20", b" re", b" 18 x", b" x 20", b" -1 20"):
        bad = nats.client(headers=True)
        bad.send(b"HPUB %b%b\r\n" % (foo, words))
        bad.expect_closed()
    c.expect_nothing()


@case("HDR-002")
def test_hpub_without_headers_announced_closes_in_silence(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    for connect in (b"", b'CONNECT {"verbose":false}\r\n', b'CONNECT {"headers":false}\r\n'):
        c = nats.connect()
        c.send(connect)
        if b"headers" in connect:
            c.expect(b"+OK\r\n")
        c.send(b"HPUB %b 18 20\r\n%bhi\r\n" % (foo, BLOCK))
        c.expect_closed()


@case("HDR-003")
def test_a_header_size_above_the_total_closes_in_silence(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    for header, total in ((21, 20), (1, 0), (18, 2), (999_999_999, 20)):
        c = nats.client(headers=True)
        c.send(b"HPUB %b %d %d\r\n" % (foo, header, total))
        c.expect_closed()


@case("HDR-004")
def test_a_header_size_of_zero_is_a_plain_message(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    c, plain = nats.client(headers=True), nats.client(headers=False)
    for receiver in (c, plain):
        receiver.send(b"SUB %b 1\r\n" % foo)
        receiver.flush()
    for reply, zero in ((b"", b"0"), (b"re", b"0"), (b"", b"000")):
        for body in (b"", b"hi", BLOCK):
            c.send(b"HPUB %b %b %b %d\r\n%b\r\n" % (foo, reply, zero, len(body), body))
            nats.flush_all()
            for receiver in (c, plain):
                assert receiver.barrier() == [Msg(foo, b"1", reply, body)]


@case("HDR-005")
def test_a_block_without_a_payload_is_a_message(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    c, plain = nats.client(headers=True), nats.client(headers=False)
    for receiver in (c, plain):
        receiver.send(b"SUB %b 1\r\n" % foo)
        receiver.flush()
    c.send(b"HPUB %b 18 18\r\n%b\r\n" % (foo, BLOCK))
    nats.flush_all()
    assert c.barrier() == [Hmsg(foo, b"1", b"", BLOCK, b"")]
    assert plain.barrier() == [Msg(foo, b"1", b"", b"")]


@case("HDR-006")
def test_blocks_of_any_bytes_are_relayed(nats: Nats) -> None:
    relayed(nats, ODD)


@case("HDR-007")
def test_case_order_repeats_and_blanks_survive(nats: Nats) -> None:
    relayed(nats, FINE)


@case("HDR-009")
def test_a_client_s_own_status_is_relayed(nats: Nats) -> None:
    relayed(nats, STATUSES)
