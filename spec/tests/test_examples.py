"""The language of wire examples."""

import pytest

from nats_spec.examples import BadExample, Kind, parse


def test_bytes_are_what_the_pictures_show():
    script = parse("C: PUB a␉3␍␊\\xff␀{ab*2}")
    assert script.steps[0].data() == b"PUB a\t3\r\n\xff\0abab"


def test_placeholders_stand_for_what_varies():
    (step,) = parse("S: MSG {any} {int}␍␊").steps
    assert step.pattern().fullmatch(b"MSG foo 12\r\n")
    assert not step.pattern().fullmatch(b"MSG foo x\r\n")
    (info,) = parse("S: INFO {json}␍␊").steps
    assert info.pattern().fullmatch(b'INFO {"a":{}} \r\n')
    (rest,) = parse("S: -ERR '{rest}'␍␊").steps
    assert rest.pattern().fullmatch(b"-ERR ''\r\n")


def test_connections_kinds_and_comments():
    script = parse("# greeting\n\nC2: (close)\nS2: (closed)\nS: (nothing)\nC: (half-close)", "x")
    assert [(s.connection, s.kind) for s in script.steps] == [
        (2, Kind.CLOSE),
        (2, Kind.CLOSED),
        (1, Kind.NOTHING),
        (1, Kind.HALF_CLOSE),
    ]
    assert (script.connections, script.config, script.steps[0].line) == (2, "x", 3)


def test_words_of_subjects_are_renamed_everywhere():
    script = parse(
        'C: CONNECT {"verbose":false}␍␊SUB foo.*.bar 1␍␊\nC2: pub foo.a.bar answer 3␍␊foo␍␊\n'
        "S: MSG foo.a.bar 1 answer 3␍␊"
    )
    assert script.words == ("foo", "bar", "answer")
    names = {"foo": "abc", "bar": "xyz", "answer": "sesame"}
    assert script.steps[1].data(names) == b"pub abc.a.xyz sesame 3\r\nabc\r\n"
    assert script.steps[2].pattern(names).fullmatch(b"MSG abc.a.xyz 1 sesame 3\r\n")


def test_a_config_group_of_its_own_keeps_its_words():
    assert parse("C: PUB foo 0␍␊␍␊", "permissions").words == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "without a line"),
        ("X: PING", "line 1: expected"),
        ("C: (closed)", "what S does"),
        ("S: (close)", "what C does"),
        ("C:", "says nothing"),
    ],
)
def test_what_is_no_example_is_refused(text, named):
    with pytest.raises(BadExample, match=named):
        parse(text)


def test_a_client_sends_no_placeholder():
    with pytest.raises(BadExample, match="for what a server says"):
        parse("C: PUB {any} 2␍␊").steps[0].data()
