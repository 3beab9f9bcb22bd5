"""Chapter 120: what of a consumer can be changed, and that it takes effect."""

from __future__ import annotations

from nats_conformance import polling, rows
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, delivered, request
from nats_conformance.filling import filled
from nats_conformance.invariants import consumer_info

SECOND = 1000 * MS
FIXED = {"deliver_policy": "by_start_sequence", "opt_start_seq": 1, "max_waiting": 10}


@case("JS-CONS-UPD-001", config="jetstream", deliveries=False)
def test_an_update_is_whole_or_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, description="old")
    js.publish(stream)
    consumer.next()
    before = consumer.info()
    consumer.update_refused(10012, description="new", max_deliver=5, ack_policy="all")
    after = consumer.info()
    assert after["config"] == before["config"]
    answer = consumer.update(description="new", max_deliver=5)
    assert answer["config"] == before["config"] | {"description": "new", "max_deliver": 5}
    for member in ("created", "delivered", "ack_floor", "num_ack_pending", "num_pending", "name"):
        assert answer[member] == before[member], member
    assert consumer.info()["config"] == answer["config"]


@case("JS-INV-028", config="jetstream", deliveries=False)
def test_a_request_that_fails_changes_nothing(nats: Nats) -> None:
    consumer = filled(nats.jetstream(), 3)
    consumer.answer(consumer.take(2)[0])
    before = consumer.info()
    consumer.update_refused(10012, ack_policy="all")
    other = request("other", {"durable_name": consumer.name}, "update")
    consumer.js.refused(f"CONSUMER.CREATE.{consumer.path}", 10056, other)
    assert consumer_info.unchanged(before, consumer.info()) == []


@case("JS-CONS-UPD-002", config="jetstream", deliveries=False)
def test_what_can_never_be_changed(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    rows.updated(
        js,
        stream,
        (
            ({"deliver_policy": "all", "opt_start_seq": None}, (500, 10012)),
            ({"opt_start_seq": 2}, (500, 10012)),
            ({"ack_policy": "all"}, (500, 10012)),
            ({"replay_policy": "original"}, (500, 10012)),
            ({"max_waiting": 11}, (500, 10012)),
        ),
        **FIXED,
    )
    start = {"deliver_policy": "by_start_time", "opt_start_time": "2025-01-01T00:00:00Z"}
    rows.updated(
        js,
        stream,
        (
            ({"opt_start_time": "2025-01-02T00:00:00Z"}, (500, 10012)),
            ({"opt_start_time": "2025-01-01T01:00:00+01:00"}, {}),
        ),
        **start,
    )
    push = {"deliver_subject": nats.name("d"), "idle_heartbeat": SECOND, "flow_control": True}
    rows.updated(
        js,
        stream,
        (
            ({"idle_heartbeat": 2 * SECOND}, (500, 10012)),
            ({"flow_control": None}, (500, 10012)),
        ),
        **push,
    )


@case("JS-CONS-UPD-019", config="jetstream", deliveries=False)
def test_where_state_is_kept_cannot_be_changed(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    rows.updated(js, stream, (({"mem_storage": True}, (500, 10012)),))
    rows.updated(js, stream, (({"mem_storage": None}, (500, 10012)),), mem_storage=True)


@case("JS-CONS-UPD-003", config="jetstream", deliveries=False)
def test_leaving_max_waiting_out_changes_it(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    rows.updated(js, stream, (({"max_waiting": None}, (500, 10012)),), max_waiting=10)
    rows.updated(js, stream, (({"max_waiting": None}, {"max_waiting": 512}),))


@case("JS-CONS-UPD-004", config="jetstream", deliveries=False)
def test_what_can_be_changed(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(subjects=[f"{(foo := nats.name('foo'))}.>"])
    changes: tuple[dict[str, object], ...] = (
        {"description": "d"},
        {"ack_wait": SECOND},
        {"max_deliver": 7},
        {"backoff": [SECOND, 2 * SECOND], "ack_wait": SECOND},
        {"filter_subject": f"{foo}.b"},
        {"filter_subjects": [f"{foo}.c", f"{foo}.d"]},
        {"sample_freq": "50"},
        {"max_ack_pending": 7},
        {"headers_only": True},
        {"max_batch": 7},
        {"max_expires": SECOND},
        {"max_bytes": 700},
        {"deliver_group": "g"},
        {"inactive_threshold": 90 * SECOND},
        {"num_replicas": 1},
        {"metadata": {"a": "b"}},
    )
    rows.updated(js, stream, [(change, change) for change in changes])
    back: list[rows.Row] = [
        (dict.fromkeys(change), dict.fromkeys(change)) for change in changes[8:12]
    ]
    set_now = {key: value for change in changes[8:12] for key, value in change.items()}
    rows.updated(js, stream, back, **set_now)
    rate = {"rate_limit_bps": 80_000}
    rows.updated(js, stream, ((rate, rate),), deliver_subject=nats.name("d"))


@case("JS-CONS-UPD-004", config="jetstream", deliveries=False)
def test_changes_take_effect(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream)
    js.publish(stream, "hello")
    js.publish(stream, "hello")
    consumer.update(headers_only=True)
    assert consumer.next().message.header("Nats-Msg-Size") == "5"
    consumer.update(headers_only=False, max_batch=2, max_expires=SECOND, max_bytes=1000)
    assert consumer.next().payload == b"hello"
    for members, status in (
        ({"batch": 3}, "409 Exceeded MaxRequestBatch of 2"),
        ({"batch": 1, "expires": 2 * SECOND}, "409 Exceeded MaxRequestExpires of 1s"),
        ({"batch": 1, "max_bytes": 1001}, "409 Exceeded MaxRequestMaxBytes of 1000"),
    ):
        consumer.ask(members).ends(status)


@case("JS-CONS-UPD-005", config="jetstream", deliveries=False)
def test_pull_stays_pull_and_push_stays_push(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    deliver = nats.name("d")
    rows.updated(js, stream, (({"deliver_subject": deliver, "max_waiting": None}, (500, 10012)),))
    rows.updated(js, stream, (({"deliver_subject": None}, (500, 10012)),), deliver_subject=deliver)


@case("JS-CONS-UPD-006", "JS-CONS-UPD-007", "JS-RDL-018", config="jetstream", deliveries=False)
def test_another_deliver_subject(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    old, new = nats.name("old"), nats.name("new")
    js.subscribe(old, "old")
    consumer = js.consumer(stream, deliver_subject=old)
    for text in "abc":
        js.publish(stream, text)
    first = [js.next("old") for _ in range(3)]
    consumer.answer(first[1].reply)
    error = consumer.update_refused(10013, deliver_subject=new)["error"]
    assert error["code"] == 400
    assert consumer.update(deliver_subject=old)["push_bound"] is True
    js.connection.send("UNSUB old\r\n")
    consumer.until(push_bound=None)
    assert consumer.update(deliver_subject=new)["config"]["deliver_subject"] == new
    js.subscribe(new, "new")
    again = [js.next("new") for _ in range(2)]
    assert [message.payload for message in again] == [b"a", b"c"]
    assert [message.reply.split(".")[4:7] for message in again] == [
        ["2", "1", "4"],
        ["2", "3", "5"],
    ]


@case("JS-CONS-UPD-004", "JS-PUSH-009", config="jetstream", deliveries=False)
def test_another_group_that_is_heard(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    deliver = nats.name("deliver")
    consumer = js.consumer(stream, deliver_subject=deliver, deliver_group="g")
    js.subscribe(deliver, "g", "g")
    consumer.until(push_bound=True)
    consumer.update(deliver_group="h")
    js.publish(stream)
    assert "push_bound" not in (info := consumer.info())
    assert info["delivered"]["consumer_seq"] == 0
    js.subscribe(deliver, "h", "h")
    assert delivered(js.next("h")).seq == 1
    js.connection.send("UNSUB g\r\n")
    assert consumer.info()["push_bound"] is True
    js.connection.send("UNSUB h\r\n")
    consumer.until(push_bound=None)


@case("JS-CONS-UPD-004", "JS-PUSH-009", config="jetstream", deliveries=False)
def test_another_group_before_anybody_is_heard(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    deliver = nats.name("deliver")
    consumer = js.consumer(stream, deliver_subject=deliver, deliver_group="g")
    consumer.update(deliver_group="h")
    js.publish(stream)
    js.subscribe(deliver, "h", "h")
    polling.until(consumer.info, lambda info: info.get("push_bound"), 1.5, "push_bound")
    assert delivered(js.next("h")).seq == 1


@case("JS-CONS-UPD-017", config="jetstream", deliveries=False)
def test_consumers_of_a_work_queue_stay_apart(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.>"], retention="workqueue")
    js.consumer(stream, filter_subject=f"{foo}.a")
    rows.updated(
        js,
        stream,
        (
            ({"filter_subject": f"{foo}.a"}, (400, 10100)),
            ({"filter_subject": f"{foo}.*"}, (400, 10100)),
            ({"filter_subject": f"{foo}.>"}, (400, 10100)),
            (
                {"filter_subject": None, "filter_subjects": [f"{foo}.b", f"{foo}.a"]},
                (400, 10100),
            ),
            ({"filter_subject": f"{foo}.c"}, {"filter_subject": f"{foo}.c"}),
        ),
        filter_subject=f"{foo}.b",
    )


@case("JS-CONS-UPD-017", config="jetstream", deliveries=False)
def test_no_consumer_of_a_work_queue_takes_all_beside_another(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.>"], retention="workqueue")
    js.consumer(stream, filter_subject=f"{foo}.a")
    rows.updated(js, stream, (({"filter_subject": None}, (400, 10100)),), filter_subject=f"{foo}.b")


@case("JS-CONS-UPD-018", config="jetstream", deliveries=False)
def test_backoff_fits_max_deliver_after_an_update_too(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    two = {"backoff": [SECOND, 2 * SECOND]}
    rows.updated(
        js,
        stream,
        (({"max_deliver": 1}, (400, 10116)), ({"max_deliver": 2}, {"max_deliver": 2})),
        **two,
    )
    rows.updated(
        js,
        stream,
        (
            ({"backoff": [SECOND] * 4, "ack_wait": SECOND}, (400, 10116)),
            ({"backoff": [SECOND] * 3, "ack_wait": SECOND}, {"backoff": [SECOND] * 3}),
        ),
        max_deliver=3,
    )


@case("JS-CONS-UPD-004", config="jetstream", deliveries=False)
def test_create_without_action_updates(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, "x")
    body = request(stream, {"durable_name": "x", "ack_policy": "explicit", "max_deliver": 4}, "")
    js.request(f"CONSUMER.CREATE.{stream}.x", body)
    assert consumer.info()["config"]["max_deliver"] == 4
