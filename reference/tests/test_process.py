"""The reference as a process: sockets, signals, files, monitoring, slow clients."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

QUIET = b'CONNECT {"verbose":false,"pedantic":false,"protocol":1}\r\n'


class Process:
    """A reference server in a process of its own."""

    def __init__(self, directory: Path, config: str, *words: str) -> None:
        self.directory = directory
        self.config = directory / "server.conf"
        self.config.write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "nats_reference", "-c", str(self.config)]
        command += ["-a", "127.0.0.1", "--ports_file_dir", str(directory), *words]
        if "-p" not in words:
            command += ["-p", "-1"]
        self.log = (directory / "log").open("w+b")
        self.process = subprocess.Popen(command, stderr=self.log)
        self.wait_for(b"Server is ready")
        self.ports = self.read_ports()
        self.port = int(self.ports["nats"][0].rsplit(":", 1)[1])

    def read_ports(self) -> dict:
        for _ in range(500):
            for file in self.directory.glob(f"*_{self.process.pid}.ports"):
                if text := file.read_text(encoding="utf-8"):
                    return json.loads(text)
            time.sleep(0.01)
        raise AssertionError("no ports file")

    def wait_for(self, text: bytes) -> bytes:
        for _ in range(1500):
            logged = (self.directory / "log").read_bytes()
            if text in logged:
                return logged
            assert self.process.poll() is None or text in (self.directory / "log").read_bytes(), (
                logged
            )
            time.sleep(0.01)
        raise AssertionError(f"{text!r} is not in {logged!r}")

    def connect(self, *said: bytes, small: bool = False) -> socket.socket:
        client = socket.socket()
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        try:
            client.connect(("127.0.0.1", self.port))
        except OSError:
            client.close()
            raise
        read_until(client, b"} \r\n")
        if said:
            client.sendall(b"".join(said) + b"PING\r\n")
            read_until(client, b"PONG\r\n")
        return client

    def get(self, path: str, **options) -> tuple[int, bytes]:
        request = urllib.request.Request(  # noqa: S310 - our own port
            self.ports["monitoring"][0] + path, **options
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own port
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def varz(self) -> dict:
        return json.loads(self.get("/varz")[1])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


def read_until(client: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        piece = client.recv(65536)
        assert piece, data
        data += piece
    return data


def read_to_end(client: socket.socket) -> bytes:
    data = b""
    try:
        while piece := client.recv(1 << 20):
            data += piece
    except ConnectionError:
        pass
    return data


@pytest.fixture
def process(tmp_path):
    running = []

    def start(config: str = "", *words: str) -> Process:
        running.append(Process(tmp_path, config, *words))
        return running[-1]

    yield start
    for one in running:
        one.stop()


def test_publish_and_half_close(process):
    server = process()
    with server.connect(QUIET) as client:
        client.sendall(b"SUB foo 1\r\nPUB foo 2\r\nhi\r\nPING\r\n")
        client.shutdown(socket.SHUT_WR)
        assert b"MSG foo 1 2\r\nhi\r\nPONG\r\n" in read_to_end(client)


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGTERM, b"terminated"), (signal.SIGINT, b"interrupt")]
)
def test_end_by_signal(process, tmp_path, number, name):
    server = process("", "-P", str(tmp_path / "pid"))
    assert (tmp_path / "pid").read_text() == str(server.process.pid)
    with server.connect(QUIET) as client:
        server.process.send_signal(number)
        assert b"-ERR" not in read_to_end(client)
    assert server.process.wait(20) == 0
    assert b"Server Exiting.." in server.wait_for(name)
    assert not list(tmp_path.glob("*.ports"))
    assert (tmp_path / "pid").exists()


def test_lame_duck_mode(process):
    server = process("lame_duck_duration: 30s, lame_duck_grace_period: 100ms")
    with server.connect(QUIET) as client:
        server.process.send_signal(signal.SIGUSR2)
        client.sendall(b"PING\r\n")
        while b'"ldm":true' not in read_until(client, b"} \r\n"):
            pass
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        server.process.send_signal(signal.SIGTERM)
        assert read_to_end(client) in {b"", b"PONG\r\n"}
    assert server.process.wait(20) == 0


def test_reload(process):
    server = process("max_payload: 100")
    with server.connect(QUIET) as client:
        server.config.write_text("max_payload: 5\n", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(b"Reloaded server configuration")
        server.config.write_text("max_subscriptions: 3", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(b"config reload not supported for MaxSubs: old=0, new=3")
        server.config.write_text("port: [", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(b"server.conf:1:")
        client.sendall(b"PUB foo 8\r\n")
        assert b"Maximum Payload Violation" in read_to_end(client)


def test_a_log_file_is_opened_again(process, tmp_path):
    server = process("", "-l", str(tmp_path / "log"), "-D")
    (tmp_path / "log").rename(tmp_path / "log.1")
    server.process.send_signal(signal.SIGUSR1)
    for _ in range(500):
        if (tmp_path / "log").exists():
            break
        time.sleep(0.01)
    server.connect(QUIET).close()
    line = server.wait_for(b"Client connection closed").splitlines()[-1]
    assert re.match(
        rb"\[\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} \[DBG\] 127\.0\.0\.1:\d+ - cid:", line
    )


def test_a_port_that_is_taken(process):
    server = process()
    command = [sys.executable, "-m", "nats_reference", "-a", "127.0.0.1", "-p", str(server.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Error listening on port" in done.stderr


def test_monitoring(process):
    server = process('http: "127.0.0.1:-1"\nmax_subscriptions: 9')
    with server.connect(
        b'CONNECT {"verbose":false,"name":"n","lang":"l","version":"v"}\r\n'
    ) as client:
        client.sendall(b"SUB foo 1\r\nPUB foo 2\r\nhi\r\nPING\r\n")
        read_until(client, b"PONG\r\n")
        found = server.varz()
        assert (found["connections"], found["total_connections"]) == (1, 1)
        assert (found["in_msgs"], found["out_msgs"], found["out_bytes"]) == (1, 1, 2)
        assert (found["max_subscriptions"], found["subscriptions"]) == (9, 1)
        assert found["ping_interval"] == 120 * 10**9
        assert re.fullmatch(r"(\d+[ydhm])*\d+s", found["uptime"])
        (one,) = json.loads(server.get("/connz?subs=1")[1])["connections"]
        assert (one["cid"], one["name"], one["lang"], one["version"]) == (1, "n", "l", "v")
        assert one["subscriptions_list"] == ["foo"]
    assert server.get("/healthz", method="POST") == (200, b'{"status":"ok"}')
    assert server.get("/healthz", method="HEAD") == (200, b"")
    assert server.get("/varz/")[0] == 404
    assert server.get("/connz?limit=x")[0] == 400
    assert server.get("/connz?cid=x")[0] == 400
    port = int(server.ports["monitoring"][0].rsplit(":", 1)[1])
    for said in (
        b"nonsense\r\n\r\n",
        b"GET http://[a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(said)
            assert read_to_end(raw).startswith(b"HTTP/1.1 400 ")
    assert b"Traceback" not in (server.directory / "log").read_bytes()


def flood(publisher: socket.socket, total: int) -> None:
    message = b"PUB foo 65536\r\n" + bytes(65536) + b"\r\n"
    for _ in range(total // 65536):
        publisher.sendall(message)
    publisher.sendall(b"PING\r\n")
    read_until(publisher, b"PONG\r\n")


def test_a_client_that_does_not_read_is_cut_off(process):
    server = process('max_pending: 2MB\nhttp: "127.0.0.1:-1"')
    deaf = server.connect(QUIET, b"SUB foo 1\r\n", small=True)
    hearing = server.connect(QUIET, b"SUB bar 1\r\n")
    with deaf, hearing, server.connect(QUIET) as publisher:
        flood(publisher, 16 << 20)
        publisher.sendall(b"PUB bar 1\r\nx\r\n")
        assert b"MSG bar 1 1\r\nx\r\n" in read_until(hearing, b"\r\nx\r\n")
        assert b"-ERR" not in read_to_end(deaf)
        found = server.varz()
        assert found["slow_consumers"] == found["slow_consumer_stats"]["clients"] == 1
        assert found["stalled_clients"] > 0


def test_no_fast_producer_stall_drops_instead(process):
    server = process('max_pending: 2MB\nno_fast_producer_stall: true\nhttp: "127.0.0.1:-1"')
    deaf = server.connect(QUIET, b"SUB foo 1\r\n", small=True)
    with deaf, server.connect(QUIET) as publisher:
        flood(publisher, 16 << 20)
        found = server.varz()
        assert (found["connections"], found["slow_consumers"], found["stalled_clients"]) == (
            2,
            0,
            0,
        )
        assert found["out_msgs"] < found["in_msgs"]


def test_write_deadline(process):
    server = process('write_deadline: 300ms\nhttp: "127.0.0.1:-1"')
    deaf = server.connect(QUIET, b"SUB foo 1\r\n", small=True)
    with deaf, server.connect(QUIET) as publisher:
        flood(publisher, 8 << 20)
        for _ in range(600):
            if server.varz()["slow_consumers"]:
                break
            time.sleep(0.01)
        assert b"-ERR" not in read_to_end(deaf)
        assert server.varz()["connections"] == 1


def test_plain_asyncio_will_do(process, tmp_path, monkeypatch):
    (tmp_path / "uvloop.py").write_text("raise ImportError", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    server = process()
    with server.connect(QUIET, b"SUB foo 1\r\n") as client:
        client.sendall(b"PUB foo 1\r\nx\r\n")
        assert read_until(client, b"\r\nx\r\n") == b"MSG foo 1 1\r\nx\r\n"
