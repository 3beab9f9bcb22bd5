"""Chapter 120: actions, INFO, NAMES and LIST, and what else may be asked of consumers."""

from __future__ import annotations

from nats_conformance import polling
from nats_conformance.cases import Nats, case
from nats_conformance.consuming import Consumer, hear_advisories, request
from nats_conformance.filling import filled

NEW = {"ack_policy": "explicit"}


def active(consumer: Consumer) -> list[bool]:
    """Whether there is a time beside delivered, and beside the ack floor."""
    info = consumer.info()
    return ["last_active" in info[pair] for pair in ("delivered", "ack_floor")]


@case("JS-CAPI-017", "JS-CAPI-019", config="jetstream", deliveries=False)
def test_create_once_more_must_be_the_same(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    endpoint = f"CONSUMER.CREATE.{stream}.x"
    config = NEW | {"durable_name": "x", "description": "one"}
    first = js.request(endpoint, request(stream, config))
    spelled_out = config | {"ack_wait": 30_000_000_000, "max_deliver": -1, "max_ack_pending": 1000}
    for same in (config, spelled_out, first["config"]):
        again = js.request(endpoint, request(stream, same))
        assert (again["created"], again["config"]) == (first["created"], first["config"])
    for other in (config | {"description": "two"}, config | {"max_deliver": 3}, NEW):
        assert js.refused(endpoint, 10148, request(stream, other))["error"]["code"] == 400
    assert js.request(f"CONSUMER.INFO.{stream}.x")["config"]["description"] == "one"
    for action, description in (("", "three"), (None, "four"), ("update", "five")):
        body = request(stream, config | {"description": description}) | {"action": action}
        body = {key: value for key, value in body.items() if value is not None}
        assert js.request(endpoint, body)["config"]["description"] == description
    for name, action in (("y", ""), ("z", None)):
        body = request(stream, NEW | {"durable_name": name}) | {"action": action}
        body = {key: value for key, value in body.items() if value is not None}
        assert js.request(f"CONSUMER.CREATE.{stream}.{name}", body)["name"] == name


@case("JS-CAPI-018", config="jetstream", deliveries=False)
def test_there_is_nothing_to_update(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for config in (NEW, NEW | {"durable_name": "x"}):
        body = request(stream, config, "update")
        error = js.refused(f"CONSUMER.CREATE.{stream}.x", 10149, body)["error"]
        assert error["code"] == 400
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0


@case("JS-CAPI-020", config="jetstream", deliveries=False)
def test_an_ephemeral_can_be_created_once_more(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    endpoint = f"CONSUMER.CREATE.{stream}.x"
    first = js.request(endpoint, request(stream, NEW | {"name": "x"}))
    again = js.request(endpoint, request(stream, NEW | {"name": "x"}))
    assert (again["created"], again["config"]) == (first["created"], first["config"])


@case("JS-CAPI-021", config="jetstream", deliveries=False)
def test_a_level_that_is_too_high_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "x", description="first")
    change = request(stream, NEW | {"durable_name": "x", "description": "second"}, "update")
    endpoints = (
        (f"CONSUMER.CREATE.{stream}.x", change),
        (f"CONSUMER.INFO.{stream}.x", None),
        (f"CONSUMER.NAMES.{stream}", None),
        (f"CONSUMER.LIST.{stream}", None),
        (f"CONSUMER.DELETE.{stream}.x", None),
    )
    for level in ("99", "x", "-1x", "9" * 5000):
        for endpoint, body in endpoints:
            error = js.refused(endpoint, 10185, body, {"Nats-Required-Api-Level": level})["error"]
            assert error["code"] == 412, (endpoint, level)
    known = {"Nats-Required-Api-Level": "1"}
    info = js.request(f"CONSUMER.INFO.{stream}.x", None, known)
    assert info["config"]["description"] == "first"


@case("JS-CAPI-040", config="jetstream", deliveries=False)
def test_two_requests_look_at_their_body_before_the_level(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "x")
    high = {"Nats-Required-Api-Level": "99"}
    for body in ("{", "x", '{"stream_name":5}'):
        for call in ("CREATE", "DURABLE.CREATE"):
            js.refused(f"CONSUMER.{call}.{stream}.x", 10025, body, high)
        js.refused(f"CONSUMER.INFO.{stream}.x", 10038, body, high)
        for call in (f"DELETE.{stream}.x", f"NAMES.{stream}", f"LIST.{stream}"):
            js.refused(f"CONSUMER.{call}", 10185, body, high)
    js.refused(f"CONSUMER.CREATE.{stream}.x", 10185, {"stream_name": "another"}, high)


@case("JS-CAPI-022", config="jetstream", deliveries=False)
def test_info_and_delete_take_no_body(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for number, empty in enumerate(("", "{}", " { } ", "{\n\t}")):
        js.consumer(stream, f"c{number}")
        for call in ("INFO", "DELETE"):
            for other in ("x", "[]", '{"a":1}', '""'):
                error = js.refused(f"CONSUMER.{call}.{stream}.c{number}", 10038, other)["error"]
                assert error["code"] == 400, other
            js.request(f"CONSUMER.{call}.{stream}.c{number}", empty)


@case("JS-CAPI-026", "JS-CAPI-027", "JS-CAPI-028", config="jetstream", deliveries=False)
def test_names_and_infos_come_sorted_and_in_pages(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    names = ["B", "a", "a-1", "b", "b0", "z"]
    for name in reversed(names):
        js.consumer(stream, name)
    for offset, at in ((None, 0), (0, 0), (3, 3), (6, 6), (300, 6)):
        body = None if offset is None else {"offset": offset}
        for call, limit in (("NAMES", 1024), ("LIST", 256)):
            page = js.request(f"CONSUMER.{call}.{stream}", body)
            assert (page["total"], page["offset"], page["limit"]) == (6, at, limit), (call, offset)
            found = page["consumers"] or []
            assert [c if call == "NAMES" else c["name"] for c in found] == names[at:]


@case("JS-CAPI-041", config="jetstream", deliveries=False)
def test_a_list_says_less_of_the_server(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "x", metadata={"mine": "y"})
    listed = js.request(f"CONSUMER.LIST.{stream}")["consumers"][0]["config"]["metadata"]
    assert listed == {"mine": "y", "_nats.req.level": "0"}


@case("JS-CAPI-037", config="jetstream", private=True, deliveries=False)
def test_a_page_before_the_first_is_the_first(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "x")
    for call in ("NAMES", "LIST"):
        page = js.request(f"CONSUMER.{call}.{stream}", {"offset": -3})
        assert (page["total"], page["offset"], len(page["consumers"])) == (1, 0, 1)


@case("JS-INV-026", config="jetstream", deliveries=False)
def test_names_list_and_info_agree(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    busy = js.consumer(stream, "busy")
    js.consumer(stream, "calm", filter_subject=stream, description="d", metadata={"a": "b"})
    for _ in range(4):
        js.publish(stream, "x")
    busy.answer(busy.take(3)[1])
    listed = {each["name"]: each for each in js.request(f"CONSUMER.LIST.{stream}")["consumers"]}
    assert sorted(listed) == js.request(f"CONSUMER.NAMES.{stream}")["consumers"]
    assert js.state(stream)["consumer_count"] == 2
    for name, found in listed.items():
        info = js.request(f"CONSUMER.INFO.{stream}.{name}")
        for each in (info, found):
            each.pop("ts", None)
            each.pop("type", None)
            for own in ("_nats.ver", "_nats.level"):
                each["config"].get("metadata", {}).pop(own, None)
        assert found == info


@case("JS-CAPI-029", config="jetstream", deliveries=False)
def test_a_body_that_is_no_object_is_not_read(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "x")
    for call in ("NAMES", "LIST"):
        for other in ("junk", "5", '"offset"'):
            assert js.request(f"CONSUMER.{call}.{stream}", other)["total"] == 1
        for broken in ("{junk", '{"offset":"x"}', "[1]"):
            error = js.refused(f"CONSUMER.{call}.{stream}", 10025, broken)["error"]
            assert error["code"] == 400, broken


@case("JS-CAPI-030", config="jetstream", deliveries=False)
def test_a_single_server_has_no_leader_to_step_down(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.consumer(stream, "x")
    error = js.refused(f"CONSUMER.LEADER.STEPDOWN.{stream}.x", 10010)["error"]
    assert error["code"] == 503


@case("JS-CAPI-033", config="jetstream", deliveries=False)
def test_a_pull_that_cannot_be_answered_is_ignored(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream)
    js.publish(stream, "x")
    for body in ("", {"batch": 1, "no_wait": True}, {"batch": 5}):
        js.send(f"$JS.API.CONSUMER.MSG.NEXT.{consumer.path}", body)
    pull = consumer.pull(1)
    assert pull.delivery().token.consumer_seq == 1
    info = consumer.info()
    assert (info["num_waiting"], info["delivered"]["consumer_seq"]) == (0, 1)


@case("JS-CAPI-032", "JS-PULL-036", config="jetstream", deliveries=False)
def test_nobody_receives_a_pull_for_what_does_not_exist(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream)
    consumer.delete()
    for path in (consumer.path, f"{stream}.none", "none.none"):
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{path}"
        message = js.ask(subject, {"batch": 1})
        assert (message.status, message.description, message.payload) == (503, "", b"")
        if nats.release >= (2, 12):  # REQ-002
            assert message.header("Nats-Subject") == subject


@case("JS-CAPI-035", config="jetstream", private=True, deliveries=False)
def test_direct_consumers_are_not_listed(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    deliver = nats.name("d")
    js.subscribe(deliver, "d")
    direct = {"ack_policy": "none", "direct": True}
    body = request(stream, direct | {"deliver_subject": deliver})
    name = js.request(f"CONSUMER.CREATE.{stream}", body)["name"]
    assert js.request(f"CONSUMER.INFO.{stream}.{name}")["config"]["direct"] is True
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0
    assert js.request(f"CONSUMER.LIST.{stream}")["total"] == 0
    assert js.state(stream)["consumer_count"] == 0
    for members, code in (({}, 10090), ({"deliver_subject": deliver, "durable_name": "x"}, 10091)):
        body = request(stream, direct | members)
        assert js.refused(f"CONSUMER.CREATE.{stream}.x", code, body)["error"]["code"] == 400


@case("JS-CAPI-034", config="jetstream", private=True)
def test_the_api_of_a_domain_answers_under_its_name(nats: Nats) -> None:
    text = 'jetstream { store_dir: "{store_dir}", domain: hub }\n'
    server = nats.start(text=text)
    js = nats.jetstream(server=server)
    stream = js.create()
    hear_advisories(js, stream)
    body = request(stream, NEW | {"durable_name": "x"})
    far = nats.jetstream(server=server, prefix="$JS.hub.API")
    far.request(f"CONSUMER.CREATE.{stream}.x", body)
    told = js.next("advisories").json
    assert (told["action"], told["domain"]) == ("create", "hub")
    for each in (js, far):
        assert each.request(f"CONSUMER.INFO.{stream}.x")["name"] == "x"
        assert each.request(f"CONSUMER.NAMES.{stream}")["consumers"] == ["x"]
    js.publish(stream, "hello")
    far.send(f"$JS.hub.API.CONSUMER.MSG.NEXT.{stream}.x", "", None, f"{far.inbox()}")
    assert far.next().payload == b"hello"
    other = nats.jetstream(server=server, prefix="$JS.other.API")
    answer = other.ask(f"$JS.other.API.CONSUMER.INFO.{stream}.x")
    assert answer.status == 503
    far.request(f"CONSUMER.DELETE.{stream}.x")


@case("JS-CAPI-016", config="jetstream", private=True)
def test_a_lenient_server_ignores_what_it_does_not_know(nats: Nats) -> None:
    if nats.release < (2, 11):
        nats.not_applicable("strictness can be set since 2.11")
    server = nats.start(text='jetstream { store_dir: "{store_dir}", strict: false }\n')
    js = nats.jetstream(server=server)
    stream = js.create()
    body = request(stream, NEW | {"zzz": 1}) | {"yyy": 2}
    assert "zzz" not in js.request(f"CONSUMER.CREATE.{stream}.x", body)["config"]


@case("JS-CAPI-039", config="jetstream", deliveries=False)
def test_when_a_consumer_was_active(nats: Nats) -> None:
    js = nats.jetstream()
    consumer = filled(js, 3)
    assert active(consumer) == [False, False]
    _, two, three = consumer.take(3)
    assert active(consumer) == [True, False]
    consumer.answer(two, "-NAK")
    consumer.answer(three, "+WPI")
    assert active(consumer) == [True, False]
    js.request(f"STREAM.MSG.DELETE.{consumer.stream}", {"seq": 1})
    polling.until(consumer.info, lambda info: "last_active" in info["ack_floor"], js.patience)
    assert consumer.info()["ack_floor"]["stream_seq"] == 1
    before = consumer.info()["ack_floor"]["last_active"]
    consumer.answer(three)
    assert consumer.info()["ack_floor"]["last_active"] > before
