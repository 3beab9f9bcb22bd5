"""What a stream owes its publisher: each way of breaking it is told."""

import os

import pytest

from nats_conformance.expect import NotApplicable
from nats_conformance.invariants.stream_promises import broken, missing
from nats_conformance.small_disk import small_disk
from nats_spec.model.stream import Message

SENT = {number: Message(b"s", b"%d" % number) for number in range(1, 6)}
ACKED = {1: 1, 2: 2, 3: 3}


def held(*numbers):
    """A stream of these messages, from sequence 1 on."""
    return {seq: SENT[number] for seq, number in enumerate(numbers, 1)}


@pytest.mark.parametrize("numbers", [(1, 2, 3), (1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 3, 4, 5)])
def test_what_was_not_acknowledged_may_be_there_or_not(numbers):
    assert broken(SENT, ACKED, held(*numbers)) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (held(1, 2), "message 3 was acknowledged as 3, which is not there"),
        (held(1, 3, 2), "message 2 was acknowledged as 2, which is message 3"),
        (held(1, 2, 3, 5, 4), "message 4 is stored behind message 5, which was sent later"),
        (held(1, 2, 3, 3), "message 3 is stored 2 times: [3, 4]"),
        (held(1, 2, 3, 4, 4), "message 4 is stored 2 times: [4, 5]"),
        ({**held(1, 2, 3), 4: Message(b"s", b"")}, "nobody sent what is message 4"),
        ({**held(1, 2), 3: Message(b"s", b"3", b"x")}, "acknowledged as 3, which is strange"),
    ],
)
def test_a_broken_promise_is_told(found, told):
    assert any(told in sentence for sentence in broken(SENT, ACKED, found))


def test_what_is_missing_is_told():
    assert missing(SENT, held(1, 2, 4)) == ["message 3 is not stored", "message 5 is not stored"]


@pytest.mark.skipif(os.geteuid(), reason="2026-11-25: only root may mount a tmpfs")
def test_a_small_disk_is_soon_full():
    with small_disk(1) as disk:
        (disk / "fits").write_bytes(bytes(500_000))
        with pytest.raises(OSError, match="space"):
            (disk / "does not").write_bytes(bytes(1_000_000))
    assert not disk.exists()


def test_without_root_there_is_no_small_disk(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotApplicable, match="root"), small_disk(1):
        pass
