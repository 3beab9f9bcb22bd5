"""Who may come in, by token, user and password, or as nobody."""

from __future__ import annotations

import pytest

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


def test_a_second_connect_is_asked_again(world):
    client = world(authorization=TOKEN).stranger()
    client.say(b'CONNECT {"auth_token":"t"}\r\n')
    assert client.say(b'CONNECT {"auth_token":"x"}\r\n') == b"-ERR 'Authorization Violation'\r\n"
