"""CONNECT: what it may say, once and again, and what it needs (CONN-*).

Operations that pedantic mode remarks on go out in one piece (see ERR-026), so such
cases have one delivery. What the fields do to INFO is in test_20_info.py.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection
from nats_spec.operations import Err, Hmsg, Msg, Ok

QUIET = '"verbose":false,"pedantic":false'
UNAUTHORIZED = "Authorization Violation"

#: CONNECT arguments that end the connection without a word.
REFUSED_SILENTLY = (
    "foo",
    "NULL",
    "NaN",
    "1",
    "true",
    '"x"',
    "[]",
    "{",
    "{}}",
    "{} x",
    "{}{}",
    "null null",
    "{'verbose':false}",
    '{"verbose":false,}',
    "{verbose:false}",
    '{"name":"a\tb"}',
    '{"verbose":"yes"}',
    '{"verbose":1}',
    '{"pedantic":"false"}',
    '{"echo":0}',
    '{"headers":"true"}',
    '{"no_responders":1}',
    '{"tls_required":"no"}',
    '{"name":1}',
    '{"lang":[]}',
    '{"version":{}}',
    '{"user":1}',
    '{"auth_token":false}',
    '{"new_account":"x"}',
    '{"protocol":"1"}',
    '{"protocol":1.5}',
    '{"protocol":1.0}',
    '{"protocol":1e0}',
    '{"protocol":01}',
    '{"protocol":true}',
    '{"protocol":99999999999999999999}',
)


def publishes_badly(connection: Connection) -> list[object]:
    """What a server says to a publish with an empty token."""
    connection.send("PUB a..b 0\r\n\r\n")
    return connection.barrier()


def request_nobody(nats: Nats, connection: Connection) -> list[object]:
    """What comes back for a request that nobody serves."""
    inbox, nobody = nats.name("inbox"), nats.name("nobody")
    connection.send(f"SUB {inbox} inbox\r\nPUB {nobody} {inbox} 0\r\n\r\n")
    return [op for op in connection.barrier() if not isinstance(op, Ok)]


@case("CONN-001")
def test_any_operation_may_be_the_first(nats: Nats) -> None:
    foo = nats.name("foo")
    for first in ("", f"SUB {foo} 1\r\n", f"PUB {foo} 0\r\n\r\n", "UNSUB 1\r\n", "PONG\r\n"):
        c = nats.connect()
        c.send(first)
        before = c.barrier()
        assert all(isinstance(op, Ok) for op in before), f"{first!r} brought {before}"


@case("CONN-002", deliveries=False)
def test_each_field_that_connect_leaves_out_has_its_default(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.connect()
    c.send('CONNECT {"pedantic":false}\r\n')
    c.expect("+OK\r\n")
    c.send('CONNECT {"verbose":false,"pedantic":true}\r\n')
    c.expect_nothing()

    c = nats.connect()
    c.send('CONNECT {"verbose":false}\r\n')
    assert publishes_badly(c) == [Err(b"Invalid Publish Subject")], "pedantic is true"
    c.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\n")
    assert c.barrier() == [Msg(foo.encode(), b"1", b"", b"")], "echo is true"
    assert request_nobody(nats, c) == [], "no_responders is false"
    c.flush()
    assert c.infos == [], "protocol is 0"
    c.send(f"HPUB {foo} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
    c.expect_closed()


@case("CONN-004")
def test_unknown_fields_of_any_kind_are_ignored(nats: Nats) -> None:
    for value in ("1", "null", '"x"', "[1,{}]", '{"verbose":true}', "1e99"):
        c = nats.connect()
        c.send(f'CONNECT {{"zzz":{value},{QUIET},"":{value}}}\r\n')
        c.expect_nothing()


@case("CONN-004")
def test_keys_are_known_in_any_letter_case_and_with_escapes(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.connect()
    c.send(
        'CONNECT {"VERBOSE":false,"Pedantic":false,"eCHO":false,"HEADERS":true,"NO_Responders":true}\r\n'
    )
    c.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\n")
    c.expect_nothing()
    [answer] = request_nobody(nats, c)
    assert isinstance(answer, Hmsg)
    c = nats.connect()
    c.send('CONNECT {"verb\\u006fse":false}\r\n')
    c.expect_nothing()


@case("CONN-004")
def test_the_last_of_equal_keys_counts(nats: Nats) -> None:
    for first, last in (("verbose", "verbose"), ("verbose", "VERBOSE"), ("VERBOSE", "verbose")):
        c = nats.connect()
        c.send(f'CONNECT {{"{first}":true,"{last}":false}}\r\n')
        c.expect_nothing()
        c.send(f'CONNECT {{"{first}":false,"{last}":true}}\r\n')
        c.expect("+OK\r\n")


@case("CONN-005")
def test_null_changes_nothing(nats: Nats) -> None:
    c = nats.connect()
    c.send("CONNECT null\r\n")
    c.expect("+OK\r\n")
    c = nats.client()
    c.send("CONNECT  null \r\n")
    c.expect_nothing()


@case("CONN-006")
def test_a_broken_connect_ends_the_connection_without_a_word(nats: Nats) -> None:
    for argument in REFUSED_SILENTLY:
        c = nats.connect()
        c.send(f"CONNECT {argument}\r\n")
        c.expect_closed()
    for line in ("CONNECT\r\n", "CONNECT \r\n", "CONNECT \t \r\n"):
        c = nats.connect()
        c.send(line)
        c.expect_closed()


@case("CONN-006")
def test_unusual_json_is_accepted(nats: Nats) -> None:
    arguments = (
        b'  {"verbose" : false}  ',
        b'\t{"verbose":\tfalse}\t',
        b'{"verbose":false,"name":"\xff\xfe"}',
        b'{"verbose":false,"name":"\\ud800"}',
        b'{"verbose":false,"protocol":-0}',
        b'{"verbose":false,"name":"\xd1\x88\\u0448\\/"}',
    )
    for argument in arguments:
        c = nats.connect()
        c.send(b"CONNECT %b\r\n" % argument)
        c.expect_nothing()


@case("CONN-007")
def test_protocol_is_0_or_1(nats: Nats) -> None:
    for good in (0, 1):
        nats.client(protocol=good)
    for bad in (2, -1, 10, 1 << 31, -(1 << 63), (1 << 63) - 1):
        c = nats.connect()
        c.send(f'CONNECT {{"protocol":{bad}}}\r\n')
        c.expect_closed("invalid client protocol")


@case("CONN-008")
def test_an_account_cannot_be_asked_for(nats: Nats) -> None:
    for asked in ('"account":"x"', '"account":"$SYS"', '"account":"$G"', '"new_account":true'):
        c = nats.connect()
        c.send(f"CONNECT {{{QUIET},{asked}}}\r\n")
        c.expect_closed(UNAUTHORIZED)


@case("CONN-012")
def test_no_responders_needs_headers(nats: Nats) -> None:
    for without in ("", '"headers":false,', '"headers":null,'):
        c = nats.connect()
        c.send(f'CONNECT {{{without}"no_responders":true}}\r\n')
        c.expect_closed("no responders requires headers support")


@case("CONN-014", config="monitoring")
def test_name_lang_and_version_are_shown_in_connz(nats: Nats) -> None:
    said = {"name": f'{nats.name("client")} "ш"', "lang": "python", "version": "9.9.9-rc.1"}
    named, silent = nats.client(**said), nats.client()
    shown = {each["cid"]: each for each in nats.monitor("/connz")["connections"]}
    entry = shown[named.info["client_id"]]
    assert {key: entry.get(key) for key in said} == said
    assert not said.keys() & shown[silent.info["client_id"]].keys()
