"""greeting.py: INFO and its schema."""

import json

import pytest

from nats_conformance import greeting
from nats_conformance.expect import Mismatch


@pytest.fixture
def encoded(info_fields):
    """The JSON of an INFO with some members changed."""

    def encode(**changes):
        return json.dumps(info_fields | changes, separators=(",", ":")).encode()

    return encode


def test_an_info_that_fits_passes_for_every_client(encoded):
    for number in (1, 20, 300):
        greeting.check(encoded(client_id=number))


@pytest.mark.parametrize(
    ("change", "named"),
    [({"proto": 2}, "proto"), ({"client_id": 0}, "client_id"), ({"client_id": 1.5}, "client_id")],
)
def test_one_that_does_not_is_named_after_one_that_did(encoded, change, named):
    greeting.check(encoded())
    with pytest.raises(Mismatch) as mismatch:
        greeting.check(encoded(**change))
    assert named in mismatch.value.message


def test_text_that_is_no_json_is_a_mismatch():
    with pytest.raises(Mismatch, match="no JSON"):
        greeting.check(b"{")
