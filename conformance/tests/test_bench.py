"""The bench: what it sends, what it refuses to count, how it compares, what it writes."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.resources import files
from io import StringIO
from multiprocessing import Pipe
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from nats_conformance.bench import generator, probes, processes, report, session, traffic
from nats_conformance.bench.receivers import CREDIT, DONE, READY, Endpoint, Order, receive
from nats_conformance.bench.scenarios import SCENARIOS, Aim, Sample, Scenario
from nats_conformance.bench.servers import Server, running, without_config
from nats_conformance.cli import main
from nats_conformance.targets import resolve
from nats_conformance.targets.target import Target

CONNECT = b'CONNECT {"verbose":false}\r\n'


# ---- traffic ----


def test_distinct_traffic_repeats_no_control_line() -> None:
    load = traffic.distinct(5000, subjects=7)

    lines = b"".join(chunk.data for chunk in load.chunks).split(b"\r\n")[:-1:2]

    assert len(set(lines)) == len(lines) == 5000
    assert {line.split()[1] for line in lines} == {b"bench.new.s%d" % n for n in range(7)}
    assert {int(line.split()[3]) for line in lines} == set(range(1, 65))


def test_traffic_knows_what_subscribers_get_for_it() -> None:
    for load in (traffic.repeated(16), traffic.repeated(16, 100), traffic.distinct(20_000)):
        assert len(load.first) == load.chunks[0].delivered
        assert load.first.count(b"MSG ") == load.chunks[0].messages
        assert load.first.startswith(b"MSG ")


def test_direct_traffic_is_what_subscribers_get() -> None:
    load = traffic.repeated(16)

    assert load.direct().chunks[0].data == load.first


# ---- the generator ----


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(resolve("reference")) as started:
        yield started


def test_messages_are_counted_through_a_server(server: Server) -> None:
    flow = generator.through(server, traffic.repeated(16), 2, seconds=0.05)

    assert flow.messages > 0
    assert flow.rate == flow.messages / flow.seconds
    assert flow.generator_cpu is None or flow.generator_cpu >= 0


def test_distinct_traffic_is_sent_once(server: Server) -> None:
    load = traffic.distinct(40_000)

    flow = generator.through(server, load, 1)

    assert flow.messages == 40_000 - load.chunks[0].messages


def test_the_generator_alone_needs_no_server() -> None:
    assert generator.alone(traffic.repeated(16), 2, seconds=0.05).messages > 0


@contextmanager
def impostor(answer: bytes, after: bytes = b"") -> Iterator[tuple[Endpoint, threading.Event]]:
    """A server that takes one subscriber and, when told to go, says what it was made to say."""

    def serve() -> None:
        connection = listener.accept()[0]
        with connection:
            connection.sendall(b"INFO {}\r\n")
            for _ in range(2):
                connection.recv(4096)
                connection.sendall(b"PONG\r\n")
            assert go.wait(20)
            connection.sendall(answer)
            if after:
                connection.recv(4096)
                connection.sendall(after)

    go = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield Endpoint("127.0.0.1", listener.getsockname()[1], CONNECT), go
        thread.join(timeout=20)


def told(place: tuple[Endpoint, threading.Event], first: bytes) -> list[str]:
    """What the subscribers' process tells the sender, who sends one chunk."""
    endpoint, go = place
    ours, theirs = Pipe()
    order = Order(endpoint, 1, b"foo", (len(first),), first)
    subscribers = threading.Thread(target=receive, args=(order, theirs))
    subscribers.start()
    said: list[str] = []
    with ours, suppress(EOFError):
        while True:
            said.append(ours.recv())
            if said[-1] == READY:
                go.set()
            elif said[-1] == CREDIT:
                ours.send(1)
    subscribers.join(timeout=20)
    return said


def test_other_bytes_than_expected_are_no_result() -> None:
    with impostor(b"MSG foo 1 2\r\nho\r\n") as place:
        said = told(place, b"MSG foo 1 2\r\nhi\r\n")

    assert said[0] == READY
    assert "not b'MSG foo 1 2" in said[-1]
    assert "at byte 14" in said[-1]


def test_bytes_after_the_last_message_are_no_result() -> None:
    first = b"MSG foo 1 2\r\nhi\r\n"
    with impostor(first, after=b"MSG foo 1 0\r\n\r\nPONG\r\n") as place:
        said = told(place, first)

    assert said[-1] == "a subscriber got 15 bytes more than were due"


def test_a_ping_of_the_server_among_the_messages_does_no_harm() -> None:
    first = b"MSG foo 1 2\r\nhi\r\n"
    with impostor(first, after=b"PING\r\nPONG\r\n") as place:
        said = told(place, first)

    assert said == [READY, CREDIT, DONE]


def test_a_server_that_hangs_up_is_no_result() -> None:
    with impostor(b"-ERR 'no'\r\n") as place:
        said = told(place, b"MSG foo 1 2\r\nhi\r\n")

    assert "ended the connection" in said[-1]


def test_servers_are_started_with_flags_alone() -> None:
    preset = resolve("nats-server").command

    command = without_config(resolve("nats-server")).command

    assert "{config}" in preset
    assert command == tuple(word for word in preset if word not in {"-c", "{config}"})


# ---- the other probes ----


def test_round_trips_are_timed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ROUND_TRIPS", 50)

    assert 1 < probes.round_trip(server) < 1_000_000


def test_unrelated_interest_gets_nothing(server: Server) -> None:
    assert probes.with_interest(server, traffic.distinct(20_000), 300).messages > 0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc on this system")
def test_idle_connections_cost_memory(server: Server) -> None:
    assert probes.idle_bytes(server, 300) < 1_000_000
    assert processes.cpu_seconds(os.getpid()) is not None


def test_of_no_process_nothing_is_known() -> None:
    assert processes.cpu_seconds(None) is None
    assert processes.resident_bytes(2**22 + 1) is None


def test_the_file_limit_is_never_lowered() -> None:
    assert processes.allow_files(10) == 10


# ---- comparing ----


def scenario(aim: Aim, goal: float, values: dict[str, list[float]]) -> Scenario:
    """One whose samples are given."""
    left = {name: iter(each) for name, each in values.items()}

    def measure(target: Target) -> Sample:
        order.append(target.name)
        return Sample(next(left[target.name]), server_cpu=0.9, generator_cpu=0.1)

    order: list[str] = []
    return Scenario("made-up", "msg/s", "", measure, aim, goal, ceiling=lambda: 1e7)


FIRST, SECOND = Target("first", ("x",)), Target("second", ("x",))


def play(aim: Aim, goal: float, values: dict[str, list[float]]) -> session.Row:
    runs = len(values["first"])
    rows, _ = session.play([FIRST, SECOND], [scenario(aim, goal, values)], runs, lambda _: None)
    return rows[0]


def test_medians_are_compared_with_the_last_target() -> None:
    row = play(Aim.RATIO_AT_LEAST, 0.6, {"first": [10, 70, 60], "second": [100, 90, 500]})

    assert row.measured[0].median == 60
    assert row.ratio(row.measured[0]) == 0.6
    assert row.met(row.measured[0]) is True
    assert row.met(row.measured[1]) is None


@pytest.mark.parametrize(
    ("aim", "goal", "met"),
    [
        (Aim.RATIO_AT_LEAST, 0.51, False),
        (Aim.RATIO_AT_MOST, 0.5, True),
        (Aim.RATIO_AT_MOST, 0.49, False),
        (Aim.OWN_AT_MOST, 50, True),
        (Aim.OWN_AT_MOST, 49, False),
        (Aim.STATED, 0, None),
    ],
)
def test_goals(aim: Aim, goal: float, met: bool | None) -> None:
    row = play(aim, goal, {"first": [50], "second": [100]})

    assert row.met(row.measured[0]) is met


def test_targets_take_turns() -> None:
    said: list[str] = []
    made = scenario(Aim.STATED, 0, {"first": [1, 2], "second": [1, 2]})

    session.play([FIRST, SECOND], [made], 2, said.append)

    runs = [sentence for sentence in said if "run" in sentence]
    assert [sentence.split()[1] for sentence in runs] == ["first,", "second,", "first,", "second,"]


def test_what_starts_servers_is_left_out_for_a_url() -> None:
    url = resolve("nats://127.0.0.1:1")

    assert session.play([url], [each for each in SCENARIOS if each.starts], 1, print) == (
        [],
        [],
    )


def refuse(_: Target) -> Sample:
    raise generator.BenchError("no bytes came")


def test_a_target_that_fails_is_named_and_the_rest_goes_on() -> None:
    broken = scenario(Aim.STATED, 0, {"first": [1.0], "second": [1.0]})
    broken = replace(broken, name="broken", measure=refuse)
    working = scenario(Aim.STATED, 0, {"first": [1.0], "second": [1.0]})

    rows, failures = session.play([FIRST, SECOND], [broken, working], 1, lambda _: None)

    assert [row.scenario.name for row in rows] == ["made-up"]
    assert failures == ["broken: first: no bytes came"]


@pytest.mark.parametrize(("load", "warned"), [(0.2, False), (9.0, True)])
def test_a_busy_machine_is_warned_of(
    load: float, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    assert bool(session.busy()) is warned


def test_the_document_follows_its_schema() -> None:
    schema = json.loads((files("nats_conformance.bench") / "bench.schema.json").read_text())
    row = play(Aim.RATIO_AT_LEAST, 0.6, {"first": [50], "second": [100]})

    document = report.document([row], session.machine())

    jsonschema.validate(document, schema)
    assert document["ratios"] == [
        {"scenario": "made-up", "target": "first", "against": "second", "ratio": 0.5}
    ]


def test_the_table_fits_a_small_terminal() -> None:
    rows = [
        session.Row(
            each,
            tuple(
                session.Measured(each, name, (Sample(1234567.0, 1.5, 0.5),) * 2)
                for name in ("cmd:nats-server -p {port}", "nats-server@2.12.8")
            ),
            12345678.0,
        )
        for each in SCENARIOS
    ]
    console = Console(width=80, file=StringIO())

    console.print(report.table(rows))

    text = console.file.getvalue()
    assert text.count("…") == text.count("cmd:nats-server -…")
    assert "≥ 0.6 ✓" in text


# ---- the command ----


def test_bench_writes_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out" / "bench.json"

    status = main(
        ["bench", "reference", "--scenario", "ready", "--runs", "1", "--json", str(target)]
    )

    assert status == 0
    assert [run["scenario"] for run in json.loads(target.read_text())["runs"]] == ["ready"]
    assert "ready" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["--scenario", "nothing-like-it"], ["--runs", "0"], ["no-such-target"], ["--json"]],
)
def test_wrong_usage_is_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *words]) == 4
    assert capsys.readouterr().err.startswith("nats-conformance: ")


def test_a_server_that_is_not_there_is_unreachable(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["bench", "nats://127.0.0.1:1", "--scenario", "publish-16B", "--runs", "1"])

    assert status == 3
    assert "127.0.0.1:1" in capsys.readouterr().err
