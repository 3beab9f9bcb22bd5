"""Chapter 120: members of a configuration: what they may be, and what they are if left out."""

from __future__ import annotations

from nats_conformance import rows
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS

SECOND = 1000 * MS
PUSH = {"deliver_subject": "deliver.nobody"}


@case("JS-CONS-CFG-007", "JS-CONS-CFG-009", config="jetstream", deliveries=False)
def test_policies_of_delivery_and_replay(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    time = "2025-01-01T00:00:00Z"
    table: tuple[rows.Row, ...] = (
        ({}, {"deliver_policy": "all", "replay_policy": "instant"}),
        ({"deliver_policy": "all"}, {"deliver_policy": "all"}),
        ({"deliver_policy": "last"}, {"deliver_policy": "last"}),
        ({"deliver_policy": "new"}, {"deliver_policy": "new"}),
        ({"deliver_policy": "undefined"}, {"deliver_policy": "all"}),
        (
            {"deliver_policy": "by_start_sequence", "opt_start_seq": 5},
            {"deliver_policy": "by_start_sequence", "opt_start_seq": 5},
        ),
        (
            {"deliver_policy": "by_start_time", "opt_start_time": time},
            {"deliver_policy": "by_start_time", "opt_start_time": time},
        ),
        (
            {"deliver_policy": "last_per_subject", "filter_subject": ">"},
            {"deliver_policy": "last_per_subject"},
        ),
        ({"replay_policy": "instant"}, {"replay_policy": "instant"}),
        ({"replay_policy": "original"}, {"replay_policy": "original"}),
        ({"deliver_policy": "ALL"}, (400, 10025)),
        ({"deliver_policy": "first"}, (400, 10025)),
        ({"deliver_policy": 0}, (400, 10025)),
        ({"replay_policy": "fast"}, (400, 10025)),
    )
    rows.created(js, stream, table)


@case("JS-CONS-CFG-008", config="jetstream", deliveries=False)
def test_policies_of_acknowledgement(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    table: list[rows.Row] = [
        ({"ack_policy": None}, {"ack_policy": "none"}),
        ({"ack_policy": "none"}, {"ack_policy": "none"}),
        ({"ack_policy": "all"}, {"ack_policy": "all"}),
        ({"ack_policy": "explicit"}, {"ack_policy": "explicit"}),
        ({"ack_policy": "Explicit"}, (400, 10025)),
        ({"ack_policy": ""}, (400, 10025)),
    ]
    flow = PUSH | {"flow_control": True, "idle_heartbeat": SECOND, "ack_policy": "flow_control"}
    known = nats.release >= (2, 14)
    table.append((flow, {"ack_policy": "flow_control"} if known else (400, 10025)))
    rows.created(js, stream, table)


@case("JS-CONS-CFG-010", "JS-CONS-CFG-011", config="jetstream", deliveries=False)
def test_how_long_a_consumer_waits(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    table: list[rows.Row] = [
        ({}, {"ack_wait": 30 * SECOND}),
        ({"ack_policy": "all"}, {"ack_wait": 30 * SECOND}),
        ({"ack_policy": "none"}, {"ack_wait": None}),
        ({"ack_wait": 0}, {"ack_wait": 30 * SECOND}),
        ({"ack_wait": 1}, {"ack_wait": 1}),
        ({"ack_wait": 7 * SECOND}, {"ack_wait": 7 * SECOND}),
    ]
    if nats.release >= (2, 12):
        table += [({"ack_wait": -1}, (400, 10183)), ({"ack_policy": "none", "ack_wait": -1}, 10183)]
    if nats.release >= (2, 14):
        flow = PUSH | {"ack_policy": "flow_control"}
        table.append((flow, {"ack_wait": None}))
    rows.created(js, stream, table)


@case("JS-CONS-CFG-012", "JS-CONS-CFG-014", config="jetstream", deliveries=False)
def test_how_often_a_message_is_delivered(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    two = {"backoff": [SECOND, 2 * SECOND], "ack_wait": SECOND}
    table: list[rows.Row] = [
        ({}, {"max_deliver": -1}),
        ({"max_deliver": 0}, {"max_deliver": -1}),
        ({"max_deliver": -1}, {"max_deliver": -1}),
        ({"max_deliver": 1}, {"max_deliver": 1}),
        (two, {"max_deliver": -1, "backoff": [SECOND, 2 * SECOND]}),
        (two | {"max_deliver": 2}, {"max_deliver": 2}),
        (two | {"max_deliver": 3}, {"max_deliver": 3}),
        (two | {"max_deliver": 1}, (400, 10116)),
    ]
    if nats.release >= (2, 12):
        table += [
            ({"max_deliver": -5}, {"max_deliver": -1}),
            ({"max_deliver": -5, "pedantic": True}, (400, 10157)),
            ({"max_deliver": -1, "pedantic": True}, {"max_deliver": -1}),
        ]
    rows.created(js, stream, table)


@case("JS-CONS-CFG-013", config="jetstream", deliveries=False)
def test_backoff_decides_the_wait(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    backoff = {"backoff": [2 * SECOND, SECOND]}
    table: list[rows.Row] = [
        (backoff, {"ack_wait": 2 * SECOND}),
        (backoff | {"ack_wait": 9 * SECOND}, {"ack_wait": 2 * SECOND}),
    ]
    if nats.release >= (2, 11):
        table += [
            (backoff | {"ack_wait": 2 * SECOND, "pedantic": True}, {"ack_wait": 2 * SECOND}),
            (backoff | {"ack_wait": 9 * SECOND, "pedantic": True}, (400, 10157)),
            (backoff | {"pedantic": True}, (400, 10157)),
        ]
    rows.created(js, stream, table)


@case("JS-CONS-CFG-015", config="jetstream", deliveries=False)
def test_waits_of_a_backoff_may_be_anything_but_negative(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({"backoff": [SECOND, -1]}, (400, 10184)),
            ({"backoff": [-1]}, (400, 10184)),
            ({"backoff": [SECOND, 0, MS]}, {"backoff": [SECOND, 0, MS]}),
            ({"backoff": [3 * SECOND, 2 * SECOND]}, {"backoff": [3 * SECOND, 2 * SECOND]}),
            ({"backoff": []}, {"backoff": None}),
        ),
    )


@case("JS-CONS-CFG-016", config="jetstream", deliveries=False)
def test_how_many_messages_may_be_outstanding(nats: Nats) -> None:
    js = nats.jetstream()
    plain, limited = js.create(), js.create(consumer_limits={"max_ack_pending": 50})
    rows.created(
        js,
        plain,
        (
            ({}, {"max_ack_pending": 1000}),
            ({"ack_policy": "all"}, {"max_ack_pending": 1000}),
            ({"ack_policy": "none"}, {"max_ack_pending": None}),
            ({"max_ack_pending": 77}, {"max_ack_pending": 77}),
            ({"max_ack_pending": 5000}, {"max_ack_pending": 5000}),
            ({"max_ack_pending": -1}, {"max_ack_pending": -1}),
        ),
    )
    rows.created(
        js,
        limited,
        (
            ({}, {"max_ack_pending": 50}),
            ({"max_ack_pending": 20}, {"max_ack_pending": 20}),
        ),
    )


@case("JS-CONS-CFG-017", config="jetstream", deliveries=False)
def test_what_is_below_unlimited_is_unlimited(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({"max_ack_pending": -7}, {"max_ack_pending": -1}),
            ({"max_ack_pending": -7, "pedantic": True}, (400, 10157)),
            ({"max_ack_pending": -1, "pedantic": True}, {"max_ack_pending": -1}),
        ),
    )


@case("JS-CONS-CFG-020", config="jetstream", deliveries=False)
def test_how_many_requests_may_wait(nats: Nats) -> None:
    js = nats.jetstream()
    rows.created(
        js,
        js.create(),
        (
            ({}, {"max_waiting": 512}),
            ({"max_waiting": 0}, {"max_waiting": 512}),
            ({"max_waiting": 9}, {"max_waiting": 9}),
            ({"max_waiting": 9} | PUSH, (400, 10080)),
            (PUSH, {"max_waiting": None}),
        ),
    )


@case("JS-CONS-CFG-021", config="jetstream", deliveries=False)
def test_negative_limits_are_none(nats: Nats) -> None:
    js = nats.jetstream()
    table: list[rows.Row] = []
    for member in ("max_batch", "max_bytes", "max_expires", "inactive_threshold"):
        table.append(({member: -1}, {member: None}))
        table.append(({member: -1, "pedantic": True}, (400, 10157)))
    table.append(({"max_waiting": -1}, {"max_waiting": 512}))
    table.append(({"max_waiting": -1, "pedantic": True}, (400, 10157)))
    table.append(({"idle_heartbeat": -1} | PUSH, {"idle_heartbeat": None}))
    rows.created(js, js.create(), table)


@case("JS-CONS-CFG-047", config="jetstream", deliveries=False)
def test_after_how_long_without_use_a_consumer_goes(nats: Nats) -> None:
    js = nats.jetstream()
    plain = js.create()
    limited = js.create(consumer_limits={"inactive_threshold": 20 * SECOND})
    ephemeral = {"durable_name": None}
    rows.created(
        js,
        plain,
        (
            (ephemeral, {"inactive_threshold": 5 * SECOND}),
            (ephemeral | {"inactive_threshold": 90 * SECOND}, {"inactive_threshold": 90 * SECOND}),
            ({}, {"inactive_threshold": None}),
            ({"inactive_threshold": 90 * SECOND}, {"inactive_threshold": 90 * SECOND}),
        ),
    )
    rows.created(
        js,
        limited,
        (
            (ephemeral, {"inactive_threshold": 20 * SECOND}),
            ({}, {"inactive_threshold": 20 * SECOND}),
            ({"inactive_threshold": 20 * SECOND}, {"inactive_threshold": 20 * SECOND}),
            ({"inactive_threshold": 19 * SECOND}, {"inactive_threshold": 19 * SECOND}),
            ({"inactive_threshold": 20 * SECOND + 1}, (400, 10153)),
        ),
    )


@case("JS-CONS-CFG-048", config="jetstream", deliveries=False)
def test_a_pedantic_request_says_what_limits_would_fill_in(nats: Nats) -> None:
    js = nats.jetstream()
    limits = {"max_ack_pending": 50, "inactive_threshold": 20 * SECOND}
    whole = limits | {"pedantic": True}
    rows.created(
        js,
        js.create(consumer_limits=limits),
        (
            (whole, limits),
            ({"pedantic": True}, (400, 10157)),
            ({**whole, "max_ack_pending": None}, (400, 10157)),
            ({**whole, "inactive_threshold": None}, (400, 10157)),
            ({}, limits),
        ),
    )
