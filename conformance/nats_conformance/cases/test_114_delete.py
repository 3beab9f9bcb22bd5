"""STREAM.MSG.DELETE (JS-STREAM-029 .. JS-STREAM-032, JS-PURGE-003)."""

from __future__ import annotations

from typing import Any, Final

from nats_conformance.cases import Nats, case
from nats_conformance.sample import STORAGES, Sample, sample

from .test_114_purge import expect_left

#: Which message goes, and what is left then.
IN_TURN: Final[tuple[tuple[dict[str, Any], tuple[int, ...]], ...]] = (
    ({"seq": 3}, (1, 2, 4, 5, 6, 7, 8)),
    ({"seq": 1, "no_erase": True}, (2, 4, 5, 6, 7, 8)),
    ({"seq": 2, "no_erase": False}, (4, 5, 6, 7, 8)),
    ({"SEQ": 8}, (4, 5, 6, 7)),
    ({"seq": 6, "no_erase": True}, (4, 5, 7)),
    ({"seq": 7}, (4, 5)),
    ({"seq": 4}, (5,)),
    ({"seq": 5}, ()),
)


def delete(log: Sample, body: dict[str, Any]) -> None:
    """Delete one message."""
    answer = log.js.request(f"STREAM.MSG.DELETE.{log.stream}", body)
    assert answer["success"] is True, body


@case("JS-STREAM-029", config="jetstream", deliveries=False)
def test_one_message_goes(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, at_once=True)
        for body, left in IN_TURN:
            delete(log, body)
            expect_left(log, left, (storage, body))
        assert log.state()["bytes"] == 0
        assert log.js.publish(log.subject("a"))["seq"] == 9


@case("JS-STREAM-030", config="jetstream", deliveries=False)
def test_what_is_gone_can_not_be_deleted_again(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, at_once=True)
        for seq in (3, 8):
            for no_erase in (False, True):
                body = {"seq": seq, "no_erase": no_erase}
                if no_erase is False:
                    delete(log, body)
                answer = log.js.refused(f"STREAM.MSG.DELETE.{log.stream}", 10043, body)
                assert answer["error"]["code"] == 400
                assert "success" not in answer
        log.js.request(f"STREAM.PURGE.{log.stream}", {"filter": log.subject("b")})
        log.js.refused(f"STREAM.MSG.DELETE.{log.stream}", 10043, {"seq": 5})


@case("JS-STREAM-031", config="jetstream", deliveries=False)
def test_a_sequence_outside_is_refused_one_way_or_another(nats: Nats) -> None:
    for storage in STORAGES:
        log = sample(nats, storage, at_once=True)
        log.remove(1)
        for body in ({"seq": 0}, {"no_erase": True}, {"seq": 1}, {"seq": 9}, {"seq": 9999}):
            answer = log.js.answer(f"STREAM.MSG.DELETE.{log.stream}", body)
            assert answer["error"]["err_code"] in {10043, 10057}, (storage, body)
        expect_left(log, (2, 3, 4, 5, 6, 7, 8), storage)


@case("JS-STREAM-032", config="jetstream", deliveries=False)
def test_a_stream_may_forbid_it(nats: Nats) -> None:
    log = sample(nats, deny_delete=True, at_once=True)
    config = {"name": log.stream, "subjects": [f"{log.prefix}.>"], "storage": "memory"}
    for code, sealed in ((10057, False), (10109, True)):
        if sealed:
            log.js.request(
                f"STREAM.UPDATE.{log.stream}",
                config | {"sealed": True, "deny_purge": True, "deny_delete": True},
            )
        for body in ({"seq": 3}, {"seq": 99}, {"seq": 3, "no_erase": True}):
            answer = log.js.refused(f"STREAM.MSG.DELETE.{log.stream}", code, body)
            assert answer["error"]["code"] == {10057: 500, 10109: 400}[code]
        log.js.refused(f"STREAM.MSG.DELETE.{log.stream}", 10003, {})
        log.js.refused(f"STREAM.MSG.DELETE.{log.stream}", 10025, "{bad")
        expect_left(log, tuple(range(1, 9)), code)
    other = sample(nats, deny_purge=True, at_once=True)
    delete(other, {"seq": 3})


@case("JS-PURGE-003", config="jetstream", deliveries=False)
def test_a_bad_deletion_is_told_before_a_missing_stream(nats: Nats) -> None:
    js, missing = nats.jetstream(), nats.name("S")
    for body, code in (
        (None, 10003),
        ({}, 10003),
        ("garbage", 10025),
        ("[1]", 10025),
        ({"seq": -1}, 10025),
        ({"seq": "5"}, 10025),
        ({"seq": 1, "no_erase": "x"}, 10025),
        ({"seq": 1}, 10059),
    ):
        js.refused(f"STREAM.MSG.DELETE.{missing}", code, body)
