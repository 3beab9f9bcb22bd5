"""What lists of subjects let a user publish, subscribe to and be sent (AUTH-PERM-*).

Who has which lists stands in the config group `permission-lists`. The property of
the same number has lists that nobody thought of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.connection import Connection

LISTS = "permission-lists"
PUBLISHING = 'Permissions Violation for Publish to "{}"'
SUBSCRIBING = 'Permissions Violation for Subscription to "{}"'
IN_QUEUE = SUBSCRIBING + ' using queue "{}"'


def as_user(nats: Nats, name: str) -> Connection:
    """A client that is this user of the group."""
    return nats.client(user=name, pass_="pw", headers=True)


def publishes(c: Connection, subjects: str) -> None:
    """All of these may be published to."""
    c.send("".join(f"PUB {subject} 0\r\n\r\n" for subject in subjects.split()))
    c.expect_nothing()


def publishes_not(c: Connection, subjects: str) -> None:
    """None of these may be published to."""
    for subject in subjects.split():
        c.send(f"PUB {subject} 0\r\n\r\nHPUB {subject} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
        for _ in range(2):
            c.expect_error(PUBLISHING.format(subject))


def subscribes(c: Connection, subjects: str, queue: str = "") -> None:
    """All of these may be subscribed to."""
    c.send("".join(f"SUB {subject} {queue} {queue}{subject}\r\n" for subject in subjects.split()))
    c.expect_nothing()


def subscribes_not(c: Connection, subjects: str, queue: str = "") -> None:
    """None of these may be subscribed to."""
    for subject in subjects.split():
        c.send(f"SUB {subject} {queue} 1\r\n")
        c.expect_error((IN_QUEUE if queue else SUBSCRIBING).format(subject, queue))


@case("AUTH-PERM-001", config=LISTS)
def test_allow_and_deny_decide_what_may_be_published(nats: Nats) -> None:
    writer, denied = as_user(nats, "writer"), as_user(nats, "denied")
    publishes(writer, "OK.a OK.a.b OK.a.no.b OK.No OK.* OK.> OK.no.a")
    publishes_not(writer, "OK OK.no OK.a.no OK.*.no ok.a NO.a a.OK.a > *")
    publishes(denied, "NO OK.a NOT.a a.NO.b no.a > *")
    publishes_not(denied, "NO.a NO.a.b NO.* NO.>")


@case("AUTH-PERM-001", config=LISTS)
def test_an_entry_matches_whatever_others_there_are(nats: Nats) -> None:
    forked, fenced = as_user(nats, "forked"), as_user(nats, "fenced")
    publishes(forked, "FK.a FK.b FK.a.b FK.a.b.c")
    publishes_not(forked, "FK FK.b.a")
    publishes_not(fenced, "FK.a FK.b FK.a.b FK.a.b.c")
    publishes(fenced, "FK FK.b.a")


@case("AUTH-PERM-001", config=LISTS)
def test_a_refusal_is_remembered_and_concerns_one_subject(nats: Nats) -> None:
    writer = as_user(nats, "writer")
    for _ in range(3):
        publishes(writer, "OK.a OK.b")
        publishes_not(writer, "OK.no NO.a")


@case("AUTH-PERM-002", config=LISTS)
def test_a_list_alone_is_what_is_allowed(nats: Nats) -> None:
    plain = as_user(nats, "plain")
    publishes(plain, "OK.a")
    publishes_not(plain, "OK.b OK SS.a")
    subscribes(plain, "OK.a OK.b SS.a SS.a.b SS.>")
    subscribes_not(plain, "OK SS NO.a OK.a.b")
    writer = as_user(nats, "writer")
    publishes(writer, "OK.a")
    publishes_not(writer, "SS.a")


@case("AUTH-PERM-012", config=LISTS)
def test_an_empty_list_refuses_nothing(nats: Nats) -> None:
    for name in ("empty", "blank", "free", "silent"):
        c = as_user(nats, name)
        publishes(c, "NO.a foo > DP.a")
        subscribes(c, "> NO.* foo DP.a")
        subscribes(c, "NO.* foo", "any")


@case("AUTH-PERM-010", config=LISTS)
def test_defaults_are_for_those_without_lists(nats: Nats) -> None:
    default = as_user(nats, "default")
    publishes(default, "DP.a DP.a.b")
    publishes_not(default, "DP foo OK.a")
    subscribes(default, "DP.> DP.a")
    subscribes_not(default, "DP foo >")
    # Lists of one side leave nothing of the other.
    publishes(as_user(nats, "queues"), "foo DP.a")
    subscribes(as_user(nats, "writer"), "foo DP.a")
    publishes_not(as_user(nats, "writer"), "DP.a")


@case("AUTH-PERM-013", config="users")
def test_defaults_are_of_one_account(nats: Nats) -> None:
    for name, may, may_not in (
        ("ann", "ACC.a", "TOP.a foo"),
        ("ada", "MINE.a", "ACC.a foo"),
        ("bob", "ACC.a TOP.a foo", ""),
        ("tom", "TOP.a", "ACC.a foo"),
    ):
        c = as_user(nats, name)
        publishes(c, may)
        publishes_not(c, may_not)


@case("AUTH-PERM-003", config=LISTS)
def test_an_allow_entry_has_to_cover_the_subscription(nats: Nats) -> None:
    plain = as_user(nats, "plain")
    subscribes(plain, "OK.a OK.* SS.a SS.* SS.> SS.*.> SS.a.b.c SS.*.a")
    subscribes_not(plain, "> * *.* *.> *.a OK OK.a.b OK.*.* OK.a.> SS ss.a")
    free = as_user(nats, "free")
    publishes(free, "OK.b SS.x.y NO.a OK.a.b")
    sids = sorted(operation.sid for operation in plain.barrier())
    assert sids == [b"OK.*", b"SS.*.>", b"SS.>"]


@case("AUTH-PERM-004", config=LISTS)
def test_a_deny_entry_is_looked_up_with_the_text_of_the_subscription(nats: Nats) -> None:
    denied = as_user(nats, "denied")
    subscribes_not(denied, "NO.a NO.* NO.>")
    subscribes_not(denied, "NO.a NO.* NO.>", "any")
    subscribes(denied, "NO NO.a.b NO.*.a NO.a.> NO.*.* *.a > * OK.a no.a")


@case("AUTH-PERM-005", config=LISTS)
def test_a_wider_subscription_is_not_sent_what_is_denied(nats: Nats) -> None:
    denied, free = as_user(nats, "denied"), as_user(nats, "free")
    subscribes(denied, "> *.> *.a NO.a.b")
    subscribes(denied, "*.*", "any")
    publishes(free, "NO.a NO.b NO.a NO.a.b OK.a")
    got = sorted((operation.sid, operation.subject) for operation in denied.barrier())
    assert got == [
        (b"*.>", b"NO.a.b"),
        (b"*.>", b"OK.a"),
        (b"*.a", b"OK.a"),
        (b">", b"NO.a.b"),
        (b">", b"OK.a"),
        (b"NO.a.b", b"NO.a.b"),
        (b"any*.*", b"OK.a"),
    ]


@case("AUTH-PERM-005", config=LISTS)
def test_another_member_gets_what_one_is_denied(nats: Nats) -> None:
    denied, free = as_user(nats, "denied"), as_user(nats, "free")
    team = nats.name("team")
    subscribes(denied, ">", team)
    other = as_user(nats, "free")
    subscribes(other, "NO.*", team)
    publishes(free, " ".join(["NO.a"] * 20))
    assert denied.barrier() == []
    assert len(other.barrier()) == 20


@case("AUTH-PERM-006", "AUTH-PERM-007", config=LISTS)
def test_an_entry_may_be_about_one_queue_group(nats: Nats) -> None:
    queues, plain = as_user(nats, "queues"), as_user(nats, "plain")
    subscribes(queues, "QQ.a QQ.*", "v1")
    for queue in ("", "v2", "V1", "v1.a", "*", ">", "v*"):
        subscribes_not(queues, "QQ.a QQ.*", queue)
    subscribes_not(queues, "QQ QQ.a.b QQ.*.> >", "v1")
    subscribes(queues, "BOTH")
    subscribes_not(queues, "BOTH", "v1")
    for queue in ("any", "v1", "*", ">", "x..y"):
        subscribes(plain, "OK.a SS.>", queue)


@case("AUTH-PERM-008", config=LISTS)
def test_the_queue_of_an_entry_may_be_a_pattern(nats: Nats) -> None:
    queues, denied = as_user(nats, "queues"), as_user(nats, "denied")
    for queue in ("w.x", "w.y", "w.*"):
        subscribes(queues, "BOTH", queue)
    for queue in ("w", "w.x.y", "W.x", "w.>", ">", "*.x"):
        subscribes_not(queues, "BOTH", queue)
    for queue in ("qd.1", "qd.x", "qd.*"):
        subscribes_not(denied, "QD", queue)
    for queue in ("qd", "qd.1.x", "QD.1", "any", ">", "qd.>", "*.1"):
        subscribes(denied, "QD", queue)
    subscribes(denied, "QD")


@case("AUTH-PERM-014", config=LISTS)
def test_a_deny_entry_without_a_queue_is_about_all(nats: Nats) -> None:
    denied = as_user(nats, "denied")
    for queue in ("", "one", "two", "*", ">"):
        subscribes_not(denied, "BOTH", queue)


@case("AUTH-PERM-015", config=LISTS)
def test_a_queue_group_is_not_sent_what_is_denied_to_it(nats: Nats) -> None:
    denied, free = as_user(nats, "denied"), as_user(nats, "free")
    for queue in ("qd.1", "qd.2", "qd", "any", ""):
        subscribes(denied, ">", queue)
    publishes(free, "QD BOTH NO.a NO.a.b")
    got = sorted((operation.sid, operation.subject) for operation in denied.barrier())
    queues = (b"any", b"qd", b"qd.1", b"qd.2", b"")
    assert got == sorted(
        [(queue + b">", b"QD") for queue in (b"any", b"qd", b"")]
        + [(queue + b">", b"NO.a.b") for queue in queues]
    )


@case("AUTH-PERM-009", config=LISTS)
def test_where_replies_go_is_not_checked(nats: Nats) -> None:
    writer, free = as_user(nats, "writer"), as_user(nats, "free")
    subscribes(free, "OK.>")
    for reply in ("NO.a", "foo", ">", "OK.no"):
        writer.send(f"PUB OK.a {reply} 0\r\n\r\nHPUB OK.a {reply} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
    writer.expect_nothing()
    assert [operation.reply for operation in free.barrier()] == [
        reply for reply in (b"NO.a", b"foo", b">", b"OK.no") for _ in range(2)
    ]


def refusals(nats: Nats, *permissions: str) -> None:
    """A server doesn't start with a user of these permissions."""
    for each in permissions:
        nats.refuses(f"authorization {{ users: [{{user: a, permissions: {each}}}] }}\n")


@case("AUTH-PERM-016", deliveries=False)
def test_lists_that_make_no_sense_are_refused(nats: Nats) -> None:
    refusals(
        nats,
        '{publish: "a..b"}',
        '{subscribe: {deny: "a q r"}}',
        '{pubish: "a"}',
        '{publish: {alow: "a"}}',
        "{allow_responses: {maximum: 1}}",
    )


@case("AUTH-PERM-017", deliveries=False)
def test_queues_where_there_can_be_none_are_refused(nats: Nats) -> None:
    refusals(nats, '{publish: "a q"}', '{publish: {deny: "a q"}}', '{subscribe: "a q..r"}')
