"""How a server writes the messages that it makes itself (FRAME-030)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.expect import Unreachable


@case("FRAME-030", private=True)
def test_an_event_of_the_server_may_have_an_empty_reply(nats: Nats) -> None:
    try:
        server = nats.start(
            text="accounts { SYS: {users: [{user: sys, password: pw}]} }\nsystem_account: SYS\n"
        )
    except Unreachable:
        nats.not_applicable("has no system account to listen to")
    c = server.client(user="sys", pass_="pw", headers=True, no_responders=True)
    c.send("SUB in 1\r\nPUB $SYS.REQ.SERVER.PING in 0\r\n\r\n")
    answer = c.next().payload
    if not answer:  # 503
        nats.not_applicable("nobody answers for the system account")
    assert answer.startswith(b"{")
    assert b"MSG in 1  " in nats.transcript.received(c.number)
