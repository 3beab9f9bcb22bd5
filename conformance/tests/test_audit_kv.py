"""`audit kv`: names what raw messages and faulty servers did to a bucket, and is silent about sound ones."""

import asyncio
import json
import subprocess
import sys

import nats
import pytest
from raw_buckets import DELETE, MARKER, PURGE, Raw, damaged, looked, serving

from nats_conformance.invariants.kv_rules import RULES
from nats_conformance.invariants.stream_rules import SLACK
from nats_conformance.targets import faulty, resolve
from nats_spec import kv

SECOND = kv.SECOND


@pytest.fixture(scope="module", params=["reference", "nats-server"])
def url(request):
    instance, url = serving(resolve(request.param))
    yield url
    instance.stop()


#: What is done to a bucket that holds a (1), b (2) and a (3); and what is to be said of which message.
WAYS = {
    "another subject": (
        {"subjects": ["$KV.B.>", "else"]},
        [("else", b"x", {})],
        ("KV-INV-001", None),
    ),
    "a message on another subject": (
        {"subjects": ["$KV.B.>", "else"]},
        [("else", b"x", {})],
        ("KV-INV-001", 4),
    ),
    "old ones are discarded": ({"discard": "old"}, [], ("KV-INV-002", None)),
    "no roll-ups": ({"allow_rollup_hdrs": False}, [], ("KV-INV-002", None)),
    "messages are limited": ({"max_msgs": 100}, [], ("KV-INV-002", None)),
    "interest": ({"retention": "interest"}, None, ("KV-INV-002", None)),
    "history of 100": ({"history": 100}, [], ("KV-INV-003", None)),
    "history without end": ({"history": -1}, [], ("KV-INV-003", None)),
    "odd key": ({}, [("a$", b"x", {})], ("KV-INV-006", 4)),
    "key in another script": ({}, [("\u043a", b"x", {})], ("KV-INV-006", 4)),
    "operation in small letters": ({}, [("a", b"", {"KV-Operation": "purge"})], ("KV-INV-009", 4)),
    "unknown operation": ({}, [("a", b"", {"KV-Operation": "MOVE"})], ("KV-INV-009", 4)),
    "deletion with a value": ({}, [("a", b"x", DELETE)], ("KV-INV-015", 4)),
    "purge without roll-up": ({}, [("a", b"", {"KV-Operation": "PURGE"})], ("KV-INV-016", 4)),
    "purge with a value": ({}, [("a", b"x", PURGE)], ("KV-INV-016", 4)),
    "purge of everything": ({}, [("a", b"", PURGE | {"Nats-Rollup": "all"})], ("KV-INV-016", 4)),
    "put with a TTL": (
        {"allow_msg_ttl": True},
        [("a", b"x", {"Nats-TTL": "1h"})],
        ("KV-INV-018", 4),
    ),
    "deletion with a TTL": (
        {"allow_msg_ttl": True},
        [("a", b"", DELETE | {"Nats-TTL": "1h"})],
        ("KV-INV-018", 4),
    ),
    "marker without roll-up": (
        {},
        [("a", b"", {"Nats-Marker-Reason": "MaxAge"})],
        ("KV-INV-025", 4),
    ),
    "marker with a value": ({}, [("a", b"x", MARKER)], ("KV-INV-025", 4)),
    "marker for no known reason": (
        {},
        [("a", b"", MARKER | {"Nats-Marker-Reason": "Boredom"})],
        ("KV-INV-025", 4),
    ),
    "value larger than allowed now": (
        {},
        [("c", b"x" * 100, {}), {"max_msg_size": 50}],
        ("KV-INV-034", 4),
    ),
    "expects something of another key": (
        {"deny_delete": False},
        [("c", b"", {kv.EXPECTED: "3", kv.EXPECTED + "-Subject": "$KV.B.a"})],
        None,
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_damage_by_raw_messages_is_named_and_located(way, url):
    options, steps, expected = WAYS[way]
    nc = await nats.connect(url)
    async with Raw(nc, **options) as raw:
        await damaged(raw, steps)
        finding = looked(url)
        state = (await raw.ask("STREAM.INFO.KV_B"))["state"]
        assert state["consumer_count"] == 0
    await nc.close()
    said = {(each.requirement, each.seq) for each in finding.shown}
    if expected is None:
        assert said == set()
    else:
        assert expected in said
        assert {requirement for requirement, _ in said} == {expected[0]}


#: Each invariant with a fault of the server that it alone catches: the bucket, what is written to
#: it, and the message of which it is said.
ALONE = {
    "KV-INV-001/subjects": ({}, [], ("KV-INV-001", None)),
    "KV-INV-001/stray": ({}, [], ("KV-INV-001", 2)),
    "KV-INV-002/old": ({}, [], ("KV-INV-002", None)),
    "KV-INV-003/endless": ({}, [], ("KV-INV-003", None)),
    "KV-INV-006/sign": ({}, [], ("KV-INV-006", 1)),
    "JS-DIRECT-006/backwards": ({"allow_direct": True}, [], ("KV-INV-008", 1)),
    "KV-INV-009": ({}, [], ("KV-INV-009", 1)),
    "KV-INV-009/operation": ({}, [("b", b"", DELETE)], ("KV-INV-009", 4)),
    "KV-INV-012": ({}, [("b", b"", DELETE), ("b", b"2", {kv.EXPECTED: "0"})], ("KV-INV-013", 5)),
    "KV-INV-013": (
        {},
        [("b", b"2", {kv.EXPECTED: "2"}), ("b", b"3", {kv.EXPECTED: "2"})],
        ("KV-INV-013", 5),
    ),
    "KV-INV-015/value": ({}, [("b", b"", DELETE)], ("KV-INV-015", 4)),
    "KV-INV-016/leaves": ({}, [("a", b"", PURGE)], ("KV-INV-016", 4)),
    "KV-INV-018/put": ({}, [], ("KV-INV-018", 1)),
    "KV-INV-019/more": ({"history": 2}, [("c", b"1", {}), ("a", b"3", {})], ("KV-INV-019", 5)),
    "KV-INV-025/bare": ({}, [("b", b"", MARKER)], ("KV-INV-025", 4)),
    "KV-INV-027": ({}, [], ("KV-INV-027", None)),
    "KV-INV-033": ({"max_bytes": 60}, [], ("KV-INV-033", None)),
    "KV-INV-034/twice": ({"max_msg_size": 1}, [], ("KV-INV-034", 1)),
    "JS-LIM-015": (
        {"max_age": SECOND // 10, "duplicate_window": SECOND // 10},
        [],
        ("JS-LIM-015", 1),
    ),
}


def test_every_invariant_has_a_fault():
    of_messages = {rule.requirement for rule in RULES}
    of_buckets = {f"KV-INV-{number:03}" for number in (1, 2, 3, 8, 9, 27, 33)}
    assert {requirement for _, _, (requirement, _) in ALONE.values()} == of_messages | of_buckets


@pytest.mark.parametrize("fault", ALONE)
async def test_a_fault_is_caught_by_one_invariant_alone(fault):
    options, steps, (requirement, seq) = ALONE[fault]
    instance, url = serving(resolve(faulty(fault)))
    nc = await nats.connect(url)
    try:
        async with Raw(nc, **options) as raw:
            await damaged(raw, steps)
            if requirement == "JS-LIM-015":
                await asyncio.sleep(SLACK / SECOND + 0.2)
            finding = looked(url)
    finally:
        await nc.close()
        instance.stop()
    said = {(each.requirement, each.seq) for each in finding.shown}
    assert (requirement, seq) in said
    assert {each for each, _ in said} == {requirement}


async def test_a_bucket_by_nats_py_is_sound(url):
    nc = await nats.connect(url)
    js = nc.jetstream()
    bucket = await js.create_key_value(bucket="B", history=3, limit_marker_ttl=1, ttl=3600)
    for number in range(50):
        await bucket.put(f"key.{number % 7}", b"%d" % number)
    revision = await bucket.create("created", b"1", msg_ttl=3600)
    await bucket.update("created", b"2", last=revision)
    await bucket.delete("key.1")
    await bucket.create("key.1", b"again")
    await bucket.purge("key.2", msg_ttl=3600)
    await bucket.delete("created", last=revision + 1)
    await bucket.purge_deletes()
    finding = looked(url)
    assert (finding.shown, finding.not_judged) == ([], [])
    await js.delete_key_value("B")
    await nc.close()


async def test_without_direct_gets_nothing_is_different(url):
    nc = await nats.connect(url)
    async with Raw(nc, allow_direct=False) as raw:
        for number in range(1000):
            await nc.publish(kv.subject("B", f"k{number % 300}"), b"x")
        await raw.put("a", b"x", **DELETE)
        finding = looked(url)
    assert ([each.requirement for each in finding.shown], finding.read) == (["KV-INV-015"], 1001)
    await nc.close()


def command(*words):
    done = subprocess.run(
        [sys.executable, "-m", "nats_conformance", "audit", "kv", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


async def test_the_command(url, tmp_path):
    nc = await nats.connect(url)
    async with Raw(nc) as raw:
        await raw.put("a", b"x")
        status, said = command("B", "--server", url)
        assert (status, "bucket B is sound" in said) == (0, True), said
        await raw.put("a", b"x", **DELETE)
        await raw.put("b$", b"x")
        status, said = command("B", "--server", url, "--json", str(tmp_path / "found.json"))
        assert status == 1
        assert "KV-INV-015 violation, 1 times" in said
        assert "message 2, key a: a deletion of 1 bytes" in said
        assert "KV-INV-006 remark" in said
    document = json.loads((tmp_path / "found.json").read_text())
    assert (document["kind"], document["sound"], document["read"]) == ("kv", False, 3)
    assert document["violations"] == {"KV-INV-015": 1}
    (breach,) = [each for each in document["breaches"] if not each["remark"]]
    assert (breach["seq"], breach["key"]) == (2, "a")
    assert "deletion" in breach["sentence"]
    status, said = command("NONE", "--server", url)
    assert (status, "there is no bucket NONE" in said) == (4, True), said
    status, said = command("KV_B", "--server", url)
    assert (status, "the stream KV_B would hold bucket B" in said) == (4, True), said
    await nc.close()
