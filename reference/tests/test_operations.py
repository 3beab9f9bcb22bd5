"""One verb each: CONNECT, PUB, HPUB, SUB, UNSUB, and what is delivered."""

from __future__ import annotations

import pytest

from nats_reference import replies

QUIET = b'CONNECT {"verbose":false,"pedantic":false}\r\n'


def test_info_comes_first_with_its_members(world):
    info = world(server_name="n").stranger().info
    assert info["server_name"] == "n"
    assert info["server_id"][0] == "N"
    assert len(info["server_id"]) == len(info["xkey"]) == 56
    assert (info["proto"], info["client_id"], info["version"]) == (1, 1, "2.15.1")
    assert "auth_required" not in info


@pytest.mark.parametrize(
    ("advertise", "host", "port"),
    [("a.b:99", "a.b", 99), ("a.b", "a.b", 4222), ("[::1]:5", "::1", 5), ("", "0.0.0.0", 4222)],  # noqa: S104 - the default
)
def test_client_advertise(world, advertise, host, port):
    info = world(client_advertise=advertise).stranger().info
    assert (info["host"], info["port"]) == (host, port)


def test_before_connect_it_is_verbose_and_pedantic(world):
    client = world().stranger()
    assert client.say(b"SUB foo.* 1\r\n") == b"+OK\r\n"
    said = client.say(b"PUB foo.* 1\r\nx\r\n")
    assert said == b"-ERR 'Invalid Publish Subject'\r\n+OK\r\nMSG foo.* 1 1\r\nx\r\n"


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"null",
        b'{"VERBOSE":true}',
        b'{"zzz":[1]}',
        b'{"name":null}',
        b'{"tls_required":true}',
    ],
)
def test_connect_is_accepted(world, text):
    assert world().stranger().say(b"CONNECT " + text + b"\r\n") == b"+OK\r\n"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b'{"protocol":2}', "invalid client protocol"),
        (b'{"protocol":-1}', "invalid client protocol"),
        (b'{"no_responders":true}', "no responders requires headers support"),
        (b'{"account":"x"}', "Authorization Violation"),
        (b'{"new_account":true}', "Authorization Violation"),
    ],
)
def test_connect_is_refused(world, text, error):
    client = world().stranger()
    assert client.say(b"CONNECT " + text + b"\r\n") == f"-ERR '{error}'\r\n".encode()
    assert client.ended


def test_second_connect_drops_subscriptions(world):
    client = world().client()
    client.say(b"SUB foo 1\r\n")
    assert client.say(b'CONNECT {"verbose":true}\r\nPUB foo 1\r\nx\r\n') == b"+OK\r\n+OK\r\n"


def test_info_after_the_first_pong(world):
    client = world().client(protocol=1)
    said = client.say(b"PING\r\nPING\r\n")
    assert said.startswith(b"PONG\r\nINFO {")
    assert b'"connect_info":true,"remote_account":"$G"' in said
    assert said.endswith(b"} \r\nPONG\r\n")
    assert world().client().say(b"PING\r\n") == b"PONG\r\n"


def test_verbose(world):
    client = world().client()
    client.say(b'CONNECT {"verbose":true}\r\n')
    said = client.say(b"SUB foo 1\r\nSUB foo 1\r\nPUB foo 1\r\nx\r\nUNSUB 1\r\nUNSUB 9\r\nPING\r\n")
    assert said == b"+OK\r\n+OK\r\n+OK\r\nMSG foo 1 1\r\nx\r\n+OK\r\n+OK\r\nPONG\r\n"
    assert client.say(b"SUB a..b 2\r\n") == b"-ERR 'Invalid Subject'\r\n"


def test_sid_in_use_stays_and_failed_sub_frees_it(world):
    client = world().client()
    client.say(b"SUB foo 1\r\nSUB bar 1\r\nSUB a..b 2\r\nSUB baz 2\r\n")
    assert client.say(b"PUB bar 1\r\nx\r\nPUB foo 1\r\nx\r\nPUB baz 1\r\nx\r\n") == (
        b"MSG foo 1 1\r\nx\r\nMSG baz 2 1\r\nx\r\n"
    )


def test_sizes_are_relayed_as_written(world):
    client = world().client()
    client.say(b"SUB foo 1\r\n")
    for _ in range(3):
        assert client.say(b"PUB foo 0002\r\nhi\r\n") == b"MSG foo 1 0002\r\nhi\r\n"
    assert client.say(b"HPUB foo 00 02\r\nhi\r\n") == b"MSG foo 1 02\r\nhi\r\n"


def test_headers_are_stripped_for_who_wants_none(world):
    world = world()
    plain, other = world.client(headers=False), world.client()
    plain.say(b"SUB foo 1\r\n")
    other.say(b"SUB foo 2\r\n")
    assert other.say(b"HPUB foo re 4 6\r\nhhhhxy\r\n") == b"HMSG foo 2 re 4 6\r\nhhhhxy\r\n"
    assert plain.take() == b"MSG foo 1 re 2\r\nxy\r\n"
    assert plain.say(b"HPUB foo 4 6\r\n") == b""
    assert plain.ended


def test_no_header_support(world):
    client = world(no_header_support=True).client()
    assert client.info["headers"] is False
    assert client.say(b"HPUB foo 0 0\r\n\r\n") == b""
    assert client.ended


@pytest.mark.parametrize(
    ("maximum", "got"), [(b"2", 2), (b"0", 0), (b"-1", 0), (b"abc", 0), (b"1000000000", 0)]
)
def test_unsub_max(world, maximum, got):
    client = world().client()
    client.say(b"SUB foo 1\r\nUNSUB 1 " + maximum + b"\r\n")
    assert client.say(b"PUB foo 1\r\nx\r\n" * 5).count(b"MSG") == got
    client.say(b"SUB foo 1\r\n")
    assert client.say(b"PUB foo 1\r\nx\r\n" * 5).count(b"MSG") == 5
    assert client.connection.out_msgs == got + 5
    assert client.connection.out_bytes == got + 5
    assert client.connection.in_msgs == client.connection.in_bytes == 10


def test_unsub_max_counts_what_the_memo_delivered(world):
    world = world()
    publisher, client = world.client(), world.client()
    client.say(b"SUB foo 1\r\n")
    publisher.say(b"PUB foo 1\r\nx\r\n" * 3)
    assert client.take().count(b"MSG") == 3
    client.say(b"UNSUB 1 5\r\n")
    publisher.say(b"PUB foo 1\r\nx\r\n" * 9)
    assert client.take().count(b"MSG") == 2
    assert not client.connection.subscriptions


def test_unsub_max_can_be_raised_and_be_reached(world):
    client = world().client()
    client.say(b"SUB foo 1\r\nUNSUB 1 1\r\nUNSUB 1 3\r\n")
    said = client.say(b"PUB foo 1\r\nx\r\n" * 2 + b"UNSUB 1 2\r\nPUB foo 1\r\nx\r\n")
    assert said.count(b"MSG") == 2


def test_echo_off(world):
    world = world()
    client = world.client(echo=False, no_responders=True)
    client.say(b"SUB foo 1\r\nSUB in 2\r\n")
    assert client.say(b"PUB foo 1\r\nx\r\nPUB foo 1\r\nx\r\n") == b""
    assert b"503" in client.say(b"PUB foo in 1\r\nx\r\n")
    assert world.client().say(b"PUB foo 1\r\nx\r\n") == b""
    assert client.take() == b"MSG foo 1 1\r\nx\r\n"


def test_queue_members_share_and_are_skipped(world):
    world = world()
    members = [world.client(echo=number > 0) for number in range(3)]
    for client in members:
        client.say(b"SUB foo.* team 1\r\n")
    members[1].say(b"SUB foo.> team 2\r\nSUB foo.* 3\r\n")
    for _ in range(300):
        members[0].say(b"PUB foo.a 1\r\nx\r\n")
    assert sum(client.connection.out_msgs for client in members) == 600
    plain = members[1].connection.subscriptions[b"3"].delivered
    assert plain == 300
    assert members[0].connection.out_msgs == 0
    assert min(members[2].connection.out_msgs, members[1].connection.out_msgs - plain) > 50


def test_no_responders_goes_to_a_plain_subscription_of_the_requester(world):
    client = world().client(no_responders=True)
    assert client.say(b"PUB nobody in.1 1\r\nx\r\n") == b""
    client.say(b"SUB in.* q 1\r\n")
    assert client.say(b"PUB nobody in.1 1\r\nx\r\n") == b""
    client.say(b"SUB in.* 7\r\n")
    status = b"HMSG in.1 7 38 38\r\nNATS/1.0 503\r\nNats-Subject: nobody\r\n\r\n\r\n"
    assert client.say(b"PUB nobody in.1 1\r\nx\r\nPING\r\n") == status + b"PONG\r\n"
    assert client.say(b"HPUB nobody in.1 1 1\r\nx\r\n") == status


@pytest.mark.parametrize(
    ("subject", "refused"),
    [
        (b"_GR_.x", True),
        (b"$GR.x", True),
        (b"$NRG.x", True),
        (b"$NRG.", True),
        (b"_GR_.", False),
        (b"$SYS.x", False),
        (b"_R_.x", False),
    ],
)
def test_reserved_subjects(world, subject, refused):
    said = world().client().say(b"PUB " + subject + b" 1\r\nx\r\nPING\r\n")
    error = b"-ERR 'Permissions Violation for Publish to \"" + subject + b"\"'\r\n"
    assert said == (error if refused else b"") + b"PONG\r\n"


@pytest.mark.parametrize("reply", [b"_R_.x", b"_R_.", b"_GR_.x", b"$GR.x", b"$JS.ACK.x"])
def test_reserved_replies(world, reply):
    said = world().client().say(b"PUB foo " + reply + b" 1\r\nx\r\n")
    assert said == b"-ERR 'Permissions Violation for Publish with Reply of \"" + reply + b"\"'\r\n"


def test_limits_of_subscriptions(world):
    client = world(max_subscriptions=2, max_subscription_tokens=2).client()
    said = client.say(b"SUB a.b.c 1\r\nSUB a 1\r\nSUB b 2\r\nSUB a 1\r\nUNSUB 1\r\nSUB c 3\r\n")
    assert said == (
        b"-ERR 'Permissions Violation for Subscription to \"a.b.c\", too many tokens'\r\n"
        b"-ERR 'maximum subscriptions exceeded'\r\n"
    )


def test_system_queue(world):
    said = world().client().say(b"SUB foo _sys_ 1\r\n")
    text = 'Permissions Violation for Subscription to "foo" using queue "_sys_"'
    assert said == replies.error(text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (b'z"q\\', r'"z\"q\\"'),
        (bytes([1, 255, 7, 127]), r'"\x01\xff\a\x7f"'),
        ("é€".encode(), '"é€"'),
        (chr(0x2028).encode(), r'"\u2028"'),
        (chr(0x10FFFF).encode(), r'"\U0010ffff"'),
    ],
)
def test_subjects_are_quoted_as_go_does(word, text):
    assert replies.quoted(word) == text


def test_max_connections(world):
    world = world(max_connections=1)
    first, second = world.client(), world.stranger()
    assert second.ended
    first.connection.close("done")
    assert not world.stranger().ended
    assert second.connection.cid == 2


def test_nobody_at_all(world):
    assert world(max_connections=-1).stranger().ended
