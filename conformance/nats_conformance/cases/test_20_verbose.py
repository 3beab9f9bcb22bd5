"""Verbose, pedantic and echo (VERB-*, PED-*, ECHO-*).

Operations that pedantic mode remarks on go out in one piece (see ERR-026), so such
cases have one delivery.
"""

from __future__ import annotations

from collections import Counter

from nats_conformance.cases import Nats, case
from nats_spec.operations import Err, Hmsg, Msg, Ok

OK = b"+OK\r\n"
BAD_SUBJECT = Err(b"Invalid Publish Subject")
BAD_SUBJECTS = (
    "*",
    ">",
    "foo.*",
    "foo.>",
    "*.foo",
    "foo.*.bar",
    "foo.>.bar",
    "foo..bar",
    ".foo",
    "foo.",
    "..",
)
GOOD_SUBJECTS = ("foo", "foo*", "foo>", "*foo", ">>", "**", "foo.b*r", "foo.*bar.baz", "foo.bar>")


@case("VERB-001")
def test_each_accepted_operation_brings_one_ok(nats: Nats) -> None:
    foo, bar = nats.name("foo"), nats.name("bar")
    accepted = (
        'CONNECT {"pedantic":false,"headers":true}\r\n',
        f"SUB {foo} 1\r\n",
        f"SUB {foo} q 2\r\n",
        "UNSUB 1 3\r\n",
        "UNSUB 1\r\n",
        "UNSUB 1\r\n",
        "UNSUB unknown 7\r\n",
        f"PUB {bar} 0\r\n\r\n",
        f"PUB {bar} {bar} 2\r\nhi\r\n",
        f"HPUB {bar} 12 12\r\nNATS/1.0\r\n\r\n\r\n",
        f"HPUB {bar} {bar} 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
        "CONNECT null\r\n",
    )
    c = nats.connect()
    for operation in accepted:
        c.send(operation)
        c.expect(OK)
        c.expect_nothing()
    c.send("".join(accepted))
    c.expect(OK * len(accepted))
    c.expect_nothing()


@case("VERB-001")
def test_ping_and_pong_bring_no_ok(nats: Nats) -> None:
    c = nats.client(verbose=True)
    c.send("PONG\r\nPING\r\nPONG\r\nPING\r\n")
    c.expect("PONG\r\nPONG\r\n")
    c.expect_nothing()


@case("VERB-002")
def test_the_ok_of_each_publish_comes_before_its_message(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(verbose=True, headers=True)
    c.send(f"SUB {foo} 1\r\n")
    c.expect(OK)
    for _ in range(5):
        c.send(f"PUB {foo} 2\r\nhi\r\nHPUB {foo} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
    for _ in range(5):
        c.expect(OK)
        c.expect(f"MSG {foo} 1 2\r\nhi\r\n")
        c.expect(OK)
        c.expect(f"HMSG {foo} 1 12 12\r\nNATS/1.0\r\n\r\n\r\n")


@case("VERB-003")
def test_a_refused_subscription_brings_no_ok(nats: Nats) -> None:
    c = nats.client(verbose=True)
    for subject in ("a..b", "a. q", ".a", "a.>.b"):
        c.send(f"SUB {subject} 1\r\n")
        c.expect_error("Invalid Subject")
        c.expect_nothing()


@case("VERB-003")
def test_a_refused_reply_subject_brings_no_ok(nats: Nats) -> None:
    c = nats.client(verbose=True, headers=True)
    foo = nats.name("foo")
    for operation in (
        f"PUB {foo} _R_.a 0\r\n\r\n",
        f"HPUB {foo} _R_.a 12 12\r\nNATS/1.0\r\n\r\n\r\n",
    ):
        c.send(operation)
        c.expect_error('Permissions Violation for Publish with Reply of "_R_.a"')
        c.expect_nothing()


@case("VERB-003", config="permissions")
def test_what_permissions_refuse_brings_no_ok(nats: Nats) -> None:
    c = nats.client(user="guest", pass_="pw", verbose=True)
    c.send("SUB NO.x.y q 1\r\nPUB NO.p 2\r\nhi\r\nSUB NO.p 2\r\n")
    c.expect('-ERR \'Permissions Violation for Subscription to "NO.x.y" using queue "q"\'\r\n')
    c.expect("-ERR 'Permissions Violation for Publish to \"NO.p\"'\r\n")
    c.expect(OK)
    c.expect_nothing()


@case("VERB-004")
def test_a_sid_in_use_brings_ok_and_changes_nothing(nats: Nats) -> None:
    foo, bar = nats.name("foo"), nats.name("bar")
    c = nats.client(verbose=True)
    c.send(f"SUB {foo} 1\r\n" * 2 + f"SUB {bar} 1\r\nSUB {bar} q 1\r\n")
    c.expect(OK * 4)
    c.send(f"PUB {bar} 0\r\n\r\nPUB {foo} 0\r\n\r\n")
    c.expect(OK * 2)
    c.expect(f"MSG {foo} 1 0\r\n\r\n")
    c.expect_nothing()


@case("VERB-005", "PED-002", deliveries=False)
def test_a_bad_subject_brings_an_error_an_ok_and_the_message(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(verbose=True, pedantic=True, headers=True), nats.client(headers=True)
    for each in (c, other):
        each.send(f"SUB {foo}.> 1\r\n")
    c.expect(OK)
    other.flush()
    subject = f"{foo}.*".encode()
    message, with_header = (
        Msg(subject, b"1", b"", b"hi"),
        Hmsg(subject, b"1", b"", b"NATS/1.0\r\n\r\n", b"hi"),
    )
    c.send(f"PUB {foo}.* 2\r\nhi\r\n")
    assert c.barrier() == [BAD_SUBJECT, Ok(), message]
    c.send(f"HPUB {foo}.* 12 14\r\nNATS/1.0\r\n\r\nhi\r\n")
    assert c.barrier() == [BAD_SUBJECT, Ok(), with_header]
    c.send(f"PUB {foo}..a 2\r\nhi\r\n")
    assert c.barrier() == [BAD_SUBJECT, Ok()], "an empty token matches nothing"
    assert other.barrier() == [message, with_header], "others receive it too"


@case("PED-001", deliveries=False)
def test_bad_subjects_are_remarked_on_and_only_those(nats: Nats) -> None:
    c = nats.client(pedantic=True, headers=True)
    for subject in BAD_SUBJECTS:
        for operation in (
            f"PUB {subject} 0\r\n\r\n",
            f"PUB {subject} reply 0\r\n\r\n",
            f"HPUB {subject} 12 12\r\nNATS/1.0\r\n\r\n\r\n",
        ):
            c.send(operation)
            assert c.barrier() == [BAD_SUBJECT], operation
    for subject in GOOD_SUBJECTS:
        c.send(f"PUB {subject} 0\r\n\r\nHPUB {subject} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
        assert c.barrier() == [], subject


@case("PED-001")
def test_reply_subjects_are_never_remarked_on(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(pedantic=True, headers=True)
    for reply in BAD_SUBJECTS:
        c.send(f"PUB {foo} {reply} 0\r\n\r\n")
        c.send(f"HPUB {foo} {reply} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
    c.expect_nothing()


@case("PED-001")
def test_without_pedantic_nothing_is_remarked_on(nats: Nats) -> None:
    c = nats.client(headers=True)
    for subject in BAD_SUBJECTS:
        c.send(f"PUB {subject} 0\r\n\r\nHPUB {subject} 12 12\r\nNATS/1.0\r\n\r\n\r\n")
    c.expect_nothing()


@case("PED-003")
def test_subscriptions_are_checked_in_every_mode(nats: Nats) -> None:
    foo = nats.name("foo")
    for pedantic in (False, True):
        c = nats.client(pedantic=pedantic)
        # None with > in front: nats-server would take it for interest in all (JS-PULL-043).
        for subject in (f"{foo}..bar", f".{foo}", f"{foo}.", f"{foo}.>.bar"):
            c.send(f"SUB {subject} 1\r\nSUB {subject} q 2\r\n")
            assert c.barrier() == [Err(b"Invalid Subject")] * 2, (subject, pedantic)


@case("ECHO-001")
def test_without_echo_own_messages_do_not_come_back_and_others_do(nats: Nats) -> None:
    foo = nats.name("foo")
    c, other = nats.client(echo=False, headers=True), nats.client(echo=False)
    for each in (c, other):
        each.send(f"SUB {foo} 1\r\nSUB {foo}.* 2\r\nSUB {foo}.> group{each.number} 3\r\n")
        each.flush()
    c.send(f"PUB {foo} 0\r\n\r\nHPUB {foo}.a 12 12\r\nNATS/1.0\r\n\r\n\r\nPUB {foo}.b 0\r\n\r\n")
    c.expect_nothing()
    assert len(other.barrier()) == 5, "other connections receive them"
    other.send(f"PUB {foo}.a 0\r\n\r\n")
    other.expect_nothing()
    assert len(c.barrier()) == 2


@case("ECHO-001")
def test_with_echo_own_messages_come_back(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(echo=True)
    c.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\n")
    c.expect(f"MSG {foo} 1 0\r\n\r\n")


@case("ECHO-001")
def test_echo_can_be_turned_off_later(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send('CONNECT {"echo":false}\r\n')
    c.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\n")
    c.expect_nothing()


@case("ECHO-002")
def test_without_echo_a_requester_is_no_responder_to_itself(nats: Nats) -> None:
    for queue in ("", "q "):
        foo, inbox = nats.name("foo"), nats.name("inbox")
        c = nats.client(echo=False, headers=True, no_responders=True)
        c.send(f"SUB {foo} {queue}1\r\nSUB {inbox} 2\r\nPUB {foo} {inbox} 0\r\n\r\n")
        answer = c.next()
        assert isinstance(answer, Hmsg)
        assert (answer.subject, answer.sid) == (inbox.encode(), b"2")
        assert answer.header.startswith(b"NATS/1.0 503\r\n")
        c.expect_nothing()

        other = nats.client()
        other.send(f"SUB {foo} {queue}1\r\n")
        other.flush()
        c.send(f"PUB {foo} {inbox} 0\r\n\r\n")
        c.expect_nothing()
        other.expect(f"MSG {foo} 1 {inbox} 0\r\n\r\n")


@case("ECHO-003")
def test_a_member_without_echo_is_passed_over_for_its_own_messages(nats: Nats) -> None:
    foo, count = nats.name("foo"), 60
    c, *others = nats.client(echo=False), nats.client(), nats.client(echo=False)
    for each in (c, *others):
        each.send(f"SUB {foo} group 1\r\n")
        each.flush()
    c.send("".join(f"PUB {foo} 2\r\n{number:02}\r\n" for number in range(count)))
    c.expect_nothing()
    got = Counter(op.payload for each in others for op in each.barrier())
    assert got == Counter(b"%02d" % number for number in range(count)), "each comes once"


@case("ECHO-003")
def test_a_group_of_the_publisher_alone_without_echo_receives_nothing(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(echo=False)
    c.send(f"SUB {foo} group 1\r\nSUB {foo} group 2\r\n")
    c.send(f"PUB {foo} 0\r\n\r\n" * 20)
    c.expect_nothing()
