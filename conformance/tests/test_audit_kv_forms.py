"""`audit kv`: what is written in a form that no client writes, and what just looks like damage."""

import json

import nats
import pytest
from raw_buckets import DELETE, Raw, looked, serving

from nats_conformance.audit.client import Client
from nats_conformance.targets import resolve
from nats_conformance.targets.url import parse
from nats_spec import kv


@pytest.fixture(scope="module", params=["reference", "nats-server"])
def url(request):
    instance, url = serving(resolve(request.param))
    yield url
    instance.stop()


def publish(url, subject, block, payload=b"x"):
    """A message with exactly this subject and header block."""
    with Client(parse(url), 10) as client:
        client._asked += 1
        reply = b"%b.%d" % (client._inbox, client._asked)
        sizes = b"%d %d" % (len(block), len(block) + len(payload))
        client._send(b"HPUB %b %b %b\r\n%b%b\r\n" % (subject, reply, sizes, block, payload))
        assert "seq" in json.loads(client.reply(b"%d" % client._asked).payload)


#: What is written behind a (1), b (2) and a (3); requirement, message and words of what is said.
WAYS = {
    "a deletion that rolls up": (
        ("a", b"", DELETE | {"Nats-Rollup": "sub"}),
        ("KV-INV-015", 4, "the history of its key went"),
    ),
    "a value that rolls up": (
        ("a", b"x", {"Nats-Rollup": "sub"}),
        ("KV-INV-019", 4, "the history of its key went"),
    ),
    "a value that rolls up everything": (
        ("a", b"x", {"Nats-Rollup": "all"}),
        ("KV-INV-019", 4, "all other keys went"),
    ),
    "a field in other letters": (
        ("a", b"", {"Kv-Operation": "DEL"}),
        ("KV-INV-009", 4, "nobody knows the field Kv-Operation"),
    ),
    "an update with a TTL": (
        ("a", b"x", {kv.EXPECTED: "3", "Nats-TTL": "1h"}),
        ("KV-INV-018", 4, "no creation"),
    ),
}

#: What is changed in the configuration, and what is said of it.
CONFIGS = {
    "puts get no answer": ({"no_ack": True}, "no_ack is True"),
    "puts are refused at the history": (
        {"discard_new_per_subject": True},
        "discard_new_per_subject is True",
    ),
}

#: Blocks that are none.
BLOCKS = {
    "no colon": b"NATS/1.0\r\nfoo\r\n\r\n",
    "another protocol": b"HELLO\r\n\r\n",
    "no end": b"NATS/1.0\r\nA: b",
}


async def filled(raw):
    for key in "aba":
        await raw.put(key, b"x")


@pytest.mark.parametrize("way", WAYS)
async def test_what_no_client_writes_is_named(way, url):
    (key, value, headers), (requirement, seq, words) = WAYS[way]
    nc = await nats.connect(url)
    async with Raw(nc, allow_msg_ttl=True) as raw:
        await filled(raw)
        await raw.put(key, value, **headers)
        (found,) = looked(url).shown
    await nc.close()
    assert (found.requirement, found.seq, found.key, found.remark) == (requirement, seq, key, False)
    assert words in found.text


@pytest.mark.parametrize("change", CONFIGS)
async def test_a_configuration_that_breaks_puts_is_named(change, url):
    config, text = CONFIGS[change]
    nc = await nats.connect(url)
    async with Raw(nc) as raw:
        await filled(raw)
        await raw.update(**config)
        said = [(each.requirement, each.text) for each in looked(url).shown]
    await nc.close()
    assert said == [("KV-INV-002", text)]


async def test_keys_that_another_stream_would_hear_are_named(url):
    nc = await nats.connect(url)
    async with Raw(nc, subject_transform={"src": "$KV.B.>", "dest": "$KV.B.x.>"}) as raw:
        await filled(raw)
        (found,) = looked(url).shown
    await nc.close()
    assert (found.requirement, found.seq) == ("KV-INV-002", None)
    assert found.text.startswith("subject_transform is ")


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("form", BLOCKS)
async def test_a_block_that_is_none_is_named(form, direct, url):
    nc = await nats.connect(url)
    async with Raw(nc, allow_direct=direct) as raw:
        await filled(raw)
        publish(url, b"$KV.B.c", BLOCKS[form])
        await raw.put("d", b"x")
        finding = looked(url)
    await nc.close()
    assert [(each.requirement, each.seq, each.key) for each in finding.shown] == [
        ("KV-INV-009", 4, "c")
    ]
    assert "clients can't read its fields" in finding.shown[0].text
    assert finding.read == 5


@pytest.mark.parametrize("direct", [True, False])
async def test_fields_of_another_stream_are_not_taken_for_those_of_a_get(direct, url):
    """As a message has them that was republished into the bucket."""
    nc = await nats.connect(url)
    async with Raw(nc, allow_direct=direct) as raw:
        await filled(raw)
        fields = {"Nats-Stream": "KV_B", "Nats-Subject": "$KV.B.a", "Nats-Sequence": "1"}
        await raw.put("a", b"x", **fields)
        finding = looked(url)
    await nc.close()
    assert (finding.shown, finding.read) == ([], 4)


@pytest.mark.parametrize("direct", [True, False])
async def test_a_key_that_is_no_text_can_be_read_and_told(direct, url, run, tmp_path):
    nc = await nats.connect(url)
    file = tmp_path / "audit.json"
    async with Raw(nc, allow_direct=direct) as raw:
        await filled(raw)
        publish(url, b"$KV.B.\x1b[2J\xff", b"NATS/1.0\r\n\r\n")
        ran = run("audit", "kv", "B", "--server", url, "--json", str(file))
    await nc.close()
    assert (ran.status, "\x1b" in ran.out) == (0, False), ran.out
    assert "message 4, key \\x1b[2J" in ran.out
    assert json.loads(file.read_text())["remarks"] == {"KV-INV-006": 1}


@pytest.mark.parametrize("key", [b"*", b">", b"a.*"])
async def test_a_key_that_a_get_takes_for_a_filter_is_not_got(key, url):
    nc = await nats.connect(url)
    async with Raw(nc) as raw:
        publish(url, b"$KV.B." + key, b"NATS/1.0\r\n\r\n")
        await raw.put("a.b", b"x")
        await raw.put("c", b"x")
        finding = looked(url)
    await nc.close()
    assert [(each.requirement, each.seq, each.remark) for each in finding.shown] == [
        ("KV-INV-006", 1, True)
    ]


async def test_a_limit_that_is_lower_now_is_a_remark(url):
    nc = await nats.connect(url)
    async with Raw(nc) as raw:
        await filled(raw)
        await raw.update(max_bytes=50)
        finding = looked(url)
    await nc.close()
    assert [(each.requirement, each.remark) for each in finding.shown] == [("KV-INV-033", True)]


async def test_a_message_of_no_key_is_told_by_its_subject(url):
    nc = await nats.connect(url)
    async with Raw(nc, subjects=["$KV.B.>", "else"]) as raw:
        await raw.raw("else", b"x")
        found = looked(url).shown[-1]
    await nc.close()
    assert (found.place, "its subject is else" in found.text) == ("message 1", True)


async def test_a_mirror_that_answers_gets_is_not_taken_for_the_bucket(url):
    """It may be behind; here it has lost everything."""
    nc = await nats.connect(url)
    mirror = {"name": "KV_M", "mirror": {"name": "KV_B"}, "mirror_direct": True}
    more = {"allow_direct": True, "storage": "memory"}
    async with Raw(nc) as raw:
        for number in range(40):
            await raw.put(f"k{number}", b"x")
        await raw.ask("STREAM.CREATE.KV_M", mirror | more)
        while (await raw.ask("STREAM.INFO.KV_M"))["state"]["messages"] < 40:
            pass
        await raw.ask("STREAM.PURGE.KV_M")
        found = [looked(url).shown for _ in range(3)]
        await raw.ask("STREAM.DELETE.KV_M")
    await nc.close()
    assert found == [[], [], []]


@pytest.mark.parametrize("kind", ["kv", "object", "stream"])
@pytest.mark.parametrize("name", ["", "a.b", "a b", "*", "x 0\r\n\r\nPUB y"])
def test_what_can_be_no_name_is_not_asked_for(kind, name, run):
    ran = run("audit", kind, name, "--server", "nats://127.0.0.1:1")
    assert (ran.status, "nothing can be called" in ran.err) == (4, True)


@pytest.mark.parametrize("patience", ["0", "-1", "nan"])
def test_nobody_waits_for_no_time(patience, run):
    assert run("audit", "kv", "B", "--patience", patience).status == 4


INFO = b'INFO {"server_id":"x"}\r\n'


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (b"INFO {bro}\r\n", "does not look like NATS"),
        (b'INFO {"server_id":"x","tls_required":true}\r\n', "asks for TLS"),
        (INFO + b"PONG\r\nMSG _INBOX.x.1 1 5\r\nhello\r\n", "is no answer of JetStream"),
    ],
)
def test_what_is_no_server_of_ours_is_told(says, told, miniature, run):
    def talk(client):
        client.sendall(says)
        while client.recv(1000):
            pass

    ran = run("audit", "kv", "B", "--server", miniature(talk).url, "--patience", "5")
    assert (ran.status, told in ran.err) == (3, True), ran.err


def test_a_url_that_is_none_is_told(run):
    ran = run("audit", "kv", "B", "--server", "nats://[::1")
    assert (ran.status, "Invalid IPv6 URL" in ran.err) == (4, True)
