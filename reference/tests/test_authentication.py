"""Who may come in, by token, user and password, or as nobody."""

from __future__ import annotations

import bcrypt
import pytest

from nats_reference.auth import secrets
from nats_reference.auth.users import User
from nats_reference.options import Authorization

TOKEN = Authorization(token="t")
USERS = Authorization(users=(User("a", "1"), User("b", "2")))


@pytest.mark.parametrize(
    ("authorization", "text", "welcome"),
    [
        (TOKEN, b'{"auth_token":"t"}', True),
        (TOKEN, b'{"user":"t"}', False),
        (TOKEN, b"{}", False),
        (Authorization(user="a", password="1"), b'{"user":"a","pass":"1"}', True),
        (Authorization(user="a", password="1"), b'{"user":"a","pass":"2"}', False),
        (USERS, b'{"user":"b","pass":"2"}', True),
        (USERS, b'{"user":"b","pass":"1"}', False),
        (USERS, b'{"user":"c"}', False),
    ],
)
def test_credentials(world, authorization, text, welcome):
    client = world(authorization=authorization).stranger()
    assert client.info["auth_required"] is True
    said = client.say(b"CONNECT " + text + b"\r\n")
    assert said == (b"+OK\r\n" if welcome else b"-ERR 'Authorization Violation'\r\n")
    assert client.ended is not welcome


@pytest.mark.parametrize("said", [b"P", b"XXX", b" ", b"PING\r\n", b"\r\n"])
def test_nothing_but_connect_may_come_first(world, said):
    client = world(authorization=TOKEN).stranger()
    assert client.say(said) == b"-ERR 'Authorization Violation'\r\n"


def test_no_auth_user(world):
    world = world(authorization=USERS, no_auth_user="b")
    client = world.stranger()
    assert "auth_required" not in client.info
    assert client.say(b"PING\r\n") == b"PONG\r\n"
    assert client.connection.user == "b"
    assert world.stranger().say(b"CONNECT {}\r\n") == b"+OK\r\n"
    assert (
        world.stranger().say(b'CONNECT {"user":"a"}\r\n') == b"-ERR 'Authorization Violation'\r\n"
    )


HASHED = Authorization(users=(User("a", bcrypt.hashpw(b"pw", bcrypt.gensalt(4)).decode()),))


def test_a_hash_is_computed_aside_and_what_follows_waits(world):
    here = world(authorization=HASHED)
    client = here.stranger()
    assert client.say(b'CONNECT {"user":"a","pass":"pw"}\r\nPING\r\nSU', b"B foo 1\r\nPI") == b""
    [(work, _)] = client.link.waiting
    assert work() is True
    client.link.compute()
    here.server.flush()
    assert client.take() == b"+OK\r\nPONG\r\n+OK\r\n"
    assert client.say(b"NG\r\n") == b"PONG\r\n"


def test_a_hash_is_computed_once(world):
    here = world(authorization=HASHED)
    for password, answer in ((b"pw", b"+OK\r\n"), (b"no", b"-ERR 'Authorization Violation'\r\n")):
        said = b'CONNECT {"user":"a","pass":"' + password + b'"}\r\n'
        first = here.stranger()
        first.say(said)
        first.link.compute()
        here.server.flush()
        again = here.stranger()
        assert again.say(said) == answer
        assert again.link.waiting == []


def test_who_is_gone_before_the_hash_is_computed_is_not_let_in(world):
    here = world(authorization=HASHED)
    client = here.stranger()
    client.say(b'CONNECT {"user":"a","pass":"gone"}\r\nPING\r\n')
    client.connection.lost()
    client.link.compute()
    assert client.connection.user == ""
    assert client.take() == b""


def test_what_is_known_of_hashes_is_bounded(monkeypatch):
    monkeypatch.setattr("nats_reference.auth.secrets.MAX_KNOWN", 3)
    hashed = HASHED.users[0].password
    for number in range(6):
        assert not secrets.agree(str(number), hashed)
        assert secrets.agree("pw", hashed)


def test_a_second_connect_is_asked_again(world):
    client = world(authorization=TOKEN).stranger()
    client.say(b'CONNECT {"auth_token":"t"}\r\n')
    assert client.say(b'CONNECT {"auth_token":"x"}\r\n') == b"-ERR 'Authorization Violation'\r\n"
