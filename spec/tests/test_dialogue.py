"""The language of JetStream examples."""

import pytest

from nats_spec.dialogue import Act, BadExample, holds, parse


def test_a_request_has_subject_headers_and_payload():
    (turn,) = parse("C: orders.new [Nats-Msg-Id: a; X: b c] {x*3} done").turns
    assert (turn.act, turn.subject, turn.asks) == (Act.REQUEST, "orders.new", True)
    assert turn.headers == (("Nats-Msg-Id", "a"), ("X", "b c"))
    assert turn.payload == "xxx done"
    assert turn.members is None


def test_a_publish_asks_for_no_reply():
    (turn,) = parse("C! orders.new").turns
    assert (turn.asks, turn.headers, turn.payload) == (False, (), "")


def test_answers_are_json_status_or_text():
    object_, status, text, anything = parse(
        'S: {"a":{"b":1}}\nS: [404 Message Not Found]\nS(orders.x): [N: {any}] hi\nS: {any}'
    ).turns
    assert object_.members == {"a": {"b": 1}}
    assert status.headers == (("", "404 Message Not Found"),)
    assert (text.subject, text.headers, text.payload) == ("orders.x", (("N", "{any}"),), "hi")
    assert anything.members is None


def test_actions():
    acts = [
        turn.act
        for turn in parse("C: (subscribe a q)\nC: (ack) +ACK\nS: (nothing)\nC: (close)").turns
    ]
    assert acts == [Act.SUBSCRIBE, Act.ACK, Act.NOTHING, Act.CLOSE]


def test_words_of_subjects_are_renamed_everywhere():
    dialogue = parse('C: $JS.API.STREAM.INFO.orders\nS: {"config":{"name":"orders"}}')
    assert dialogue.words == ("orders",)
    renamed = dialogue.turns[1].renamed({"orders": "abcdef"})
    assert renamed.members == {"config": {"name": "abcdef"}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "C: ",
        "S: (ack) +ACK",
        "C: (nothing)",
        "C: x [not a field] y",
        'C: $JS.API.STREAM.INFO.state\nS: {"state":{}}',
    ],
)
def test_what_is_not_in_the_language_is_refused(text):
    with pytest.raises(BadExample):
        parse(text)


@pytest.mark.parametrize(
    ("expected", "got", "lack"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, None),
        ({"a": "{any}"}, {"a": [1]}, None),
        ({"a": None}, {}, None),
        ({"a": None}, {"a": 1}, "$.a is 1, not null"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "$.a.b is 2, not 1"),
        ({"a": 1}, {}, "$.a is missing"),
        ({"a": True}, {"a": 1}, "$.a is 1, not true"),
        ([1, 2], [1], "$ has 1 items, not 2"),
        ([{"a": 1}], [{"a": 1, "b": 2}], None),
        ([1], [2], "$[0] is 2, not 1"),
    ],
)
def test_an_answer_holds_what_is_asked_for(expected, got, lack):
    assert holds(expected, got) == lack
