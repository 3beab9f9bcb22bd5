"""What a publisher is told, and what is stored: JS-PUB."""

from __future__ import annotations

import itertools

import pytest

from nats_reference.jetstream.consumer.group import Group


def code(answer):
    return answer.get("error", {}).get("err_code")


def test_acks_are_spelled_as_nats_server_spells_them(streams):
    stream = streams.create()
    streams.put(stream, b"a", b"x", Nats_Msg_Id=b"1")
    streams.put(stream, b"a", b"x", Nats_Msg_Id=b"1")
    streams.put(stream, b"a", b"x", Nats_Expected_Stream=b"T")
    assert streams.host.published == []
    streams.host.clock.advance(0)
    error = b'{"code":400,"err_code":10060,"description":"expected stream does not match"}'
    assert [payload for _, _, _, payload in streams.host.published] == [
        b'{"stream":"S","seq":1}',
        b'{"stream":"S","seq":1,"duplicate": true}',
        b'{"error":%b,"stream":"S","seq":0}' % error,
    ]


def test_acks_name_the_domain(streams):
    streams.host.domain = "HUB"
    stream = streams.create()
    streams.put(stream)
    stream.drain()
    assert streams.host.published[-1][3] == b'{"stream":"S","domain":"HUB","seq":1}'


def test_who_does_not_ask_is_not_told(streams):
    stream = streams.create()
    streams.put(stream, reply=None)
    silent = streams.create(name="T", no_ack=True)
    streams.put(silent)
    streams.put(silent, Nats_Expected_Stream=b"X")
    silent.drain()
    assert stream.state().messages == silent.state().messages == 1
    assert streams.host.published == []


def test_refused_and_repeated_messages_leave_no_gap(streams):
    stream = streams.create(max_msg_size=5)
    sizes = [len(streams.ask(stream, b"a", b"x" * size)) for size in (5, 6, 1)]
    assert sizes == [2, 3, 2]
    assert stream.state().last_seq == 2


EXPECTED = {
    b"0": False,
    b"1": True,
    b"01": True,
    b" 1": True,
    b"-1": False,
    b"+1": False,
    b"1 ": False,
    b"1.0": False,
    b"abc": False,
    b"99999999999999999999": False,
    b"": True,
}


@pytest.mark.parametrize("value", EXPECTED)
def test_expected_last_sequence(streams, value):
    stream = streams.create()
    streams.put(stream)
    answer = streams.ask(stream, Nats_Expected_Last_Sequence=value)
    assert code(answer) == (None if EXPECTED[value] else 10071)
    if not EXPECTED[value]:
        assert answer["error"]["description"] == "wrong last sequence: 1"


def test_an_empty_stream_is_expected_at_zero(streams):
    stream = streams.create()
    assert code(streams.ask(stream, Nats_Expected_Last_Sequence=b"0")) is None
    stream.purge()
    assert code(streams.ask(stream, Nats_Expected_Last_Sequence=b"0")) == 10071
    assert code(streams.ask(stream, Nats_Expected_Last_Sequence=b"1")) is None


def test_expected_last_subject_sequence(streams):
    stream = streams.create()
    streams.put(stream, b"a.1")
    streams.put(stream, b"a.2")

    def expect(seq, subject=None, on=b"a.1"):
        said = {"Nats_Expected_Last_Subject_Sequence": seq}
        if subject is not None:
            said["Nats_Expected_Last_Subject_Sequence_Subject"] = subject
        return streams.ask(stream, on, **said).get("error", {}).get("description")

    assert expect(b"9") == "wrong last sequence: 1"
    assert expect(b"9", b"a.*") == "wrong last sequence: 2"
    assert expect(b"9", b"a.3") == "wrong last sequence: 0"
    assert expect(b"9", b"") == "wrong last sequence: 1"
    assert expect(b"x") == "wrong last sequence: 1"
    assert expect(b"0", b"a.9") is None
    assert expect(b"0", on=b"a.8") is None
    assert expect(b"3") is None


def test_expected_last_msg_id(streams):
    stream = streams.create()
    assert code(streams.ask(stream, Nats_Expected_Last_Msg_Id=b"1")) == 10070
    streams.put(stream, Nats_Msg_Id=b"1")
    assert code(streams.ask(stream, Nats_Expected_Last_Msg_Id=b"1")) is None
    answer = streams.ask(stream, Nats_Expected_Last_Msg_Id=b"1")
    assert answer["error"]["description"] == "wrong last msg ID: "


#: Each violation with its field, in the order in which nats-server 2.15.1 looks at them.
ORDER = {
    10174: ("Nats_Batch_Id", b"b"),
    10097: ("X", b"y" * 65536),
    10168: ("Nats_Incr", b"1"),
    10060: ("Nats_Expected_Stream", b"X"),
    10166: ("Nats_TTL", b"1s"),
    "subject sequence": ("Nats_Expected_Last_Subject_Sequence", b"77"),
    10193: ("Nats_Expected_Last_Subject_Sequence_Subject", b"77"),
    "sequence": ("Nats_Expected_Last_Sequence", b"88"),
    10188: ("Nats_Schedule", b"@at x"),
    10212: ("Nats_Schedule_Next", b"purge"),
    10227: ("Nats_Stream_Source", b"x"),
    "duplicate": ("Nats_Msg_Id", b"m"),
    10070: ("Nats_Expected_Last_Msg_Id", b"q"),
    10111: ("Nats_Rollup", b"sub"),
}


def verdict(answer):
    text = answer.get("error", {}).get("description", "")
    named = {"wrong last sequence: 2": "subject sequence", "wrong last sequence: 3": "sequence"}
    return named.get(text) or code(answer) or ("duplicate" if "duplicate" in answer else "stored")


#: Two of them are one expectation together.
PAIRS = [pair for pair in itertools.combinations(ORDER, 2) if pair != ("subject sequence", 10193)]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_order_of_the_checks(streams, first, second):
    stream = streams.create(max_msgs=3, discard="new")
    streams.put(stream, b"a.0", Nats_Msg_Id=b"m")
    streams.put(stream, b"a.1")
    streams.put(stream, b"a.2")
    said = dict([ORDER[first], ORDER[second]])
    assert verdict(streams.ask(stream, b"a.1", **said)) == first
    assert stream.state().messages == 3


def test_what_comes_before_and_after_the_fields(streams):
    stream = streams.create(max_msgs=1, discard="new", max_msg_size=70_000)
    streams.put(stream)
    big = b"x" * 70_001
    assert code(streams.ask(stream, b"a", big, X=b"y" * 65536)) == 10054
    assert code(streams.ask(stream, b"a", b"", Nats_TTL=b"x")) == 10165
    assert code(streams.ask(stream)) == 10077
    sealed = streams.create(name="T", sealed=True, max_msg_size=5)
    assert code(streams.ask(sealed, b"a", b"123456", Nats_Incr=b"1")) == 10109


def test_size_and_header_limits(streams):
    stream = streams.create(max_msg_size=26)
    assert code(streams.ask(stream, b"a", b"x" * 26)) is None
    assert code(streams.ask(stream, b"a", b"x" * 27)) == 10054
    block = b"NATS/1.0\r\nAbc: d\r\n\r\n"
    streams.raw(stream, b"a", block, b"x" * (26 - len(block)))
    streams.raw(stream, b"a", block, b"x" * (27 - len(block)))
    assert [code(answer) for answer in streams.answers(stream)] == [None, 10054]
    wide = streams.create(name="T")
    for size, expected in ((65535, None), (65536, 10097)):
        begin, end = b"NATS/1.0\r\nX: ", b"\r\n\r\n"
        streams.raw(wide, b"a", begin + b"y" * (size - len(begin) - len(end)) + end)
        assert code(streams.answers(wide)[-1]) == expected


def test_a_record_may_be_too_large_for_a_file(streams):
    stream = streams.create()
    answer = streams.ask(stream, b"a", bytes((32 << 20) + 1))
    assert code(answer) == (10077 if streams.storage == "file" else None)


def test_rollup(streams):
    stream = streams.create(allow_rollup_hdrs=True)
    for number in range(6):
        streams.put(stream, b"a.%d" % (number % 3))
    assert streams.ask(stream, b"a.0", Nats_Rollup=b"SuB")["seq"] == 7
    state = stream.state(deleted=True)
    assert (state.messages, state.first_seq, state.deleted) == (5, 2, (4,))
    assert streams.ask(stream, b"a.9", Nats_Rollup=b"ALL")["seq"] == 8
    assert stream.state(subjects=b">").subjects == ((b"a.9", 1),)
    answer = streams.ask(stream, b"a.9", Nats_Rollup=b"zz")
    assert (code(answer), answer["error"]["description"]) == (10111, 'rollup value invalid: "zz"')
    purgeless = streams.create(name="T", allow_rollup_hdrs=True, deny_purge=True)
    assert code(streams.ask(purgeless, Nats_Rollup=b"sub")) == 10111


def test_resources(streams):
    stream = streams.create()
    size = {"memory": 20, "file": 34}[streams.storage]
    streams.host.rooms = (0, 1 << 63)
    streams.put(stream, b"a", b"123")
    streams.put(stream, b"a", b"123")
    assert [code(each) for each in streams.answers(stream)] == [None, 10023]
    streams.host.rooms = (1 << 63, 2 * size)
    for _ in range(3):
        streams.put(stream, b"a", b"123")
    assert [code(each) for each in streams.answers(stream)] == [None, None, 10002]


def test_nobody_is_interested(streams):
    stream = streams.create(retention="interest")
    assert streams.ask(stream, Nats_Msg_Id=b"1") == {"stream": "S", "seq": 1}
    assert streams.ask(stream, Nats_Msg_Id=b"1")["duplicate"]
    assert code(streams.ask(stream, Nats_Expected_Last_Msg_Id=b"1")) is None
    state = stream.state()
    assert (state.messages, state.first_seq, state.last_seq) == (0, 3, 2)
    group = Group(stream, streams.host)
    group.wants = lambda subject: subject == b"a"
    stream.observers.append(group)
    streams.put(stream, b"a")
    streams.put(stream, b"b", Nats_TTL=b"x")
    state = stream.state(deleted=True)
    assert (state.messages, state.first_seq, state.last_seq, state.deleted) == (1, 3, 4, (4,))
