"""How bytes become operations: names, blanks, line ends, payloads, sizes, segmentation (FRAME-*).

A conversation here is a text with `{verb}` and `{end}` in it, so that every operation
is tried in every spelling and with every line end. Leaves out what is refused, and how:
`test_10_framing_refusals.py`.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection

BLOCK = "NATS/1.0\r\n\r\n"

#: For each operation, what a client says and what comes back.
CONVERSATIONS = {
    "CONNECT": ('{verb} {{"verbose":true}}{end}', "+OK\r\n"),
    "PING": ("{verb}{end}", "PONG\r\n"),
    "PONG": ("{verb}{end}PING\r\n", "PONG\r\n"),
    "+OK": ("{verb}{end}PING\r\n", "PONG\r\n"),
    "INFO": ("{verb} {{}}{end}PING\r\n", "PONG\r\n"),
    "SUB": ("{verb} {foo} 1{end}PUB {foo} 2\r\nhi\r\n", "MSG {foo} 1 2\r\nhi\r\n"),
    "UNSUB": ("SUB {foo} 1\r\n{verb} 1{end}PUB {foo} 2\r\nhi\r\nPING\r\n", "PONG\r\n"),
    "PUB": ("SUB {foo} 1\r\n{verb} {foo} re 2{end}hi\r\n", "MSG {foo} 1 re 2\r\nhi\r\n"),
    "HPUB": (
        "SUB {foo} 1\r\n{verb} {foo} 12 14{end}" + BLOCK + "hi\r\n",
        "HMSG {foo} 1 12 14\r\n" + BLOCK + "hi\r\n",
    ),
}


def holds(nats: Nats, name: str, verb: str, end: str = "\r\n") -> None:
    """The conversation about `name` goes as it should with this spelling and line end."""
    says, hears = CONVERSATIONS[name]
    foo = nats.name("foo")
    c = nats.client(headers=True)
    c.send(says.format(verb=verb, end=end, foo=foo))
    c.expect(hears.format(foo=foo))
    c.close()


def arrives_in_two(nats: Nats, data: bytes, at: int, other: Connection) -> Connection:
    """A connection whose bytes arrive cut in two: the server is busy with `other` in between."""
    c = nats.connect()
    c.send(data[:at])
    other.flush()
    c.send(data[at:])
    return c


def delivered(nats: Nats, subject: bytes, end: bytes) -> None:
    """A message to `subject` arrives, wherever its control line is cut."""
    foo = nats.name("foo").encode()
    start = b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB %b.* 1\r\n' % foo
    publish = b"PUB %b.%b 2%bhi\r\n" % (foo, subject, end)
    other = nats.client()
    for at in range(len(publish)):
        c = arrives_in_two(nats, start + publish + b"PING\r\n", len(start) + at, other)
        c.expect(b"MSG %b.%b 1 2\r\nhi\r\nPONG\r\n" % (foo, subject))
        c.close()


@case("FRAME-001", deliveries=False)
def test_each_letter_of_an_operation_may_be_of_either_case(nats: Nats) -> None:
    for name in CONVERSATIONS:
        lowered = {name[:i] + name[i].lower() + name[i + 1 :] for i in range(len(name))}
        for verb in sorted(lowered | {name.lower()}):
            holds(nats, name, verb)


@case("FRAME-002")
def test_each_control_line_may_end_in_a_bare_lf(nats: Nats) -> None:
    for name in CONVERSATIONS:
        holds(nats, name, name, end="\n")


@case("FRAME-002", "FRAME-029")
def test_what_the_server_writes_ends_in_cr_lf_whatever_the_client_uses(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.connect()
    assert c.info_line.endswith(b"} \r\n")
    assert b"\n" not in c.info_line[:-2]
    c.send('CONNECT {"verbose":true,"pedantic":false}\n')
    c.expect(b"+OK\r\n")
    c.send(f"SUB {foo} 1\nPUB {foo} 2\nhi\r\nSUB a..b 2\nPING\n")
    c.expect(f"+OK\r\n+OK\r\nMSG {foo} 1 2\r\nhi\r\n-ERR 'Invalid Subject'\r\nPONG\r\n")


@case("FRAME-005")
def test_blanks_and_tabs_in_any_number_separate_arguments(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(headers=True)
    for gap in (" ", "\t", "  ", "\t\t", " \t", "\t ", " " * 50):
        for tail in ("", " ", "\t", " \t "):
            c.send(f"SUB{gap}{foo}{gap}team{gap}1{tail}\r\n")
            c.send(f"PUB{gap}{foo}{gap}re{gap}2{tail}\r\nhi\r\n")
            c.expect(f"MSG {foo} 1 re 2\r\nhi\r\n")
            c.send(f"HPUB{gap}{foo}{gap}re{gap}12{gap}14{tail}\r\n{BLOCK}hi\r\n")
            c.expect(f"HMSG {foo} 1 re 12 14\r\n{BLOCK}hi\r\n")
            c.send(f"UNSUB{gap}1{gap}9{tail}\r\nUNSUB{gap}1{tail}\r\nPUB {foo} 2\r\nno\r\n")
            c.send(f'CONNECT{gap}{{"verbose":false,"headers":true}}{tail}\r\n')
            c.expect_nothing()


@case("FRAME-005", "FRAME-022")
def test_no_other_byte_is_a_blank(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    c = nats.client()
    for blank in (b"\x0b", b"\x0c", b"\0", b"\xa0", "\u00a0".encode(), "\u2003".encode(), b","):
        c.send(b"SUB %b%bx 1\r\nPUB %b%bx 2\r\nhi\r\n" % (foo, blank, foo, blank))
        c.expect(b"MSG %b%bx 1 2\r\nhi\r\n" % (foo, blank))
        c.send("UNSUB 1\r\n")


@case("FRAME-007")
def test_json_may_follow_connect_and_info_directly(nats: Nats) -> None:
    for gap in ("", " ", "\t", " \t  "):
        c = nats.connect()
        c.send(f'CONNECT{gap}{{"verbose":true}}\r\n')
        c.expect("+OK\r\n")
        c.send(f"INFO{gap}{{}}\r\nPING\r\n")
        c.expect("PONG\r\n")


@case("FRAME-008", "FRAME-010", deliveries=False)
def test_ping_pong_and_ok_ignore_the_rest_of_their_line(nats: Nats) -> None:
    c = nats.client()
    junk = ("x", " {}", "\tPING", "\r", "\rPING\r", "\0\xff", "PING", " " * 4097, "x" * 70_000)
    for rest in junk:
        for end in ("\r\n", "\n"):
            c.send(f"PONG{rest}{end}+OK{rest}{end}PING{rest}{end}")
            c.expect("PONG\r\n")
            c.expect_nothing()


@case("FRAME-010", "FRAME-012")
def test_ok_and_sound_info_of_a_client_are_ignored(nats: Nats) -> None:
    c = nats.client()
    for info in ("{}", "null", ' {"port":4222}', '{"zzz":[{}]}', '{"max_payload":1,"ldm":true}'):
        c.send(f"INFO {info}\r\n+OK\r\n")
    c.expect_nothing()


@case("FRAME-021", deliveries=False)
def test_a_cr_before_the_last_is_part_of_an_argument(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(headers=True)
    c.send(f"SUB {foo}.* 1\r\n")
    for token in ("a\rb", "\ra", "a\r", "\r", "a\r\rb"):
        c.send(f"PUB {foo}.{token} 2\r\nhi\r\n")
        c.expect(f"MSG {foo}.{token} 1 2\r\nhi\r\n")
        c.send(f"PUB {foo}.a {token} 2\r\nhi\r\n")
        c.expect(f"MSG {foo}.a 1 {token} 2\r\nhi\r\n")
        c.send(f"HPUB {foo}.{token} 12 14\r\n{BLOCK}hi\r\n")
        c.expect(f"HMSG {foo}.{token} 1 12 14\r\n{BLOCK}hi\r\n")
    c.send(f"PUB {foo}.a 2\r\r\nhi\r\n")
    c.expect_closed()


@case("FRAME-033", deliveries=False)
def test_a_cr_separates_the_arguments_of_sub_and_unsub(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo}\r1\r\nPUB {foo} 2\r\nhi\r\n")
    c.expect(f"MSG {foo} 1 2\r\nhi\r\n")
    c.send(f"UNSUB 1\r9\r\nPUB {foo} 2\r\nhi\r\n")
    c.expect(f"MSG {foo} 1 2\r\nhi\r\n")


@case("FRAME-022")
def test_every_byte_but_blanks_and_line_ends_may_stand_in_an_argument(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    every = bytes(b for b in range(256) if b not in b" \t\r\n.")
    c = nats.client()
    c.send(b"SUB %b.%b %b %b\r\n" % (foo, every, every, every))
    c.send(b"PUB %b.%b %b 2\r\nhi\r\n" % (foo, every, every))
    c.expect(b"MSG %b.%b %b %b 2\r\nhi\r\n" % (foo, every, every, every))
    c.send(b"UNSUB %b\r\nPUB %b.%b 2\r\nno\r\n" % (every, foo, every))
    c.expect_nothing()


@case("FRAME-016")
def test_a_payload_may_hold_anything(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    c = nats.client(headers=True)
    c.send(b"SUB %b 1\r\n" % foo)
    protocol = b"\r\nPUB %b 2\r\nno\r\nPING\r\n-ERR 'x'\r\n" % foo
    for payload in (bytes(range(256)), b"\r\n" * 600, b"\n", b"\r", b"\0" * 9, protocol):
        size = len(payload)
        c.send(b"PUB %b %d\r\n%b\r\n" % (foo, size, payload))
        c.expect(b"MSG %b 1 %d\r\n%b\r\n" % (foo, size, payload))
        c.send(b"HPUB %b 12 %d\r\n%b%b\r\n" % (foo, size + 12, BLOCK.encode(), payload))
        c.expect(b"HMSG %b 1 12 %d\r\n%b%b\r\n" % (foo, size + 12, BLOCK.encode(), payload))
    c.expect_nothing()


@case("FRAME-020")
def test_size_digits_are_relayed_as_they_came(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(headers=True)
    other = nats.client(headers=True)
    other.send(f"SUB {foo} 1\r\n")
    other.flush()
    for zeros in range(9):
        size, block, total = "2".zfill(zeros + 1), "12".zfill(zeros), "14".zfill(zeros)
        c.send(f"PUB {foo} {size}\r\nhi\r\nHPUB {foo} re {block} {total}\r\n{BLOCK}hi\r\n")
        other.expect(
            f"MSG {foo} 1 {size}\r\nhi\r\nHMSG {foo} 1 re {block} {total}\r\n{BLOCK}hi\r\n"
        )
    c.send(f"PUB {foo} 000000000\r\n\r\n")
    other.expect(f"MSG {foo} 1 000000000\r\n\r\n")


@case("FRAME-009")
def test_pongs_come_in_order_with_everything_else(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.connect()
    c.send("PING\r\n")
    c.expect("PONG\r\n")
    c.send('CONNECT {"verbose":true,"pedantic":false}\r\nPING\r\n')
    c.expect("+OK\r\nPONG\r\n")
    c.send(f"SUB {foo} 1\r\nPING\r\nPUB {foo} 1\r\na\r\nPING\r\nSUB a..b 2\r\nPING\r\n")
    c.expect(
        f"+OK\r\nPONG\r\n+OK\r\nMSG {foo} 1 1\r\na\r\nPONG\r\n-ERR 'Invalid Subject'\r\nPONG\r\n"
    )
    c.send("PING\r\n" * 100)
    c.expect("PONG\r\n" * 100)
    c.expect_nothing()


@case("FRAME-026")
def test_what_came_before_a_half_close_is_answered(nats: Nats) -> None:
    foo = nats.name("foo")
    for rest in ("", "PIN", f"PUB {foo} 2\r\nh"):
        c = nats.client()
        c.send(f"SUB {foo} 1\r\n" + f"PUB {foo} 2\r\nhi\r\n" * 200 + f"PING\r\n{rest}")
        c.half_close()
        c.expect(f"MSG {foo} 1 2\r\nhi\r\n" * 200 + "PONG\r\n")
        c.expect_closed()


@case("FRAME-027", deliveries=False)
def test_a_message_that_is_cut_off_is_not_delivered(nats: Nats) -> None:
    foo = nats.name("foo")
    other = nats.client(headers=True)
    other.send(f"SUB {foo} 1\r\n")
    other.flush()
    for whole in (f"PUB {foo} 2\r\nhi\r\n", f"HPUB {foo} 12 14\r\n{BLOCK}hi\r\n"):
        for missing in range(1, len(whole) - len("PUB")):
            c = nats.client(headers=True)
            c.send(whole[:-missing])
            c.half_close()
            c.expect_closed()
    other.expect_nothing()


@case("FRAME-015", deliveries=False)
def test_a_conversation_cut_anywhere_is_the_same_conversation(nats: Nats) -> None:
    foo = nats.name("foo")
    says = (
        f'CONNECT {{"verbose":true,"pedantic":false,"headers":true}} \r\nsub {foo} \t team  1\n'
        f"PUB {foo} 003\r\na\r\n\r\nPING x\r\nHPUB {foo} re 12 14 \n{BLOCK}hi\r\nPUB {foo} 0\r\n\r\n"
        f"INFO{{}}\r\n+OK\nUNSUB 1 9\r\nPUB {foo} 1\n\n\r\nUNSUB 1\r\nPONG\n"
        f"SUB a..b 2\r\nPING\r\nSUB {foo}\r\n"
    ).encode()
    hears = (
        f"+OK\r\n+OK\r\n+OK\r\nMSG {foo} 1 003\r\na\r\n\r\nPONG\r\n"
        f"+OK\r\nHMSG {foo} 1 re 12 14\r\n{BLOCK}hi\r\n+OK\r\nMSG {foo} 1 0\r\n\r\n"
        f"+OK\r\n+OK\r\nMSG {foo} 1 1\r\n\n\r\n+OK\r\n-ERR 'Invalid Subject'\r\nPONG\r\n"
    )
    other = nats.client()
    for at in range(len(says)):
        c = arrives_in_two(nats, says, at, other)
        c.expect(hears)
        c.expect_closed()
        c.close()


@case("FRAME-032", deliveries=False)
def test_a_line_with_a_cr_in_it_cut_anywhere_has_one_subject(nats: Nats) -> None:
    delivered(nats, b"f\ro", b"\r\n")


@case("FRAME-032", deliveries=False)
def test_a_line_with_a_cr_in_it_may_end_in_a_bare_lf(nats: Nats) -> None:
    delivered(nats, b"f\ro", b"\n")
