"""FRAME-015, FRAME-029: server bytes are read back as they were written, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nats_spec import operations as ops
from nats_spec.framing import Malformed, ServerFrames

words = st.text("abc.*>$_", min_size=1, max_size=8).map(str.encode)
payloads = st.binary(max_size=40)
operations = st.one_of(
    st.just(ops.Ping()),
    st.just(ops.Pong()),
    st.just(ops.Ok()),
    st.builds(ops.Err, words),
    st.builds(ops.Info, st.just(b'{"server_id":"x"}')),
    st.builds(ops.Msg, words, words, st.one_of(st.just(b""), words), payloads),
    st.builds(ops.Hmsg, words, words, st.one_of(st.just(b""), words), payloads, payloads),
)


@given(st.lists(operations, max_size=8), st.data())
def test_operations_survive_writing_cutting_and_reading(sent, data):
    wire = b"".join(operation.encode() for operation in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    frames = ServerFrames()
    read = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        read += frames.feed(wire[start:end])
    assert [operation.encode() for operation in read] == [o.encode() for o in sent]
    assert frames.pending == b""


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"xyz",
        b"PONG\n",
        b"pong\r\n",
        b"MSG a 1 2\r\nhi!!",
        b"HMSG a 1 9 2\r\nhi\r\n",
        b'INFO {"a":1}\r\n',
        b"-ERR no quotes\r\n",
        b"MSG a  1 2\r\n",
    ],
)
def test_what_is_not_in_the_grammar_is_malformed(wire):
    with pytest.raises(Malformed):
        ServerFrames().feed(wire)


def test_an_empty_reply_leaves_two_blanks():
    (message,) = ServerFrames().feed(b"MSG in.1 1  2\r\nhi\r\n")
    assert message == ops.Msg(b"in.1", b"1", b"", b"hi", digits=b"2")


def test_digits_are_kept_as_they_were_sent():
    (message,) = ServerFrames().feed(b"MSG a 1 0002\r\nhi\r\n")
    assert message.encode() == b"MSG a 1 0002\r\nhi\r\n"


def test_info_that_is_no_object_is_refused():
    assert ops.Info(b'{"proto":1}').fields == {"proto": 1}
    with pytest.raises(ValueError, match="list"):
        _ = ops.Info(b"[]").fields
