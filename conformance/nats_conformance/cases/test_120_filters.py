"""Chapter 120: which subjects a consumer may be limited to, and the groups it may serve."""

from __future__ import annotations

from nats_conformance import rows
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import MS

SECOND = 1000 * MS


@case("JS-CONS-CFG-035", "JS-CONS-CFG-036", config="jetstream", deliveries=False)
def test_one_filter_or_several(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    a, b = f"{foo}.a", f"{foo}.b"
    rows.created(
        js,
        js.create(subjects=[f"{foo}.>"]),
        (
            ({"filter_subject": a, "filter_subjects": [b]}, (400, 10136)),
            ({"filter_subjects": [""]}, (400, 10139)),
            ({"filter_subjects": [a, ""]}, (400, 10139)),
            ({"filter_subjects": []}, {"filter_subjects": None, "filter_subject": None}),
            ({"filter_subject": ""}, {"filter_subject": None}),
            ({"filter_subjects": [a]}, {"filter_subjects": [a], "filter_subject": None}),
            ({"filter_subjects": [b, a]}, {"filter_subjects": [b, a]}),
        ),
    )


@case("JS-CONS-CFG-037", config="jetstream", deliveries=False)
def test_no_filter_holds_another(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(subjects=[f"{(foo := nats.name('foo'))}.>"])
    rows.created(
        js,
        stream,
        [
            ({"filter_subjects": [f"{foo}.{each}" for each in filters]}, (400, 10138))
            for filters in (
                ("a.*", "a.2"),
                ("a.2", "a.*"),
                ("a.1", "a.1"),
                (">", "b"),
                ("a.>", "a.*.c"),
                ("b", "a.1", "a.*"),
            )
        ],
    )


@case("JS-CONS-CFG-038", config="jetstream", deliveries=False)
def test_filters_may_cross(nats: Nats) -> None:
    js = nats.jetstream()
    foo = nats.name("foo")
    stream = js.create(subjects=[f"{foo}.>"])
    for subject in ("a.1", "a.2", "b.1", "b.2", "a.1"):
        js.publish(f"{foo}.{subject}")
    consumer = js.consumer(stream, filter_subjects=[f"{foo}.*.1", f"{foo}.a.*"])
    assert consumer.made["num_pending"] == 4
    assert consumer.fetch().seqs == [1, 2, 3, 5]


@case("JS-CONS-CFG-039", config="jetstream", deliveries=False)
def test_a_filter_is_a_subject(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream)
    bad = ("a..b", ".a", "a.", "a b", "a.>.b")
    table: list[rows.Row] = [({"filter_subject": each}, (500, 10052)) for each in bad]
    table += [({"filter_subjects": ["ok", each]}, (500, 10052)) for each in bad]
    table.append(({"filter_subject": "no.such"}, {"filter_subject": "no.such"}))
    rows.created(js, stream, table)
    consumer = js.consumer(stream, filter_subject="no.such")
    assert consumer.made["num_pending"] == 0
    consumer.nothing()


@case("JS-CONS-CFG-050", "JS-CONS-CFG-051", config="jetstream", deliveries=False)
def test_a_priority_policy_wants_a_group(nats: Nats) -> None:
    js = nats.jetstream()
    overflow = {"priority_policy": "overflow"}

    def group(*names: str) -> dict[str, object]:
        return overflow | {"priority_groups": list(names)}

    table: list[rows.Row] = [
        (overflow, (400, 10159)),
        (overflow | {"priority_groups": []}, (400, 10159)),
        (group(""), (400, 10161)),
        (group("a" * 17), (400, 10162)),
        (group("a b"), (400, 10162)),
        (group("a.b"), (400, 10162)),
        (group("ok", "a*"), (400, 10162)),
        (group("a" * 16), {"priority_groups": ["a" * 16]}),
        (group("aZ09/_=-"), {"priority_groups": ["aZ09/_=-"]}),
        ({"priority_policy": "bogus"}, (400, 10025)),
    ]
    if nats.release >= (2, 12):
        table += [
            ({"priority_groups": ["g"]}, (400, 10196)),
            ({"priority_policy": "none", "priority_groups": ["g"]}, (400, 10196)),
            ({"priority_timeout": SECOND}, (400, 10197)),
        ]
    rows.created(js, js.create(), table)


@case("JS-CONS-CFG-052", "JS-CONS-CFG-053", "JS-CONS-CFG-054", config="jetstream", deliveries=False)
def test_what_goes_with_a_priority_policy(nats: Nats) -> None:
    js = nats.jetstream()
    pinned = {"priority_policy": "pinned_client", "priority_groups": ["g"]}
    overflow = pinned | {"priority_policy": "overflow"}
    rows.created(
        js,
        js.create(),
        (
            (overflow | {"deliver_subject": "deliver.nobody"}, (400, 10178)),
            (overflow | {"ack_policy": "none"}, {"ack_policy": "none"}),
            (overflow | {"ack_policy": "all"}, {"ack_policy": "all"}),
            (overflow | {"priority_groups": ["a", "b"]}, {"priority_groups": ["a", "b"]}),
            (overflow, {"priority_timeout": None}),
            (pinned, {"priority_timeout": 120 * SECOND}),
            (pinned | {"priority_timeout": SECOND}, {"priority_timeout": SECOND}),
        ),
    )
