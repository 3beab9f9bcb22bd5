"""Chapter 100: what JSON a request may be."""

from __future__ import annotations

from typing import Any

from nats_conformance.cases import Nats, case

#: Members that nobody knows, at every depth of a configuration.
UNKNOWN: tuple[dict[str, Any], ...] = (
    {"colour": "red"},
    {"rollup_hdrs": True},
    {"max_messages": 5},
    {"nam e": ""},
    {"": 1},
    {"colour": None},
    {"placement": {"shelf": 1}},
    {"mirror": {"name": "x", "shelf": 1}},
    {"sources": [{"name": "x", "shelf": 1}]},
    {"sources": [{"name": "x", "external": {"api": "x", "shelf": 1}}]},
    {"sources": [{"name": "x", "subject_transforms": [{"src": "x", "shelf": 1}]}]},
    {"subject_transform": {"src": "x", "dest": "y", "shelf": 1}},
    {"republish": {"src": "x", "dest": "y", "shelf": 1}},
    {"consumer_limits": {"shelf": 1}},
)

#: Texts, `{s}` being the name in the subject, that are no configuration.
WRONG = (
    "",
    "{",
    "{]",
    '{"name":"{s}"',
    '{"name":"{s}",}',
    '{"name":"{s}"}}',
    '{"name":"{s}"}]',
    '{"name":"{s}"} more',
    '{"name":"{s}"} 5',
    "{'name':'{s}'}",
    '{name:"{s}"}',
    '{"name":"{s}" "max_msgs":5}',
    '"{s}"',
    "5",
    "true",
    '["{s}"]',
    '{"name":["{s}"]}',
    '{"name":5}',
    '{"name":"{s}","max_msgs":"5"}',
    '{"name":"{s}","max_msgs":5.5}',
    '{"name":"{s}","max_msgs":5.0}',
    '{"name":"{s}","max_msgs":5e1}',
    '{"name":"{s}","max_msgs":05}',
    '{"name":"{s}","max_msgs":+5}',
    '{"name":"{s}","max_msgs":true}',
    '{"name":"{s}","max_msgs":[]}',
    '{"name":"{s}","max_msgs":9223372036854775808}',
    '{"name":"{s}","max_msgs":-9223372036854775809}',
    '{"name":"{s}","max_msg_size":2147483648}',
    '{"name":"{s}","max_msgs":NaN}',
    '{"name":"{s}","max_age":"1s"}',
    '{"name":"{s}","first_seq":-1}',
    '{"name":"{s}","first_seq":18446744073709551616}',
    '{"name":"{s}","num_replicas":"1"}',
    '{"name":"{s}","no_ack":1}',
    '{"name":"{s}","no_ack":"true"}',
    '{"name":"{s}","no_ack":True}',
    '{"name":"{s}","subjects":"{s}"}',
    '{"name":"{s}","subjects":[1]}',
    '{"name":"{s}","subjects":{}}',
    '{"name":"{s}","description":1}',
    '{"name":"{s}","metadata":{"a":1}}',
    '{"name":"{s}","metadata":[]}',
    '{"name":"{s}","placement":[]}',
    '{"name":"{s}","placement":{"tags":"x"}}',
    '{"name":"{s}","sources":{}}',
    '{"name":"{s}","sources":["x"]}',
    '{"name":"{s}","mirror":"x"}',
    '{"name":"{s}","mirror":{"name":"x","opt_start_seq":"1"}}',
    '{"name":"{s}","mirror":{"name":"x","opt_start_time":"yesterday"}}',
    '{"name":"{s}","storage":null}',
    '{"name":"{s}","storage":1}',
    '{"name":"{s}","description":"a\nb"}',
    '{"name":"{s}","description":"\\x"}',
    '{"name":"{s}","max_msgs":' + "9" * 5000 + "}",
    '{"name":"{s}","placement":' + '{"tags":[' * 20000,
    '\ufeff{"name":"{s}"}',
)

#: Texts that are one, and the members that they come to.
RIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ('{"name":"{s}"}', {}),
    (' \t\r\n{ "name" : "{s}" } \n', {}),
    ('{"name":"{s}","max_msgs":1,"max_msgs":2}', {"max_msgs": 2}),
    ('{"name":"{s}","max_msgs":null,"subjects":null}', {"max_msgs": -1}),
    ('{"name":"{s}","max_msgs":9223372036854775807}', {"max_msgs": 9223372036854775807}),
    (
        '{"name":"{s}","description":"\\ud83d\\ude00\\n\\u00fc"}',
        {"description": "\U0001f600\n\u00fc"},
    ),
    ('{"name":"{s}","description":"<&>\u2028"}', {"description": "<&>\u2028"}),
    ('{"name":"{s}","description":"\\ud800a"}', {"description": "\ufffda"}),
    ('{"\\u006eame":"{s}"}', {}),
)

#: Letter cases: the last one that is said counts.
LETTER_CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ('{"NAME":"{s}"}', {}),
    ('{"Name":"{s}","MAX_MSGS":5}', {"max_msgs": 5}),
    ('{"name":"{s}","MAX_MSGS":4,"max_msgs":5}', {"max_msgs": 5}),
    ('{"name":"{s}","max_msgs":5,"MAX_MSGS":4}', {"max_msgs": 4}),
    ('{"name":"{s}","PLACEMENT":{"Tags":["x"]}}', {"placement": {"tags": ["x"]}}),
)

SEVERAL: tuple[tuple[str, dict[str, Any]], ...] = (
    ('{"name":"{s}"}{"max_msgs":5}', {"max_msgs": 5}),
    ('{"name":"{s}"}\n{"max_msgs":5} {"max_msgs":6}', {"max_msgs": 6}),
    ('{"max_msgs":5}{"name":"{s}"}', {"max_msgs": 5}),
)

BLANK = ("", "{}", "{ }", " {}", "{}\n", "{\r\n\t}")
OTHERS = ("x", "[]", "null", "5", '""', '{"a":1}', "{}{}", "{} x", " ")


def created(nats: Nats, texts: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    """Each text makes a stream with these members."""
    js = nats.jetstream()
    for text, members in texts:
        name = js.name("S")
        js.goes(name)
        config = js.request(f"STREAM.CREATE.{name}", text.replace("{s}", name))["config"]
        assert config["name"] == name, text
        assert {member: config[member] for member in members} == members, text
        js.request(f"STREAM.DELETE.{name}")


@case("JS-API-012", config="jetstream", deliveries=False)
def test_members_that_nobody_knows_are_refused(nats: Nats) -> None:
    js = nats.jetstream()
    stream, new = js.create(), js.name("S")
    for members in UNKNOWN:
        js.refused(f"STREAM.CREATE.{new}", 10025, {"name": new} | members)
        js.refused(f"STREAM.UPDATE.{stream}", 10025, {"name": stream} | members)
    for endpoint in ("NAMES", "LIST", f"INFO.{stream}", f"PURGE.{stream}"):
        js.refused(f"STREAM.{endpoint}", 10025, {"shelf": 1})
    for endpoint in ("MSG.GET", "MSG.DELETE"):
        js.refused(f"STREAM.{endpoint}.{stream}", 10025, {"seq": 1, "shelf": 1})
    js.refused(f"STREAM.INFO.{new}", 10059)


@case("JS-API-038", config="jetstream", deliveries=False)
def test_members_that_nobody_knows_are_passed_over(nats: Nats) -> None:
    js = nats.jetstream()
    for members in UNKNOWN:
        name = js.name("S")
        js.goes(name)
        js.request(f"STREAM.CREATE.{name}", {"name": name} | members)


@case("JS-API-037", config="jetstream-lenient", deliveries=False)
def test_a_lenient_server_passes_over_what_it_does_not_know(nats: Nats) -> None:
    js = nats.jetstream()
    for members in UNKNOWN:
        name = js.name("S")
        js.goes(name)
        js.request(f"STREAM.CREATE.{name}", {"name": name} | members)
    for text in ("{", '{"name":"{s}","max_msgs":"5"}'):
        js.refused("STREAM.CREATE.x", 10025, text)


@case("JS-API-014", "JS-API-042", config="jetstream", deliveries=False)
def test_what_is_no_configuration_is_refused(nats: Nats) -> None:
    js = nats.jetstream()
    name = js.name("S")
    accepted = []
    for text in WRONG:
        answer = js.answer(f"STREAM.CREATE.{name}", text.replace("{s}", name))
        got = answer.get("error", {}).get("err_code")
        if got != (10056 if not text and nats.release >= (2, 11) else 10025):
            accepted.append((text, got))
    assert accepted == []
    js.refused(f"STREAM.INFO.{name}", 10059)


@case("JS-API-014", config="jetstream", deliveries=False)
def test_what_is_a_configuration_is_taken(nats: Nats) -> None:
    created(nats, RIGHT)


@case("JS-API-015", config="jetstream", deliveries=False)
def test_members_are_known_in_any_letter_case(nats: Nats) -> None:
    created(nats, LETTER_CASES)


@case("JS-API-016", config="jetstream", deliveries=False)
def test_objects_that_follow_one_another_are_one_request(nats: Nats) -> None:
    created(nats, SEVERAL)


@case("JS-API-017", config="jetstream", deliveries=False)
def test_what_does_not_begin_like_json_counts_as_empty(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    js.publish(stream, "hello")
    for text in (" ", "\n", "x", "x{", "5", "null", '"x"', "true", "}{"):
        for endpoint in ("NAMES", "LIST", f"INFO.{stream}"):
            js.request(f"STREAM.{endpoint}", text)
    assert js.request(f"STREAM.PURGE.{stream}", "all of it")["purged"] == 1
    for text in ("[]", " [", "{", ' {"seq":'):
        for endpoint in ("NAMES", "LIST", f"INFO.{stream}", f"PURGE.{stream}"):
            js.refused(f"STREAM.{endpoint}", 10025, text)


@case("JS-API-018", config="jetstream", deliveries=False)
def test_an_empty_request_and_an_empty_object_are_the_same(nats: Nats) -> None:
    js = nats.jetstream()
    stream = js.create()
    for empty in BLANK:
        for endpoint in (f"MSG.GET.{stream}", f"MSG.DELETE.{stream}"):
            js.refused(f"STREAM.{endpoint}", 10003, empty)
        for endpoint in ("NAMES", "LIST", f"INFO.{stream}", f"PURGE.{stream}"):
            js.request(f"STREAM.{endpoint}", empty)
        js.request("INFO", empty)
        js.refused(
            "STREAM.CREATE.x",
            10056 if "{" in empty else (10025, 10056)[nats.release >= (2, 11)],
            empty,
        )
    for other in OTHERS:
        js.refused(f"STREAM.DELETE.{stream}", 10038, other)
        js.request("INFO", other)
    for empty in BLANK:
        name = js.create()
        assert js.request(f"STREAM.DELETE.{name}", empty)["success"] is True
