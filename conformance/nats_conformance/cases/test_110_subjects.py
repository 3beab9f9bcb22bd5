"""Chapter 110: which subjects a stream may have, and what it may make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance import stream_rows
from nats_conformance.cases import Nats, case

if TYPE_CHECKING:
    from nats_conformance.stream_rows import Row

PEDANTIC = {"pedantic": True}
NO_ACK = {"no_ack": True}

VALID = (
    "{s}.a",
    "{s}.*",
    "{s}.>",
    "{s}.*.b.>",
    "{s}.fo*o",
    "{s}.**",
    "{s}.>x",
    "{s}.\u00fc",
    "{s}/x\\y",
    "{s}$",
)
INVALID = (
    "",
    ".",
    "{s}.",
    ".{s}",
    "{s}..x",
    "{s} x",
    "{s}\tx",
    "{s}.>.x",
    ">.{s}",
    "{s}\nx",
    " {s}",
)

#: Two subjects that have something in common.
OVERLAPPING = (
    ("{s}.a", "{s}.a"),
    ("{s}.*", "{s}.a"),
    ("{s}.>", "{s}.a"),
    ("{s}.>", "{s}.a.b.c"),
    ("{s}.*", "{s}.*"),
    ("{s}.*.c", "{s}.b.*"),
    ("{s}.*.>", "{s}.a.b"),
    ("{s}.a.>", "{s}.*.b"),
)
#: And two that have nothing.
APART = (
    ("{s}.a", "{s}.b"),
    ("{s}.a", "{s}.A"),
    ("{s}.*", "{s}"),
    ("{s}.*", "{s}.a.b"),
    ("{s}.>", "{s}"),
    ("{s}.*.c", "{s}.b.d"),
    ("{s}.a.>", "{s}.b.>"),
    ("{s}.a", "{s}.a.>"),
)

#: Parts of what is the server's, or all of it.
RESERVED: tuple[str, ...] = (
    "$JS.>",
    "$JS.API.>",
    "$JS.API.INFO",
    "$JS.*",
    "$JS.EVENT",
    "$JS.ACK.>",
    "$JS.{s}",
)
RESERVED += ("$JSC.>", "$JSC.{s}", "$SYS.>", "$SYS.{s}", "$SYS.ACCOUNT", "$SYS.*.{s}")
#: What overlaps it, and the rest of what is the server's.
NEARLY = ("*.{s}", "*.{s}.>", "*.*", "*.>", "*.EVENT.{s}", "*.API", "$NRG.>", "$NRG.{s}", "*.*.{s}")
FREE: tuple[str, ...] = (
    "$JS.EVENT.>",
    "$JS.EVENT.{s}.*",
    "$SYS.ACCOUNT.{s}.>",
    "$JS",
    "$JSX.{s}",
    "$SRV.{s}",
)
FREE += ("_INBOX.{s}.>", "$KV.{s}.>", "$O.{s}.C.>", "$MQTT.{s}", "${s}")


def own(*subjects: str, **members: Any) -> dict[str, Any]:
    return {"subjects": list(subjects), **members}


def transform(src: str, dest: str, subject: str = "{s}.*") -> dict[str, Any]:
    return own(subject, subject_transform={"src": src, "dest": dest})


def republish(**members: Any) -> dict[str, Any]:
    return own("{s}.*", republish=members)


TRANSFORMS: tuple[Row, ...] = (
    (transform("{s}.*", "{s}x.$1"), {"subject_transform": {"src": "{s}.*", "dest": "{s}x.$1"}}),
    (transform("{s}.*", "{s}x.{{wildcard(1)}}"), {"subjects": ["{s}.*"]}),
    (transform("{s}.*", "{s}x"), {"subjects": ["{s}.*"]}),
    (transform("{s}x.*", "{s}y.$1"), {"subjects": ["{s}.*"]}),
    (transform("", "{s}y.>"), {"subject_transform": {"src": "", "dest": "{s}y.>"}}),
    (transform("{s}.*", ""), {"subject_transform": {"src": "{s}.*", "dest": ""}}),
    (transform("{s}.*", "{s}x.$2"), 10156),
    (transform("{s}.*", "{s}x.{{wildcard(2)}}"), 10156),
    (transform("{s}.*", "{s}x.{{nothing(1)}}"), 10156),
    (transform("{s}.*", "{s}x..y"), 10156),
    (transform("{s}.*", "{s}x.*"), 10156),
    (transform("{s}..", "{s}x"), 10155),
    (transform("{s}. x", "{s}x"), 10155),
    (transform("{s}.>.x", "{s}x"), 10155),
)

REPUBLISHED: tuple[Row, ...] = (
    (republish(src="{s}.*", dest="{s}x.$1"), {"republish": {"src": "{s}.*", "dest": "{s}x.$1"}}),
    (republish(src="{s}y", dest="{s}x"), {"republish": {"src": "{s}y", "dest": "{s}x"}}),
    (
        republish(src=">", dest="{s}x.>", headers_only=True),
        {"republish": {"src": ">", "dest": "{s}x.>", "headers_only": True}},
    ),
    (republish(src="{s}.*", dest="{s}.x"), 10052),
    (republish(src="{s}.*", dest="{s}.$1"), 10052),
    (republish(src=">", dest=">"), 10052),
    (republish(src=">", dest="{s}.>"), 10052),
    (republish(src="{s}.*", dest="{s}x.$2"), 10052),
    (republish(src="{s}..x", dest="{s}x"), 10052),
    (republish(src="{s}.*", dest="{s}x..y"), 10052),
)

WHOLE = {"republish": {"src": ">", "dest": ">"}}
IMPLICIT = transform("{s}.>", "{s}x.>", "{s}.>") | WHOLE


@case("JS-CFG-034", config="jetstream", deliveries=False)
def test_subjects_are_subjects(nats: Nats) -> None:
    rows: list[Row] = [(own(subject), own(subject)) for subject in VALID]
    rows += [(own(subject), 10052) for subject in INVALID]
    rows += [(own("{s}.x", subject), 10052) for subject in INVALID]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-035", config="jetstream", deliveries=False)
def test_subjects_of_one_stream_are_apart(nats: Nats) -> None:
    rows: list[Row] = []
    for one, other in OVERLAPPING:
        rows += [(own(one, other), 10052), (own(other, one), 10052)]
        rows += [(own("{s}x", one, "{s}y", other), 10052)]
    rows += [(own(*pair), own(*pair)) for pair in APART]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-036", config="jetstream", deliveries=False)
def test_subjects_of_several_streams_are_apart(nats: Nats) -> None:
    js = nats.jetstream()
    for pairs, wanted in ((OVERLAPPING, 10065), (APART, None)):
        for first, second in (*pairs, *((b, a) for a, b in pairs)):
            word = js.name()
            one, other = first.replace("{s}", word), second.replace("{s}", word)
            js.create(subjects=[one])
            row = {"subjects": ["{s}.x", other]}
            stream_rows.created(js, [(row, wanted or row)])
            stream_rows.updated(js, [({}, row, wanted or row)])


@case("JS-CFG-036", config="jetstream", deliveries=False)
def test_a_stream_does_not_stand_against_itself(nats: Nats) -> None:
    rows = [
        (own("{s}.a", "{s}.b"), own("{s}.*"), own("{s}.*")),
        (own("{s}.*"), own("{s}.b", "{s}.a"), own("{s}.b", "{s}.a")),
        (own("{s}.*"), own("{s}.*", "{s}"), own("{s}.*", "{s}")),
    ]
    stream_rows.updated(nats.jetstream(), rows)


# Nobody's live server has its own subjects captured.
@case("JS-CFG-037", config="jetstream", deliveries=False, private=True)
def test_everything_is_captured_without_acknowledgements_only(nats: Nats) -> None:
    rows: list[Row] = [
        (own(">"), 10052),
        (own(">", no_ack=False), 10052),
        (own(">", no_ack=True, num_replicas=3), 10052),
        (own(">", no_ack=True), own(">", no_ack=True)),
    ]
    js = nats.jetstream()
    stream_rows.created(js, rows)
    js.create()
    name = js.name("S")
    js.refused(f"STREAM.CREATE.{name}", 10065, {"name": name} | own(">", no_ack=True))


@case("JS-CFG-038", config="jetstream", deliveries=False, private=True)
def test_what_is_the_server_s_is_captured_without_acknowledgements_only(nats: Nats) -> None:
    rows: list[Row] = [(own(subject), 10052) for subject in RESERVED]
    rows += [(own("{s}", subject), 10052) for subject in RESERVED]
    rows += [(own(subject, no_ack=True), own(subject)) for subject in RESERVED]
    rows += [(own(subject), own(subject)) for subject in FREE]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-072", config="jetstream", deliveries=False, private=True)
def test_what_overlaps_the_server_s_is_captured_without_acknowledgements_only(nats: Nats) -> None:
    rows: list[Row] = [(own(subject), 10052) for subject in NEARLY]
    rows += [(own(subject, no_ack=True), own(subject)) for subject in NEARLY]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-039", config="jetstream", deliveries=False)
def test_buckets_have_ordinary_subjects(nats: Nats) -> None:
    js = nats.jetstream()
    word = js.name()
    stream = js.create(subjects=[f"$KV.{word}.>", f"$O.{word}.C.>", f"$O.{word}.M.>"])
    for subject in (f"$KV.{word}.key", f"$O.{word}.C.x", f"$O.{word}.M.y"):
        assert js.publish(subject, "x")["stream"] == stream


@case("JS-CFG-040", config="jetstream", deliveries=False)
def test_transforms_must_be_transforms(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), TRANSFORMS)


@case("JS-CFG-041", config="jetstream", deliveries=False)
def test_what_is_republished_does_not_come_back(nats: Nats) -> None:
    stream_rows.created(nats.jetstream(), REPUBLISHED)


@case("JS-CFG-042", config="jetstream", deliveries=False)
def test_everything_is_republished_by_default(nats: Nats) -> None:
    wanted = {"republish": {"src": ">", "dest": "{s}x.>"}}
    rows = [(republish(**members), wanted) for members in (
        {"dest": "{s}x.>"},
        {"src": "", "dest": "{s}x.>"},
    )]  # fmt: skip
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-073", config="jetstream", deliveries=False)
def test_pedantic_servers_want_to_hear_what_is_republished(nats: Nats) -> None:
    rows: list[Row] = [
        (republish(dest="{s}x.>") | PEDANTIC, 10157),
        (republish(src=">", dest="{s}x.>") | PEDANTIC, {"republish": {"src": ">"}}),
    ]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-043", config="jetstream", deliveries=False)
def test_transformed_subjects_are_republished_as_they_are(nats: Nats) -> None:
    rows: list[Row] = [
        (IMPLICIT, {"republish": {"src": "{s}x.>", "dest": "{s}x.>"}}),
        (IMPLICIT | PEDANTIC, 10157),
        (IMPLICIT | own("{s}.>", "{s}"), 10052),
        (IMPLICIT | own("{s}.*"), 10052),
        (transform("{s}.*", "{s}x.$1") | WHOLE, 10052),
    ]
    stream_rows.created(nats.jetstream(), rows)


@case("JS-CFG-044", config="jetstream", deliveries=False)
def test_republishing_to_nowhere(nats: Nats) -> None:
    js = nats.jetstream()
    rows = [(republish(src="{s}.*", dest=""), {"republish": {"dest": ""}})]
    stream_rows.created(js, rows)
    word = js.name()
    js.create(subjects=[f"{word}.*"], republish={"src": ">", "dest": ""})
    js.subscribe(">", "all")
    assert js.publish(f"{word}.a", "x")["seq"] == 1
    js.barrier()
    heard = [message.subject for message in js.arrived if word in message.subject]
    assert heard == [f"{word}.a"]
