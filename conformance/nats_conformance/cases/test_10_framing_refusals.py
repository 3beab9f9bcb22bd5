"""What a server refuses while it reads, aloud or silently, and how long a line may be (FRAME-*).

A refusal aloud is `-ERR 'Unknown Protocol Operation'`. Leaves out refusals that depend on
more than the bytes (credentials, permissions, limits): chapter 60.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection

UNKNOWN = "Unknown Protocol Operation"
TOO_LONG = "maximum control line exceeded"
BLOCK = "NATS/1.0\r\n\r\n"
VERBS = ("CONNECT", "INFO", "PING", "PONG", "SUB", "UNSUB", "PUB", "HPUB", "+OK", "-ERR")

#: No number of 1 to 9 digits: signs, points, other bases and scripts, ten digits.
NO_SIZES = (
    *("+2", "-2", "-0", "2.0", "2.", "0x2", "2e0", "1_2", "2,", "'2'", "x", "2x"),
    *("\u0662", "\uff12", "0000000002", "1000000000"),
)

#: After two bytes of payload, these are no line end.
NO_ENDS = (b"\n\n", b"x\r\n", b" \r\n", b"\r\r\n", b"\n\r", b"\rx", b"\0\0")

#: A byte more than the limit's worth of arguments, without blanks.
LIMIT = 4096
OVER = "a" * (LIMIT + 1)


def refused(nats: Nats, line: bytes | str, error: str | None) -> None:
    """`line` ends a connection with this error, or silently; what came before is answered.

    A line that ends is followed by a PING, so that a server which takes it says so at once.
    """
    data = line.encode() if isinstance(line, str) else line
    c = nats.client(headers=True)
    c.send(b"PING\r\n" + data + (b"PING\r\n" if data.endswith(b"\n") else b""))
    c.expect("PONG\r\n")
    c.expect_closed(error)


def subscriber(nats: Nats, subject: str) -> Connection:
    """A client that hears `subject`."""
    c = nats.client(headers=True)
    c.send(f"SUB {subject} 1\r\n")
    c.flush()
    return c


@case("FRAME-003")
def test_nothing_but_cr_lf_ends_a_payload(nats: Nats) -> None:
    foo = nats.name("foo")
    other = subscriber(nats, foo)
    for end in NO_ENDS:
        refused(nats, f"PUB {foo} 2\r\nhi".encode() + end, UNKNOWN)
        refused(nats, f"PUB {foo} 0\r\n".encode() + end, UNKNOWN)
        refused(nats, f"HPUB {foo} 12 14\r\n{BLOCK}hi".encode() + end, UNKNOWN)
    other.expect_nothing()


@case("FRAME-017")
def test_a_payload_of_another_length_is_no_payload(nats: Nats) -> None:
    foo = nats.name("foo")
    other = subscriber(nats, foo)
    for size in (0, 1, 3, 5, 6, 7):
        refused(nats, f"PUB {foo} {size}\r\nhi\r\nPING\r\nPING\r\n", UNKNOWN)
        refused(nats, f"HPUB {foo} 12 {12 + size}\r\n{BLOCK}hi\r\nPING\r\nPING\r\n", UNKNOWN)
    other.expect_nothing()


@case("FRAME-004", deliveries=False)
def test_a_byte_that_begins_no_operation_is_refused_at_once(nats: Nats) -> None:
    for first in bytes(set(range(256)) - set(b"CIHPSUchipsu+-")):
        c = nats.connect()
        c.send(bytes([first]))
        c.expect_closed(UNKNOWN)
        c.close()


@case("FRAME-004")
def test_blank_lines_and_blanks_between_operations_are_refused(nats: Nats) -> None:
    foo = nats.name("foo")
    for between in ("\n", "\r\n", " ", "\t", "0", "\r"):
        for before in ("+OK\r\n", f"SUB {foo} 1\r\n", f"PUB {foo} 2\r\nhi\r\n"):
            refused(nats, f"{before}{between}PING\r\n", UNKNOWN)


@case("FRAME-036", deliveries=False)
def test_each_wrong_letter_of_a_name_is_refused_at_once(nats: Nats) -> None:
    beginnings = {verb[:size] for verb in VERBS for size in range(1, len(verb))}
    for beginning in sorted(beginnings):
        for wrong in ("x", "\n", " "):
            c = nats.connect()
            c.send(beginning + wrong)
            c.expect_closed(UNKNOWN)
            c.close()


@case("FRAME-006")
def test_a_name_without_a_blank_is_unknown_with_one_it_lacks_arguments(nats: Nats) -> None:
    for verb in ("PUB", "HPUB", "SUB", "UNSUB", "-ERR"):
        for no_blank in ("\r\n", "\n", "x", "\0", "\x0b"):
            refused(nats, f"{verb}{no_blank}", UNKNOWN)
        for blank in (" ", "\t", "  \t "):
            refused(nats, f"{verb}{blank}\r\n", None)


@case("FRAME-013")
def test_messages_of_a_client_are_refused(nats: Nats) -> None:
    foo = nats.name("foo")
    other = subscriber(nats, foo)
    for verb in ("MSG", "msg", "Msg"):
        refused(nats, f"{verb} {foo} 1 2\r\nhi\r\n", UNKNOWN)
    for verb in ("HMSG", "hmsg", "hMsG"):
        refused(nats, f"{verb} {foo} 1 12 14\r\n{BLOCK}hi\r\n", UNKNOWN)
    other.expect_nothing()


@case("FRAME-035")
def test_no_empty_line_makes_a_message_of_hmsg(nats: Nats) -> None:
    for arguments in ("x", "foo 1 12 12", "foo 1 0 0", "foo 1 re 0 0"):
        refused(nats, f"HMSG {arguments}\r\n\r\nPING\r\n", UNKNOWN)


@case("FRAME-014", deliveries=False)
def test_operations_between_servers_are_unknown_to_clients(nats: Nats) -> None:
    for verb in ("A+", "A-", "RS+", "RS-", "RMSG", "LS+", "LS-", "LMSG"):
        for spelling in (verb, verb.lower()):
            refused(nats, f"{spelling} $G foo 2\r\nhi\r\n", UNKNOWN)


@case("FRAME-028")
def test_an_http_request_is_told_that_this_is_no_http(nats: Nats) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PRI"):
        c = nats.connect()
        c.send(f"{method} /varz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        c.expect_closed(UNKNOWN)


@case("FRAME-018")
def test_a_wrong_number_of_arguments_is_refused_silently(nats: Nats) -> None:
    foo = nats.name("foo")
    other = subscriber(nats, ">")
    lines = ["UNSUB 1 2 3", "UNSUB a b c d", "SUB a", "SUB a b c d", "SUB a b c d e"]
    lines += [f"PUB {foo}", f"PUB {foo} a b 2", f"PUB {foo} a b c 2"]
    lines += [f"HPUB {foo}", f"HPUB {foo} 12", f"HPUB {foo} a b 12 14", f"HPUB {foo} a b c 12 14"]
    for line in lines:
        refused(nats, f"{line}\r\nhi\r\nPING\r\n", None)
        refused(nats, f"{line}\nhi\r\nPING\r\n", None)
    other.expect_nothing()


@case("FRAME-018", "FRAME-019", deliveries=False)
def test_a_size_that_is_no_size_is_refused_silently(nats: Nats) -> None:
    foo = nats.name("foo")
    for size in NO_SIZES:
        refused(nats, f"PUB {foo} {size}\r\nhi\r\n", None)
        refused(nats, f"PUB {foo} re {size}\r\nhi\r\n", None)
        refused(nats, f"HPUB {foo} {size} 14\r\n{BLOCK}hi\r\n", None)
        refused(nats, f"HPUB {foo} 12 {size}\r\n{BLOCK}hi\r\n", None)


@case("FRAME-019")
def test_nine_digits_are_a_size_ten_are_not(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"PUB {foo} 000000002\r\nhi\r\n")
    c.expect_nothing()
    refused(nats, f"PUB {foo} 999999999\r\n", "Maximum Payload Violation")
    refused(nats, f"PUB {foo} 1000000000\r\n", None)


@case("FRAME-011")
def test_an_error_of_a_client_ends_the_connection(nats: Nats) -> None:
    for text in (" x", " 'Unknown Protocol Operation'", "\t'x'", "   x y z ", " \0"):
        for end in ("\r\n", "\n"):
            refused(nats, f"-ERR{text}{end}PING\r\n", None)


@case("FRAME-012")
def test_unsound_info_of_a_client_is_refused_silently(nats: Nats) -> None:
    unsound = ["x", "{", "[]", "1", '"x"', "true", "{} x", "{}{}", '{"port":"x"}', '{"port":1.5}']
    unsound += ['{"server_id":1}', '{"headers":0}', '{"connect_urls":{}}', '{"max_payload":[]}', ""]
    for info in unsound:
        refused(nats, f"INFO {info}\r\nPING\r\n", None)


@case("FRAME-034")
def test_a_line_end_after_the_name_and_its_blank_ends_the_line(nats: Nats) -> None:
    for line in ("SUB \nfoo 1", "UNSUB \n1", "SUB\t \nfoo 1", "CONNECT\n{}", "INFO \n{}"):
        refused(nats, f"{line}\r\nPING\r\n", None)


@case("FRAME-034")
def test_no_line_end_gets_into_a_subject(nats: Nats) -> None:
    refused(nats, "PUB \nfoo 2\r\nhi\r\nPING\r\n", None)


def limited(arguments: int) -> dict[str, str]:
    """For each operation, a line with so many bytes of arguments, and what completes it."""
    fill = arguments - len('{"name":""}')
    return {
        f"SUB {'a' * (arguments - 2)} 1": "",
        f"SUB a{' ' * (arguments - 2)}1": "",
        f"SUB a 1{' ' * (arguments - 3)}": "",
        f"SUB {' ' * 5000}{'a' * (arguments - 2)}\t1": "",
        f"UNSUB {'1' * arguments}": "",
        f"PUB a {'a' * (arguments - 4)} 2": "hi\r\n",
        f"HPUB a {'a' * (arguments - 8)} 12 14": f"{BLOCK}hi\r\n",
        f'CONNECT {{"name":"{"x" * fill}"}}': "",
        f'INFO {{"name":"{"x" * fill}"}}': "",
    }


@case("FRAME-023", "FRAME-025", deliveries=False)
def test_arguments_may_be_as_long_as_max_control_line(nats: Nats) -> None:
    for line, rest in limited(LIMIT).items():
        for end in ("\r\n", "\n"):
            c = nats.client(headers=True)
            c.send(f"{line}{end}{rest}PING\r\n")
            c.expect("PONG\r\n")
            c.close()


@case("FRAME-023", "FRAME-025", deliveries=False)
def test_arguments_longer_than_max_control_line_are_refused(nats: Nats) -> None:
    for line, rest in limited(LIMIT + 1).items():
        for end in ("\r\n", "\n"):
            refused(nats, f"{line}{end}{rest}", TOO_LONG)
    refused(nats, f"-ERR {OVER}\r\n", TOO_LONG)


@case("FRAME-024", "FRAME-025", deliveries=False)
def test_a_line_without_an_end_is_refused_when_it_is_too_long(nats: Nats) -> None:
    for verb in ("SUB", "UNSUB", "PUB", "HPUB", "CONNECT", "INFO", "-ERR"):
        refused(nats, f"{verb} {OVER}", TOO_LONG)
        refused(nats, f"{verb} {OVER * 20}", TOO_LONG)


@case("FRAME-024", deliveries=False)
def test_a_line_without_an_end_is_waited_for_while_it_may_still_fit(nats: Nats) -> None:
    other = nats.client()
    for missing in ("", "1", " 1"):
        line = f"SUB {'a' * (LIMIT - 2)} 1"
        c = nats.client()
        c.send(line[: len(line) - len(missing)])
        other.flush()
        c.send(f"{missing}\r\nPING\r\n")
        c.expect("PONG\r\n")
