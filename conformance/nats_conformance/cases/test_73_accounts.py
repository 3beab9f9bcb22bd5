"""Accounts: who hears whom, and what the clients of one may have (ACC-ISO-*, ACC-LIM-*).

Who is in which account stands in the config groups `users` and `account-limits`.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.cases.test_34_request_reply import is_503
from nats_spec.operations import Err, Ok

if TYPE_CHECKING:
    from nats_conformance.connection import Connection
    from nats_conformance.server import Server

OK = Ok()
FULL = "maximum account active connections exceeded"
TOO_MANY = "maximum subscriptions exceeded"
TOO_LONG = "Maximum Payload Violation"

LIMITED = """
accounts {{ A: {{
  limits: {{ max_connections: {}, max_subscriptions: {}, max_payload: {} }}
  users: [{{user: a, password: pw}}]
}} }}
"""
SYSTEM = """
authorization { users: [{user: g, password: pw}] }
accounts { A: { users: [{user: a, password: pw}] }, %s: { users: [{user: s, password: pw}] } }
%s
"""


def as_user(nats: Nats | Server, name: str, **options: Any) -> Connection:
    """A client that is this user of the group."""
    return nats.client(user=name, pass_="pw", headers=True, **options)


def turned_away(nats: Nats, name: str) -> None:
    """There is no room for this user."""
    c = nats.connect()
    c.send(f"CONNECT {json.dumps({'user': name, 'pass': 'pw'})}\r\nPING\r\n")
    c.expect_closed(FULL)


def comes_in(nats: Nats, name: str) -> Connection:
    """There is room for this user, or will be as soon as the server knows that somebody has gone."""
    ends = time.monotonic() + nats.patience
    while time.monotonic() < ends:
        c = nats.connect()
        c.send(f"CONNECT {json.dumps({'verbose': True, 'user': name, 'pass': 'pw'})}\r\n")
        if c.next() == OK:
            return c
        c.close()
    raise Mismatch(f"there is no room for {name}", "+OK", FULL)


def later_info(server: Nats | Server, name: str) -> dict[str, object]:
    """What a client with protocol 1 is told after CONNECT."""
    c = as_user(server, name, protocol=1)
    c.flush()
    return c.infos[-1] if c.infos else {}


@case("ACC-ISO-001", config="users")
def test_accounts_do_not_hear_each_other(nats: Nats) -> None:
    foo, team = f"ACC.{nats.name('foo')}", nats.name("team")
    names = ("ann", "ash", "bob")
    clients = {n: nats.client(user=n, pass_="s3cr3t" if n == "ash" else "pw") for n in names}
    for c in clients.values():
        c.send(f"SUB > 1\r\nSUB {foo} 2\r\nSUB ACC.* {team} 3\r\n")
        c.flush()
    clients["bob"].send(f"PUB {foo} 2\r\nhi\r\n")
    nats.flush_all()
    assert sorted(op.sid for op in clients["bob"].barrier()) == [b"1", b"2", b"3"]
    assert [clients[name].barrier() for name in ("ann", "ash")] == [[], []]
    clients["ann"].send(f"PUB {foo} 2\r\nhi\r\n")
    nats.flush_all()
    assert clients["bob"].barrier() == []
    got = [op.sid for name in ("ann", "ash") for op in clients[name].barrier()]
    assert sorted(got) == [b"1", b"1", b"2", b"2", b"3"], "a group is one within its account"


@case("ACC-ISO-001", config="users")
def test_nobody_in_another_account_is_a_responder(nats: Nats) -> None:
    foo, inbox = f"ACC.{nats.name('foo')}", nats.name("in")
    bob = as_user(nats, "bob")
    bob.send(f"SUB {foo} 1\r\nSUB {inbox} 2\r\n")
    bob.flush()
    ann = as_user(nats, "ann", no_responders=True)
    ann.send(f"SUB {inbox} 1\r\nPUB {foo} {inbox} 2\r\nhi\r\n")
    assert is_503(ann.next(), inbox)
    nats.flush_all()
    bob.expect_nothing()


@case("ACC-ISO-002", config="users")
def test_users_without_an_account_are_together(nats: Nats) -> None:
    foo = nats.name("foo")
    tom, std = as_user(nats, "tom"), as_user(nats, "std")
    others = [as_user(nats, name) for name in ("ann", "bob")]
    for c in (tom, std, *others):
        c.send(f"SUB *.{foo} 1\r\n")
        c.flush()
    std.send(f"PUB TOP.{foo} 2\r\nhi\r\n")
    nats.flush_all()
    assert [len(c.barrier()) for c in (tom, std, *others)] == [1, 1, 0, 0]
    if nats.release >= (2, 12):  # INFO-019
        assert later_info(nats, "tom")["remote_account"] == "$G"


@case("ACC-ISO-003", deliveries=False)
def test_the_system_account_is_told_from_others(nats: Nats) -> None:
    for account, text in (("S", "system_account: S"), ('"$SYS"', "")):
        server = nats.start(text=SYSTEM % (account, text))
        told = {name: later_info(server, name) for name in "gas"}
        assert [info["remote_account"] for info in told.values()] == ["$G", "A", account.strip('"')]
        assert [info.get("acc_is_sys", False) for info in told.values()] == [False, False, True]


@case("ACC-ISO-004", "ACC-ISO-005", deliveries=False)
def test_names_of_accounts(nats: Nats) -> None:
    named = nats.start(text="accounts [A, B]\nsystem_account: B\n")
    named.client().expect_nothing()
    for text in (
        "accounts [A, B, A]",
        'accounts [A, "$G"]',
        'accounts { "$G": {} }',
        "accounts { A: {} }\nsystem_account: B",
        "accounts [A]\nsystem_account: B",
    ):
        nats.refuses(text + "\n")


@case("ACC-LIM-001", config="account-limits", deliveries=False)
def test_an_account_has_room_for_so_many(nats: Nats) -> None:
    first, second = comes_in(nats, "pair"), comes_in(nats, "pal")
    for name in ("pair", "pal"):
        turned_away(nats, name)
    first.send('CONNECT {"user":"pal","pass":"pw"}\r\n')
    first.expect("+OK\r\n")
    first.expect_nothing()
    c = nats.connect()
    c.send('CONNECT {"user":"pair","pass":"wrong"}\r\n')
    c.expect_closed("Authorization Violation")
    second.close()
    third = comes_in(nats, "pair")
    turned_away(nats, "pal")
    third.send('CONNECT {"user":"wide","pass":"pw"}\r\n')
    third.expect("+OK\r\n")
    comes_in(nats, "pal")
    turned_away(nats, "pair")


@case("ERR-013", "ACC-LIM-001", config="account-limits", deliveries=False)
def test_who_is_turned_away_is_told_whatever_it_wanted(nats: Nats) -> None:
    member = comes_in(nats, "single")
    for more in ({}, {"protocol": 9}, {"no_responders": True}):
        c = nats.connect()
        c.send(f"CONNECT {json.dumps({'user': 'single', 'pass': 'pw', **more})}\r\nPING\r\n")
        c.expect_closed(FULL)
    wide = comes_in(nats, "wide")
    wide.send('CONNECT {"user":"single","pass":"pw"}\r\n')
    wide.expect_closed(FULL)
    member.expect_nothing()


@case("ACC-LIM-001", config="account-limits", deliveries=False)
def test_who_has_no_credentials_needs_room_too(nats: Nats) -> None:
    # no_auth_user is of an account with room for one.
    one = comes_in(nats, "one")
    for said in ("CONNECT {}\r\n", "PING\r\n", "SUB foo 1\r\n"):
        c = nats.connect()
        c.send(said)
        c.expect_closed(FULL)
    one.expect_nothing()


@case("ACC-LIM-002", config="account-limits")
def test_each_connection_has_so_many_subscriptions(nats: Nats) -> None:
    for _ in range(2):
        c = as_user(nats, "tight")
        foo = nats.name("foo")
        c.send(f"SUB {foo} 1\r\nSUB {foo}.> team 2\r\n")
        for line in (f"SUB {foo}.a 3", f"SUB {foo}.a team 3", f"SUB {foo}.a 1"):
            c.send(line + "\r\n")
            c.expect_error(TOO_MANY)
        c.send(f"UNSUB 2\r\nSUB {foo}.a 3\r\nPUB {foo}.a 0\r\n\r\n")
        c.expect(f"MSG {foo}.a 3 0\r\n\r\n")
        c.expect_nothing()


@case("ACC-LIM-003", config="account-limits")
def test_a_message_may_be_so_long(nats: Nats) -> None:
    foo = nats.name("foo")
    for fits, too_long in (
        (f"PUB {foo} 100\r\n{'x' * 100}\r\n", f"PUB {foo} 101\r\n"),
        (f"HPUB {foo} 12 100\r\nNATS/1.0\r\n\r\n{'x' * 88}\r\n", f"HPUB {foo} 12 101\r\n"),
    ):
        c = as_user(nats, "tight")
        c.send(f"SUB {foo} 1\r\n" + fits)
        assert len(c.barrier()) == 1
        c.send(too_long)
        c.expect_closed(TOO_LONG)


@case("ACC-LIM-006", config="account-limits")
def test_a_client_is_told_how_long_a_message_may_be(nats: Nats) -> None:
    assert later_info(nats, "tight")["max_payload"] == 100
    if nats.release >= (2, 12):  # INFO-019
        assert [later_info(nats, name)["max_payload"] for name in ("wide", "open")] == [2000, 2000]


@case("ACC-LIM-004", config="account-limits")
def test_negative_is_no_limit_and_zero_no_room(nats: Nats) -> None:
    foo = nats.name("foo")
    turned_away(nats, "none")
    free = as_user(nats, "open")
    free.send(f"SUB {foo} 1\r\nSUB {foo} 2\r\nSUB {foo} 3\r\nPUB {foo} 2000\r\n{'x' * 2000}\r\n")
    assert len(free.barrier()) == 3
    mute = as_user(nats, "mute")
    mute.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\n")
    mute.expect(f"MSG {foo} 1 0\r\n\r\n")
    mute.send(f"PUB {foo} 1\r\n")
    mute.expect_closed(TOO_LONG)


@case("ACC-LIM-005", config="account-limits")
def test_the_server_s_own_limits_hold_as_well(nats: Nats) -> None:
    foo = nats.name("foo")
    for name in ("wide", "open"):
        c = as_user(nats, name)
        c.send("".join(f"SUB {foo}.{number} {number}\r\n" for number in range(4)))
        c.expect_nothing()
        c.send(f"SUB {foo}.4 4\r\n")
        c.expect_error(TOO_MANY)
        c.send(f"PUB {foo} 2001\r\n")
        c.expect_closed(TOO_LONG)


@case("ACC-LIM-007", deliveries=False, waits=True)
def test_a_reload_leaves_who_has_just_as_much_as_it_may(nats: Nats) -> None:
    text = LIMITED.format(2, 2, 100)
    server = nats.start(text=text)
    clients = [as_user(server, "a") for _ in range(2)]
    for c in clients:
        c.send("SUB foo 1\r\nSUB bar 2\r\n")
        c.flush()
    for changed in ("ping_max: 3\n", "authorization { users: [{user: b, password: pw}] }\n"):
        server.reload(text + changed)
        time.sleep(0.1)  # what comes unasked for comes soon
        for c in clients:
            c.expect_nothing()


@case("ACC-LIM-008", deliveries=False)
def test_a_reload_that_leaves_less_room_is_felt_at_once(nats: Nats) -> None:
    server = nats.start(text=LIMITED.format(-1, 5, 1000))
    many, *few = (as_user(server, "a") for _ in range(3))
    for c, count in ((many, 4), *((c, 1) for c in few)):
        c.send("".join(f"SUB s{number} {number}\r\n" for number in range(count)))
        c.flush()
    server.reload(LIMITED.format(-1, 3, 10))
    many.expect_closed(TOO_MANY)
    for c in few:
        c.send("SUB x 7\r\nSUB y 8\r\nSUB z 9\r\n")
        c.expect_error(TOO_MANY)
    few.append(as_user(server, "a"))
    few[0].send("PUB foo 11\r\n")
    few.pop(0).expect_closed(TOO_LONG)
    server.reload(LIMITED.format(1, 30, 10))
    ended = [c for c in few if Err(FULL.encode()) in until_ended(c)]
    assert len(ended) == 1, "one of two goes"


def until_ended(c: Connection) -> list[object]:
    """What came, if that was the end; else nothing, and it goes on."""
    try:
        return c.barrier()
    except Mismatch:
        return c.read_until_closed()
