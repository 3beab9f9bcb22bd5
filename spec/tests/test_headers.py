"""HDR-008, HDR-010, HDR-011: header blocks as clients read and write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nats_spec.headers import HeaderBlock, MalformedHeader, parse

names = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1
)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=9).map(str.encode)
blocks = st.builds(
    HeaderBlock,
    st.one_of(st.none(), st.integers(100, 999)),
    st.just(b""),
    st.lists(st.tuples(names.map(str.encode), values), max_size=4).map(tuple),
)


@given(blocks)
def test_a_block_is_read_as_it_was_written(block):
    assert parse(block.encode()) == block


def test_status_description_and_repeated_fields():
    block = parse(b"NATS/1.0 503 No Responders\r\nA: b\r\na:c\r\nA:\td \r\nE:\r\n\r\n")
    assert (block.status, block.description) == (503, b"No Responders")
    assert block.values(b"A") == [b"b", b"d"]
    assert block.values(b"E") == [b""]
    assert block.encode().startswith(b"NATS/1.0 503 No Responders\r\nA: b\r\n")


@pytest.mark.parametrize(
    ("block", "named"),
    [
        (b"", "empty"),
        (b"NATS/1.0\r\n", "line 1"),
        (b"NATS/1.0\r\nA: b\r\n", "line 2"),
        (b"NATS/1.0\r\n\r\nA: b\r\n", "line 2"),
        (b"NATS/1.0418\r\n\r\n", "line 1"),
        (b"nats/1.0\r\n\r\n", "line 1"),
        (b"NATS/1.0\r\nA b\r\n\r\n", "line 2"),
        (b"NATS/1.0\r\nA : b\r\n\r\n", "line 2"),
        (b"NATS/1.0\r\nNATS/1.0\r\n\r\n", "line 2"),
        (b"NATS/1.0\n\n", "line 1"),
        (b"NATS/1.0", "line 1"),
    ],
)
def test_what_clients_do_not_agree_on_is_refused_with_its_line(block, named):
    with pytest.raises(MalformedHeader, match=named):
        parse(block)
