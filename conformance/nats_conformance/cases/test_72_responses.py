"""Leave to answer: publishing to the reply subjects of what was received (AUTH-RESP-*)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case
from nats_conformance.cases.test_72_permissions import LISTS, as_user, publishes, publishes_not

if TYPE_CHECKING:
    from nats_conformance.connection import Connection


def service(nats: Nats, user: str, subject: str, queue: str = "") -> Connection:
    """A client of this user that hears `subject`."""
    c = as_user(nats, user)
    c.send(f"SUB {subject} {queue} 1\r\n")
    c.flush()
    return c


def asked(requester: Connection, responder: Connection, subject: str, *replies: str) -> None:
    """A request came for each of these reply subjects."""
    requester.send("".join(f"PUB {subject} {reply} 2\r\nhi\r\n" for reply in replies))
    requester.flush()
    for reply in replies:
        responder.expect(f"MSG {subject} 1 {reply} 2\r\nhi\r\n")


def answers(c: Connection, reply: str, times: int) -> None:
    """So many answers may go there, and not one more."""
    publishes(c, " ".join([reply] * times))
    publishes_not(c, reply)


@case("AUTH-RESP-001", config=LISTS)
def test_a_request_may_be_answered_so_often(nats: Nats) -> None:
    ask, one, other = nats.name("ask"), nats.name("in"), nats.name("in")
    c, requester = service(nats, "twice", ask), as_user(nats, "free")
    inbox = nats.client(user="free", pass_="pw")
    inbox.send(f"SUB {one} 1\r\nSUB {other} 2\r\n")
    inbox.flush()
    publishes_not(c, one)
    asked(requester, c, ask, one, other)
    publishes_not(c, f"{one}.a {ask}")
    # PUB and HPUB, with and without a reply subject of their own, are answers alike.
    c.send(f"PUB {other} again 2\r\nr1\r\nHPUB {one} 12 14\r\nNATS/1.0\r\n\r\nr2\r\n")
    c.expect_nothing()
    answers(c, one, 1)
    c.send("UNSUB 1\r\n")
    answers(c, other, 1)
    payloads = sorted(operation.payload for operation in inbox.barrier())
    assert payloads == [b"", b"", b"r1", b"r2"], "what was allowed has arrived, and nothing else"


@case("AUTH-RESP-001", config=LISTS)
def test_leave_is_for_one_subject_and_one_connection(nats: Nats) -> None:
    ask, inbox = nats.name("ask"), nats.name("in")
    c, requester = service(nats, "twice", ask), as_user(nats, "free")
    other = service(nats, "twice", nats.name())
    asked(requester, c, ask, f"{inbox}.>", f"{inbox}.*.a")
    publishes_not(c, f"{inbox}.x {inbox}.x.a {inbox}")
    publishes_not(other, f"{inbox}.>")
    answers(c, f"{inbox}.>", 2)
    answers(c, f"{inbox}.*.a", 2)


@case("AUTH-RESP-001", config=LISTS)
def test_only_the_member_that_was_asked_may_answer(nats: Nats) -> None:
    ask, team = nats.name("ask"), nats.name("team")
    members = [service(nats, "twice", ask, team) for _ in range(2)]
    requester = as_user(nats, "free")
    for number in range(8):
        reply = nats.name("in")
        requester.send(f"PUB {ask} {reply} 2\r\nhi\r\n")
        requester.flush()
        chosen = [member for member in members if member.barrier()]
        assert len(chosen) == 1, f"request {number} went to one member"
        for member in members:
            answers(member, reply, 2 if member in chosen else 0)


@case("AUTH-RESP-001", config=LISTS, waits=True)
def test_leave_ends_after_a_while(nats: Nats) -> None:
    ask, late, early = nats.name("ask"), nats.name("in"), nats.name("in")
    c, requester = service(nats, "brief", ask), as_user(nats, "free")
    asked(requester, c, ask, late)
    time.sleep(1.1)  # leave is for a second
    asked(requester, c, ask, early)
    publishes_not(c, late)
    answers(c, early, 2)


@case("AUTH-RESP-002", config=LISTS)
def test_true_is_one_answer(nats: Nats) -> None:
    ask = nats.name("ask")
    c, requester = service(nats, "once", ask), as_user(nats, "free")
    for _ in range(3):
        inbox = nats.name("in")
        asked(requester, c, ask, inbox)
        answers(c, inbox, 1)


@case("AUTH-RESP-002", config=LISTS, waits=True)
def test_true_is_for_longer_than_a_moment(nats: Nats) -> None:
    ask, inbox = nats.name("ask"), nats.name("in")
    c, requester = service(nats, "once", ask), as_user(nats, "free")
    asked(requester, c, ask, inbox)
    time.sleep(1.5)
    answers(c, inbox, 1)


@case("AUTH-RESP-003", config=LISTS)
def test_whoever_may_answer_may_do_nothing_else(nats: Nats) -> None:
    for user in ("once", "brief", "always", "zero"):
        publishes_not(as_user(nats, user), "foo OK.a > *")
    twice = as_user(nats, "twice")
    publishes(twice, "OK.a")
    publishes_not(twice, "foo NO.a OK")
    publishes(as_user(nats, "silent"), "foo")


@case("AUTH-RESP-004", config=LISTS)
def test_leave_goes_before_deny(nats: Nats) -> None:
    ask = nats.name("ask")
    c, requester = service(nats, "twice", ask), as_user(nats, "free")
    reply = f"NO.{nats.name('in')}"
    publishes_not(c, reply)
    asked(requester, c, ask, reply)
    answers(c, reply, 2)


@case("AUTH-RESP-005", config=LISTS)
def test_a_second_request_takes_no_leave_away(nats: Nats) -> None:
    ask, inbox = nats.name("ask"), nats.name("in")
    requester = as_user(nats, "free")
    for user, times in (("once", 1), ("twice", 2)):
        c = service(nats, user, ask)
        asked(requester, c, ask, *[inbox] * (times + 1))
        publishes(c, " ".join([inbox] * times))
        c.close()


@case("AUTH-RESP-006", config=LISTS)
def test_negative_is_no_limit_and_zero_the_default(nats: Nats) -> None:
    ask, inbox = nats.name("ask"), nats.name("in")
    always, zero = service(nats, "always", ask), service(nats, "zero", ask)
    requester = as_user(nats, "free")
    requester.send(f"PUB {ask} {inbox} 2\r\nhi\r\n")
    requester.flush()
    for c in (always, zero):
        c.expect(f"MSG {ask} 1 {inbox} 2\r\nhi\r\n")
    publishes(always, " ".join([inbox] * 20))
    answers(zero, inbox, 1)


@case("AUTH-RESP-007", config=LISTS)
def test_what_is_allowed_anyway_is_not_counted(nats: Nats) -> None:
    ask, inbox = nats.name("ask"), f"OK.{nats.name('in')}"
    c, requester = service(nats, "twice", ask), as_user(nats, "free")
    asked(requester, c, ask, inbox)
    publishes(c, " ".join([inbox] * 5))
    asked(requester, c, ask, inbox)
    publishes(c, " ".join([inbox] * 5))
