"""Ends of connections that the server decides on, with an error and without (ERR-*).

Leaves out when exactly a limit or a time is reached: chapters 50 and 61.
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case


@case("ERR-012", private=True)
def test_a_connection_too_many_is_told_after_its_info(nats: Nats) -> None:
    server = nats.start(text="max_connections: 2\n")
    first, second = server.client(), server.client()
    for _ in range(3):
        refused = server.connect()
        assert refused.info["max_payload"] > 0
        refused.expect_closed("maximum connections exceeded")
    first.expect_nothing()
    second.expect_nothing()


@case("ERR-015", private=True)
def test_who_says_nothing_in_time_is_told_so(nats: Nats) -> None:
    server = nats.start(text='authorization { token: "s3cr3t", timeout: 0.2 }\n')
    known, late = server.client(auth_token="s3cr3t"), server.connect()
    late.expect_closed("Authentication Timeout")
    known.expect_nothing()


@case("ERR-020", private=True)
def test_who_answers_no_ping_is_told_that_the_connection_is_stale(nats: Nats) -> None:
    server = nats.start(text='ping_interval: "100ms"\nping_max: 2\n')
    mute = server.client(auto_pong=False)
    assert [type(operation).__name__ for operation in mute.take(2)] == ["Ping", "Ping"]
    mute.expect_closed("Stale Connection")


@case("ERR-024", private=True)
def test_a_slow_consumer_is_cut_off_without_an_error(nats: Nats) -> None:
    server = nats.start(text="max_pending: 65536\nmax_payload: 32768\n")
    slow, quick, publisher = server.client(rcvbuf=4096), server.client(), server.client()
    slow.send("SUB FLOOD 1\r\n")
    quick.send("SUB CALM 1\r\n")
    slow.flush()
    quick.flush()
    message = b"PUB FLOOD 32768\r\n" + bytes(32768) + b"\r\n"
    for _ in range(20):
        publisher.send(message * 20)
        publisher.flush()
    came = slow.read_until_closed()
    assert len(came) < 400
    assert {type(operation).__name__ for operation in came} <= {"Msg"}
    assert slow.partial == (b"MSG FLOOD 1 32768\r\n" + bytes(32768) + b"\r\n")[: len(slow.partial)]
    publisher.send("PUB CALM 2\r\nhi\r\n")
    quick.expect("MSG CALM 1 2\r\nhi\r\n")


@case("ERR-025", private=True)
def test_shutdown_ends_every_connection_without_an_error(nats: Nats) -> None:
    for signal in ("term", "quit"):
        server = nats.start()
        clients = [server.connect(), server.client(), server.client(verbose=True, protocol=1)]
        clients[1].send("SUB a 1\r\nPUB a 2\r\nhi\r\n")
        clients[1].expect("MSG a 1 2\r\nhi\r\n")
        server.signal(signal)
        for c in clients:
            c.expect_closed()


@case("ERR-028", private=True)
def test_a_reload_ends_who_is_removed_silently_and_whose_password_changed_with_an_error(
    nats: Nats,
) -> None:
    both = "authorization {{ users: [{{user: a, password: {}}}, {{user: b, password: pw}}] }}\n"
    server = nats.start(text=both.format("one"))
    changed, removed = server.client(user="a", pass_="one"), server.client(user="b", pass_="pw")
    server.reload("authorization { users: [{user: a, password: one}] }\n")
    removed.expect_closed()
    changed.expect_nothing()
    server.reload(both.format("two"))
    changed.expect_closed("Authorization Violation")
    server.client(user="b", pass_="pw").expect_nothing()
