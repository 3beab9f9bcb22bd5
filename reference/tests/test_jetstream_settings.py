"""How JetStream is configured: the block, the flags, the folder; what the log says of it."""

from __future__ import annotations

import pytest
from asking import Asker, serve

from nats_reference import cli, flags
from nats_reference.config.document import ConfigError
from nats_reference.jetstream import capacity, service, settings
from nats_reference.jetstream.settings import JetStreamOptions


@pytest.fixture
def load(tmp_path):
    def read(text, *words):
        path = tmp_path / "server.conf"
        path.write_text(text)
        return cli.configure(flags.parse(["-c", str(path), *words])).jetstream

    return read


@pytest.mark.parametrize("word", ["true", "on", "enabled", "Enable", "{}", '{"enabled": true}'])
def test_on(load, word):
    assert load(f"jetstream: {word}") == JetStreamOptions()


@pytest.mark.parametrize("word", ["false", "disabled", "disable", "{enable: false}"])
def test_off(load, word):
    assert load(f"jetstream: {word}") is None
    assert load("") is None


def test_everything(load):
    found = load("""
        jetstream {
            store_dir: "x", domain: HUB, strict: false, sync_interval: 1m30s
            max_mem: 1k, max_file: "2K", max_buffered_msgs: 7
            limits { max_ack_pending: 3, max_request_batch: 4, duplicate_window: 5s, max_ha_assets: 6 }
        }
    """)
    assert (found.store_dir, found.domain, found.strict) == ("x", "HUB", False)
    assert (found.sync_interval, found.max_memory, found.max_file) == (90.0, 1000, 2048)
    limits = (found.max_ack_pending, found.max_request_batch, found.duplicate_window)
    assert limits == (3, 4, 5_000_000_000)
    assert (found.max_ha_assets, found.max_buffered_msgs) == (6, 7)


@pytest.mark.parametrize(
    ("value", "seconds"), [("always", 0.0), ("Always", 0.0), ('"2m"', 120.0), ("10s", 10.0)]
)
def test_how_often_files_are_synced(load, value, seconds):
    assert load(f"jetstream {{ sync: {value} }}").sync_interval == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jetstream: perhaps", "jetstream wants"),
        ("jetstream: [x]", "jetstream wants a block"),
        ("jetstream { colour: red }", 'unknown field "colour"'),
        ("jetstream { limits { colour: red } }", 'unknown field "colour"'),
        ("jetstream { cipher: aes }", "not supported by the reference: 'jetstream cipher'"),
        ("jetstream { unique_tag: x }", "not supported by the reference: 'jetstream unique_tag'"),
        ('jetstream { max_mem: "2" }', "max_mem wants a size"),
        ("jetstream { sync_interval: x }", "sync_interval wants"),
    ],
)
def test_errors(load, text, message):
    with pytest.raises(ConfigError, match=message):
        load(text)


def test_flags(load):
    assert load("", "-js") == JetStreamOptions()
    assert load("jetstream { domain: D }", "-js").domain == "D"
    assert load("jetstream { store_dir: x }", "-sd", "y").store_dir == "y"
    assert load("store_dir: x\njetstream: true").store_dir == "x"
    assert load("", "-sd", "y") is None
    assert load("", "--jetstream", "--store_dir", "y").store_dir == "y"


def test_the_folder(monkeypatch, tmp_path):
    assert settings.directory(JetStreamOptions(store_dir="x")).as_posix() == "x/jetstream"
    monkeypatch.setattr(settings.tempfile, "gettempdir", lambda: str(tmp_path))
    assert settings.directory(JetStreamOptions()) == tmp_path / "nats" / "jetstream"


def test_what_the_machine_has(tmp_path):
    found = capacity.capacity(JetStreamOptions(store_dir=str(tmp_path / "not" / "there")))
    assert all(1 << 20 < size < 1 << 62 for size in found.values())
    assert capacity.capacity(JetStreamOptions(max_memory=5, max_file=0)) == {"memory": 5, "file": 0}


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KB"), (1_000_000_000, "953.67 MB"), (1 << 80, "1048576.00 EB")],
)  # fmt: skip
def test_sizes_for_people(size, text):
    assert service.readable(size) == text


def test_what_the_log_says(world, tmp_path):
    served = serve(world, tmp_path, domain="HUB", strict=False)
    Asker(served).create("A", storage="file")
    served.server.close_jetstream()
    (tmp_path / "jetstream" / "$G" / "streams" / "foreign").mkdir()
    served = serve(world, tmp_path, domain="HUB", strict=False)
    served.server.close_jetstream()
    said = served.logged.getvalue()
    for line in (
        "Starting JetStream",
        "  Strict:          false",
        f'  Store Directory: "{tmp_path / "jetstream"}"',
        "  Domain:          HUB",
        "  Starting restore for stream '$G > A'",
        "  Restored 0 messages for stream '$G > A'",
        "streams/foreign: left alone",
        "JetStream Shutdown",
    ):
        assert line in said


def test_a_server_without_streams(world):
    served = world()
    served.server.open_jetstream()
    assert served.server.jetstream is None
    asker = Asker(served)
    assert "jetstream" not in asker.client.info
    assert asker.all("$JS.API.INFO")[0].status == "503"
