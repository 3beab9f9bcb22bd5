"""What PUB and SUB take, refuse and put into force (PUB-*, SUB-*).

Leaves out which pattern matches which subject (chapter 30), the form and the way of
a message (`test_31_routing.py`) and the other limits (chapter 61).
"""

from __future__ import annotations

from nats_conformance.cases import Nats, case
from nats_conformance.connection import Connection
from nats_spec.operations import Msg

BLOCK = "NATS/1.0\r\nA: b\r\n\r\n"


def refused(connection: Connection, operation: str, error: str) -> None:
    """`operation`, a PUB or HPUB line, gets this permission error and goes nowhere."""
    size = int(operation.rsplit(maxsplit=1)[1])
    connection.send(f"{operation}\r\n{'x' * size}\r\n")
    connection.expect_error(f"Permissions Violation for Publish {error}")
    connection.expect_nothing()


@case("PUB-001", "PUB-008", "MSG-001")
def test_reply_subjects_are_relayed_as_they_are(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\n")
    for reply in (
        "r",
        "r.*",
        ">",
        "a..b",
        ".",
        "a.",
        "_INBOX.x",
        "_R_",
        "_R_x",
        "\u00fc\x01",
        "12",
    ):
        c.send(f"PUB {foo} {reply} 2\r\nhi\r\n")
        c.expect(f"MSG {foo} 1 {reply} 2\r\nhi\r\n")
    c.send(f"PUB {foo} 2\r\nhi\r\n")
    c.expect(f"MSG {foo} 1 2\r\nhi\r\n")
    c.expect_nothing()


@case("PUB-002")
def test_an_empty_payload_is_a_message(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nPUB {foo} 0\r\n\r\nPUB {foo} re 0\r\n\r\nPUB {foo} 1\r\nx\r\n")
    c.expect(f"MSG {foo} 1 0\r\n\r\nMSG {foo} 1 re 0\r\n\r\nMSG {foo} 1 1\r\nx\r\n")
    c.expect_nothing()


@case("PUB-003", "PUB-004", config="subscription-limits")
def test_max_payload_counts_header_and_payload_together(nats: Nats) -> None:
    foo = nats.name("foo")
    limit = nats.info["max_payload"]
    receiver = nats.client(headers=True)
    receiver.send(f"SUB {foo} 1\r\n")
    receiver.flush()
    c = nats.client(headers=True)
    body = "x" * (limit - len(BLOCK))
    c.send(f"PUB {foo} {limit}\r\n{BLOCK}{body}\r\n")
    c.send(f"HPUB {foo} {len(BLOCK)} {limit}\r\n{BLOCK}{body}\r\n")
    c.flush()
    receiver.expect(f"MSG {foo} 1 {limit}\r\n{BLOCK}{body}\r\n")
    receiver.expect(f"HMSG {foo} 1 {len(BLOCK)} {limit}\r\n{BLOCK}{body}\r\n")
    c.send(f"HPUB {foo} {len(BLOCK)} {limit + 1}\r\n")
    c.expect_closed("Maximum Payload Violation")
    other = nats.client(headers=True)
    other.send(f"PUB {foo} {limit + 1}\r\n")
    other.expect_closed("Maximum Payload Violation")
    receiver.expect_nothing()


@case("PUB-005", deliveries=False)
def test_max_payload_of_minus_one_is_no_limit(nats: Nats) -> None:
    foo = nats.name("foo")
    server = nats.start(text="max_payload: -1\n")
    c = server.client(headers=True)
    assert c.info["max_payload"] == -1
    body = "x" * 1_100_000
    size = len(BLOCK) + len(body)
    c.send(f"SUB {foo} 1\r\nPUB {foo} {len(body)}\r\n{body}\r\n")
    c.expect(f"MSG {foo} 1 {len(body)}\r\n{body}\r\n")
    c.send(f"HPUB {foo} {len(BLOCK)} {size}\r\n{BLOCK}{body}\r\n")
    c.expect(f"HMSG {foo} 1 {len(BLOCK)} {size}\r\n{BLOCK}{body}\r\n")


@case("PUB-006")
def test_wildcards_in_a_published_subject_match_as_ordinary_tokens(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    sids = {f"{foo}.bar": "1", f"{foo}.*": "2", f"{foo}.>": "3", f"{foo}.*.x": "4", foo: "5"}
    for pattern, sid in sids.items():
        c.send(f"SUB {pattern} {sid}\r\n")
    for subject, reached in (
        (f"{foo}.*", "23"),
        (f"{foo}.>", "23"),
        (f"{foo}.*.x", "34"),
        (f"{foo}.>.x", "34"),
        (f"{foo}.*.>", "3"),
        (f"*.{foo}", ""),
        (">", ""),
    ):
        c.send(f"PUB {subject} 0\r\n\r\n")
        got = [op for op in c.barrier() if isinstance(op, Msg)]
        assert sorted(op.sid.decode() for op in got) == list(reached), subject
        assert all(op.subject == subject.encode() for op in got)


@case("PUB-007")
def test_a_published_empty_token_is_accepted_and_reaches_nobody(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(verbose=True, headers=True)
    for sid, pattern in enumerate((f"{foo}.>", f"{foo}.*", f"{foo}.*.*", f"*.{foo}"), 1):
        c.send(f"SUB {pattern} {sid}\r\n")
        c.expect("+OK\r\n")
    for subject in (f"{foo}.", f"{foo}..x", f".{foo}", f"{foo}.x.", f"{foo}...", f"..{foo}", "."):
        c.send(f"PUB {subject} 2\r\nno\r\n")
        c.expect("+OK\r\n")
        c.send(f"HPUB {subject} {len(BLOCK)} {len(BLOCK)}\r\n{BLOCK}\r\n")
        c.expect("+OK\r\n")
    c.expect_nothing()


@case("PUB-009")
def test_nothing_below_the_gateway_prefix_is_published(nats: Nats) -> None:
    x = nats.name("x")
    c = nats.client(headers=True)
    c.send(f"SUB _GR_.> 1\r\nSUB _GR_{x} 2\r\n")
    for subject in (f"_GR_.{x}", f"_GR_.{x}.y.z"):
        refused(c, f"PUB {subject} 2", f'to "{subject}"')
        refused(c, f"HPUB {subject} 1 2", f'to "{subject}"')
    c.send(f"PUB _GR_{x} 2\r\nhi\r\n")
    c.expect(f"MSG _GR_{x} 2 2\r\nhi\r\n")


@case("PUB-013")
def test_nothing_below_the_old_gateway_prefix_is_published(nats: Nats) -> None:
    x, foo = nats.name("x"), nats.name("foo")
    c = nats.client(headers=True)
    c.send(f"SUB $GR.> 1\r\nSUB $GR{x} 2\r\nSUB {foo} 3\r\n")
    for subject in (f"$GR.{x}", f"$GR.{x}.y.z"):
        refused(c, f"PUB {subject} 2", f'to "{subject}"')
        refused(c, f"HPUB {subject} 1 2", f'to "{subject}"')
        refused(c, f"PUB {foo} {subject} 2", f'with Reply of "{subject}"')
    c.send(f"PUB $GR{x} 2\r\nhi\r\n")
    c.expect(f"MSG $GR{x} 2 2\r\nhi\r\n")


@case("PUB-010")
def test_nothing_below_nrg_is_published(nats: Nats) -> None:
    x = nats.name("x")
    c = nats.client(headers=True)
    c.send(f"SUB $NRG.> 1\r\nSUB $NRG{x} 2\r\n")
    for subject in (f"$NRG.{x}", f"$NRG.{x}.y"):
        refused(c, f"PUB {subject} 2", f'to "{subject}"')
        refused(c, f"HPUB {subject} 1 2", f'to "{subject}"')
    c.send(f"PUB $NRG{x} 2\r\nhi\r\n")
    c.expect(f"MSG $NRG{x} 2 2\r\nhi\r\n")


@case("PUB-011")
def test_a_reserved_reply_subject_is_refused_and_the_message_dropped(nats: Nats) -> None:
    foo, x = nats.name("foo"), nats.name("x")
    c = nats.client(headers=True)
    c.send(f"SUB {foo} 1\r\n")
    for reply in (f"_R_.{x}", "_R_.", f"_GR_.{x}", f"$JS.ACK.{x}", f"$JS.ACK.{x}.c.1.2.3.4.5"):
        refused(c, f"PUB {foo} {reply} 2", f'with Reply of "{reply}"')
        refused(c, f"HPUB {foo} {reply} 1 2", f'with Reply of "{reply}"')
    c.send(f"SUB _R_.{x} 2\r\nPUB _R_.{x} 2\r\nhi\r\n")
    c.expect(f"MSG _R_.{x} 2 2\r\nhi\r\n")


@case("PUB-012")
def test_system_like_subjects_are_routed_in_an_ordinary_account(nats: Nats) -> None:
    x = nats.name("x")
    c = nats.client()
    for prefix in ["$SYS", "$JS", "$SRV", "$KV", "$O", "$MQTT", "_INBOX", "$G"]:
        subject = f"{prefix}.{x}"
        c.send(f"SUB {prefix}.{x} 1\r\nPUB {subject} re 2\r\nhi\r\nUNSUB 1\r\n")
        c.expect(f"MSG {subject} 1 re 2\r\nhi\r\n")
    c.expect_nothing()


@case("SUB-001", "SUB-007")
def test_the_middle_word_of_three_is_the_queue(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    for queue in ("q", "q.*", "q.>", ".", "..", ">", "Q", "\u00fc", "q" * 300):
        c.send(f"SUB {foo} {queue} a\r\nSUB {foo} {queue} b\r\nPUB {foo} 2\r\nhi\r\n")
        assert [op.payload for op in c.barrier()] == [b"hi"], f"one member of {queue!r}"
        c.send("UNSUB a\r\nUNSUB b\r\n")
    for sid, queue in enumerate(("q.*", "q.a", "Q.a", "q..a", "q.>")):
        c.send(f"SUB {foo} {queue} {sid}\r\n")
    c.send(f"PUB {foo} 2\r\nhi\r\n")
    assert sorted(op.sid for op in c.barrier()) == [b"0", b"1", b"2", b"3", b"4"]


@case("SUB-002")
def test_sids_come_back_byte_for_byte(nats: Nats) -> None:
    foo = nats.name("foo").encode()
    sids = [b"1", b"01", b"001", b"+1", b"a.b.*", b">", b"A", b"a", b"\xff\x00\x01", b"s" * 3900]
    c = nats.client()
    for sid in sids:
        c.send(b"SUB %b %b\r\n" % (foo, sid))
    c.send(b"PUB %b 2\r\nhi\r\n" % foo)
    assert sorted(op.sid for op in c.barrier()) == sorted(sids)


@case("SUB-003")
def test_a_used_sid_keeps_its_first_subscription(nats: Nats) -> None:
    foo, bar = nats.name("foo"), nats.name("bar")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nSUB {bar} 1\r\nSUB {foo} q 1\r\nSUB {foo} 1\r\n")
    c.send(f"PUB {bar} 2\r\nno\r\nPUB {foo} 2\r\nhi\r\n")
    c.expect(f"MSG {foo} 1 2\r\nhi\r\n")
    c.expect_nothing()
    other = nats.client()
    other.send(f"SUB {bar} 1\r\nPUB {bar} 2\r\nho\r\n")
    other.expect(f"MSG {bar} 1 2\r\nho\r\n")
    c.expect_nothing()


@case("SUB-004", config="subscription-limits")
def test_the_limit_is_checked_before_the_sid(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} 1\r\nSUB {foo} 1\r\nSUB {foo} 2\r\n")
    c.expect_nothing()
    c.send(f"SUB {foo} 2\r\n")
    c.expect_error("maximum subscriptions exceeded")
    c.send(f"UNSUB 2\r\nSUB {foo} 1\r\n")
    c.expect_nothing()


@case("SUB-004", config="permissions")
def test_permissions_are_checked_before_the_sid(nats: Nats) -> None:
    c = nats.client(user="guest", pass_="pw")
    c.send("SUB NO.a 1\r\nSUB NO.x.a 1\r\n")
    c.expect_error('Permissions Violation for Subscription to "NO.x.a"')


@case("SUB-005", config="permissions")
def test_a_refused_subscription_leaves_its_sid_free(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(user="guest", pass_="pw")
    for subject in (f"{foo}..x", f"{foo}.>.x", "NO.x.a"):
        c.send(f"SUB {subject} 1\r\n")
        c.expect_error(
            f'Permissions Violation for Subscription to "{subject}"'
            if subject.startswith("NO")
            else "Invalid Subject"
        )
        c.send(f"SUB {foo} 1\r\nPUB {foo} 2\r\nhi\r\nUNSUB 1\r\n")
        c.expect(f"MSG {foo} 1 2\r\nhi\r\n")


@case("SUB-006")
def test_bad_patterns_are_refused_and_all_others_taken(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client(pedantic=False)
    for queue in ("", "q "):
        for bad in ("..", ".", f"{foo}.", f".{foo}", f"{foo}..x", ">.>", f">.{foo}", f"{foo}.>.*"):
            c.send(f"SUB {bad} {queue}1\r\n")
            c.expect_error("Invalid Subject")
    # With > among them, a nats-server that others use is as it was before (JS-PULL-043).
    for good in ("*", ">", "*.*", "*.>", f"{foo}*", f"{foo}>", f"{foo}.>x", "**.>", f"{foo}.x>.y"):
        c.send(f"SUB {good} 1\r\nUNSUB 1\r\n")
    c.expect_nothing()


@case("SUB-008")
def test_the_queue_name_of_the_system_is_refused(nats: Nats) -> None:
    foo = nats.name("foo")
    c = nats.client()
    c.send(f"SUB {foo} _sys_ 1\r\n")
    c.expect_error(f'Permissions Violation for Subscription to "{foo}" using queue "_sys_"')
    c.send(f"SUB {foo} _SYS_ 1\r\nSUB {foo} _sys_x 2\r\nPUB {foo} 2\r\nhi\r\n")
    assert sorted(op.sid for op in c.barrier()) == [b"1", b"2"]


@case("SUB-009")
def test_a_subscription_holds_at_once_and_after_its_pong_everywhere(nats: Nats) -> None:
    foo = nats.name("foo")
    a, b = nats.client(), nats.client()
    for sid in range(20):
        a.send(f"SUB {foo} {sid}\r\nPUB {foo} 2\r\nhi\r\nUNSUB {sid}\r\n")
        a.expect(f"MSG {foo} {sid} 2\r\nhi\r\n")
        a.send(f"SUB {foo}.x {sid}\r\n")
        a.flush()
        b.send(f"PUB {foo}.x 2\r\nho\r\n")
        a.expect(f"MSG {foo}.x {sid} 2\r\nho\r\n")
        a.send(f"UNSUB {sid}\r\n")
        a.flush()
