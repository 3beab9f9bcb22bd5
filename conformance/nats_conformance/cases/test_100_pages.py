"""Chapter 100: pages of names and streams, and which streams a subject picks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats_conformance.cases import Nats, case
from nats_conformance.stream_rows import filled

if TYPE_CHECKING:
    from nats_conformance.jetstream import JetStream

#: Endpoint and page size.
LISTS = (("NAMES", 1024), ("LIST", 256))
#: What an empty page of each has.
EMPTY: tuple[list[Any] | None, ...] = (None, [])

#: A stream's subjects below a fresh word, patterns that pick it, and some that don't.
PICKED: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("a",), ("a", "*", ">"), ("b", "a.b", "a.>", "*.*", "A")),
    (("a.*",), ("a.b", "a.*", "a.>", "*.b", "*.*", ">"), ("a", "a.b.c", "b.*", "*", "*.*.*")),
    (("a.>",), ("a.b", "a.b.c", "*.b", "*.*.*", "a.*", ">"), ("a", "b.c", "*")),
    (("a.*.c",), ("a.b.*", "*.b.c", "a.>", "*.*.*"), ("a.b.d", "a.*", "*.b.d")),
    (("a", "b.*"), ("b.x", "a"), ("c", "b", "a.x")),
)


def several(js: JetStream, names: list[str], **config: Any) -> None:
    """Create streams without waiting for each."""
    inbox = js.inbox()
    for start in range(0, len(names), 20):
        part = names[start : start + 20]
        for name in part:
            js.goes(name)
            body = {"name": name, "storage": "memory"} | config
            js.send(f"$JS.API.STREAM.CREATE.{name}", filled(body, s=name), None, inbox)
        for _ in part:
            answer = js.on_subject(inbox).json
            assert "error" not in answer, answer


def shown(page: dict[str, Any]) -> list[str]:
    """The names on a page of either list."""
    found = page["streams"] or []
    return [each if isinstance(each, str) else each["config"]["name"] for each in found]


@case("JS-API-019", config="jetstream", deliveries=False)
def test_pages_are_sorted_and_full(nats: Nats) -> None:
    js = nats.jetstream()
    word = js.name("p")
    total = 1030 if nats.budget == "thorough" else 260
    names = [f"{word}-{nats.random.randrange(10**6):06}-{number}" for number in range(total)]
    several(js, names, subjects=[f"{word}.{{s}}"])
    names.sort()
    for endpoint, limit in LISTS:
        for offset in (0, 1, 5, total - 3):
            page = js.request(f"STREAM.{endpoint}", {"subject": f"{word}.*", "offset": offset})
            assert (page["total"], page["offset"], page["limit"]) == (total, offset, limit)
            assert shown(page) == names[offset : offset + limit]


@case("JS-API-019", config="jetstream", deliveries=False)
def test_names_are_sorted_as_bytes(nats: Nats) -> None:
    js = nats.jetstream()
    word = js.name("p")
    names = sorted(f"{end}{word}" for end in ("B", "a", "-", "_", "Z", "b", "0", "\u00fc", "ab"))
    mixed = list(names)
    nats.random.shuffle(mixed)
    several(js, mixed, subjects=[f"{word}.{{s}}"])
    for endpoint, _ in LISTS:
        page = js.request(f"STREAM.{endpoint}", {"subject": f"{word}.*"})
        assert shown(page) == names


@case("JS-API-020", "JS-API-021", config="jetstream", deliveries=False)
def test_an_offset_beyond_the_end_is_the_end(nats: Nats) -> None:
    js = nats.jetstream()
    word = js.name("p")
    several(js, [f"{word}{number}" for number in range(3)], subjects=[f"{word}.{{s}}"])
    for offset in (3, 4, 9999, 2**31 - 1):
        for (endpoint, limit), empty in zip(LISTS, EMPTY, strict=True):
            page = js.request(f"STREAM.{endpoint}", {"subject": f"{word}.*", "offset": offset})
            assert (page["total"], page["offset"], page["limit"]) == (3, 3, limit)
            assert page["streams"] == empty
    for (endpoint, limit), empty in zip(LISTS, EMPTY, strict=True):
        page = js.request(f"STREAM.{endpoint}", {"subject": f"{word}.none.x", "offset": 7})
        assert (page["total"], page["offset"], page["limit"]) == (0, 0, limit)
        assert page["streams"] == empty


@case("JS-API-039", config="jetstream", private=True, deliveries=False)
def test_a_negative_offset_is_the_beginning(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for endpoint, _ in LISTS:
        for offset in (-1, -1000, -(2**31)):
            page = js.request(f"STREAM.{endpoint}", {"subject": stream, "offset": offset})
            assert (page["total"], page["offset"], shown(page)) == (1, 0, [stream])


@case("JS-API-022", config="jetstream", deliveries=False)
def test_a_subject_picks_what_overlaps_it(nats: Nats) -> None:
    js = nats.jetstream()
    for subjects, hits, misses in PICKED:
        word = js.name("p")
        stream = js.create(subjects=[f"{word}.{each}" for each in subjects])
        for endpoint, _ in LISTS:
            for pattern in hits:
                page = js.request(f"STREAM.{endpoint}", {"subject": f"{word}.{pattern}"})
                assert shown(page) == [stream], (subjects, pattern)
            for pattern in misses:
                page = js.request(f"STREAM.{endpoint}", {"subject": f"{word}.{pattern}"})
                assert shown(page) == [], (subjects, pattern)


@case("JS-API-022", config="jetstream", deliveries=False)
def test_streams_without_subjects_are_picked_by_none(nats: Nats) -> None:
    js = nats.jetstream()
    origin = js.create()
    mirror = js.create(mirror={"name": origin})
    gathering = js.create(sources=[{"name": origin}])
    for endpoint, _ in LISTS:
        for pattern in (origin, ">", "*"):
            found = shown(js.request(f"STREAM.{endpoint}", {"subject": pattern}))
            assert origin in found
            assert not {mirror, gathering} & set(found)
        everything = shown(js.request(f"STREAM.{endpoint}", {"subject": ""}))
        assert {origin, mirror, gathering} <= set(everything)
