"""Chapter 120: what a configuration may not hold, and what only push or only pull may."""

from __future__ import annotations

from nats_conformance import rows
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS, request

SECOND = 1000 * MS
PUSH = {"deliver_subject": "deliver.nobody"}
HEARTBEAT = {"idle_heartbeat": SECOND}


@case("JS-CONS-CFG-018", config="jetstream", deliveries=False)
def test_a_stream_limits_what_may_be_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(consumer_limits={"max_ack_pending": 50}),
        (
            ({"max_ack_pending": 50}, {"max_ack_pending": 50}),
            ({"max_ack_pending": 51}, (400, 10121)),
            ({"max_ack_pending": 5000, "ack_policy": "all"}, (400, 10121)),
        ),
    )


@case("JS-CONS-CFG-018", config="jetstream", deliveries=False)
def test_unlimited_is_above_every_limit(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(consumer_limits={"max_ack_pending": 50}),
        (({"max_ack_pending": -1}, (400, 10121)),),
    )


@case("JS-CONS-CFG-019", config="jetstream", deliveries=False)
def test_nothing_is_outstanding_without_acknowledgements(nats: Nats) -> None:
    js = nats.jetstream()
    none = {"ack_policy": "none", "max_ack_pending": 5}
    rows.created(
        js,
        js.create(),
        ((none | PUSH, (400, 10082)), (none, {"max_ack_pending": 5, "ack_policy": "none"})),
    )


@case("JS-CONS-CFG-022", config="jetstream", deliveries=False)
def test_requests_may_expire_after_a_millisecond(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({"max_expires": 1}, (400, 10115)),
            ({"max_expires": MS - 1}, (400, 10115)),
            ({"max_expires": MS}, {"max_expires": MS}),
            ({"max_expires": 5} | PUSH, {"max_expires": 5}),
        ),
    )


@case("JS-CONS-CFG-023", config="jetstream", private=True)
def test_a_server_limits_the_batch(nats: Nats) -> None:
    server = nats.start(
        text='jetstream { store_dir: "{store_dir}", limits { max_request_batch: 9 } }\n'
    )
    js = nats.jetstream(server=server)
    rows.created(
        js,
        js.create(),
        (
            ({}, {"max_batch": 9}),
            ({"max_batch": 4}, {"max_batch": 4}),
            ({"max_batch": 9}, {"max_batch": 9}),
            ({"max_batch": 10}, (400, 10125)),
            (PUSH, {"max_batch": None}),
        ),
    )


@case("JS-CONS-CFG-024", "JS-CONS-CFG-025", config="jetstream", deliveries=False)
def test_what_only_a_push_consumer_may_have(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({"rate_limit_bps": 1024}, (400, 10086)),
            (HEARTBEAT, (400, 10088)),
            ({"flow_control": True}, (400, 10089)),
            ({"flow_control": True} | HEARTBEAT, (400, 10088)),
            ({"deliver_group": "g"}, {"deliver_group": "g"}),
            ({"deliver_group": "g x"}, {"deliver_group": "g x"}),
        ),
    )
    rows.created(
        js,
        js.create(),
        (
            ({"rate_limit_bps": 1024}, {"rate_limit_bps": 1024}),
            (HEARTBEAT, HEARTBEAT),
            (HEARTBEAT | {"flow_control": True}, {"flow_control": True}),
            ({"deliver_group": "g"}, {"deliver_group": "g"}),
        ),
        **PUSH,
    )


@case("JS-CONS-CFG-026", "JS-CONS-CFG-027", config="jetstream", deliveries=False)
def test_where_a_push_consumer_may_deliver(nats: Nats) -> None:
    js = nats.jetstream()
    own, other = nats.name("own"), nats.name("other")
    stream = js.create(subjects=[f"{own}.*", f"{own}.deep.>"])
    js.create(subjects=[f"{other}.>"])
    table = (
        ("foo.*", 10079),
        ("foo.>", 10079),
        ("foo..bar", 10112),
        (".foo", 10112),
        ("foo bar", 10112),
        (f"{own}.x", 10081),
        (f"{own}.deep.x.y", 10081),
        (f"{other}.x", None),
        (own, None),
        ("foo.bar", None),
    )
    rows.created(
        js,
        stream,
        [
            (
                {"deliver_subject": subject},
                (400, code) if code else {"deliver_subject": subject},
            )
            for subject, code in table
        ],
    )


@case("JS-CONS-CFG-028", "JS-CONS-CFG-029", config="jetstream", deliveries=False)
def test_how_often_a_heart_may_beat(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({"idle_heartbeat": 50 * MS}, (400, 10083)),
            ({"idle_heartbeat": 100 * MS - 1}, (400, 10083)),
            ({"idle_heartbeat": 100 * MS}, {"idle_heartbeat": 100 * MS}),
            ({"idle_heartbeat": 0}, {"idle_heartbeat": None}),
            ({"flow_control": True}, (400, 10108)),
        ),
        **PUSH,
    )


@case("JS-CONS-CFG-040", config="jetstream", deliveries=False)
def test_where_to_start_fits_the_policy(nats: Nats) -> None:
    js = nats.jetstream()
    time = "2025-01-01T00:00:00Z"
    both = {"opt_start_seq": 5, "opt_start_time": time}
    table: list[rows.Row] = []
    for policy, spoken in (
        ("all", "all"),
        ("last", "last"),
        ("new", "new"),
        ("last_per_subject", "last per subject"),
    ):
        base = {"deliver_policy": policy, "filter_subject": ">"}
        for member, name in (("opt_start_seq", "sequence"), ("opt_start_time", "time")):
            text = f"consumer delivery policy is deliver {spoken}, but optional start {name} is also set"
            table.append((base | {member: both[member]}, (400, 10094, text)))
    for policy, spoken, lack, surplus in (
        ("by_start_sequence", "by start sequence", "start sequence", "time"),
        ("by_start_time", "by start time", "start time", "start sequence"),
    ):
        head = f"consumer delivery policy is deliver {spoken}, but optional"
        table.append(({"deliver_policy": policy}, (400, 10094, f"{head} {lack} is not set")))
        table.append(
            ({"deliver_policy": policy} | both, (400, 10094, f"{head} start {surplus} is also set"))
        )
    rows.created(js, js.create(), table)


@case("JS-CONS-CFG-041", config="jetstream", deliveries=False)
def test_last_per_subject_wants_a_filter(nats: Nats) -> None:
    js = nats.jetstream()
    last = {"deliver_policy": "last_per_subject"}
    why = "consumer delivery policy is deliver last per subject, but optional filter subject is not set"
    rows.created(
        js,
        js.create(),
        (
            (last, (400, 10094, why)),
            (last | {"filter_subject": ">"}, {"filter_subject": ">"}),
            (last | {"filter_subjects": ["a", "b"]}, {"filter_subjects": ["a", "b"]}),
        ),
    )


@case("JS-CONS-CFG-042", config="jetstream", deliveries=False)
def test_what_a_share_of_samples_may_be(nats: Nats) -> None:
    js = nats.jetstream()
    table: list[rows.Row] = [
        ({"sample_freq": text}, {"sample_freq": text})
        for text in ("0", "50", "50%", "100%", "1000", "+5")
    ]
    table += [
        ({"sample_freq": text}, (400, 10095))
        for text in ("x", "-1", "5.5", "%", "50%%", "5 ", "\u0663", "9" * 20)
    ]
    rows.created(js, js.create(), table)


@case("JS-CONS-CFG-043", config="jetstream", deliveries=False)
def test_how_many_replicas_a_single_server_has(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({"num_replicas": -1}, (400, 10133)),
            ({"num_replicas": 2}, (500, 10074)),
            ({"num_replicas": 3}, (500, 10074)),
            ({"num_replicas": 1}, {"num_replicas": 1}),
            ({}, {"num_replicas": 0}),
        ),
    )


@case("JS-CONS-CFG-049", config="jetstream", deliveries=False)
def test_a_stream_has_so_many_consumers(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(max_consumers=2)
    one, two = js.consumer(stream), js.consumer(stream)
    rows.created(js, stream, (({}, (400, 10026)), ({"durable_name": None}, (400, 10026))))
    assert one.update(description="d")["config"]["description"] == "d"
    two.delete()
    rows.created(js, stream, (({}, {}),))


@case("JS-CONS-CFG-060", config="jetstream", deliveries=False)
def test_a_stream_has_a_thousand_consumers(nats: Nats) -> None:
    js = nats.jetstream()
    stream, inbox = js.create(), js.inbox()
    for number in range(1000):
        body = request(stream, {"name": f"c{number}"})
        js.send(f"{js.prefix}.CONSUMER.CREATE.{stream}.c{number}", body, reply=inbox)
    answers = [js.on_subject(inbox) for _ in range(1000)]
    assert [each for each in answers if b'"error"' in each.payload] == []
    more = {"name": "more"}
    js.refused(f"CONSUMER.CREATE.{stream}.more", 10026, request(stream, more))
    allowed = js.info(stream)["config"] | {"max_consumers": 1001}
    js.request(f"STREAM.UPDATE.{stream}", allowed)
    js.consumer(stream)


@case("JS-CONS-CFG-055", "JS-CONS-CFG-056", config="jetstream", deliveries=False)
def test_acknowledgement_by_flow_control(nats: Nats) -> None:
    js = nats.jetstream()
    flow = {"ack_policy": "flow_control"}
    whole = flow | PUSH | HEARTBEAT | {"flow_control": True, "pedantic": True}
    rows.created(
        js,
        js.create(),
        (
            (whole, {"idle_heartbeat": SECOND, "flow_control": True, "max_ack_pending": 1000}),
            (flow | PUSH, {"idle_heartbeat": SECOND, "flow_control": True}),
            (flow | PUSH | {"idle_heartbeat": 5 * SECOND}, {"idle_heartbeat": SECOND}),
            (flow, (400, 10218)),
            ({**whole, "flow_control": None}, (400, 10219)),
            (whole | {"idle_heartbeat": 5 * SECOND}, (500, 10052)),
            (whole | {"max_ack_pending": -1}, (400, 10220)),
            (whole | {"ack_wait": SECOND}, (400, 10221)),
            (whole | {"ack_wait": SECOND, "backoff": [SECOND]}, (400, 10221)),
            (whole | {"max_deliver": 3}, (400, 10222)),
        ),
    )
