"""greeting.py: INFO and its schema."""

import json

import pytest

from nats_conformance import greeting
from nats_conformance.expect import Mismatch

INFO = {
    "server_id": "N" + "A" * 55,
    "server_name": "zed",
    "version": "2.15.1",
    "proto": 1,
    "go": "go1.27.2",
    "host": "127.0.0.1",
    "port": 4222,
    "headers": True,
    "max_payload": 1048576,
    "client_id": 5,
}


def encoded(**changes):
    return json.dumps(INFO | changes, separators=(",", ":")).encode()


def test_an_info_that_fits_passes_for_every_client():
    for number in (1, 20, 300):
        greeting.check(encoded(client_id=number))


@pytest.mark.parametrize(
    ("change", "named"),
    [({"proto": 2}, "proto"), ({"client_id": 0}, "client_id"), ({"client_id": 1.5}, "client_id")],
)
def test_one_that_does_not_is_named_after_one_that_did(change, named):
    greeting.check(encoded())
    with pytest.raises(Mismatch) as mismatch:
        greeting.check(encoded(**change))
    assert named in mismatch.value.message


def test_text_that_is_no_json_is_a_mismatch():
    with pytest.raises(Mismatch, match="no JSON"):
        greeting.check(b"{")
