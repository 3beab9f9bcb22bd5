"""`audit object`: says what is wrong and why, nothing of what is whole, and leaves nothing behind."""

import json
import tracemalloc

import pytest
from raw_objects import Store, found

from nats_spec import objects
from nats_spec.objects import Metadata


@pytest.mark.parametrize(
    "config", [{"storage": "memory"}, {"storage": "file"}, {"allow_direct": False}]
)
def test_a_healthy_store_is_sound(url, config):
    store = Store(url, **config)
    store.healthy()
    assert found(store, settled=True) == []
    assert store.request("CONSUMER.NAMES")["consumers"] in ([], None)
    store.close()


def test_what_is_under_way_is_a_remark(store):
    store.chunk("half", b"more")
    assert found(store) == []
    assert found(store, settled=True) == [("chunks_have_an_object", "half")]


def test_metadata_without_rollup_is_a_remark(store):
    store.say(Metadata("Grüße?", store.bucket, "ng", 5, 2, objects.digest(b"hello")), rollup=False)
    finding = store.audited()
    assert [each.invariant for each in finding.shown] == ["metadata_asks_to_replace"]


def test_content_is_not_kept(url):
    store = Store(url, storage="file")
    for number in range(4):
        content = bytes([number]) * (6 << 20)
        store.put(f"large {number}", content, f"l{number}", chunk=objects.CHUNK)
    tracemalloc.start()
    try:
        finding = store.audited(settled=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (finding.shown, finding.read) == ([], 4 * 49)
    assert peak < 8 << 20
    store.close()


def test_the_command_says_what_is_wrong_and_why(store, url, run, tmp_path):
    ran = run("audit", "object", store.bucket, "--server", url)
    assert ran.status == 0, ran.out
    assert f"✓ object store {store.bucket} is sound" in ran.out
    assert "7 objects" not in ran.out
    store.remove(2)
    file = tmp_path / "audit.json"
    ran = run("audit", "object", store.bucket, "--server", url, "--json", str(file))
    assert ran.status == 1
    assert "OBJ-INV-007 violation, 1 times" in ran.out
    assert "object 'x', message 5: 3 chunks are there, 4 are said" in " ".join(ran.out.split())
    told = json.loads(file.read_text())
    (breach,) = told["breaches"]
    assert (breach["invariant"], breach["object"], breach["seq"]) == (
        "chunks_are_all_there",
        "x",
        5,
    )
    assert breach["sentence"].endswith("together.")
    assert run("audit", "object", "NONE", "--server", url).status == 4
    assert run("audit", "stream", store.stream, "--server", url, "--settled").status == 4
