"""What keeps a server from starting is said in a sentence; what doesn't, doesn't."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest

from nats_reference import cli, flags, info, options, server, signals
from nats_reference.clock import VirtualClock

COMMAND = [sys.executable, "-m", "nats_reference", "-a", "127.0.0.1", "-p", "-1"]


@pytest.mark.parametrize(
    ("word", "port"),
    [("0x10", 16), ("017", 15), ("0o17", 15), ("0b11", 3), ("4_222", 4222), ("-1", -1), ("0", 0)],
)
def test_numbers_are_read_as_go_reads_them(word, port):
    assert flags.parse(["-p", word]).overrides == {"port": port}


@pytest.mark.parametrize("word", ["", " 1", "1 ", "089", "1__0", "1.0", "\u0661", "9" * 20])
def test_what_is_no_number_in_go(word):
    with pytest.raises(flags.BadCommand, match="invalid value"):
        flags.parse([f"-p={word}"])


def test_two_dashes_end_the_flags():
    assert flags.parse(["-p", "7", "--"]).overrides == {"port": 7}
    with pytest.raises(flags.BadCommand, match='unrecognized command: "-p"'):
        flags.parse(["--", "-p", "7"])
    for word in ("---p", "-=3", "--=3"):
        with pytest.raises(flags.UnknownFlag, match="bad flag syntax"):
            flags.parse([word])


@pytest.mark.parametrize("target", ["0", "-1", "9" * 30, "{empty}", "{zero}", "{group}", "{words}"])
def test_only_one_process_can_be_signalled(tmp_path, capsys, monkeypatch, target):
    sent = []

    def kill(number: int, _signal: int) -> None:
        if number > 2**31:
            raise OverflowError("too large")
        sent.append(number)

    monkeypatch.setattr(signals.os, "kill", kill)
    for name, text in {"empty": "", "zero": "0\n", "group": "-1", "words": "hello"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        target = target.replace(f"{{{name}}}", str(tmp_path / name))
    assert cli.main(["--signal", f"reload={target}"]) == 1
    assert not sent
    assert capsys.readouterr().err.startswith("nats-reference: ")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("a", "a", 7),
        ("a:1", "a", 1),
        ("a:0", "a", 7),
        ("a:-1", "a", 7),
        (":1", "", 1),
        ("[::1]", "::1", 7),
        ("[::1]:5", "::1", 5),
        ("", options.HOST, 7),
    ],
)
def test_what_may_be_advertised(text, host, port):
    found = options.with_defaults(options.Options(client_advertise=text, port=7))
    options.validate(found)
    assert info.advertised(server.Server(found, VirtualClock())) == (host, port)


@pytest.mark.parametrize("text", ["a:b", "a:", "::1", "[::1]:x", "a:b:1"])
def test_what_may_not_be_advertised(text):
    with pytest.raises(options.InvalidOptions, match="wants host:port"):
        options.validate(options.with_defaults(options.Options(client_advertise=text)))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-p", "70000"], "[FTL] Error listening on port: 127.0.0.1:70000, 70000 is no port"),
        (["-p", "-2"], "-2 is no port"),
        (["-m", "70000"], "[FTL] Can't start monitoring: can't listen to the monitor port: 70000"),
        (["-p", "{taken}"], "127.0.0.1:{taken}, Address already in use"),
        (["-m", "{taken}"], "monitor port: Address already in use"),
        (["-l", "/nowhere/x.log"], "nats-reference: can't open /nowhere/x.log: No such file"),
        (["-P", "/nowhere/x.pid"], "[FTL] Could not write pidfile: /nowhere/x.pid: No such file"),
        (["-c", "/nowhere/x.conf"], "nats-reference: /nowhere/x.conf: No such file"),
    ],
)
def test_what_keeps_a_server_from_starting(words, message):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        words = [word.replace("{taken}", taken) for word in words]
        ended = subprocess.run(
            [*COMMAND, *words], capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 1
    assert message.replace("{taken}", taken) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_what_a_server_bears(tmp_path):
    log = tmp_path / "log" / "x"
    log.parent.mkdir()
    words = ["--ports_file_dir", "/nowhere", "-l", str(log)]
    process = subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True)

    def wait_for(path, text: str) -> None:
        for _ in range(1500):
            if path.exists() and text in path.read_text(encoding="utf-8"):
                return
            assert process.poll() is None
            time.sleep(0.01)
        raise AssertionError(text)

    try:
        wait_for(log, "[ERR] Error writing ports file (/nowhere/")
        process.send_signal(signal.SIGHUP)
        wait_for(log, "can only reload config when a file is provided")
        process.send_signal(signal.SIGUSR1)
        wait_for(log, "File log re-opened")
        log = log.rename(tmp_path / "kept")
        log.parent.joinpath("log").rmdir()
        process.send_signal(signal.SIGUSR1)
        wait_for(log, "[ERR] Failed to re-open the log file")
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert "Traceback" not in log.read_text(encoding="utf-8")
