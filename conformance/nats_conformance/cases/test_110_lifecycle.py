"""Chapter 110: streams are created, once and again, and deleted."""

from __future__ import annotations

from typing import Any

from nats_conformance.cases import Nats, case

LEVEL = "_nats.req.level"

#: Names that a stream can have, `{s}` being a fresh word.
NAMES = (
    "{s}",
    "{s}-_$:;,+=~@!#%&()[]{}'\"|",
    "$" + "{s}",
    "{s}\u00fc\U0001f600",
    "{s}\u00a0x",
    "0{s}",
    "-{s}",
)

#: Names that it can't have, and that may stand in a subject.
NO_NAMES = ("*", ">", "{s}*", "*{s}", "{s}>", "{s}>x", "a*{s}>")

SEPARATED = ("{s}/x", "/{s}", "{s}/", "{s}\\x", "\\{s}", "../{s}")

#: A configuration, and others that come to the same.
SAME: tuple[tuple[dict[str, Any], tuple[dict[str, Any], ...]], ...] = (
    ({}, ({"retention": "limits", "discard": "old"}, {"max_msgs": 0}, {"max_bytes": -1})),
    ({}, ({"duplicate_window": 120_000_000_000}, {"num_replicas": 1}, {"no_ack": False})),
    ({}, ({"subjects": ["{s}"]}, {"subjects": []}, {"compression": "none"})),
    ({"max_age": 10**9}, ({"max_age": 10**9, "duplicate_window": 10**9},)),
    ({"metadata": {"a": "b", "c": ""}}, ({"metadata": {"c": "", "a": "b"}},)),
    ({"subjects": ["{s}.a", "{s}.b"]}, ({"subjects": ["{s}.a", "{s}.b"], "description": ""},)),
    ({}, ({"consumer_limits": {}}, {"consumer_limits": {"max_ack_pending": 0}})),
    (
        {"subjects": ["{s}"], "sources": [{"name": "{s}x"}]},
        tuple(
            {"subjects": ["{s}"], "sources": [{"name": "{s}x", **members}]}
            for members in ({"filter_subject": ""}, {"opt_start_seq": 0}, {"external": None})
        ),
    ),
    (
        {"subjects": ["{s}"], "republish": {"src": ">", "dest": "{s}x.>"}},
        ({"subjects": ["{s}"], "republish": {"dest": "{s}x.>", "headers_only": False}},),
    ),
)

#: A configuration, and others that don't.
OTHER: tuple[tuple[dict[str, Any], tuple[dict[str, Any], ...]], ...] = (
    ({}, ({"max_msgs": 1}, {"storage": "file"}, {"description": "x"}, {"no_ack": True})),
    ({}, ({"subjects": ["{s}x"]}, {"allow_direct": True}, {"duplicate_window": 10**9})),
    ({}, ({"metadata": {"a": "b"}}, {"first_seq": 1}, {"compression": "s2"})),
    ({"max_msgs": 1}, ({}, {"max_msgs": 2}, {"max_msgs": 1, "max_bytes": 5})),
    ({"metadata": {"a": "b"}}, ({}, {"metadata": {"a": "c"}}, {"metadata": {"a": "b", "c": ""}})),
    ({"subjects": ["{s}.a", "{s}.b"]}, ({"subjects": ["{s}.b", "{s}.a"]},)),
)

EMPTY_LISTS: tuple[dict[str, Any], ...] = (
    {"sources": []},
    {"mirror": {"name": "x"}, "subjects": []},
)

#: Requests about a stream.
ABOUT: tuple[tuple[str, Any], ...] = (
    ("STREAM.INFO.{s}", None),
    ("STREAM.UPDATE.{s}", {"name": "{s}"}),
    ("STREAM.DELETE.{s}", None),
    ("STREAM.PURGE.{s}", None),
    ("STREAM.MSG.GET.{s}", {"seq": 1}),
    ("STREAM.MSG.DELETE.{s}", {"seq": 1}),
    ("CONSUMER.NAMES.{s}", None),
    ("CONSUMER.LIST.{s}", None),
    ("CONSUMER.INFO.{s}.c", None),
    ("CONSUMER.DELETE.{s}.c", None),
    ("CONSUMER.CREATE.{s}.c", {"stream_name": "{s}", "config": {"name": "c"}}),
)


def words(value: Any, name: str) -> Any:
    """The value with this name in its texts; braces stay braces."""
    if isinstance(value, dict):
        return {key: words(each, name) for key, each in value.items()}
    if isinstance(value, list):
        return [words(each, name) for each in value]
    return value.replace("{s}", name) if isinstance(value, str) else value


@case("JS-STREAM-001", config="jetstream", deliveries=False)
def test_the_name_in_the_subject_is_that_in_the_request(nats: Nats) -> None:
    js = nats.jetstream()
    stream, other = js.create(), js.name("S")
    for body in (
        {"name": stream},
        {"name": ""},
        {},
        {"name": other + "x"},
        {"name": other.upper()},
    ):
        for call in ("CREATE", "UPDATE"):
            wanted = 10056 if call == "CREATE" or body.get("name") else 10052
            js.refused(f"STREAM.{call}.{other}", wanted, body)
    js.refused(f"STREAM.CREATE.{other}", 10056, {"name": stream, "sealed": True, "num_replicas": 9})
    js.refused(f"STREAM.CREATE.{other}", 10056, {"name": f"{stream}/x"})
    js.refused(f"STREAM.UPDATE.{other}", 10052, {"name": stream, "max_age": -1})
    js.refused(f"STREAM.INFO.{other}", 10059)


@case("JS-STREAM-002", config="jetstream", deliveries=False)
def test_a_name_has_no_slash(nats: Nats) -> None:
    js = nats.jetstream()
    for pattern in SEPARATED:
        name = words(pattern, js.name("S"))
        if "." in name:
            name = name.replace(".", "")
        js.refused(f"STREAM.CREATE.{name}", 10128, {"name": name})
        js.refused(f"STREAM.INFO.{name}", 10059)


@case("JS-STREAM-003", config="jetstream", deliveries=False)
def test_names_that_streams_can_and_can_not_have(nats: Nats) -> None:
    js = nats.jetstream()
    for pattern in NAMES:
        name = words(pattern, js.name("S"))
        config = js.created(name, subjects=[js.name()])["config"]
        assert config["name"] == name
        assert js.info(name)["config"]["name"] == name
    for pattern in NO_NAMES:
        name = words(pattern, js.name("S"))
        body = {"name": name, "subjects": [js.name()]}
        error = js.refused(f"STREAM.CREATE.{name}", 10052, body)["error"]
        assert error["code"] == 500
    long = js.name("S").ljust(255, "x")
    js.create(long)
    js.refused(f"STREAM.CREATE.{long}x", 10052, {"name": f"{long}x"})
    wide = js.name("S") + "\u00fc" * 122
    js.create(wide)
    wider = wide + "\u00fc" * (128 - (len(wide.encode()) // 2))
    js.refused(f"STREAM.CREATE.{wider}", 10052, {"name": wider})


@case("JS-STREAM-004", config="jetstream", deliveries=False)
def test_what_is_told_of_a_new_stream(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        told = js.created(storage=storage, description="new")
        assert told["did_create"] is True
        info = js.info(told["config"]["name"])
        for member in ("config", "created", "state"):
            assert told[member] == info[member], member
        assert told["state"] == {
            "messages": 0,
            "bytes": 0,
            "first_seq": 0,
            "first_ts": "0001-01-01T00:00:00Z",
            "last_seq": 0,
            "last_ts": "0001-01-01T00:00:00Z",
            "consumer_count": 0,
        }


@case("JS-STREAM-005", config="jetstream", deliveries=False)
def test_creating_the_same_again_changes_nothing(nats: Nats) -> None:
    js = nats.jetstream()
    for members, others in SAME:
        name = js.name("S")
        first = js.created(name, **words(members, name))
        js.publish(first["config"]["subjects"][0], "hello")
        for other in others:
            again = js.created(name, **words(other, name))
            assert again["did_create"] is True
            assert (again["config"], again["created"]) == (first["config"], first["created"])
            assert again["state"]["messages"] == 1


@case("JS-STREAM-005", config="jetstream", deliveries=False)
def test_an_empty_list_is_one_that_is_left_out(nats: Nats) -> None:
    js = nats.jetstream()
    for members in EMPTY_LISTS:
        stream = js.create(**members)
        told = js.info(stream)["config"]
        assert "sources" not in told
        assert js.request(f"STREAM.CREATE.{stream}", told)["config"] == told


@case("JS-STREAM-005", config="jetstream", deliveries=False)
def test_creating_another_of_the_same_name_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    for members, others in OTHER:
        name = js.name("S")
        first = js.created(name, **words(members, name))
        for other in others:
            body = {"name": name, "storage": "memory"} | words(other, name)
            error = js.refused(f"STREAM.CREATE.{name}", 10058, body)["error"]
            assert error["code"] == 400
        assert js.info(name)["config"] == first["config"]


@case("JS-STREAM-006", config="jetstream", deliveries=False)
def test_a_configuration_that_was_read_can_be_sent_back(nats: Nats) -> None:
    js = nats.jetstream()
    for metadata in (None, {}, {"a": "b"}):
        name = js.create(metadata=metadata, allow_msg_ttl=True)
        read = js.info(name)["config"]
        assert read["metadata"][LEVEL] == "1"
        assert js.request(f"STREAM.CREATE.{name}", read)["config"] == read
        assert js.request(f"STREAM.UPDATE.{name}", read)["config"] == read
        listed = js.request("STREAM.LIST", {"subject": name})["streams"][0]["config"]
        assert js.request(f"STREAM.CREATE.{name}", listed)["config"] == read
        stale = read | {"metadata": read["metadata"] | {"_nats.ver": "2.0.0"}}
        assert js.request(f"STREAM.CREATE.{name}", stale)["config"] == read


@case("JS-STREAM-007", config="jetstream", deliveries=False)
def test_no_stream_is_created_sealed(nats: Nats) -> None:
    js = nats.jetstream()
    name = js.name("S")
    error = js.refused(f"STREAM.CREATE.{name}", 10052, {"name": name, "sealed": True})["error"]
    assert error["code"] == 500
    js.refused(f"STREAM.INFO.{name}", 10059)


@case("JS-STREAM-011", config="jetstream", deliveries=False)
def test_the_server_s_metadata_is_its_own(nats: Nats) -> None:
    js = nats.jetstream()
    ours = {LEVEL: "99", "_nats.ver": "1", "_nats.level": "77", "a": "b", "_nats": "c"}
    told = js.created(metadata=ours)
    name = told["config"]["name"]
    body = {"name": name, "storage": "memory", "metadata": ours}
    level = js.request("INFO")["api"]["level"]
    for answer in (told, js.request(f"STREAM.UPDATE.{name}", body), js.info(name)):
        assert answer["config"]["metadata"] == {
            "a": "b",
            "_nats": "c",
            LEVEL: "0",
            "_nats.level": str(level),
            "_nats.ver": js.connection.info["version"],
        }


@case("JS-STREAM-015", "JS-STREAM-017", config="jetstream", deliveries=False)
def test_a_stream_that_there_is_not(nats: Nats) -> None:
    js = nats.jetstream()
    js.create()
    gone = js.create()
    js.request(f"STREAM.DELETE.{gone}")
    for name in (js.name("S"), gone):
        for endpoint, body in ABOUT:
            error = js.refused(words(endpoint, name), 10059, words(body, name))["error"]
            assert error["code"] == 404, endpoint
        js.refused(f"STREAM.INFO.{name}", 10059)


# A server of its own for the same reason as in test_110_again.py.
@case("JS-STREAM-016", config="jetstream", deliveries=False, private=True)
def test_a_stream_is_deleted_with_all_that_belongs_to_it(nats: Nats) -> None:
    js = nats.jetstream()
    for storage in ("memory", "file"):
        name, subject = js.name("S"), js.name()
        config = {"storage": storage, "subjects": [subject], "deny_delete": True}
        first = js.created(name, **config)["created"]
        js.publish(subject, "hello")
        js.consumer(name, "c", ack_policy="explicit")
        sealing = {"name": name, "sealed": True} | config
        js.request(f"STREAM.UPDATE.{name}", sealing)
        assert js.request(f"STREAM.DELETE.{name}")["success"] is True
        for call in (f"STREAM.DELETE.{name}", f"CONSUMER.INFO.{name}.c"):
            js.refused(call, 10059)
        assert js.ask(subject, "x").status == 503
        again = js.created(name, **config)
        assert again["created"] != first
        assert again["state"]["last_seq"] == 0
        assert js.request(f"CONSUMER.NAMES.{name}")["total"] == 0
        other = js.name("S")
        js.refused(f"STREAM.CREATE.{other}", 10065, {"name": other, "subjects": [subject]})
        js.request(f"STREAM.DELETE.{name}")
        js.create(other, subjects=[subject])
        assert js.publish(subject, "x") == {"stream": other, "seq": 1}
