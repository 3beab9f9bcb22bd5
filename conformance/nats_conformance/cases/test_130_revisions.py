"""Create, update, and whatever else expects a revision (chapter 130)."""

from __future__ import annotations

import threading

from nats_conformance import kv as client
from nats_conformance.cases import Mismatch, Nats, case
from nats_spec.kv import Kind


def code(answer: dict[str, object]) -> object:
    """The number of the error in an answer."""
    error = answer.get("error", {})
    return error.get("err_code") if isinstance(error, dict) else None


@case("KV-INV-012", config="jetstream", deliveries=False)
def test_a_key_is_created_once_more_over_its_marker(nats: Nats) -> None:
    js = nats.jetstream()
    for history in (1, 5):
        bucket = client.make(js, history=history)
        assert bucket.update("a", "1", 0) == 1
        for end in (bucket.delete, bucket.purge):
            marker = end("a")
            refusal = bucket.write("a", "2", last=0)
            assert code(refusal) == 10071
            newest = bucket.newest("a")
            assert newest is not None
            assert (newest.revision, newest.kind is Kind.PUT) == (marker, False)
            assert bucket.update("a", "2", marker) == marker + 1
            assert bucket.get("a") == b"2"
        js.request(f"STREAM.PURGE.{bucket.stream}", {"filter": bucket.subject("a")})
        assert bucket.update("a", "3", 0) > 0


@case("KV-INV-013", "KV-INV-014", config="jetstream", deliveries=False)
def test_only_who_knows_the_newest_revision_writes(nats: Nats) -> None:
    js = nats.jetstream()
    for history in (1, 5):
        bucket = client.make(js, history=history)
        assert bucket.update("a", "1", 0) == 1
        assert bucket.update("b", "1", 0) == 2
        assert bucket.update("a", "2", 1) == 3
        for wrong in (0, 1, 2, 4, 100):
            refusal = bucket.write("a", "no", last=wrong)
            assert code(refusal) == 10071
            assert "3" in refusal["error"]["description"]
        assert bucket.write("c", "no", last=1)["seq"] == 0
        assert bucket.get("a") == b"2"
        assert js.state(bucket.stream)["last_seq"] == 3
        # Many of other keys in between change nothing.
        for _ in range(5):
            bucket.put("b", "x")
        assert bucket.update("a", "3", 3) == 9


@case("KV-INV-013", config="jetstream", deliveries=False)
def test_of_several_writers_one_wins_each_revision(nats: Nats) -> None:
    js = nats.jetstream()
    bucket = client.make(js, history=64)
    rounds, writers = 10, 4
    won: list[list[int]] = [[] for _ in range(writers)]
    failures: list[Exception] = []
    buckets = [bucket.over(nats.jetstream()) for _ in range(writers)]

    def write(number: int) -> None:
        try:
            mine, last = buckets[number], 0
            while last < rounds:
                seq = mine.update("a", f"{number}", last)
                won[number] += [seq] * (seq > 0)
                newest = mine.newest("a")
                last = newest.revision if newest else 0
        except Exception as error:  # noqa: BLE001 - told in the case's own thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    accepted = sorted(seq for each in won for seq in each)
    if accepted != [*range(1, len(accepted) + 1)]:
        raise Mismatch("revisions are not a chain", "1, 2, 3 …", str(accepted))
    found = bucket.history("a")
    assert [each.revision for each in found] == accepted
    assert [each.revision in won[int(each.value)] for each in found] == [True] * len(found)


@case("KV-INV-017", config="jetstream", deliveries=False)
def test_ends_may_expect_a_revision(nats: Nats) -> None:
    js = nats.jetstream()
    for purge in (False, True):
        bucket = client.make(js, history=5)
        end = bucket.purge if purge else bucket.delete
        bucket.put("a", "1")
        bucket.put("b", "1")
        assert end("a", 2) == 0
        assert bucket.get("a") == b"1"
        assert end("a", 1) == 3
        assert end("a", 1) == 0
        assert end("ghost", 0) == 4
