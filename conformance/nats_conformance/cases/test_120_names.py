"""Chapter 120: what consumers may be called, and what may be said about them."""

from __future__ import annotations

import json
from typing import Any

from nats_conformance import polling, rows
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import Consumer, request

NEW = {"ack_policy": "explicit"}


@case("JS-CONS-CFG-001", config="jetstream", deliveries=False)
def test_characters_that_no_name_may_have(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    slashes = "/\\" if nats.release >= (2, 12, 8) else ""
    for character in f" \t\r\n\f.*>{slashes}":
        name = f"a{character}b"
        for member in ("name", "durable_name"):
            body = request(stream, NEW | {member: name})
            assert "error" in js.answer(f"CONSUMER.CREATE.{stream}", body), (character, member)
    for name in ("a/b", "a\\b", "*", ">"):
        assert "error" in js.answer(f"CONSUMER.CREATE.{stream}.{name}", request(stream, NEW)), name
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0


@case("JS-CONS-CFG-002", config="jetstream", deliveries=False)
def test_how_a_bad_name_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for character in " \t\r\n\f.*>":
        body = request(stream, NEW | {"name": f"a{character}b"})
        error = js.refused(f"CONSUMER.CREATE.{stream}", 10052, body)["error"]
        assert error["code"] == 500, character
    for name in ("*", ">"):
        error = js.refused(f"CONSUMER.CREATE.{stream}.{name}", 10052, request(stream, NEW))["error"]
        assert error["code"] == 500
    for name in ("a/b", "a\\b"):
        error = js.refused(f"CONSUMER.CREATE.{stream}.{name}", 10127, request(stream, NEW))["error"]
        assert error["code"] == 400


@case("JS-CONS-CFG-003", "JS-CONS-CFG-005", config="jetstream", deliveries=False)
def test_a_durable_name_has_255_bytes_at_most(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for name, taken in (
        ("a" * 255, True),
        ("a" * 256, False),
        ("é" * 127 + "a", True),
        ("é" * 128, False),
    ):
        body = request(stream, NEW | {"durable_name": name})
        if taken:
            assert js.request(f"CONSUMER.CREATE.{stream}.{name}", body)["name"] == name
        else:
            error = js.refused(f"CONSUMER.CREATE.{stream}.{name}", 10102, body)["error"]
            assert error["code"] == 400
    ephemeral = js.request(f"CONSUMER.CREATE.{stream}.{'b' * 256}", request(stream, NEW))
    assert ephemeral["name"] == "b" * 256


@case("JS-CONS-CFG-004", config="jetstream", deliveries=False)
def test_other_characters_are_as_good_as_letters(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for name in (
        "a$b",
        "$JS",
        "größe",
        "消費者",
        "a-b_c",
        "1",
        "a,b:c;d",
        "!#&()[]{}",
    ):
        js.publish(stream, name)
        consumer = js.consumer(stream, name, deliver_policy="last")
        assert consumer.made["name"] == name
        delivery = consumer.next()
        assert delivery.token.consumer.decode() == name
        consumer.answer(delivery, "+ACK")
        assert consumer.info()["num_ack_pending"] == 0
        consumer.delete()


@case("JS-CONS-CFG-062", config="jetstream", deliveries=False)
def test_bytes_that_are_no_text_are_as_good_as_letters(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream, "x")
    names = (b"\xff", b"\xfe", b"a\xe2\x82b")

    def ask(call: str, name: bytes, body: bytes = b"") -> Any:
        inbox = js.inbox()
        subject = f"{js.prefix}.CONSUMER.{call}.{stream}.".encode() + name
        js.connection.send(b"PUB %b %b %d\r\n%b\r\n" % (subject, inbox.encode(), len(body), body))
        return js.on_subject(inbox).json

    for name in names:
        shown = name.decode(errors="surrogateescape")
        shown = "".join("\ufffd" if each > "\x7f" else each for each in shown)
        made = ask("CREATE", name, json.dumps(request(stream, NEW)).encode())
        assert (made["name"], made["config"]["name"]) == (shown, shown)
        assert ask("INFO", name)["name"] == shown
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == len(names)
    js.subscribe(f"{stream}.pulled", "pulled")
    pull = f"{js.prefix}.CONSUMER.MSG.NEXT.{stream}.".encode() + names[2]
    js.connection.send(b"PUB %b %b.pulled 0\r\n\r\n" % (pull, stream.encode()))
    reply = js.next("pulled").reply.encode(errors="surrogateescape")
    assert reply.split(b".")[3] == names[2]
    js.connection.send(b"PUB %b 4\r\n+ACK\r\n" % reply)
    js.barrier()
    polling.until(
        lambda: ask("INFO", names[2])["num_ack_pending"], lambda count: count == 0, js.patience
    )
    assert ask("DELETE", names[0])["success"]
    assert ask("INFO", names[1])["name"] == "\ufffd"


@case("JS-CONS-CFG-058", config="jetstream", deliveries=False)
def test_percent_is_as_good_as_letters(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for name in ("a%s", "a%d%", "%"):
        js.publish(stream, name)
        consumer = js.consumer(stream, name, deliver_policy="last")
        delivery = consumer.next()
        assert delivery.token.consumer.decode() == name
        consumer.answer(delivery)
        assert consumer.info()["num_ack_pending"] == 0


@case("JS-CONS-CFG-006", config="jetstream", deliveries=False)
def test_two_names_are_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    both = request(stream, NEW | {"durable_name": "a", "name": "b"})
    error = js.refused(f"CONSUMER.DURABLE.CREATE.{stream}.a", 10132, both)["error"]
    assert error["code"] == 400


@case("JS-CONS-CFG-059", config="jetstream", deliveries=False)
def test_two_names_must_be_one(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    both = NEW | {"durable_name": "a", "name": "b"}
    for endpoint in (f"CONSUMER.DURABLE.CREATE.{stream}.a", f"CONSUMER.CREATE.{stream}.a"):
        answer = js.request(endpoint, request(stream, both))
        assert (answer["name"], answer["config"]["name"]) == ("a", "a")
    error = js.refused(f"CONSUMER.CREATE.{stream}", 10020, request(stream, both))["error"]
    assert error["code"] == 400
    assert Consumer(js, stream, "a").info()["config"]["durable_name"] == "a"


@case("JS-CONS-CFG-030", "JS-CONS-CFG-031", config="jetstream", deliveries=False)
def test_how_much_may_be_said_of_a_consumer(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    kib = "x" * 1024
    rows.created(
        js,
        stream,
        (
            ({"description": "d" * 4096}, {"description": "d" * 4096}),
            ({"description": "d" * 4097}, (400, 10107)),
            ({"description": "é" * 2049}, (400, 10107)),
            ({"metadata": {"k": kib * 127}}, {"metadata": {"k": kib * 127}}),
            ({"metadata": {"k": kib * 127 + "y" * 1024}}, (400, 10135)),
            ({"metadata": {kib: kib, "k": kib * 127}}, (400, 10135)),
        ),
    )


@case("JS-CONS-CFG-061", config="jetstream", deliveries=False)
def test_the_level_counts_as_said(nats: Nats) -> None:
    js = nats.jetstream()
    for own in ({}, {"_nats.ver": "x" * 100}, {"_nats.req.level": "x" * 100}):
        most = {"k": "x" * (131072 - 16 - 1)}
        rows.created(
            js,
            js.create(),
            (
                ({"metadata": most | own}, {"metadata": most}),
                ({"metadata": most | own | {"k": most["k"] + "x"}}, (400, 10135)),
            ),
        )


@case("JS-CONS-CFG-032", config="jetstream", deliveries=False)
def test_what_a_server_says_in_the_metadata_is_its_own(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    claimed = {"_nats.ver": "0.0.1", "_nats.level": "77", "_nats.req.level": "66", "mine": "x"}
    consumer = js.consumer(stream, metadata=claimed)
    for config in (consumer.made["config"], consumer.info()["config"]):
        told = config["metadata"]
        assert told["mine"] == "x"
        assert told["_nats.req.level"] == "0"
        assert told["_nats.ver"] == nats.info["version"]
        assert int(told["_nats.level"]) == nats.info.get("api_lvl", int(told["_nats.level"])) < 66


@case("JS-CONS-CFG-033", config="jetstream", deliveries=False)
def test_the_level_that_a_consumer_requires(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    deliver = nats.name("d")
    flow = {"deliver_subject": deliver, "flow_control": True, "idle_heartbeat": 1_000_000_000}
    table: list[tuple[dict[str, Any], str]] = [
        ({}, "0"),
        ({"priority_policy": "overflow", "priority_groups": ["g"]}, "1"),
        ({"pause_until": "2031-01-01T00:00:00Z"}, "1"),
        ({"pause_until": "0001-01-01T00:00:00Z"}, "0"),
    ]
    if nats.release >= (2, 14):
        table.append((flow | {"ack_policy": "flow_control"}, "4"))
    rows.created(
        js, stream, [(row, {"metadata": {"_nats.req.level": level}}) for row, level in table]
    )


@case("JS-CONS-CFG-034", config="jetstream", deliveries=False)
def test_another_version_does_not_make_another_configuration(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    endpoint = f"CONSUMER.CREATE.{stream}.x"
    plain = NEW | {"durable_name": "x", "metadata": {"mine": "y"}}
    first = js.request(endpoint, request(stream, plain))
    for own in ({}, {"_nats.ver": "2.11.0", "_nats.level": "1"}, {"_nats.req.level": "9"}):
        body = request(stream, plain | {"metadata": {"mine": "y"} | own})
        assert js.request(endpoint, body)["config"] == first["config"]
    other = request(stream, plain | {"metadata": {"mine": "z"}})
    js.refused(endpoint, 10148, other)
