"""Monitoring: both servers answer alike for the same load, and the runner finds the port."""

import json
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files

import pytest

from nats_conformance.cli import main
from nats_conformance.delivery import Delivery
from nats_conformance.exchange import Exchange
from nats_conformance.expect import Mismatch, NotApplicable
from nats_conformance.server import Server
from nats_conformance.targets import resolve
from nats_conformance.targets.monitoring import ask
from nats_conformance.targets.pool import Pool, start
from nats_conformance.transcript import Transcript

#: Asked of both; the part before `?` is how the table of differences names it.
ASKED = (
    "/varz",
    "/connz?auth=1&subs=detail",
    "/connz?subs=1&state=closed",
    "/subsz?subs=1&acc=ONE&test=foo.a",
    "/routez",
    "/gatewayz",
    "/leafz",
    "/accountz",
    "/accountz?acc=ONE",
    "/accstatz?unused=1",
    "/jsz?consumers=1&config=1&raft=1",
    "/healthz",
    "/healthz?account=NOBODY&details=1",
)
#: Members whose own members are names that nobody compares.
MAPS = {"http_req_stats", "feature_flags", "metadata"}
DIFFERENCES = tomllib.loads(
    (files("nats_reference") / "monitoring" / "differences.toml").read_text("utf-8")
)


def places(value: object, place: str = "") -> set[str]:
    """Every member of an answer with its type, as `connections[].cid: number`."""
    if isinstance(value, dict) and place.rpartition(".")[2] not in MAPS:
        inner = (places(each, f"{place}.{name}".lstrip(".")) for name, each in value.items())
        return set().union(*inner)
    if isinstance(value, list):
        return set().union({f"{place}: list"}, *(places(each, f"{place}[]") for each in value))
    kind = "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
    return {f"{place}: {kind or type(value).__name__}"}


def answers(name: str) -> dict[str, set[str]]:
    """What a target answers after a little load, path by path."""
    instance = start(resolve(name), "monitoring-accounts", patience=10)
    exchange = Exchange(Transcript(), Delivery.WHOLE, 10, 1e12)
    server = Server(exchange, instance, {})
    try:
        client = server.client(name="one", lang="python", version="1.2", headers=True)
        client.send("SUB foo.* 1\r\nSUB foo.> team 2\r\nUNSUB 2 9\r\nSUB in 3\r\n")
        for subject, body in (
            ("$JS.API.STREAM.CREATE.S", {"name": "S", "subjects": ["s"], "storage": "file"}),
            (
                "$JS.API.CONSUMER.CREATE.S.C",
                {"stream_name": "S", "config": {"name": "C", "ack_policy": "explicit"}},
            ),
        ):
            text = json.dumps(body)
            client.send(f"PUB {subject} in {len(text)}\r\n{text}\r\n")
            client.next()
        client.send("PUB s in 5\r\nhello\r\nPUB foo.a 1\r\nx\r\n")
        client.flush()
        gone = server.client(name="gone")
        gone.send("SUB a 1\r\n")
        gone.flush()
        gone.close()
        while not server.monitor("/connz?state=closed&sort=stop")["connections"][0].get("name"):
            pass
        return {path: places(server.monitor(path)) for path in ASKED}
    finally:
        for wire in exchange.wires:
            wire.close()
        instance.stop()


def test_both_answer_with_the_same_members():
    ours, theirs = answers("reference"), answers("nats-server")

    found = set()
    for path in ASKED:
        for kind, one, other in (
            ("missing", theirs[path], ours[path]),
            ("added", ours[path], theirs[path]),
        ):
            found |= {(path.partition("?")[0], kind, each) for each in one - other}
    known = [(row["path"], row["kind"], row["member"]) for row in DIFFERENCES["difference"]]
    unknown = {
        each
        for each in found
        if not any(each[:2] == row[:2] and each[2].startswith(row[2]) for row in known)
    }
    assert unknown == set()
    assert [row for row in known if not any(e[2].startswith(row[2]) for e in found)] == []


def test_every_difference_has_a_reason():
    assert all(row["reason"] for row in DIFFERENCES["difference"])
    assert all(row["text"] for row in DIFFERENCES["note"])


def test_places():
    assert places({"a": [{"b": 1}, {"c": True}], "metadata": {"x": "y"}}) == {
        "a: list",
        "a[].b: number",
        "a[].c: bool",
        "metadata: dict",
    }


def test_a_command_can_be_told_where_to_be_monitored():
    command = f"cmd:{sys.executable} -m nats_reference -a 127.0.0.1 -p {{port}} -m {{monitor}}"
    pool = Pool(10)
    try:
        instance = pool.shared(resolve(command), "monitoring", "plain")
        assert ask(instance.monitoring, "/healthz", 5).json() == {"status": "ok"}
    finally:
        pool.close()


def test_a_running_server_is_monitored_where_somebody_says():
    target = resolve("nats://127.0.0.1:4222")
    pool = Pool(1)

    with pytest.raises(NotApplicable, match="--monitor"):
        pool.shared(target, "monitoring", "plain")
    watched = pool.shared(target.watched("http://127.0.0.1:8222/"), "monitoring", "plain")
    assert watched.monitoring == "http://127.0.0.1:8222"
    with pytest.raises(NotApplicable, match="not ours"):
        pool.shared(target.watched("http://127.0.0.1:8222"), "monitoring-accounts", "plain")


def test_where_it_is_monitored_is_a_url(capsys):
    assert main(["run", "nats://127.0.0.1:1", "--monitor", "127.0.0.1:8222"]) == 4
    assert "--monitor" in capsys.readouterr().err


@pytest.fixture
def liar():
    """An HTTP server that says that all is well, in its own way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"status":"fine"}' if self.path != "/text" else b"text"
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nobody listens."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_schemathesis_finds_is_a_failure_with_its_request(liar, tmp_path, capsys):
    """The port belongs to another program than the server that is graded."""
    running = start(resolve("reference"), patience=10)
    host, port = running.address
    try:
        words = [
            "run",
            f"nats://{host}:{port}",
            "--monitor",
            liar,
            "--seed",
            "1",
            "--patience",
            "2",
        ]
        words += ["--select", "90_monitoring:healthz", "--json", str(tmp_path / "out.json")]
        assert main(words) == 1
    finally:
        running.stop()
    (case,) = json.loads((tmp_path / "out.json").read_text("utf-8"))["targets"][0]["cases"]
    notes = [entry["data"] for entry in case["transcript"] if entry["side"] == "#"]
    assert case["verdict"] == "FAIL"
    assert notes[-2].startswith("GET /healthz")
    assert notes[-1].startswith('200 application/json: {"status":"fine"}')
    assert "GET /healthz" in capsys.readouterr().out


def test_an_answer_without_json_is_told(liar):
    with pytest.raises(Mismatch, match="without JSON"):
        ask(liar, "/text", 5).json()
    with pytest.raises(Mismatch, match="failed"):
        ask("http://127.0.0.1:1", "/varz", 1)
