"""CONNECT again, and credentials before anything else (CONN-003, CONN-006 .. CONN-016).

What goes for a first CONNECT on a server without authentication is in
test_20_connect.py. Operations that pedantic mode remarks on go out in one piece
(see ERR-026), so such cases have one delivery.
"""

from __future__ import annotations

import json

from nats_conformance.cases import Nats, case
from nats_conformance.cases.test_20_connect import publishes_badly, request_nobody
from nats_spec.operations import Err, Hmsg

QUIET = '"verbose":false,"pedantic":false'
UNAUTHORIZED = "Authorization Violation"
CREDENTIALS = '"auth_token":"s3cr3t"'


@case("CONN-003", deliveries=False)
def test_a_later_connect_changes_only_what_it_says(nats: Nats) -> None:
    fields = ("verbose", "pedantic", "echo", "headers", "no_responders", "protocol", "name")
    for again in ({}, dict.fromkeys(fields)):
        foo = nats.name("foo")
        c = nats.client(pedantic=True, echo=False, headers=True, no_responders=True)
        c.send(f"CONNECT {json.dumps(again)}\r\n")
        c.expect_nothing()
        assert publishes_badly(c) == [Err(b"Invalid Publish Subject")], "it is pedantic still"
        c.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\nHPUB {foo} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
        assert c.barrier() == [], "it wants no echo still, and has headers"
        [answer] = request_nobody(nats, c)
        assert isinstance(answer, Hmsg), "it wants to know that nobody responds still"


@case("CONN-003", config="auth-token")
def test_a_later_connect_keeps_the_credentials(nats: Nats) -> None:
    c = nats.client(auth_token="s3cr3t")
    for again in ("{}", '{"auth_token":null}', "null", '{"name":"again"}'):
        c.send(f"CONNECT {again}\r\n")
        c.expect_nothing()


@case("CONN-006")
def test_a_broken_connect_is_refused_the_second_time_too(nats: Nats) -> None:
    c = nats.client()
    c.send('CONNECT {"verbose":"yes"}\r\n')
    c.expect_closed()


@case("CONN-007")
def test_protocol_is_checked_the_second_time_too(nats: Nats) -> None:
    c = nats.client(protocol=1)
    c.send('CONNECT {"protocol":2}\r\n')
    c.expect_closed("invalid client protocol")


@case("CONN-008", config="auth-token")
def test_an_account_cannot_be_asked_for_with_good_credentials(nats: Nats) -> None:
    c = nats.connect()
    c.send(f'CONNECT {{{CREDENTIALS},"account":"x"}}\r\n')
    c.expect_closed(UNAUTHORIZED)


@case("CONN-009")
def test_a_second_connect_removes_all_subscriptions_of_this_connection_only(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(), nats.client()
    other.send(f"SUB {foo} 1\r\n")
    other.flush()
    c.send(f"SUB {foo} 1\r\nSUB {foo} q 2\r\nSUB {foo}.> 3\r\nSUB * 4\r\nUNSUB 3 9\r\n")
    c.send("CONNECT {}\r\n")
    c.send(f"PUB {foo} 0\r\n\r\nPUB {foo}.a 0\r\n\r\n")
    c.expect_nothing()
    other.expect(f"MSG {foo} 1 0\r\n\r\n")
    other.expect_nothing()


@case("CONN-009")
def test_a_sid_is_fresh_after_a_second_connect(nats: Nats) -> None:
    foo, bar = nats.name("foo"), nats.name("bar")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nUNSUB 1 2\r\nPUB {foo} 0\r\n\r\n")
    c.expect(f"MSG {foo} 1 0\r\n\r\n")
    c.send(f"CONNECT {{}}\r\nSUB {bar} 1\r\n" + f"PUB {bar} 0\r\n\r\n" * 3)
    c.expect(f"MSG {bar} 1 0\r\n\r\n" * 3)


@case("CONN-009")
def test_subscriptions_from_before_the_first_connect_survive_that_one_only(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.connect()
    c.send(f"SUB {foo} 1\r\n")
    c.expect("+OK\r\n")
    c.send(f"CONNECT {{{QUIET}}}\r\nPUB {foo} 0\r\n\r\n")
    c.expect(f"MSG {foo} 1 0\r\n\r\n")
    c.send(f"CONNECT {{}}\r\nPUB {foo} 0\r\n\r\n")
    c.expect_nothing()


@case("CONN-010", config="auth-token")
def test_bad_credentials_end_a_connection_that_had_good_ones(nats: Nats) -> None:
    for bad in ('"wrong"', '""', '"s3cr3t "', '"S3CR3T"'):
        foo = nats.name("foo")
        c, other = (nats.client(auth_token="s3cr3t") for _ in range(2))
        other.send(f"SUB {foo} 1\r\n")
        other.flush()
        c.send(f'CONNECT {{"auth_token":{bad}}}\r\nPUB {foo} 0\r\n\r\n')
        c.expect_closed(UNAUTHORIZED)
        other.expect_nothing()


@case("CONN-011")
def test_verbose_can_be_changed_both_ways(nats: Nats) -> None:
    c = nats.client()
    for _ in range(2):
        c.send('CONNECT {"verbose":true}\r\nUNSUB 1\r\n')
        c.expect("+OK\r\n+OK\r\n")
        c.send('CONNECT {"verbose":false}\r\nUNSUB 1\r\n')
        c.expect_nothing()


@case("CONN-012")
def test_no_responders_needs_headers_to_stay(nats: Nats) -> None:
    c = nats.client(headers=True, no_responders=True)
    c.send('CONNECT {"headers":false}\r\n')
    c.expect_closed("no responders requires headers support")


@case("CONN-015", config="auth-token", deliveries=False)
def test_with_credentials_required_only_c_may_come_first(nats: Nats) -> None:
    for byte in range(256):
        if byte in b"Cc":
            continue
        c = nats.connect()
        c.send(bytes([byte]))
        c.expect_closed(UNAUTHORIZED)


@case("CONN-015", config="auth-token")
def test_after_good_credentials_everything_may_come(nats: Nats) -> None:
    foo = nats.name("foo")
    for verb in ("CONNECT", "connect", "cOnNeCt"):
        c = nats.connect()
        c.send(f"{verb} {{{CREDENTIALS},{QUIET}}}\r\nSUB {foo} 1\r\nPUB {foo} 0\r\n\r\n")
        c.expect(f"MSG {foo} 1 0\r\n\r\n")


@case("CONN-016", config="no-auth-user")
def test_a_stranger_is_the_no_auth_user_until_it_says_who_it_is(nats: Nats) -> None:
    c = nats.connect()
    c.send("PUB NO.p 0\r\n\r\n")
    c.expect_error('Permissions Violation for Publish to "NO.p"')
    c.send(f'CONNECT {{{QUIET},"user":"free","pass":"pw"}}\r\n')
    c.send("SUB NO.p 1\r\nPUB NO.p 0\r\n\r\n")
    c.expect("MSG NO.p 1 0\r\n\r\n")


@case("CONN-016", config="no-auth-user")
def test_a_stranger_with_bad_credentials_stays_outside(nats: Nats) -> None:
    for bad in ('"user":"free","pass":"no"', '"user":"guest"', '"auth_token":"x"'):
        c = nats.connect()
        c.send(f"CONNECT {{{bad}}}\r\n")
        c.expect_closed(UNAUTHORIZED)
