"""A server that says goodbye: the port, INFO, grace, one by one, the exit (LDM-*).

Each case has a server of its own, for that's what it ends. Leaves out the news to
other servers of a cluster and the system account's request to one client.
"""

from __future__ import annotations

import contextlib
import time

from nats_conformance.cases import Mismatch, Nats, case
from nats_conformance.connection import Connection
from nats_conformance.expect import NoProgress, Unreachable
from nats_conformance.server import Server
from nats_conformance.targets.configs import MONITORING

#: The shortest that a server takes, so that the pauses are about a second.
GRACE = 0.3
CONFIG = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "300ms"\n'


def enter(server: Server, witness: Connection) -> dict[str, object]:
    """Make the server a lame duck; the INFO that told `witness`."""
    witness.flush()  # with it came the INFO that greets a client of protocol 1 (2.12)
    witness.flush()
    witness.info_frames.clear()
    server.signal("ldm")
    return witness.expect_info()


@case("LDM-001", "LDM-002", private=True)
def test_a_lame_duck_tells_clients_that_know_and_takes_no_other(nats: Nats) -> None:
    server = nats.start()
    new, old, silent = server.client(protocol=1), server.client(protocol=0), server.connect()
    assert enter(server, new)["ldm"] is True
    try:
        server.connect()
    except Unreachable:
        pass
    else:
        raise Mismatch("a lame duck took a connection", "connection refused")
    for connection in (old, silent):
        connection.expect_nothing()
        assert not any(info.get("ldm") for info in connection.infos)
    assert not any("ldm" in connection.info for connection in (new, old, silent))


@case("LDM-003", private=True)
def test_a_lame_duck_still_serves(nats: Nats) -> None:
    server = nats.start()
    new, old, foo = server.client(protocol=1), server.client(protocol=0), nats.name("foo")
    new.send(f"SUB {foo} 1\r\n")
    enter(server, new)
    old.send(f"SUB {foo} 1\r\nPUB {foo} 2\r\nhi\r\n")
    for connection in (new, old):
        connection.expect(f"MSG {foo} 1 2\r\nhi\r\n")
    new.send(f"UNSUB 1\r\nPUB {foo} 2\r\nho\r\n")
    old.expect(f"MSG {foo} 1 2\r\nho\r\n")
    new.expect_nothing()


@case("LDM-004", "LDM-005", "LDM-006", private=True, waits=True)
def test_clients_leave_one_by_one_and_the_server_last(nats: Nats) -> None:
    for attempt in (1, 2, 3):
        server = nats.start(text=CONFIG)
        clients = [server.client(protocol=1), server.client(protocol=0)]
        began = time.monotonic()
        enter(server, clients[0])
        server.signal("term")  # which a lame duck ignores
        first = first_to_end(clients, nats.patience)
        parted = time.monotonic()
        assert parted - began >= GRACE * 0.95
        first.expect_closed()
        last = clients[clients[0] is first]
        try:
            last.expect_nothing()  # half a second at least is between the two
        except Mismatch:  # unless it's us who slept; not three times
            if attempt == 3:
                raise
            continue
        last.expect_closed()
        assert time.monotonic() - parted < max(nats.patience, 2)
        assert server.wait(nats.patience) == 0
        break


def first_to_end(connections: list[Connection], patience: float) -> Connection:
    """The connection that the server ends first."""
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        for connection in connections:
            with contextlib.suppress(NoProgress):
                connection.pump("its end", 0.02)
            if connection.ended:
                return connection
    raise Mismatch(f"no client was closed in {patience:g} s", "the first is closed")


@case("LDM-005", private=True)
def test_a_lame_duck_without_clients_exits_at_once(nats: Nats) -> None:
    server = nats.start(text=f'{MONITORING}lame_duck_grace_period: "1m"\n')
    limit = time.monotonic() + nats.patience
    while server.monitor("/varz")["connections"] and time.monotonic() < limit:
        pass  # the runner's own probe is leaving
    server.signal("ldm")
    assert server.wait(nats.patience) == 0


@case("LDM-008", private=True)
def test_impossible_lame_duck_times_are_refused(nats: Nats) -> None:
    nats.start(text='lame_duck_duration: "30s"\nlame_duck_grace_period: "29s"\n')
    nats.refuses('lame_duck_duration: "29999ms"\n')
    nats.refuses('lame_duck_duration: "30s"\nlame_duck_grace_period: "30s"\n')
    nats.refuses('lame_duck_grace_period: "2m"\n')
