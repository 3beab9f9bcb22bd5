"""/connz of connections that have ended: why, and how many are remembered (MON-CONNZ-006 .. MON-CONNZ-013)."""

from __future__ import annotations

import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_conformance.monitoring.connections import cid, ended
from nats_conformance.polling import until

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a client says, and why the server ends the connection.
REASONS = {
    "FOO\r\n": "Protocol Violation",
    "PUB a 99999999\r\n": "Maximum Message Payload Exceeded",
    "PUB " + "a" * 5000: "Maximum Control Line Exceeded",
    'CONNECT {"no_responders":true,"headers":false}\r\n': "No Responders Requires Headers",
    'CONNECT {"protocol":7}\r\n': "Bad Client Protocol Version",
}


@case("MON-CONNZ-006", config="monitoring", deliveries=False)
def test_connections_that_ended_say_why(nats: Nats) -> None:
    gone = nats.client(name="gone")
    gone.send(f"SUB {nats.name()} 1\r\n")
    gone.flush()
    gone.close()
    shown = ended(nats, cid(gone))
    assert (shown["reason"], shown["name"], shown["subscriptions"]) == ("Client Closed", "gone", 1)
    assert shown["start"] <= shown["stop"]
    for said, reason in REASONS.items():
        client = nats.connect()
        client.send(said)
        assert ended(nats, cid(client))["reason"] == reason, said


@case("MON-CONNZ-006", config="monitoring-accounts", deliveries=False)
def test_a_wrong_password_is_a_reason(nats: Nats) -> None:
    client = nats.connect()
    client.send('CONNECT {"user":"two","pass":"no"}\r\n')
    assert ended(nats, cid(client))["reason"] == "Authentication Failure"


@case("MON-CONNZ-007", config="monitoring", deliveries=False)
def test_connections_that_ended_are_sorted(nats: Nats) -> None:
    for said in (*REASONS, ""):
        client = nats.connect()
        client.send(said)
        client.close()
        ended(nats, cid(client))
    for key, member, reverse in (("stop", "stop", True), ("reason", "reason", False)):
        path = f"/connz?state=closed&sort={key}&limit=9999"
        found = [each[member] for each in nats.monitor(path)["connections"]]
        assert found == sorted(found, reverse=reverse), key


@case("MON-CONNZ-012", deliveries=False)
def test_only_so_many_that_ended_are_remembered(nats: Nats) -> None:
    server = nats.start(text=f"{nats.config('monitoring')}max_closed_clients: 3\n")
    numbers = []
    for _ in range(5):
        client = server.client()
        numbers.append(cid(client))
        client.close()
        path = f"/connz?state=closed&cid={numbers[-1]}"
        until(partial(server.monitor, path), lambda shown: shown["connections"], nats.patience)
    shown = server.monitor("/connz?state=closed")["connections"]
    assert [each["cid"] for each in shown] == numbers[-3:]


def reset(connection: socket.socket) -> None:
    """End a connection with an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@case("MON-CONNZ-013", config="monitoring", deliveries=False)
def test_who_never_said_a_word_is_remembered(nats: Nats) -> None:
    endings: tuple[Callable[[socket.socket], None], ...] = (lambda _: None, reset)
    for end in endings:
        with socket.create_connection(nats.server.address, timeout=nats.patience) as bare:
            bare.recv(1)
            port = bare.getsockname()[1]
            end(bare)

        def mine(port: int = port) -> list[dict[str, Any]]:
            path = "/connz?state=closed&sort=stop&limit=99"
            return [e for e in nats.monitor(path)["connections"] if e["port"] == port]

        shown = until(mine, bool, nats.patience)[0]
        assert shown["reason"] in {"Client Closed", "Read Error"}
        assert "name" not in shown
