from hypothesis import given
from hypothesis import strategies as st

from nats_conformance.delivery import DRIBBLED, Delivery


@given(st.sampled_from(Delivery), st.binary(max_size=200), st.integers(0, 2 * DRIBBLED))
def test_the_pieces_are_the_data(delivery: Delivery, data: bytes, before: int) -> None:
    assert b"".join(delivery.pieces(data, before)) == data


def test_byte_by_byte_up_to_a_number_of_bytes() -> None:
    pieces = list(Delivery.BYTE_BY_BYTE.pieces(b"x" * 10, DRIBBLED - 4))
    assert [len(piece) for piece in pieces] == [1, 1, 1, 1, 6]


def test_only_coalesced_holds() -> None:
    assert [each for each in Delivery if each.holds] == [Delivery.COALESCED]
