"""Chapter 110: what a configuration may say of mirrors and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance import stream_rows
from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.stream_rows import Row

SECOND = 10**9
PEDANTIC = {"pedantic": True}
NOWHERE = {"name": "{s}x"}
START = "2026-01-02T03:04:05Z"


def mirror(**members: Any) -> dict[str, Any]:
    return {"mirror": {**NOWHERE, **members}}


def sources(*origins: dict[str, Any]) -> dict[str, Any]:
    return {"sources": [{**NOWHERE, **origin} for origin in origins]}


def both(members: dict[str, Any], of_mirror: Any, of_source: Any) -> list[Row]:
    """Rows for the same origin of a mirror and of a source; None if it is accepted."""
    whole = {**NOWHERE, **members}
    return [
        (mirror(**members), of_mirror or {"mirror": whole}),
        (sources(members), of_source or {"sources": [whole]}),
    ]


#: What a mirror can't be besides, since always.
ALONE: tuple[Row, ...] = (
    (mirror() | {"subjects": ["{s}"]}, 10034),
    (mirror() | sources({}), 10031),
    (mirror() | sources({}) | {"subjects": ["{s}"]}, 10034),
    (mirror() | {"subjects": [], "sources": []}, mirror()),
)

#: And since which release.
ALONE_SINCE: tuple[tuple[tuple[int, int], dict[str, Any], int], ...] = (
    ((2, 10), {"first_seq": 5}, 10143),
    ((2, 11), {"subject_delete_marker_ttl": SECOND}, 10052),
    ((2, 12), {"allow_msg_counter": True}, 10173),
    ((2, 12), {"allow_atomic": True}, 10198),
    ((2, 12), {"allow_msg_schedules": True}, 10186),
    ((2, 14), {"allow_batched": True}, 10209),
)


def transforms(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"subject_transforms": [{"src": src, "dest": dest} for src, dest in pairs]}


NAMES = [
    row for name in ("", "a.b", "a b", "*", ">", "a>") for row in both({"name": name}, 10142, 10141)
]

FILTERS = [
    *both({"filter_subject": "{s}.1"}, None, None),
    *both(transforms(("{s}.1", "{s}y")), None, None),
    *both({"filter_subject": "{s}.1"} | transforms(("{s}.1", "{s}y")), 10150, 10144),
    *both({"filter_subject": "{s}.1"} | transforms(("{s}.2", "")), 10150, 10144),
]

TRANSFORMS = [
    *both(transforms(("{s}.1", "{s}y"), ("{s}.2", "{s}z")), None, None),
    *both(transforms(("{s}.*", "{s}y.$1")), None, None),
    *both(transforms(("{s}.1", "")), None, None),
    *both(transforms(("{s}..x", "{s}y")), 10151, 10145),
    *both(transforms(("{s}.1", "{s}y"), ("{s} x", "{s}y")), 10151, 10145),
    *both(transforms(("{s}.*", "{s}y.$2")), 10154, 10146),
    *both(transforms(("{s}.*", "{s}..y")), 10154, 10146),
    *both(transforms(("{s}.*", "{s}y.$1"), ("{s}.1", "{s}z")), 10152, 10147),
    *both(transforms(("{s}.1", "{s}y"), ("{s}.1", "{s}z")), 10152, 10147),
]

DUPLICATES: tuple[Row, ...] = (
    (sources({}, {}), 10140),
    (sources({"filter_subject": "{s}.1"}, {"filter_subject": "{s}.1"}), 10140),
    (sources(transforms(("{s}.1", "")), transforms(("{s}.1", ""))), 10140),
    (sources({"opt_start_seq": 1}, {"opt_start_seq": 2}), 10140),
    (sources({}, {"name": "{s}y"}, {}), 10140),
    (sources({}, {"name": "{s}y"}), {}),
    (sources({"filter_subject": "{s}.1"}, {"filter_subject": "{s}.2"}, {}), {}),
    (sources(transforms(("{s}.1", "")), transforms(("{s}.1", "{s}y"))), {}),
    (sources({}, {"external": {"api": "{s}.api", "deliver": ""}}), {}),
)

API = "$JS.{s}.API"
EXTERNAL = [
    *both({"external": {"api": API, "deliver": "{s}.deliver"}}, None, None),
    *both({"external": {"api": API, "deliver": ""}}, None, None),
    *both({"external": {"api": "$JS.API"}}, 10021, 10021),
    *both({"external": {"api": "$JS.*.API"}}, 10052, 10052),
    *both({"external": {"api": "{s}.>"}}, 10052, 10052),
    *both({"external": {"api": "{s}..x"}}, 10052, 10052),
    *both({"external": {"api": API, "deliver": "{s}.*"}}, 10024, 10024),
    *both({"external": {"api": API, "deliver": "{s}..x"}}, 10024, 10024),
]

CONSUMER = {"name": "{s}c", "deliver_subject": "{s}.deliver"}
CONSUMERS = [
    *both({"consumer": CONSUMER}, None, None),
    *both({"consumer": CONSUMER} | transforms(("{s}.1", "{s}y")), None, None),
    *(
        row
        for consumer in (
            {},
            {"name": "{s}c"},
            CONSUMER | {"name": ""},
            CONSUMER | {"name": "a.b"},
            CONSUMER | {"deliver_subject": ""},
            CONSUMER | {"deliver_subject": "{s}.*"},
            CONSUMER | {"deliver_subject": "{s}..x"},
        )
        for row in both({"consumer": consumer}, 10213, 10215)
    ),
    *both({"consumer": CONSUMER, "opt_start_seq": 3}, 10213, 10215),
    *both({"consumer": CONSUMER, "opt_start_time": START}, 10213, 10215),
    *both({"consumer": CONSUMER, "filter_subject": "{s}.1"}, 10213, 10215),
]


@case("JS-CFG-045", "JS-CFG-015", config="jetstream", deliveries=False)
def test_a_mirror_is_nothing_else(nats: Nats) -> None:
    js = nats.jetstream()
    stream_rows.created(js, ALONE)
    rows = [
        (mirror() | members, err) for since, members, err in ALONE_SINCE if nats.release >= since
    ]
    stream_rows.created(js, rows)
    others = ({"max_msgs": 5}, {"max_age": SECOND}, {"retention": "interest"}, {"no_ack": True})
    stream_rows.created(js, [(mirror() | members, members) for members in others])


@case("JS-CFG-046", config="jetstream", deliveries=False)
def test_an_origin_has_a_name_that_streams_have(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), NAMES)


@case("JS-CFG-047", config="jetstream", deliveries=False)
def test_an_origin_need_not_be_there(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), both({}, None, None))


@case("JS-CFG-048", config="jetstream", deliveries=False)
def test_filter_and_transforms_exclude_one_another(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), FILTERS)


@case("JS-CFG-049", config="jetstream", deliveries=False)
def test_transforms_of_origins_must_be_transforms(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), TRANSFORMS)


@case("JS-CFG-050", config="jetstream", deliveries=False)
def test_a_filter_must_be_a_subject(nats: Nats) -> None:
    filters = ("{s}..x", "{s} x", ".{s}")
    rows = [row for each in filters for row in both({"filter_subject": each}, 10049, 10049)]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-051", config="jetstream", deliveries=False)
def test_both_starts_are_accepted_together(nats: Nats) -> None:
    starts = ({"opt_start_seq": 5}, {"opt_start_time": START})
    rows = [row for start in (*starts, starts[0] | starts[1]) for row in both(start, None, None)]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-052", config="jetstream", deliveries=False)
def test_no_source_is_there_twice(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), DUPLICATES)


@case("JS-CFG-053", config="jetstream", deliveries=False)
def test_messages_of_an_origin_must_fit(nats: Nats) -> None:
    js = nats.jetstream()
    names = {"limited": js.create(max_msg_size=1000), "free": js.create()}
    rows: list[Row] = []
    for origin, size, fits in (
        ("limited", 999, False),
        ("limited", 1000, True),
        ("limited", 0, True),
        ("free", 1, True),
    ):
        for row, _ in both({"name": f"{{{origin}}}"}, None, None):
            refusal = 10030 if "mirror" in row else 10046
            rows.append((row | {"max_msg_size": size}, {} if fits else refusal))
    stream_rows.created(js, rows, **names)


@case("JS-CFG-054", config="jetstream", deliveries=False)
def test_messages_do_not_go_in_circles(nats: Nats) -> None:
    js = nats.jetstream()
    rows = [(row, 10052) for row, _ in both({"name": "{s}"}, None, None)]
    rows.append((sources({"name": "{s}"}) | {"subjects": ["{s}.*"]}, 10052))
    rows.append(
        (sources({"name": "{s}", "filter_subject": "{s}.1"}) | {"subjects": ["{s}.*"]}, 10052)
    )
    stream_rows.created(js, rows)
    apart = sources({"name": "{s}", "filter_subject": "{s}.1"}) | {"subjects": ["{s}"]}
    stream_rows.created(js, [(apart, {})])
    a, b, c = (js.name("S") for _ in "abc")
    js.create(b, sources=[{"name": a}])
    js.create(c, sources=[{"name": b}])
    for origin in (b, c):
        body = {"name": a, "subjects": [js.name()]}
        js.refused(f"STREAM.CREATE.{a}", 10052, body | {"sources": [{"name": origin}]})
        js.refused(f"STREAM.CREATE.{a}", 10052, {"name": a, "mirror": {"name": origin}})
    js.create(a)
    change = {"name": a, "storage": "memory", "sources": [{"name": c}]}
    js.refused(f"STREAM.UPDATE.{a}", 10052, change)


@case("JS-CFG-055", config="jetstream", deliveries=False)
def test_prefixes_of_elsewhere_are_elsewhere(nats: Nats) -> None:
    js = nats.jetstream()
    stream_rows.created(js, EXTERNAL)
    word = js.name()
    wide = js.create(subjects=[f"{word}.>"])
    for deliver, wanted in ((word, 10022), (f"{word}x", {})):
        external = {"api": API, "deliver": deliver}
        row = sources({"name": "{wide}"}, {"external": external})
        stream_rows.created(js, [(row, wanted)], wide=wide)


@case("JS-CFG-056", config="jetstream", deliveries=False)
def test_consumers_of_origins_are_named_whole(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), CONSUMERS)


@case("JS-CFG-058", config="jetstream", deliveries=False)
def test_a_mirror_answers_direct_gets_as_its_origin_does(nats: Nats) -> None:
    js = nats.jetstream()
    rows: list[Row] = [({"mirror_direct": True}, 10052), ({"mirror_direct": False}, {})]
    rows.append((mirror() | {"mirror_direct": True}, {"mirror_direct": True}))
    stream_rows.created(js, rows)
    for allowed in (True, False):
        origin = js.create(allow_direct=allowed)
        rows = [
            ({"mirror": {"name": origin}, "mirror_direct": asked}, {"mirror_direct": allowed})
            for asked in (True, False)
        ]
        stream_rows.created(js, rows)


@case("JS-CFG-074", config="jetstream", deliveries=False)
def test_pedantic_servers_want_mirrors_to_agree_with_their_origin(nats: Nats) -> None:
    js = nats.jetstream()
    for allowed in (True, False):
        origin = js.create(allow_direct=allowed)
        rows = [
            (
                {"mirror": {"name": origin}, "mirror_direct": asked, **PEDANTIC},
                {"mirror_direct": allowed} if asked is allowed else 10157,
            )
            for asked in (True, False)
        ]
        stream_rows.created(js, rows)


@case("JS-CFG-060", config="jetstream", deliveries=False)
def test_streams_with_sources_have_no_schedules(nats: Nats) -> None:
    rows = [
        (sources({}) | {"allow_msg_schedules": True} | m, 10187)
        for m in ({}, {"subjects": ["{s}"]})
    ]
    stream_rows.created(nats.jetstream(), rows)
