"""What a publisher is told, and what is kept of its message (JS-PUB-001 .. JS-PUB-005, others)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nats_conformance.cases import Nats, case
from nats_spec.headers import HeaderBlock

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

#: How times are written: UTC, up to nanoseconds.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d{1,9}))?Z")


def nanoseconds(time: str) -> tuple[str, str]:
    """A time in an order that compares: whole seconds, then nine digits."""
    found = TIME.fullmatch(time)
    assert found, time
    return time[:19], (found[1] or "").ljust(9, "0")


@case("JS-PUB-001", config="jetstream", deliveries=False)
def test_an_ack_names_the_stream_and_the_new_last_sequence(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        prefix = nats.name("a")
        stream = js.create(subjects=[f"{prefix}.>"], storage=storage)
        for seq, (subject, payload) in enumerate(
            ((f"{prefix}.a", "one"), (f"{prefix}.b.c", ""), (f"{prefix}.a", "x" * 5000)), 1
        ):
            assert js.publish(subject, payload) == {"stream": stream, "seq": seq}
            assert js.state(stream)["last_seq"] == seq
            stored = js.stored(stream, seq=seq)
            assert (stored["subject"], stored["data"]) == (subject, payload.encode())
        js.quiet()


@case("JS-PUB-001", config="jetstream", deliveries=False)
def test_acks_go_to_the_reply_subject_of_each_message(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    replies = [js.inbox() for _ in range(50)]
    for number, reply in enumerate(replies):
        js.send(stream, f"{number}", None, reply)
    got = [js.on_subject(reply) for reply in replies]
    assert [each.json for each in got] == [{"stream": stream, "seq": seq + 1} for seq in range(50)]
    assert [each.fields for each in got] == [()] * 50
    js.quiet()


@case("JS-PUB-002", config="jetstream", deliveries=False)
def test_a_failed_publish_has_an_error_and_sequence_0(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_msg_size=20)
    js.publish(stream, "one")
    for payload, headers in (("x" * 21, None), ("", {"Nats-Expected-Stream": "x"})):
        answer = js.acknowledgement(stream, payload, headers)
        assert answer.keys() == {"error", "stream", "seq"}
        assert (answer["stream"], answer["seq"]) == (stream, 0)
        assert answer["error"].keys() == {"code", "err_code", "description"}
    assert js.state(stream)["messages"] == 1


@case("JS-PUB-003", config="jetstream", deliveries=False)
def test_without_a_reply_subject_nothing_is_said(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_msg_size=20)
    for number in range(3):
        js.send(stream, f"{number}")
    js.send(stream, "x" * 21)
    assert js.publish(stream, "3")["seq"] == 4
    assert js.state(stream)["messages"] == 4
    assert [js.stored(stream, seq=seq)["data"] for seq in (1, 2, 3)] == [b"0", b"1", b"2"]
    js.quiet()


@case("JS-PUB-004", config="jetstream", deliveries=False)
def test_refused_and_duplicate_publishes_leave_no_gap(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.*"], max_msg_size=200)
    kinds: tuple[tuple[str, dict[str, str] | None], ...] = (
        ("", None),
        ("", {"Nats-Expected-Stream": "other"}),
        ("", {"Nats-Msg-Id": "once"}),
        ("x" * 201, None),
        ("", {"Nats-Expected-Last-Sequence": "7777"}),
    )
    seq = first = 0
    for _ in range(100):
        number = nats.random.randrange(len(kinds))
        payload, headers = kinds[number]
        answer = js.acknowledgement(f"{prefix}.{nats.random.randrange(3)}", payload, headers)
        if number == 2 and first:
            assert answer == {"stream": stream, "seq": first, "duplicate": True}
        elif number in {0, 2}:
            seq += 1
            first = seq if number == 2 else first
            assert answer == {"stream": stream, "seq": seq}
        else:
            assert "error" in answer
    state = js.state(stream)
    assert (state["messages"], state.get("num_deleted", 0)) == (seq, 0)
    assert (state["first_seq"], state["last_seq"]) == (1 if seq else 0, seq)


@case("JS-PUB-004", config="jetstream", deliveries=False)
def test_two_publishers_share_one_sequence(nats: Nats) -> None:
    js, other = nats.jetstream(), nats.jetstream()
    stream = js.create()
    replies = [(each, each.inbox()) for _ in range(30) for each in (js, other)]
    for each, reply in replies:
        each.send(stream, reply, None, reply)
    acks = {reply: each.on_subject(reply).json["seq"] for each, reply in replies}
    assert sorted(acks.values()) == list(range(1, 61))
    for each in (js, other):
        own = [acks[reply] for who, reply in replies if who is each]
        assert own == sorted(own)
    for reply, seq in acks.items():
        assert js.stored(stream, seq=seq)["data"] == reply.encode()


@case("JS-PUB-005", config="jetstream", deliveries=False)
def test_times_follow_the_sequence(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(storage=storage)
        before = nanoseconds(js.info(stream)["created"])
        for _ in range(20):
            js.send(stream, "x")
        js.publish(stream, "x")
        times = [nanoseconds(js.stored(stream, seq=seq)["time"]) for seq in range(1, 22)]
        assert times == sorted(times)
        assert before <= times[0]
        state = js.state(stream)
        assert nanoseconds(state["first_ts"]) == times[0]
        assert nanoseconds(state["last_ts"]) == times[-1]


@case("JS-PUB-033", config="jetstream", deliveries=False)
def test_a_subject_without_a_stream_has_no_responders(nats: Nats) -> None:
    js = nats.jetstream()
    prefix = nats.name("a")
    stream = js.create(subjects=[f"{prefix}.a", f"{prefix}.*.b"])
    for subject in (f"{prefix}.b", prefix, f"{prefix}.a.b.b", f"{prefix}.a.a"):
        assert js.ask(subject, "x").status == 503
    assert js.publish(f"{prefix}.a") == {"stream": stream, "seq": 1}
    js.request(f"STREAM.DELETE.{stream}")
    assert js.ask(f"{prefix}.a", "x").status == 503


@case("JS-PUB-033", config="jetstream", deliveries=False)
def test_subscribers_hear_what_a_stream_keeps(nats: Nats) -> None:
    js, other = nats.jetstream(), nats.client()
    stream = js.create()
    other.send(f"SUB {stream} 1\r\n")
    other.flush()
    reply = js.inbox()
    js.send(stream, "hello", None, reply)
    other.expect(f"MSG {stream} 1 {reply} 5\r\nhello\r\n")
    assert js.on_subject(reply).json == {"stream": stream, "seq": 1}
    js.quiet()


@case("JS-PUB-031", config="jetstream", deliveries=False)
def test_without_interest_an_ack_counts_and_nothing_is_kept(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        stream = js.create(retention="interest", storage=storage, max_msgs=1, discard="new")
        for seq in (1, 2, 3):
            assert js.publish(stream, f"{seq}") == {"stream": stream, "seq": seq}
        state = js.state(stream)
        assert (state["messages"], state["bytes"], state["last_seq"]) == (0, 0, 3)
        assert state["first_seq"] == 4
        js.refused(f"STREAM.MSG.GET.{stream}", 10037, {"seq": 2})
        js.publish(stream, "x", {"Nats-Msg-Id": "once"})
        assert js.publish(stream, "x", {"Nats-Msg-Id": "once"})["duplicate"] is True


def kept(js: JetStream, stream: str, block: bytes, payload: bytes = b"x") -> bytes:
    """The header block that is stored of this one."""
    reply = js.inbox()
    line = f"HPUB {stream} {reply} {len(block)} {len(block) + len(payload)}\r\n"
    js.connection.send(line.encode() + block + payload + b"\r\n")
    stored = js.stored(stream, seq=js.on_subject(reply).json["seq"])
    assert stored["data"] == payload
    hdrs: bytes = stored["hdrs"]
    return hdrs


@case("JS-PUB-029", config="jetstream", deliveries=False)
def test_header_fields_are_kept_as_they_were_written(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(allow_rollup_hdrs=True)
    for fields in (
        ((b"A", b"1"), (b"a", b"2"), (b"A", b"")),
        ((b"Nats-Msg-Id", b"m1"), (b"Nats-Expected-Stream", stream.encode())),
        ((b"Nats-Expected-Last-Sequence", b"2"), (b"Nats-Rollup", b"sub")),
        ((b"Nats-Expected-Last-Subject-Sequence", b"3"), (b"Nats-Other", b"x")),
    ):
        block = HeaderBlock(fields=fields).encode()
        assert kept(js, stream, block) == block
    odd = b"NATS/1.0\r\nA:1\r\nB:   2  \r\nC:\r\n\r\n"
    assert kept(js, stream, odd) == odd


@case("JS-PUB-042", config="jetstream", deliveries=False)
def test_a_status_is_not_kept(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for block, left in (
        (b"NATS/1.0 503\r\nA: 1\r\n\r\n", b"NATS/1.0\r\nA: 1\r\n\r\n"),
        (b"NATS/1.0 503 No Responders\r\nA: 1\r\n\r\n", b"NATS/1.0\r\nA: 1\r\n\r\n"),
        (b"NATS/1.0 503\r\n\r\n", b""),
    ):
        assert kept(js, stream, block) == left, block


@case("JS-PUB-029", config="jetstream", deliveries=False)
def test_who_asked_is_not_kept(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for block, left in (
        (b"NATS/1.0\r\nNats-Request-Info: {}\r\nA: 1\r\n\r\n", b"NATS/1.0\r\nA: 1\r\n\r\n"),
        (b"NATS/1.0\r\nA: 1\r\nNats-Request-Info: {}\r\n\r\n", b"NATS/1.0\r\nA: 1\r\n\r\n"),
        (b"NATS/1.0\r\nNats-Request-Info: {}\r\n\r\n", b""),
    ):
        assert kept(js, stream, block) == left, block
