"""Accounts: who is where, and that subjects of one are not those of another."""

from __future__ import annotations

import json

import pytest

from nats_reference.accounts import GLOBAL
from nats_reference.auth.users import User
from nats_reference.config import loader
from nats_reference.config.document import ConfigError
from nats_reference.jetstream.limits import AccountLimits
from nats_reference.options import (
    AccountOptions,
    Authorization,
    ClientLimits,
    InvalidOptions,
    validate,
    with_defaults,
)
from nats_reference.reload import NotReloadable, reload

TWO = """
accounts {
  A { users: [{user: a, password: pw}, {user: b, password: pw, permissions: {publish: {deny: x}}}]
      default_permissions: {publish: {deny: y}} }
  B: { users: [{user: c, password: pw}] }
  S { users: [{user: s, password: pw}] }
}
system_account: S
"""


@pytest.fixture
def load(tmp_path):
    def read(text):
        path = tmp_path / "server.conf"
        path.write_text(text)
        return loader.load(path)

    return read


@pytest.fixture
def two(load, world):
    found = load(TWO)
    return world(
        authorization=found.authorization,
        accounts=found.accounts,
        system_account=found.system_account,
    )


def test_users_are_in_the_accounts_that_name_them(load):
    found = load(TWO)
    places = {user.name: user.account for user in found.authorization.users}
    assert places == {"a": "A", "b": "A", "c": "B", "s": "S"}
    denied = {
        user.name: [rule.subject for rule in user.permissions.publish_deny]
        for user in found.authorization.users
        if user.permissions
    }
    assert denied == {"a": [b"y"], "b": [b"x"]}
    assert [each.name for each in found.accounts] == ["A", "B", "S"]


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        ("enabled", AccountLimits()),
        ("true", AccountLimits()),
        ("disabled", None),
        ("false", None),
        ("{}", AccountLimits()),
        (
            """{
                max_mem: 1k, max_file: 2k, max_streams: 3, max_consumers: 4, max_ack_pending: 5
                mem_max_stream_bytes: 6, disk_max_stream_bytes: 7, max_bytes_required: true
            }""",
            AccountLimits(1000, 2000, 3, 4, 5, 6, 7, max_bytes_required=True),
        ),
    ],
)
def test_what_an_account_may_have_of_jetstream(load, value, limits):
    assert load(f"accounts {{ A {{ jetstream: {value} }} }}").accounts[0].jetstream == limits


def test_accounts_may_be_names_alone(load):
    assert [each.name for each in load("accounts [A, B]").accounts] == ["A", "B"]


def test_what_clients_of_an_account_may_have(load):
    text = "accounts { A { limits { max_conn: 1, max_subs: 2, max_pay: 1k, max_leafs: 3 } } }"
    assert load(text).accounts[0].limits == ClientLimits(1, 2, 1000)


def test_places_in_an_account(world):
    users = (User("a", "", account="A"), User("b", ""))
    here = world(
        authorization=Authorization(users=users),
        accounts=(AccountOptions("A", limits=ClientLimits(connections=1)),),
    )
    first = here.client(user="a")
    second = here.stranger()
    full = b"-ERR 'maximum account active connections exceeded'\r\n"
    assert second.say(b'CONNECT {"user":"a"}\r\n') == full
    assert second.ended
    assert first.say(b'CONNECT {"user":"b"}\r\n') == b""
    third = here.client(user="a")
    assert first.say(b'CONNECT {"user":"a"}\r\n') == full
    third.connection.lost()
    assert len(here.server.accounts["A"].clients) == 0
    here.client(user="a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts { A { exports [] } }", "not supported by the reference: 'exports'"),
        ("accounts { A { colour: red } }", 'unknown field "colour"'),
        ("accounts { A { jetstream { colour: red } } }", 'unknown field "colour"'),
        ("accounts { A 1 }", "A wants a block"),
        ("accounts [A, A]", "Duplicate Account Entry: A"),
        ("accounts [{}]", "accounts wants names"),
        ('accounts { "$G": {} }', "is a Reserved Account"),
        ("accounts { A { limits { x: 1 } } }", 'Unknown field "x" parsing account limits'),
        (
            "accounts { A { users [{user: a, password: b}] }, B { users [{user: a, password: b}] } }",
            'Duplicate user "a"',
        ),
        (
            "authorization { user: x, password: y }\naccounts { A { users [{user: a, password: b}] } }",
            "Can not have a single user",
        ),
    ],
)
def test_errors_of_accounts(load, text, message):
    with pytest.raises(ConfigError, match=message):
        load(text)


def test_the_system_account_has_to_be_one(load):
    with pytest.raises(InvalidOptions, match="nobody is none"):
        validate(with_defaults(load(TWO.replace("system_account: S", "system_account: nobody"))))
    validate(with_defaults(load('system_account: "$SYS"')))


def join(world, user, **said):
    client = world.stranger()
    client.say(
        json.dumps({"user": user, "pass": "pw", "verbose": False, **said})
        .encode()
        .join([b"CONNECT ", b"\r\n"])
    )
    return client


def test_subjects_of_one_account_are_not_those_of_another(two):
    one, other, stranger = join(two, "a"), join(two, "b"), join(two, "c")
    for client in (one, other, stranger):
        client.say(b"SUB > 1\r\n")
    assert one.say(b"PUB q 1\r\nx\r\n" * 3).count(b"MSG q 1 1") == 3
    assert other.take().count(b"MSG q 1 1") == 3
    assert stranger.take() == b""
    assert stranger.say(b"PUB q 1\r\nx\r\n").count(b"MSG") == 1
    assert one.take() + other.take() == b""


def test_nobody_answers_from_another_account(two):
    one = join(two, "a", headers=True, no_responders=True)
    join(two, "c").say(b"SUB service 1\r\n")
    one.say(b"SUB inbox 1\r\n")
    assert b"503" in one.say(b"PUB service inbox 0\r\n\r\n")


def test_info_says_which_account_it_is(two):
    for user, place in (
        ("a", b'"remote_account":"A","api_lvl"'),
        ("s", b'"remote_account":"S","acc_is_sys":true,"api_lvl"'),
    ):
        client = join(two, user, protocol=1)
        assert place in client.say(b"PING\r\n")


def test_another_connect_may_lead_into_another_account(two):
    client, there = join(two, "a"), join(two, "c")
    there.say(b"SUB > 1\r\n")
    again = b'CONNECT {"user":"c","pass":"pw","verbose":false}\r\n'
    said = b"PUB q 1\r\nx\r\n"
    client.say(said * 2 + again + said * 2)
    assert there.take().count(b"MSG") == 2


def test_subscriptions_made_before_connect_move_along(world, load):
    found = load("accounts { A { users [{user: a, password: pw}] } }\nno_auth_user: a")
    server = world(
        authorization=found.authorization, accounts=found.accounts, no_auth_user=found.no_auth_user
    )
    client = server.stranger()
    client.say(b"SUB q 1\r\n")
    assert client.connection.account.name == "A"
    assert server.server.accounts[GLOBAL].interest.index.count == 0
    assert client.say(b"PUB q 1\r\nx\r\n").count(b"MSG") == 1


def test_accounts_and_their_users_can_be_reloaded(two, load):
    reload(two.server, load(TWO.replace("user: c", "user: d")))
    client = join(two, "d")
    assert client.connection.account.name == "B"
    reload(two.server, load(TWO.replace("B:", "C:")))
    assert client.connection.closed
    assert set(two.server.accounts) == {GLOBAL, "A", "C", "S"}
    assert join(two, "c").connection.account.name == "C"
    with pytest.raises(NotReloadable, match="SystemAccount: old=S, new=A"):
        reload(two.server, load(TWO.replace("system_account: S", "system_account: A")))


def test_names_of_accounts_have_their_case(load):
    assert [each.name for each in load("accounts { A {}, a {} }").accounts] == ["A", "a"]
    with pytest.raises(ConfigError, match=r"server.conf:1:1: "):
        load("accounts: 5")
