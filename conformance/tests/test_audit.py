"""`audit stream`: silent about sound streams, however they are read, and loud about damage."""

import json
import socket

import pytest

from nats_conformance.audit.client import Refused
from nats_conformance.audit.reading import log
from nats_conformance.audit.stream import audit
from nats_conformance.invariants.stream import violations
from nats_conformance.invariants.stream_log import Figures, Logged, View
from nats_conformance.targets import faulty, resolve
from nats_conformance.targets.pool import start
from nats_conformance.targets.url import parse

COUNT = 5000


def made(client, url, count=COUNT, name="S", **config):
    """A stream with gaps; every tenth message has an id, every eleventh an odd block."""
    config = {"name": name, "subjects": [f"{name}.*"], **config}
    client.request(f"STREAM.CREATE.{name}", config)
    blocks = {0: b"NATS/1.0\r\nNats-Msg-Id: %d\r\n\r\n", 1: b"NATS/1.0\r\nA: b\r\nA: %d\r\n\r\n"}
    data = []
    for number in range(count):
        block = blocks[number % 10] % number if number % 10 in blocks else b""
        payload = b"x" * (number % 50)
        line = b"HPUB %b.%d %d %d\r\n" % (
            name.encode(),
            number % (count // 7 + 1),
            len(block),
            len(block) + len(payload),
        )
        data.append(line + block + payload + b"\r\n")
    with socket.create_connection((parse(url).host, parse(url).port)) as publisher:
        publisher.sendall(b'CONNECT {"headers":true}\r\n' + b"".join(data))
        publisher.sendall(b"PING\r\n")
        while b"PONG" not in publisher.recv(65536):
            pass
    while client.request(f"STREAM.INFO.{name}")["state"]["last_seq"] < count:
        pass
    for seq in (*range(1, 4), 17, *range(1000, 1600), count):
        if 0 < seq <= count:
            client.request(f"STREAM.MSG.DELETE.{name}", {"seq": seq})
    return client.request(f"STREAM.INFO.{name}")


@pytest.mark.parametrize("target", ["reference", "nats-server"])
@pytest.mark.parametrize("storage", ["memory", "file"])
def test_both_ways_of_reading_give_the_same_sound_log(serving, target, storage):
    client, url = serving(target)
    info = made(client, url, storage=storage, allow_direct=True)
    last = info["state"]["last_seq"]
    direct = list(log(client, info["config"], 1, last))
    single = list(log(client, {"name": "S"}, 1, last))
    assert direct == single
    assert len(direct) == info["state"]["messages"]
    seen = []
    finding = audit(client, "S", lambda done, of: seen.append((done, of)))
    assert (finding.shown, finding.not_judged) == ([], [])
    assert seen[-1] == (len(direct), len(direct))
    assert client.request("CONSUMER.NAMES.S")["consumers"] in ([], None)


def test_an_empty_stream_is_sound(serving):
    client, url = serving("nats-server")
    made(client, url, count=0, storage="file")
    assert audit(client, "S", lambda _done, _of: None).shown == []


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [("JS-LIM-002", "JS-LIM-002"), ("JS-LIM-005", "JS-LIM-005"), ("JS-LIM-006", "JS-LIM-006")],
)
def test_a_server_that_lies_is_caught(serving, run, tmp_path, fault, requirement):
    client, url = serving(faulty(fault))
    made(client, url, count=50, storage="file", allow_direct=True)
    file = tmp_path / "audit.json"
    ran = run("audit", "stream", "S", "--server", url, "--json", str(file))
    assert ran.status == 1
    assert f"{requirement} violation" in ran.out
    found = json.loads(file.read_text())
    assert not found["sound"]
    assert requirement in found["violations"]
    assert {breach["requirement"] for breach in found["breaches"]} == set(found["violations"])
    assert all(breach["sentence"].endswith(".") for breach in found["breaches"])


def test_a_remark_counts_only_if_it_is_asked_to(serving, run):
    client, url = serving("nats-server")
    made(client, url, count=30, storage="memory")
    update = {"name": "S", "subjects": ["T.*"], "storage": "memory", "max_msg_size": 40}
    client.request("STREAM.UPDATE.S", update)
    ran = run("audit", "stream", "S", "--server", url)
    assert ran.status == 0
    assert "JS-PUB-033 remark, 25 times" in ran.out
    assert "… and 5 more" in ran.out
    assert "✓ stream S is sound" in ran.out
    assert run("audit", "stream", "S", "--server", url, "--strict").status == 1


def test_what_cannot_be_read_is_told_in_a_sentence(serving, run):
    client, url = serving("nats-server")
    absent = run("audit", "stream", "NONE", "--server", url)
    assert (absent.status, "there is no stream NONE" in absent.err) == (4, True)
    nobody = run("audit", "stream", "S", "--server", "nats://127.0.0.1:1")
    assert (nobody.status, "cannot connect" in nobody.err) == (3, True)
    assert run("audit", "stream", "S", "--server", "http://h").status == 4
    with pytest.raises(Refused):
        client.request("STREAM.INFO.NONE")


def test_a_server_without_jetstream_is_told(run):
    instance = start(resolve("nats-server"), patience=10)
    try:
        host, port = instance.address
        ran = run("audit", "stream", "S", "--server", f"nats://{host}:{port}")
    finally:
        instance.stop()
    assert (ran.status, "nobody answers there for JetStream" in ran.err) == (3, True)


@pytest.mark.parametrize("storage", ["memory", "file"])
def test_what_a_reading_does_not_show_is_not_held_against_a_stream(serving, storage):
    """A block without fields with direct gets, a subject that is no UTF-8 without them."""
    client, url = serving("nats-server")
    for name, direct in (("S", True), ("T", False)):
        made(client, url, count=5, name=name, storage=storage, allow_direct=direct)
        where = parse(url)
        with socket.create_connection((where.host, where.port)) as publisher:
            block = b"NATS/1.0\r\n\r\n"
            line = b"HPUB %b.\xff 12 13\r\n%bx\r\n" % (name.encode(), block)
            publisher.sendall(b'CONNECT {"headers":true}\r\n' + line + b"PING\r\n")
            while b"PONG" not in publisher.recv(65536):
                pass
        finding = audit(client, name, lambda _done, _of: None)
        assert finding.shown == []
        assert [each.split(":")[0] for each in finding.not_judged] == ["bytes"]


def test_what_never_expires_may_be_older_than_max_age():
    config = {"name": "S", "max_age": 10**9, "storage": "memory"}
    block = b"NATS/1.0\r\nNats-TTL: Never\r\n\r\n"
    now = 10**18
    state = Figures(2, 71, 1, 2, 1, 2, 0, 1)
    log = [Logged(1, 1, b"a", block, 0), Logged(2, 2, b"a", b"", 0)]
    found = violations(log, View(config, state, now))
    assert [(each.requirement, each.seq) for each in found if each.seq] == [("JS-LIM-015", 2)]
