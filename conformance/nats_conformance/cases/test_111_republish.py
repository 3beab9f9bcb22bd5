"""Subjects that are rewritten on the way in, and messages that go on (JS-MIRROR-017 .. JS-MIRROR-021)."""

from __future__ import annotations

from nats_conformance.cases import Nats, case


@case("JS-MIRROR-017", config="jetstream", deliveries=False)
def test_subjects_are_rewritten_before_everything_else(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, other = nats.name("a"), nats.name("b")
    stream = js.create(
        subjects=[f"{prefix}.>"],
        max_msgs_per_subject=1,
        subject_transform={"src": f"{prefix}.*", "dest": f"{other}.$1.x"},
    )
    for word, stored in (("one", f"{other}.one.x"), ("one.two", f"{prefix}.one.two")):
        seq = js.publish(f"{prefix}.{word}", "x")["seq"]
        assert js.stored(stream, seq=seq)["subject"] == stored
    last = "Nats-Expected-Last-Subject-Sequence"
    js.publish_refused(f"{prefix}.one", 10071, "x", {last: "0"})
    assert js.publish(f"{prefix}.one", "x", {last: "1"})["seq"] == 3
    assert js.state(stream)["messages"] == 2


@case("JS-MIRROR-018", config="jetstream", deliveries=False)
def test_stored_messages_are_published_again(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, other = nats.name("a"), nats.name("b")
    stream = js.create(
        subjects=[f"{prefix}.>"],
        republish={"src": f"{prefix}.*.go", "dest": f"{other}.$1"},
    )
    js.subscribe(f"{other}.>", "copy")
    last: dict[str, int] = {}
    for seq, (word, headers, payload) in enumerate(
        (
            ("a", None, "one"),
            ("b", {"A": "1", "Nats-Msg-Id": "m"}, "two"),
            ("a", {"A": "2"}, ""),
            ("b", None, "x" * 3000),
        ),
        1,
    ):
        subject = f"{prefix}.{word}.go"
        js.publish(subject, payload, headers)
        copy = js.next("copy")
        assert (copy.subject, copy.reply) == (f"{other}.{word}", "")
        assert copy.payload == payload.encode()
        assert copy.fields == (
            *(headers or {}).items(),
            ("Nats-Stream", stream),
            ("Nats-Subject", subject),
            ("Nats-Sequence", f"{seq}"),
            ("Nats-Time-Stamp", js.stored(stream, seq=seq)["time"]),
            ("Nats-Last-Sequence", f"{last.get(word, 0)}"),
        )
        last[word] = seq
    assert js.publish(f"{prefix}.a.stay")["seq"] == 5
    js.quiet()


@case("JS-MIRROR-018", config="jetstream", deliveries=False)
def test_the_rewritten_subject_is_the_one_that_goes_on(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, other = nats.name("a"), nats.name("b")
    js.create(
        subjects=[f"{prefix}.>"],
        subject_transform={"src": f"{prefix}.in.*", "dest": f"{prefix}.out.$1"},
        republish={"src": f"{prefix}.out.*", "dest": f"{other}.$1"},
    )
    js.subscribe(f"{other}.>", "copy")
    js.publish(f"{prefix}.in.a", "x")
    copy = js.next("copy")
    assert copy.subject == f"{other}.a"
    assert copy.header("Nats-Subject") == f"{prefix}.out.a"
    js.quiet()


@case("JS-MIRROR-019", config="jetstream", deliveries=False)
def test_headers_alone_may_go_on(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, other = nats.name("a"), nats.name("b")
    js.create(
        subjects=[f"{prefix}.*"],
        republish={"src": f"{prefix}.*", "dest": f"{other}.$1", "headers_only": True},
    )
    js.subscribe(f"{other}.*", "copy")
    for payload, headers in (("hello", None), ("", None), ("x" * 300, {"A": "1"})):
        js.publish(f"{prefix}.a", payload, headers)
        copy = js.next("copy")
        assert copy.payload == b""
        names = [name for name, _ in copy.fields]
        assert names == [
            *(headers or {}),
            "Nats-Stream",
            "Nats-Subject",
            "Nats-Sequence",
            "Nats-Time-Stamp",
            "Nats-Last-Sequence",
            "Nats-Msg-Size",
        ]
        assert copy.header("Nats-Msg-Size") == f"{len(payload)}"


@case("JS-MIRROR-020", config="jetstream", deliveries=False)
def test_what_is_not_stored_does_not_go_on(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, other = nats.name("a"), nats.name("b")
    republish = {"src": ">", "dest": f"{other}.>"}
    js.create(subjects=[f"{prefix}.a"], max_msgs=1, discard="new", republish=republish)
    js.create(subjects=[f"{prefix}.b"], retention="interest", republish=republish)
    js.subscribe(f"{other}.>", "copy")
    js.publish(f"{prefix}.a", "x", {"Nats-Msg-Id": "one"})
    assert js.next("copy").header("Nats-Sequence") == "1"
    js.publish(f"{prefix}.a", "x", {"Nats-Msg-Id": "one"})
    js.publish_refused(f"{prefix}.a", 10077, "x")
    js.publish_refused(f"{prefix}.a", 10060, "x", {"Nats-Expected-Stream": "x"})
    js.publish(f"{prefix}.b", "x")
    js.quiet()


@case("JS-MIRROR-021", config="jetstream", deliveries=False)
def test_copies_come_in_order_and_before_the_ack(nats: Nats) -> None:
    js = nats.jetstream()
    prefix, other = nats.name("a"), nats.name("b")
    js.create(subjects=[f"{prefix}.*"], republish={"src": ">", "dest": f"{other}.>"})
    js.subscribe(f"{other}.>", "copy")
    replies = [js.inbox() for _ in range(50)]
    for number, reply in enumerate(replies):
        js.send(f"{prefix}.{number % 3}", "x", None, reply)
    heard = [js.next() for _ in range(100)]
    copies = [int(each.header("Nats-Sequence") or 0) for each in heard if each.sid == "copy"]
    assert copies == list(range(1, 51))
    seen = 0
    for each in heard:
        if each.sid == "copy":
            seen += 1
        else:
            assert each.json["seq"] <= seen
