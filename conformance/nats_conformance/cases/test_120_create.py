"""Chapter 120: the requests that create a consumer, in each of their forms."""

from __future__ import annotations

import string
from typing import Any

from nats_conformance.cases import Nats, case
from nats_conformance.consuming import hear_advisories, request

NEW = {"ack_policy": "explicit"}


@case("JS-CAPI-001", config="jetstream", deliveries=False)
def test_each_failure_is_an_object_of_its_kind(nats: Nats) -> None:
    js = nats.jetstream()
    stream, none = js.create(), nats.name("none")
    for endpoint, kind in (
        (f"CONSUMER.CREATE.{none}.x", "consumer_create_response"),
        (f"CONSUMER.DURABLE.CREATE.{none}.x", "consumer_create_response"),
        (f"CONSUMER.INFO.{stream}.x", "consumer_info_response"),
        (f"CONSUMER.DELETE.{stream}.x", "consumer_delete_response"),
        (f"CONSUMER.NAMES.{none}", "consumer_names_response"),
        (f"CONSUMER.LIST.{none}", "consumer_list_response"),
    ):
        body = {"stream_name": none, "config": NEW} if "CREATE" in endpoint else None
        if "DURABLE" in endpoint:
            body = {"stream_name": none, "config": NEW | {"durable_name": "x"}}
        answer = js.answer(endpoint, body)
        assert answer["type"] == f"io.nats.jetstream.api.v1.{kind}"
        error = answer["error"]
        assert (error["code"], type(error["err_code"]), type(error["description"])) == (
            404,
            int,
            str,
        )


@case("JS-CAPI-002", config="jetstream", deliveries=False)
def test_a_request_names_stream_and_configuration(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    whole = {"stream_name": stream, "config": NEW, "action": "create", "pedantic": True}
    answer = js.request(f"CONSUMER.CREATE.{stream}.a", whole)
    assert (answer["stream_name"], answer["name"]) == (stream, "a")
    assert answer["config"]["ack_policy"] == "explicit"
    js.request(f"CONSUMER.CREATE.{stream}.b", {"stream_name": stream, "config": NEW})
    js.refused(f"CONSUMER.CREATE.{stream}.c", 10056, {"config": NEW})
    for name, more in (("d", {}), ("e", {"config": None})):
        bare = js.request(f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream} | more)
        assert bare["config"]["ack_policy"] == "none"


@case("JS-CAPI-003", "JS-CAPI-005", config="jetstream", deliveries=False)
def test_an_ephemeral_is_named_by_the_server(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    made = [js.request(f"CONSUMER.CREATE.{stream}", request(stream, NEW)) for _ in range(2)]
    for each in made:
        assert len(each["name"]) == 8
        assert set(each["name"]) <= set(string.ascii_letters + string.digits)
        assert "durable_name" not in each["config"]
        assert each["config"].get("name", each["name"]) == each["name"]
        assert js.request(f"CONSUMER.INFO.{stream}.{each['name']}")["name"] == each["name"]
    assert made[0]["name"] != made[1]["name"]
    named = js.request(f"CONSUMER.CREATE.{stream}", request(stream, NEW | {"name": "mine"}))
    assert (named["name"], named["config"]["name"]) == ("mine", "mine")
    assert "durable_name" not in named["config"]


@case("JS-CAPI-004", config="jetstream", deliveries=False)
def test_without_a_name_in_the_subject_there_is_no_durable(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    body = request(stream, NEW | {"durable_name": "d"})
    error = js.refused(f"CONSUMER.CREATE.{stream}", 10020, body)["error"]
    assert error["code"] == 400
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0


@case("JS-CAPI-006", "JS-CAPI-007", config="jetstream", deliveries=False)
def test_the_name_in_the_subject_counts(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    answer = js.request(f"CONSUMER.CREATE.{stream}.z1", request(stream, NEW | {"name": "z2"}))
    assert (answer["name"], answer["config"]["name"]) == ("z1", "z1")
    assert js.request(f"CONSUMER.NAMES.{stream}")["consumers"] == ["z1"]
    durable = request(stream, NEW | {"durable_name": "z2"})
    assert js.refused(f"CONSUMER.CREATE.{stream}.z3", 10017, durable)["error"]["code"] == 400
    assert js.request(f"CONSUMER.CREATE.{stream}.z2", durable)["config"]["durable_name"] == "z2"


@case("JS-CAPI-008", "JS-CAPI-009", "JS-CAPI-010", config="jetstream", deliveries=False)
def test_a_filter_in_the_subject_is_that_of_the_configuration(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create(subjects=["foo.>"])
    table: tuple[tuple[str, dict[str, Any], int | None], ...] = (
        (".foo.a.b", {"filter_subject": "foo.a.b"}, None),
        (".foo.*", {"filter_subject": "foo.*"}, None),
        (".foo.>", {"filter_subject": "foo.>"}, None),
        ("", {"filter_subject": "foo.a"}, None),
        ("", {"filter_subjects": ["foo.a", "foo.b"]}, None),
        (".foo.a", {"filter_subject": "foo.b"}, 10131),
        (".foo.a", {"filter_subject": "foo.a.b"}, 10131),
        (".foo.a", {}, 10131),
        (".foo.a", {"filter_subjects": ["foo.a"]}, 10137),
        (".foo.a", {"filter_subjects": ["foo.a", "foo.b"]}, 10137),
    )
    for tokens, filters, refused in table:
        name = nats.name("c")
        endpoint = f"CONSUMER.CREATE.{stream}.{name}{tokens}"
        if refused:
            error = js.refused(endpoint, refused, request(stream, NEW | filters))["error"]
            assert error["code"] == 400, filters
        else:
            config = js.request(endpoint, request(stream, NEW | filters))["config"]
            assert {k: v for k, v in config.items() if k.startswith("filter")} == filters


@case("JS-CAPI-011", config="jetstream", deliveries=False)
def test_the_older_form_wants_its_durable_name_twice(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    endpoint = f"CONSUMER.DURABLE.CREATE.{stream}.one"
    assert js.refused(endpoint, 10018, request(stream, NEW))["error"]["code"] == 400
    wrong = request(stream, NEW | {"durable_name": "two"})
    assert js.refused(endpoint, 10017, wrong)["error"]["code"] == 400
    answer = js.request(endpoint, request(stream, NEW | {"durable_name": "one"}))
    assert (answer["name"], answer["config"]["durable_name"]) == ("one", "one")


@case("JS-CAPI-012", config="jetstream", deliveries=False)
def test_the_older_form_with_other_tokens_is_not_answered(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    body = request(stream, NEW | {"durable_name": "one"})
    for tokens in (stream, f"{stream}.one.two"):
        js.send(f"$JS.API.CONSUMER.DURABLE.CREATE.{tokens}", body, reply=js.inbox())
    js.quiet()
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0


@case("JS-CAPI-013", config="jetstream", deliveries=False)
def test_subject_and_body_name_the_same_stream(nats: Nats) -> None:
    js = nats.jetstream()
    stream, other = js.create(), js.create()
    bodies: list[Any] = [request(other, NEW), {}, {"config": NEW}]
    if nats.release >= (2, 11):
        bodies.append("")
    for body in bodies:
        for endpoint in (f"CONSUMER.CREATE.{stream}", f"CONSUMER.CREATE.{stream}.x"):
            assert js.refused(endpoint, 10056, body)["error"]["code"] == 400
    for each in (stream, other):
        assert js.request(f"CONSUMER.NAMES.{each}")["total"] == 0


@case("JS-CAPI-014", "JS-CAPI-023", "JS-CAPI-024", config="jetstream", deliveries=False)
def test_what_does_not_exist_is_not_found(nats: Nats) -> None:
    js = nats.jetstream()
    stream, none = js.create(), nats.name("none")
    js.consumer(stream, "here")
    for endpoint, code in (
        (f"CONSUMER.CREATE.{none}", 10059),
        (f"CONSUMER.CREATE.{none}.x", 10059),
        (f"CONSUMER.INFO.{none}.x", 10059),
        (f"CONSUMER.DELETE.{none}.x", 10059),
        (f"CONSUMER.NAMES.{none}", 10059),
        (f"CONSUMER.LIST.{none}", 10059),
        (f"CONSUMER.INFO.{stream}.x", 10014),
        (f"CONSUMER.DELETE.{stream}.x", 10014),
        (f"CONSUMER.INFO.{stream}.*", 10014),
        (f"CONSUMER.INFO.{stream}.>", 10014),
        (f"CONSUMER.DELETE.{stream}.*", 10014),
        ("CONSUMER.NAMES.*", 10059),
        ("CONSUMER.LIST.*", 10059),
    ):
        body = request(none, NEW) if ".CREATE." in endpoint else None
        assert js.refused(endpoint, code, body)["error"]["code"] == 404
    assert js.request(f"CONSUMER.NAMES.{stream}")["consumers"] == ["here"]


@case("JS-CAPI-015", config="jetstream", deliveries=False)
def test_what_cannot_be_read_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    head = f'{{"stream_name":"{stream}","config":'
    priorities = ("first", "") if nats.release >= (2, 11) else ()
    for body in (
        "{",
        "[]",
        f"{head}5}}",
        f'{head}{{"ack_policy":"bogus"}}}}',
        f'{head}{{"deliver_policy":"later"}}}}',
        f'{head}{{"replay_policy":"slowly"}}}}',
        *(f'{head}{{"priority_policy":"{word}"}}}}' for word in priorities),
        f'{head}{{"ack_wait":"30s"}}}}',
        f'{head}{{"max_deliver":1.5}}}}',
        f'{head}{{}},"action":"foo"}}',
        f'{head}{{}},"action":1}}',
        f'{head}{{}},"action":null}}',
    ):
        assert js.refused(f"CONSUMER.CREATE.{stream}.x", 10025, body)["error"]["code"] == 400, body
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0


@case("JS-CAPI-016", config="jetstream", deliveries=False)
def test_a_member_that_nobody_knows_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for body in (
        request(stream, NEW | {"zzz": 1}),
        request(stream, NEW) | {"zzz": 1},
        request(stream, NEW | {"metadata": {}, "Ack_Wait_": 1}),
    ):
        assert js.refused(f"CONSUMER.CREATE.{stream}.x", 10025, body)["error"]["code"] == 400
    js.request(f"CONSUMER.CREATE.{stream}.x", request(stream, {"ACK_POLICY": "all"}))


@case("JS-CAPI-025", config="jetstream", deliveries=False)
def test_a_deleted_consumer_is_gone(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    consumer = js.consumer(stream, "gone")
    js.publish(stream, "x")
    consumer.next()
    hear_advisories(js, stream)
    assert js.request(f"CONSUMER.DELETE.{consumer.path}")["success"] is True
    js.refused(f"CONSUMER.INFO.{consumer.path}", 10014)
    js.refused(f"CONSUMER.DELETE.{consumer.path}", 10014)
    assert js.request(f"CONSUMER.NAMES.{stream}")["total"] == 0
    told = js.next("advisories").json
    assert (told["action"], told["consumer"]) == ("delete", "gone")
    again = js.consumer(stream, "gone")
    assert again.made["delivered"]["consumer_seq"] == 0
    assert again.next().token.deliveries == 1


@case("JS-CAPI-038", config="jetstream", deliveries=False)
def test_a_consumer_is_shown_before_it_delivers(nats: Nats) -> None:
    js = nats.jetstream()
    stream, deliver = js.create(), nats.name("deliver")
    for _ in range(3):
        js.publish(stream)
    js.subscribe(deliver, "pushed")
    made = js.consumer(stream, deliver_subject=deliver).made
    assert (made["num_pending"], made["num_ack_pending"], made["push_bound"]) == (3, 0, True)
    assert made["delivered"] == {"consumer_seq": 0, "stream_seq": 0}
    assert [js.next("pushed").payload for _ in range(3)] == [b""] * 3
