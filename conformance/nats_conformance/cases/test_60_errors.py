"""Errors that answer something the client said, and how their texts are written (ERR-*).

Each case shows the text, whether the connection stays, and that what was refused had no
effect. Leaves out ends that the server decides on: `test_60_ends.py`.
"""

from __future__ import annotations

import json

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection

BLOCK = "NATS/1.0\r\n\r\n"
INVALID_PUBLISH = "Invalid Publish Subject"

#: How what can't be printed is written; of a run of bytes that is no UTF-8, each byte.
ESCAPES = {
    b'"': r"\"",
    b"\\": r"\\",
    b"\x00": r"\x00",
    b"\x07\x08\x0b\x0c": r"\a\b\v\f",
    b"\x01\x1f\x7f": r"\x01\x1f\x7f",
    b"\x80\xff\xc3": r"\x80\xff\xc3",
    "\u00e9\u20ac\U0001f600\ufffd".encode(): "\u00e9\u20ac\U0001f600\ufffd",
    "\u00a0\u00ad\u200b\ufeff\ue000".encode(): r"\u00a0\u00ad\u200b\ufeff\ue000",
    "\U000e0001\U0010ffff".encode(): r"\U000e0001\U0010ffff",
    "\u0085".encode(): r"\u0085",
    b"\xed\xa0\x80": r"\xed\xa0\x80",
    b"'#$%&()*+,-/:;<=>?@[]^_`{|}~": "'#$%&()*+,-/:;<=>?@[]^_`{|}~",
}


def limited(nats: Nats) -> Connection:
    """A client that may do little."""
    return nats.client(user="limited", pass_="pw", headers=True)


def listener(nats: Nats, subject: str, **options: object) -> Connection:
    """A client that hears `subject`."""
    c = nats.client(headers=True, **options)
    c.send(f"SUB {subject} 1\r\n")
    c.flush()
    return c


@case("ERR-001", "ERR-002", "ERR-003")
def test_nothing_after_a_refusal_has_an_effect(nats: Nats) -> None:
    foo = nats.name("foo")
    other = listener(nats, foo)
    refusals = {
        "NOPE": "Unknown Protocol Operation",
        "PUB": "Unknown Protocol Operation",
        f"PUB {foo} 1048577": "Maximum Payload Violation",
        f"SUB {'a' * 4097}": "maximum control line exceeded",
    }
    for refused, error in refusals.items():
        c = nats.client()
        c.send(f"PUB {foo} 2\r\nhi\r\nPING\r\n{refused}\r\nPUB {foo} 2\r\nno\r\nPING\r\n")
        c.expect("PONG\r\n")
        c.expect_closed(error)
        other.expect(f"MSG {foo} 1 2\r\nhi\r\n")
    other.expect_nothing()


@case("ERR-003")
def test_a_payload_that_is_too_large_is_refused_before_it_comes(nats: Nats) -> None:
    foo = nats.name("foo")
    largest = nats.info["max_payload"]
    for line in (
        f"PUB {foo} {largest + 1}",
        f"PUB {foo} re 999999999",
        f"HPUB {foo} 12 {largest + 1}",
    ):
        for end in ("\r\n", "\n"):
            c = nats.client(headers=True)
            c.send(line + end)
            c.expect_closed("Maximum Payload Violation")


@case("ERR-004")
def test_a_subscription_to_no_subject_is_refused_each_time(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    for subject in (f"{foo}..a", f".{foo}", f"{foo}.", f"{foo}.>.a", "."):
        for queue in ("", "team "):
            c.send(f"SUB {subject} {queue}1\r\n")
            c.expect_error("Invalid Subject")
    c.send(f"SUB {foo} 1\r\nPUB {foo} 2\r\nhi\r\n")
    c.expect(f"MSG {foo} 1 2\r\nhi\r\n")


@case("ERR-005", deliveries=False)
def test_a_pedantic_client_is_told_of_a_subject_that_is_none(nats: Nats) -> None:
    foo = nats.name("foo")
    strict, lax = nats.client(pedantic=True, headers=True), nats.client(headers=True)
    for subject in (f"{foo}.*", f"{foo}.>", f"*.{foo}", f"{foo}..a", f".{foo}", f"{foo}."):
        for line in (f"PUB {subject} 2\r\nhi\r\n", f"HPUB {subject} 12 14\r\n{BLOCK}hi\r\n"):
            strict.send(line)
            strict.expect_error(INVALID_PUBLISH)
            lax.send(line)
            lax.expect_nothing()
    strict.expect_nothing()


@case("ERR-026", deliveries=False)
def test_a_pedantic_client_is_told_once_however_the_message_is_cut(nats: Nats) -> None:
    foo = nats.name("foo")
    other = nats.client()
    for message in (f"PUB {foo}.* 2\r\nhi\r\n", f"HPUB {foo}.* 12 14\r\n{BLOCK}hi\r\n"):
        for at in range(len(message)):
            c = nats.client(pedantic=True, headers=True)
            c.send(message[:at])
            other.flush()
            c.send(message[at:])
            c.expect_error(INVALID_PUBLISH)
            c.expect_nothing()
            c.close()


@case("ERR-006", config="permissions")
def test_a_denied_message_goes_nowhere(nats: Nats) -> None:
    other = listener(nats, ">", user="free", pass_="pw")
    c = limited(nats)
    for subject in ("NO", "NO.a", "OK", "OK.no", "ok.a", "*", ">"):
        denied = f'Permissions Violation for Publish to "{subject}"'
        for message in (f"PUB {subject} 2\r\nno\r\n", f"HPUB {subject} re 12 14\r\n{BLOCK}no\r\n"):
            c.send(message)
            c.expect_error(denied)
    c.send("PUB OK.yes 2\r\nhi\r\n")
    c.expect_nothing()
    other.expect("MSG OK.yes 1 2\r\nhi\r\n")
    other.expect_nothing()


@case("ERR-007", config="permissions")
def test_a_denied_subscription_is_none(nats: Nats) -> None:
    c = limited(nats)
    denied = 'Permissions Violation for Subscription to "{}"'
    for subject in ("NO", "OK", "OK.no", "*", ">", "*.a", "QQ.a", "NO..a", "OK..a"):
        c.send(f"SUB {subject} 1\r\n")
        c.expect_error(denied.format(subject))
        c.send(f"SUB {subject} other 1\r\n")
        c.expect_error(denied.format(subject) + ' using queue "other"')
    c.send("SUB QQ.a team 2\r\nSUB OK.* 3\r\n")
    free = nats.client(user="free", pass_="pw")
    for subject in ("NO", "NO.a", "QQ.b", "QQ.a", "OK.a"):
        free.send(f"PUB {subject} 2\r\nhi\r\n")
    free.flush()
    c.expect("MSG QQ.a 2 2\r\nhi\r\nMSG OK.a 3 2\r\nhi\r\n")
    c.expect_nothing()


@case("FRAME-031", config="permissions")
def test_what_cannot_be_printed_is_escaped_in_an_error(nats: Nats) -> None:
    c = limited(nats)
    for raw, escaped in ESCAPES.items():
        shown = escaped.encode()
        c.send(b"PUB NO%b 2\r\nhi\r\n" % raw)
        c.expect(b"-ERR 'Permissions Violation for Publish to \"NO%b\"'\r\n" % shown)
        c.send(b"SUB NO%b q%b 1\r\n" % (raw, raw))
        c.expect(
            b'-ERR \'Permissions Violation for Subscription to "NO%b" using queue "q%b"\'\r\n'
            % (shown, shown)
        )
        c.send(b"PUB OK.a _R_.%b 2\r\nhi\r\n" % raw)
        c.expect(b"-ERR 'Permissions Violation for Publish with Reply of \"_R_.%b\"'\r\n" % shown)
    c.expect_nothing()


def errors_of_reload(nats: Nats, *subscriptions: str) -> set[bytes]:
    """What a client is told when a reload leaves it KEEP alone; KEEP goes on, the rest doesn't."""
    text = (
        "authorization {{ users: [{{user: u, password: pw, permissions: {{subscribe: {}}}}}] }}\n"
    )
    server = nats.start(text=text.format('">"'))
    c = server.client(user="u", pass_="pw")
    c.send("".join(f"SUB {each}\r\n" for each in ("KEEP 1", *subscriptions)))
    c.flush()
    server.reload(text.format('"KEEP"'))
    told = {operation.text for operation in c.barrier()}
    c.send("PUB GONE 2\r\nno\r\nPUB KEEP 2\r\nhi\r\n")
    c.expect("MSG KEEP 1 2\r\nhi\r\n")
    c.expect_nothing()
    return told


@case("ERR-008", private=True)
def test_a_reload_takes_away_subscriptions_with_an_error_each(nats: Nats) -> None:
    denied = b'Permissions Violation for Subscription to "%b" (sid "%b")'
    told = errors_of_reload(nats, "GONE 2", 'GONE.* s"3')
    assert told == {denied % (b"GONE", b"2"), denied % (b"GONE.*", rb"s\"3")}


@case("ERR-027", private=True)
def test_a_reload_names_the_queue_group_of_what_it_takes_away(nats: Nats) -> None:
    denied = b'Permissions Violation for Subscription to "GONE" using queue "team" (sid "2")'
    assert errors_of_reload(nats, "GONE team 2") == {denied}


@case("ERR-009")
def test_a_reserved_reply_subject_is_refused(nats: Nats) -> None:
    foo = nats.name("foo")
    other = listener(nats, foo)
    c = nats.client(headers=True)
    for reply in ("_R_.", "_R_.a", "_R_.a.b", "_GR_.a", "$JS.ACK.a", "$JS.ACK.a.b.1.2.3.4.5"):
        denied = f'Permissions Violation for Publish with Reply of "{reply}"'
        for message in (
            f"PUB {foo} {reply} 2\r\nno\r\n",
            f"HPUB {foo} {reply} 12 12\r\n{BLOCK}\r\n",
        ):
            c.send(message)
            c.expect_error(denied)
    other.expect_nothing()
    for reply in ("_R_", "_R_a", "_r_.a", "a._R_.b", "$JS.AC", "_INBOX.a"):
        c.send(f"PUB {foo} {reply} 2\r\nhi\r\n")
        c.expect_nothing()
        other.expect(f"MSG {foo} 1 {reply} 2\r\nhi\r\n")


@case("ERR-010", config="subscription-limits")
def test_a_subscription_with_too_many_tokens_is_none(nats: Nats) -> None:
    c = nats.client()
    for subject in ("a.b.c.d", "a.b.c.>", "*.*.*.*", "a.b.c.d.e.f", "..."):
        for queue in ("", "team "):
            c.send(f"SUB {subject} {queue}1\r\n")
            c.expect_error(
                f'Permissions Violation for Subscription to "{subject}", too many tokens'
            )
    c.send("SUB a.b.> 2\r\nPUB a.b.c.d.e.f 2\r\nhi\r\n")
    c.expect("MSG a.b.c.d.e.f 2 2\r\nhi\r\n")
    c.expect_nothing()


@case("ERR-011", config="subscription-limits")
def test_a_subscription_too_many_is_none(nats: Nats) -> None:
    c = nats.client()
    c.send("SUB a 1\r\nSUB b team 2\r\n")
    for line in ("SUB c 3", "SUB c team 3", "SUB a 4"):
        c.send(f"{line}\r\n")
        c.expect_error("maximum subscriptions exceeded")
    c.send("PUB c 2\r\nno\r\nPUB b 2\r\nhi\r\n")
    c.expect("MSG b 2 2\r\nhi\r\n")
    c.expect_nothing()


@case("ERR-014", config="auth-user")
def test_whatever_is_wrong_with_the_credentials_one_text_says_so(nats: Nats) -> None:
    right = {"user": "alice", "pass": "s3cr3t"}
    wrong: list[dict[str, str]] = [
        {},
        {"user": "alice"},
        {"pass": "s3cr3t"},
        right | {"pass": "S3cr3t"},
        right | {"pass": "s3cr3t "},
        right | {"pass": ""},
        right | {"user": "bob"},
        right | {"user": "Alice"},
        {"auth_token": "s3cr3t"},
    ]
    for credentials in wrong:
        c = nats.connect()
        c.send(f"CONNECT {json.dumps(credentials)}\r\nPING\r\n")
        c.expect_closed("Authorization Violation")
    nats.client(**right).expect_nothing()


@case("ERR-014", config="auth-token")
def test_whatever_is_wrong_with_the_token_the_same_text_says_so(nats: Nats) -> None:
    for credentials in ({}, {"auth_token": "x"}, {"auth_token": ""}, {"user": "s3cr3t"}):
        c = nats.connect()
        c.send(f"CONNECT {json.dumps(credentials)}\r\nPING\r\n")
        c.expect_closed("Authorization Violation")
    nats.client(auth_token="s3cr3t").expect_nothing()


@case("ERR-018", "ERR-019")
def test_connect_asks_for_what_there_is_not(nats: Nats) -> None:
    protocol, headers = "invalid client protocol", "no responders requires headers support"
    for options, error in (
        *(({"protocol": number}, protocol) for number in (2, 3, 99, -1, -2)),
        ({"no_responders": True, "headers": False}, headers),
        ({"no_responders": True}, headers),
        ({"protocol": 2, "no_responders": True}, protocol),
    ):
        c = nats.connect()
        c.send(f"CONNECT {json.dumps(options)}\r\nPING\r\n")
        c.expect_closed(error)
    for options in ({"protocol": 0}, {"protocol": 1, "no_responders": True, "headers": True}):
        nats.client(**options).expect_nothing()
