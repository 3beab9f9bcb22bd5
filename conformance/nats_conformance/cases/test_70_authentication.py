"""Tokens, users, hashes, kinds of connections and clients without credentials (AUTH-*).

Who is who stands in the config group `users`. What a failed authentication looks
like on the wire is in test_60_errors.py, what may come before CONNECT in
test_20_connect_again.py.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.connection import Connection

#: What the server has of h2b.
HASH = "$2b$04$Rx30jzqbeTlFOX/jDNHameG6xfSdb0WQwDrS/AzTEfdCW/3fJOtKe"
#: Longer than any hash says something about.
LONG = "x" * 72


def comes_in(nats: Nats, **credentials: str) -> Connection:
    """These credentials let a client in."""
    return nats.client(headers=True, **credentials)


def refused(nats: Nats, **credentials: str) -> None:
    """These credentials don't."""
    c = nats.connect()
    said = {name.rstrip("_"): value for name, value in credentials.items()}
    c.send(f"CONNECT {json.dumps({'verbose': False, **said})}\r\nPING\r\n")
    c.expect_closed("Authorization Violation")


@case("AUTH-TOK-001", config="auth-token")
def test_only_auth_token_is_compared_with_the_token(nats: Nats) -> None:
    token = "s3cr3t"  # noqa: S105 - it is in the config group
    for fields in ({}, {"user": "x", "pass_": "y"}, {"user": token}, {"jwt": "x", "nkey": "y"}):
        comes_in(nats, auth_token=token, **fields).expect_nothing()
        refused(nats, **fields)
    for fields in ({"user": token, "pass_": token}, {"pass_": token}, {"name": token}):
        refused(nats, **fields)
    for other in ("s3cr3", "s3cr3t ", "S3CR3T", "", "\u00e9"):
        refused(nats, auth_token=other)


@case("AUTH-TOK-002", "AUTH-USER-006", deliveries=False)
def test_users_that_do_not_go_together_are_refused(nats: Nats) -> None:
    one, array = "user: a, password: b", "users: [{user: c, password: d}]"
    account = f"accounts {{ A: {{ {array} }} }}\n"
    for text in (
        f"authorization {{ token: t, {array} }}",
        f"authorization {{ token: t, {one} }}",
        f"{account}authorization {{ token: t }}",
        f"authorization {{ {one}, {array} }}",
        f"{account}authorization {{ {one} }}",
        "authorization { users: [{user: a, password: b}, {user: a, password: c}] }",
        f"{account}authorization {{ users: [{{user: c, password: e}}] }}",
        "authorization { users: [{password: b}] }",
    ):
        nats.refuses(text + "\n")


@case("AUTH-USER-001", config="users")
def test_name_and_password_have_to_be_right(nats: Nats) -> None:
    for name in ("tom", "bob", "ada", "ann"):
        comes_in(nats, user=name, pass_="pw").expect_nothing()
        for other in ("", "PW", "pw ", "p", name, "\u00e9"):
            refused(nats, user=name, pass_=other)
    for name in ("nobody", "TOM", "tom ", "to", "A"):
        refused(nats, user=name, pass_="pw")
    comes_in(nats, user="nopw").expect_nothing()
    comes_in(nats, user="nopw", pass_="").expect_nothing()
    comes_in(nats, user="tom", pass_="pw", auth_token="x").expect_nothing()
    refused(nats, user="nopw", pass_="pw")
    refused(nats, user="tom", auth_token="pw")


@case("AUTH-USER-001", config="users")
def test_the_account_comes_with_the_user(nats: Nats) -> None:
    foo = nats.name("foo")
    hearing = {name: comes_in(nats, user=name, pass_="pw") for name in ("tom", "ann", "ada", "bob")}
    for c in hearing.values():
        c.send(f"SUB *.{foo} 1\r\n")
        c.flush()
    for name, subject, heard in (
        ("tom", f"TOP.{foo}", {"tom"}),
        ("ann", f"ACC.{foo}", {"ann", "ada"}),
        ("ada", f"MINE.{foo}", {"ann", "ada"}),
        ("bob", f"ACC.{foo}", {"bob"}),
    ):
        hearing[name].send(f"PUB {subject} 0\r\n\r\n")
        nats.flush_all()
        assert {other for other, c in hearing.items() if c.barrier()} == heard, name


@case("AUTH-USER-002", config="users")
def test_a_hash_stands_for_the_password(nats: Nats) -> None:
    for name in ("h2a", "h2b", "h2x", "h2y", "ash"):
        for _ in range(2):
            comes_in(nats, user=name, pass_="s3cr3t").expect_nothing()
            refused(nats, user=name, pass_="s3cr3")
        refused(nats, user=name)
    refused(nats, user="h2b", pass_=HASH)
    comes_in(nats, user="nil").expect_nothing()
    refused(nats, user="nil", pass_="x")
    comes_in(nats, user="uml", pass_="p\u00e4ssw\u00f6rd").expect_nothing()
    refused(nats, user="uml", pass_="password")
    comes_in(nats, user="dollar", pass_="$2a$short").expect_nothing()
    refused(nats, user="bad", pass_="$2a$04$short")
    refused(nats, user="bad")


@case("AUTH-USER-002", config="users")
def test_what_comes_with_such_a_connect_waits_its_turn(nats: Nats) -> None:
    for number in range(3):
        foo = nats.name("foo")
        # What is beyond 72 bytes makes it a password that no server has seen before.
        said = json.dumps({"verbose": True, "user": "xx", "pass": LONG + foo})
        c = nats.connect()
        c.send(f"CONNECT {said}\r\nSUB *.{foo} 1\r\nPUB TOP.{foo} 2\r\nhi\r\nPING\r\n")
        c.expect("+OK\r\n+OK\r\n+OK\r\n")
        c.expect(f"MSG TOP.{foo} 1 2\r\nhi\r\nPONG\r\n")
        refused(nats, user="h2a", pass_=f"wrong{number}")
    again = comes_in(nats, user="h2b", pass_="s3cr3t")
    again.send(f"CONNECT {json.dumps({'user': 'h2a', 'pass': 'no'})}\r\nPING\r\n")
    again.expect_closed("Authorization Violation")


@case("AUTH-USER-003", config="auth-token-hash")
def test_a_token_may_be_a_hash(nats: Nats) -> None:
    comes_in(nats, auth_token="tok3n").expect_nothing()
    for other in ("tok3", "", "$2a$04$nuY2njFIzBRr2LlZiYrS9.LYnXPVGUHzKMVwYzfSLTPFOa7z4Q4ou"):
        refused(nats, auth_token=other)
    refused(nats, user="tok3n")


@case("AUTH-USER-005", config="users")
def test_a_hash_knows_no_more_than_72_bytes(nats: Nats) -> None:
    comes_in(nats, user="xx", pass_=LONG).expect_nothing()
    comes_in(nats, user="xx", pass_=LONG + "y").expect_nothing()
    refused(nats, user="xx", pass_=LONG[1:])


@case("AUTH-USER-004")
def test_an_open_server_looks_at_no_credentials(nats: Nats) -> None:
    for fields in (
        {"user": "x"},
        {"user": "x", "pass_": "y"},
        {"auth_token": "x"},
        {"nkey": "x", "sig": "y"},
        {"jwt": "x"},
    ):
        comes_in(nats, **fields).expect_nothing()


@case("AUTH-TYPE-001", config="users")
def test_a_user_may_be_for_other_kinds_of_connections(nats: Nats) -> None:
    for name in ("web", "leaf", "away"):
        refused(nats, user=name, pass_="pw")
        refused(nats, user=name, pass_="wrong")
    for name in ("std", "all"):
        comes_in(nats, user=name, pass_="pw").expect_nothing()
        refused(nats, user=name, pass_="wrong")


@case("AUTH-TYPE-002", config="users")
def test_connection_types_in_any_case(nats: Nats) -> None:
    comes_in(nats, user="low", pass_="pw").expect_nothing()
    refused(nats, user="alone", pass_="pw")
    kinds = '["STANDARD", "FOO"]'
    users = f"users: [{{user: a, password: b, allowed_connection_types: {kinds}}}]"
    nats.refuses(f"authorization {{ {users} }}\n")


@case("AUTH-TYPE-003", deliveries=False)
def test_a_user_may_be_for_the_process_only(nats: Nats) -> None:
    kinds = '["IN_PROCESS"]'
    users = f"{{user: a, password: b, allowed_connection_types: {kinds}}}, {{user: c, password: d}}"
    server = nats.start(text=f"authorization {{ users: [{users}] }}\n")
    server.client(user="c", pass_="d").expect_nothing()
    c = server.connect()
    c.send('CONNECT {"user":"a","pass":"b"}\r\n')
    c.expect_closed("Authorization Violation")


@case("AUTH-NAU-001", config="users")
def test_who_says_nothing_is_no_auth_user(nats: Nats) -> None:
    foo = nats.name("foo")
    ann = comes_in(nats, user="ann", pass_="pw")
    ann.send(f"SUB *.{foo} 1\r\n")
    ann.flush()
    nothing: tuple[dict[str, str], ...] = ({}, {"user": "", "pass_": "", "auth_token": ""})
    for fields in nothing:
        c = comes_in(nats, **fields)
        c.send(f"PUB ACC.{foo} 0\r\n\r\n")
        c.expect_nothing()
        ann.expect(f"MSG ACC.{foo} 1 0\r\n\r\n")
        c.send(f"PUB TOP.{foo} 0\r\n\r\n")
        c.expect_error(f'Permissions Violation for Publish to "TOP.{foo}"')
    wrong = ({"user": "ann"}, {"pass_": "pw"}, {"auth_token": "pw"}, {"user": "x"})
    for fields in wrong:
        refused(nats, **fields)


@case("AUTH-NAU-002", deliveries=False)
def test_no_auth_user_has_to_be_a_user(nats: Nats) -> None:
    for text in (
        "authorization { users: [{user: a, password: b}] }",
        "accounts { A: { users: [{user: a, password: b}] } }",
        "authorization { user: zz, password: b }",
        "authorization { token: zz }",
        "",
    ):
        said = nats.refuses(f"{text}\nno_auth_user: zz\n")
        assert "no_auth_user" in said, said


@case("AUTH-NAU-004", config="users")
def test_a_key_is_no_credential_where_there_are_passwords_only(nats: Nats) -> None:
    for fields in ({"nkey": "x", "sig": "y"}, {"jwt": "x"}):
        comes_in(nats, **fields).expect_nothing()
